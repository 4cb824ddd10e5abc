"""The few questions that the server answers itself."""

from __future__ import annotations

import json

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from gateway.refusal import error, refusal
from gateway.site import Site

CATALOGUE = "models/catalog.json"


class Api:
    def __init__(self, site: Site) -> None:
        self.site = site

    async def health(self, _request: Request) -> Response:
        """Whether this process answers at all."""
        return JSONResponse({"status": "ok", "version": self.site.version}, headers={"Cache-Control": "no-store"})

    async def ready(self, _request: Request) -> Response:
        """Whether the whole site is in place, so that requests may be sent here."""
        missing = self.site.missing()
        if missing:
            return error(503, f"{len(missing)} files are missing or of another size, among them {missing[0]}.")
        return JSONResponse({"status": "ready", "version": self.site.version}, headers={"Cache-Control": "no-store"})

    async def voices(self, _request: Request) -> Response:
        """The catalogue of the voice packs. Its paths are relative to `models/`."""
        file = self.site.find(CATALOGUE)
        if file is None:
            return error(503, f"The built site has no {CATALOGUE}.")
        return JSONResponse(json.loads(file.place.read_text("utf-8")), headers={"Cache-Control": "no-cache"})

    async def elsewhere(self, request: Request) -> Response:
        """What there is, `SiteFiles` has answered already. A folder's address may lack its slash, as on other hosts."""
        path = request.path_params["path"]
        if not path or self.site.find(f"{path}/") is None:
            raise HTTPException(404)
        query = f"?{request.url.query}" if request.url.query else ""
        # From the folder above, so that it holds behind any proxy.
        address = f"{path.rpartition('/')[2]}/{query}"
        return RedirectResponse(address, 308, {"Cache-Control": "no-cache"})


async def on_http_error(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)  # noqa: S101 - registered for this class only
    return refusal(request.scope, exc.status_code, exc.detail, exc.headers)


async def on_failure(request: Request, _exc: Exception) -> Response:
    """The cause goes to the log, not to the client."""
    return refusal(request.scope, 500, "Internal Server Error")
