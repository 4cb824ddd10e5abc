"""`/api/languages`: what the engine of this server reads."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from py_engine.text.languages import NAMES, supported


async def languages(_request: Request) -> Response:
    """Codes and names, Mandarin first; `en` only where the build has its table."""
    listed = [{"code": code, "name": NAMES[code]} for code in supported()]
    return JSONResponse({"languages": listed}, headers={"Cache-Control": "no-cache"})
