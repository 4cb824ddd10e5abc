"""Sends the site's files: compressed copies, validators, single byte ranges."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from gateway.negotiation import (
    ByteRange,
    UnsatisfiableRange,
    choose_encoding,
    none_match,
    range_applies,
    requested_range,
)
from gateway.site import Site, SiteFile

CHUNK = 1 << 18


async def read(place: Path, part: ByteRange) -> AsyncIterator[bytes]:
    async with await anyio.open_file(place, "rb") as file:
        await file.seek(part.start)
        left = part.stop - part.start
        while left > 0 and (chunk := await file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk


class SiteFiles:
    """The endpoint for every path that no other route has taken."""

    def __init__(self, site: Site) -> None:
        self.site = site

    async def serve(self, request: Request) -> Response:
        file = self.site.find(request.path_params["path"])
        if file is None:
            raise HTTPException(404)
        # A range is one of the file's own bytes: parts of a compressed copy are of no use to a client that resumes.
        ranged = "range" in request.headers
        encoding = None if ranged else choose_encoding(request.headers.get("accept-encoding", ""), file.encodings)
        headers = self.headers(file, encoding)
        if none_match(request.headers.get("if-none-match", ""), headers["ETag"]):
            headers.pop("Content-Encoding", None)
            return Response(status_code=304, headers=headers)
        if ranged and request.method == "GET" and range_applies(request.headers.get("if-range"), headers["ETag"]):
            return self.partial(request, file, headers)
        return self.whole(request, file, encoding, headers)

    def headers(self, file: SiteFile, encoding: str | None) -> dict[str, str]:
        headers = {"ETag": file.etag(encoding), "Cache-Control": file.cache_control, "Accept-Ranges": "bytes"}
        if file.encodings:
            headers["Vary"] = "Accept-Encoding"
        if encoding:
            headers["Content-Encoding"] = encoding
        return headers

    def whole(self, request: Request, file: SiteFile, encoding: str | None, headers: dict[str, str]) -> Response:
        place, size = file.content(encoding)
        headers["Content-Length"] = str(size)
        if request.method == "HEAD":
            return Response(headers=headers, media_type=file.media_type)
        return StreamingResponse(read(place, ByteRange(0, size)), headers=headers, media_type=file.media_type)

    def partial(self, request: Request, file: SiteFile, headers: dict[str, str]) -> Response:
        try:
            part = requested_range(request.headers["range"], file.bytes)
        except UnsatisfiableRange:
            return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{file.bytes}"})
        if part is None:
            return self.whole(request, file, None, headers)
        headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{file.bytes}"
        headers["Content-Length"] = str(part.stop - part.start)
        return StreamingResponse(read(file.place, part), 206, headers, file.media_type)
