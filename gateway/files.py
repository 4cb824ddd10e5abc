"""Sends the site's files: compressed copies, validators, single byte ranges."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from typing import BinaryIO

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from gateway.memory import FileMemory
from gateway.negotiation import (
    ByteRange,
    UnsatisfiableRange,
    accepts,
    choose_encoding,
    match,
    none_match,
    requested_range,
)
from gateway.observation import observation
from gateway.refusal import local_path
from gateway.site import MANIFEST, Site, SiteFile

CHUNK = 1 << 17
MEMORY = 32 << 20

Fields = dict[str, str]


def field(headers: Headers, name: str) -> str | None:
    """All lines of one header as the one list that they stand for (RFC 9110, section 5.3)."""
    lines = headers.getlist(name)
    return ", ".join(lines) if lines else None


async def pieces(content: bytes) -> AsyncIterator[memoryview]:
    view = memoryview(content)
    for start in range(0, len(view), CHUNK):
        yield view[start : start + CHUNK]


async def read(file: BinaryIO, part: ByteRange) -> AsyncIterator[bytes]:
    try:
        await anyio.to_thread.run_sync(file.seek, part.start)
        left = part.stop - part.start
        while left > 0 and (chunk := await anyio.to_thread.run_sync(file.read, min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
    finally:
        file.close()


class SiteFiles:
    """The endpoint for every path that no other route has taken."""

    def __init__(self, site: Site, memory: int = MEMORY, announced: Fields | None = None) -> None:
        """announced: headers of the manifest, which every page asks for anew."""
        self.site = site
        self.memory = FileMemory(memory)
        self.announced = announced or {}
        self._reading: dict[tuple[str, str | None], asyncio.Task[bytes]] = {}

    async def serve(self, request: Request) -> Response:
        file = self.site.find(local_path(request.scope).removeprefix("/"))
        if file is None:
            raise HTTPException(404)
        seen = observation(request.scope)
        seen.route = file.kind
        encoding, ranged = self.representation(request, file)
        headers = self.headers(file, encoding)
        if not match(field(request.headers, "if-match"), file.etags):
            raise HTTPException(412)
        if none_match(field(request.headers, "if-none-match") or "", headers["ETag"]):
            headers.pop("Content-Encoding", None)
            seen.cache = "not_modified"
            return Response(status_code=304, headers=headers)
        if ranged:
            return await self.partial(request, file, encoding, headers)
        return await self.whole(request, file, encoding, headers)

    def representation(self, request: Request, file: SiteFile) -> tuple[str | None, bool]:
        """Which encoding is sent, and whether of it only a range.

        A range without a condition is one of the file's own bytes. If-Range names what the client has a part of, maybe
        a compressed copy; a range of anything that the file no longer is turns into the whole of what it is now.
        """
        accepted = field(request.headers, "accept-encoding") or ""
        negotiated = choose_encoding(accepted, file.encodings)
        asked = field(request.headers, "range")
        if asked is None or request.method != "GET" or not is_one_range(asked):
            return negotiated, False
        condition = field(request.headers, "if-range")
        if condition is None:
            return None, True
        for encoding in (None, *file.encodings):
            if condition.strip() == file.etag(encoding) and (encoding is None or accepts(accepted, encoding)):
                return encoding, True
        return negotiated, False

    def headers(self, file: SiteFile, encoding: str | None) -> Fields:
        headers = {"ETag": file.etag(encoding), "Cache-Control": file.cache_control, "Accept-Ranges": "bytes"}
        if file.encodings:
            headers["Vary"] = "Accept-Encoding"
        if encoding:
            headers["Content-Encoding"] = encoding
        return {**headers, **(self.announced if file.path == MANIFEST else {})}

    async def whole(self, request: Request, file: SiteFile, encoding: str | None, headers: Fields) -> Response:
        size = file.content(encoding)[1]
        headers["Content-Length"] = str(size)
        if request.method == "HEAD":
            return Response(headers=headers, media_type=file.media_type)
        return await self.send(request, file, encoding, ByteRange(0, size), 200, headers)

    async def partial(
        self, request: Request, file: SiteFile, encoding: str | None, headers: dict[str, str]
    ) -> Response:
        size = file.content(encoding)[1]
        try:
            part = requested_range(request.headers["range"], size) or ByteRange(0, size)
        except UnsatisfiableRange:
            headers.pop("Content-Encoding", None)
            return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
        headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
        headers["Content-Length"] = str(part.stop - part.start)
        return await self.send(request, file, encoding, part, 206, headers)

    async def send(
        self,
        request: Request,
        file: SiteFile,
        encoding: str | None,
        part: ByteRange,
        status: int,
        headers: Fields,
    ) -> Response:
        key = (file.sha256, encoding)
        content = self.memory.get(key)
        observation(request.scope).cache = "memory" if content is not None else "disk"
        if content is None:
            opened = self.open(file, encoding)
            if status == 206 or not self.memory.takes(part.stop):
                return StreamingResponse(read(opened, part), status, headers, file.media_type)
            content = await self.fetch(key, opened)
        body = content[part.start : part.stop] if status == 206 else content
        if len(body) <= CHUNK:
            return Response(body, status, headers, file.media_type)
        return StreamingResponse(pieces(body), status, headers, file.media_type)

    async def fetch(self, key: tuple[str, str | None], opened: BinaryIO) -> bytes:
        """The whole file into memory: read once, however many ask for it at that moment."""
        reading = self._reading.get(key)
        if reading is None:
            reading = self._reading[key] = asyncio.ensure_future(self._read(key, opened))
        else:
            opened.close()
        # Who goes away does not end the reading for the others.
        return await asyncio.shield(reading)

    async def _read(self, key: tuple[str, str | None], opened: BinaryIO) -> bytes:
        try:
            with opened:
                content: bytes = await anyio.to_thread.run_sync(opened.read)
            self.memory.put(key, content)
            return content
        finally:
            del self._reading[key]

    def open(self, file: SiteFile, encoding: str | None) -> BinaryIO:
        """The file as it was listed. A link that leads elsewhere, or another size, means that it is not the file."""
        place, size = file.content(encoding)
        try:
            if place.resolve(strict=True) == place:
                opened = place.open("rb")
                if os.fstat(opened.fileno()).st_size == size:
                    return opened
                opened.close()
        except OSError:
            pass
        # A build may be exchanging the folder at this moment.
        raise HTTPException(503, headers={"Retry-After": "2"})


def is_one_range(header: str) -> bool:
    """Several ranges, other units and nonsense are answered as if no range had been asked for."""
    try:
        return requested_range(header, 1) is not None
    except UnsatisfiableRange:
        return True
