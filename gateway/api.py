"""The few questions that the server answers itself, and how it says no."""

from __future__ import annotations

import json

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from gateway.site import Site

CATALOGUE = "models/catalog.json"
# Stable codes by status, with what the client can do about it.
ERRORS = {
    400: ("api.bad_request", "Correct the request."),
    404: ("api.not_found", "The API has /api/voices; /healthz says whether the server is well."),
    405: ("api.method_not_allowed", "Use one of the methods in the Allow header."),
    500: ("api.failed", "Look into the server's log."),
    503: ("api.unavailable", "Run `make build` on the server."),
}


def error(status: int, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    code, remedy = ERRORS.get(status, ERRORS[500])
    content = {"error": {"code": code, "message": message, "remedy": remedy}}
    return JSONResponse(content, status, {**(headers or {}), "Cache-Control": "no-store"})


class Api:
    def __init__(self, site: Site) -> None:
        self.site = site

    async def health(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok", "version": self.site.version}, headers={"Cache-Control": "no-store"})

    async def voices(self, _request: Request) -> Response:
        """The catalogue of the voice packs. Its paths are relative to `models/`."""
        file = self.site.find(CATALOGUE)
        if file is None:
            return error(503, f"The built site has no {CATALOGUE}.")
        return JSONResponse(json.loads(file.place.read_text("utf-8")), headers={"Cache-Control": "no-cache"})


def wants_json(request: Request) -> bool:
    # `root_path` itself has grown by then if a mounted route was tried.
    root_path = str(request.scope.get("app_root_path", request.scope.get("root_path", "")))
    path = str(request.scope["path"]).removeprefix(root_path)
    return path == "/healthz" or path.startswith("/api/")


async def on_http_error(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)  # noqa: S101 - registered for this class only
    headers = dict(exc.headers or {})
    if wants_json(request):
        return error(exc.status_code, f"{request.method} {request.url.path}: {exc.detail}", headers)
    return PlainTextResponse(f"{exc.detail}\n", exc.status_code, {**headers, "Cache-Control": "no-store"})


async def on_failure(request: Request, _exc: Exception) -> Response:
    """The cause goes to the log, not to the client."""
    if wants_json(request):
        return error(500, f"{request.method} {request.url.path} failed.")
    return PlainTextResponse("Internal Server Error\n", 500)
