"""How the server says no: JSON with a stable code under the API, a line of text elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Scope

# Stable codes by status, with what the client can do about it.
ERRORS = {
    400: ("api.bad_request", "Correct the request."),
    401: ("api.unauthorised", "Send the token as Authorization: Bearer."),
    403: ("api.forbidden", "Ask from a page of this site."),
    404: ("api.not_found", "/api/openapi.json lists what there is."),
    405: ("api.method_not_allowed", "Use one of the methods in the Allow header."),
    408: ("api.too_slow", "Send the request again, faster."),
    412: ("api.precondition_failed", "Ask again without the condition."),
    413: ("api.too_large", "Send less at once."),
    415: ("api.media_type", "Send application/json."),
    421: ("api.wrong_host", "Ask under a name that the server was told with --allowed-host."),
    429: ("api.too_many_requests", "Wait as long as the Retry-After header says."),
    431: ("api.headers_too_large", "Send shorter headers."),
    500: ("api.failed", "Look into the server's log."),
    503: ("api.unavailable", "Try again later; /readyz says whether the site is in place."),
}
PROBES = ("/healthz", "/readyz")


def error(status: int, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    code, remedy = ERRORS.get(status, ERRORS[500])
    content = {"error": {"code": code, "message": message, "remedy": remedy}}
    return JSONResponse(content, status, {**(headers or {}), "Cache-Control": "no-store"})


def local_path(scope: Scope) -> str:
    """The path below the site's root path."""
    # `root_path` itself has grown by then if a mounted route was tried.
    root_path = str(scope.get("app_root_path", scope.get("root_path", "")))
    return str(scope["path"]).removeprefix(root_path)


def wants_json(scope: Scope) -> bool:
    path = local_path(scope)
    return path in PROBES or path.startswith("/api/")


def refusal(scope: Scope, status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """The answer to a request that is not followed. `detail` holds nothing that the client should not see."""
    if wants_json(scope):
        return error(status, f"{scope['method']} {scope['path']}: {detail}", headers)
    return PlainTextResponse(f"{detail}\n", status, {**(headers or {}), "Cache-Control": "no-store"})
