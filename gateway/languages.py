"""`/api/languages`: what the engine of the built site reads, as its wheel has the tables for it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from zipfile import ZipFile

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.site import Site
from py_engine.text.english import TABLE
from py_engine.text.languages import NAMES, supported

ENGINE = "py_engine-"


@lru_cache(maxsize=4)
def of_wheel(wheel: Path) -> tuple[str, ...]:
    """Languages of an engine's wheel, whose folder is named by its digest: what it holds never changes."""
    with ZipFile(wheel) as archive:
        return ("zh", "en") if f"py_engine/data/{TABLE}" in archive.namelist() else ("zh",)


class Languages:
    def __init__(self, site: Site) -> None:
        self.site = site

    async def answer(self, _request: Request) -> Response:
        """Codes and names, Mandarin first. Of a site without an engine: what this server's own engine reads."""
        wheels = [file.place for file in self.site.files() if file.place.name.startswith(ENGINE)]
        codes = of_wheel(wheels[0]) if wheels else supported()
        listed = [{"code": code, "name": NAMES[code]} for code in codes]
        return JSONResponse({"languages": listed}, headers={"Cache-Control": "no-cache"})
