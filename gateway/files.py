"""Sends the site's files: compressed copies, validators, single byte ranges."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import BinaryIO

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.responses import StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.memory import FileMemory, OpenFile, OpenFiles
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
from gateway.protocol import ZERO_COPY
from gateway.refusal import local_path, refusal
from gateway.site import MANIFEST, Site, SiteFile, Snapshot

CHUNK = 1 << 17
MEMORY = 32 << 20
# What is larger goes from file to socket, where the server can do that.
SMALL = 64 << 10
METHODS = frozenset({"GET", "HEAD"})
# Addresses that the server answers itself, whatever the site holds.
RESERVED = ("/api/", "/styles/", "/healthz", "/readyz", "/metrics")
CONDITIONS = frozenset({b"accept-encoding", b"if-match", b"if-none-match", b"if-range", b"range"})

Fields = dict[str, str]
RawFields = list[tuple[bytes, bytes]]


def conditions(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, str]:
    """What of a request decides its answer; several lines are the one list that they stand for (RFC 9110, 5.3)."""
    found: dict[bytes, str] = {}
    for name, value in headers:
        if name in CONDITIONS:
            text = value.decode("latin-1")
            found[name] = f"{found[name]}, {text}" if name in found else text
    return found


@lru_cache(maxsize=1024)
def negotiated(accepted: str, sizes: tuple[tuple[str, int], ...]) -> str | None:
    return choose_encoding(accepted, dict(sizes))


async def pieces(content: bytes) -> AsyncIterator[memoryview]:
    view = memoryview(content)
    for start in range(0, len(view), CHUNK):
        yield view[start : start + CHUNK]


async def read(file: BinaryIO, part: ByteRange) -> AsyncIterator[bytes]:
    with file:
        await anyio.to_thread.run_sync(file.seek, part.start)
        left = part.stop - part.start
        while left > 0 and (chunk := await anyio.to_thread.run_sync(file.read, min(CHUNK, left))):
            left -= len(chunk)
            yield chunk


class Exchanged(Exception):
    """The file on the disk is not the one that was listed."""


@dataclass(frozen=True)
class Reply:
    status: int
    head: RawFields

    def start(self) -> Message:
        return {"type": "http.response.start", "status": self.status, "headers": self.head}


@dataclass(frozen=True)
class Exchange:
    """A request and the way back."""

    scope: Scope
    receive: Receive
    send: Send

    async def refuse(self, status: int, detail: str, headers: Fields | None = None) -> None:
        await refusal(self.scope, status, detail, headers)(self.scope, self.receive, self.send)


class SiteFiles:
    """Middleware that answers for the files of the site, and leaves all else to `app`."""

    def __init__(self, app: ASGIApp, site: Site, memory: int = MEMORY, announced: Fields | None = None) -> None:
        """announced: headers of the manifest, which every page asks for anew."""
        self.app, self.site = app, site
        self.memory = FileMemory(memory)
        self.announced = announced or {}
        self._snapshot: Snapshot | None = None
        self._opened = OpenFiles()
        self._heads: dict[tuple[str, str | None], RawFields] = {}
        self._reading: dict[tuple[str, str | None], asyncio.Task[bytes]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        file = self.find(scope) if scope["type"] == "http" and scope["method"] in METHODS else None
        if file is None:
            await self.app(scope, receive, send)
            return
        await self.serve(file, Exchange(scope, receive, send))

    async def serve(self, file: SiteFile, exchange: Exchange) -> None:
        scope = exchange.scope
        seen = observation(scope)
        seen.route = file.kind
        asked = conditions(scope["headers"])
        encoding, ranged = self.representation(scope["method"], asked, file)
        if b"if-match" in asked and not match(asked[b"if-match"], file.etags):
            await exchange.refuse(412, "Precondition Failed")
        elif b"if-none-match" in asked and none_match(asked[b"if-none-match"], file.etag(encoding)):
            seen.cache = "not_modified"
            head = without(self.head(file, encoding), b"content-encoding", b"content-type")
            await answer(exchange.send, 304, head)
        elif ranged:
            await self.partial(file, encoding, asked[b"range"], exchange)
        else:
            await self.whole(file, encoding, exchange)

    async def whole(self, file: SiteFile, encoding: str | None, exchange: Exchange) -> None:
        size = file.size(encoding)
        head = [*self.head(file, encoding), (b"content-length", b"%d" % size)]
        if exchange.scope["method"] == "HEAD":
            await answer(exchange.send, 200, head)
        else:
            await self.deliver(file, encoding, ByteRange(0, size), Reply(200, head), exchange)

    def find(self, scope: Scope) -> SiteFile | None:
        path = local_path(scope)
        if path.startswith(RESERVED):
            return None
        snapshot = self.site.snapshot()
        if snapshot is not self._snapshot:
            # What is open still belongs to the build before.
            self._snapshot, self._opened, self._heads = snapshot, OpenFiles(), {}
        return snapshot.find(path.removeprefix("/"))

    def representation(self, method: str, asked: Mapping[bytes, str], file: SiteFile) -> tuple[str | None, bool]:
        """Which encoding is sent, and whether of it only a range.

        A range without a condition is one of the file's own bytes. If-Range names what the client has a part of, maybe
        a compressed copy; a range of anything that the file no longer is turns into the whole of what it is now.
        """
        accepted = asked.get(b"accept-encoding", "")
        chosen = negotiated(accepted, tuple(file.encodings.items())) if file.encodings and accepted else None
        ranged = asked.get(b"range")
        if ranged is None or method != "GET" or not is_one_range(ranged):
            return chosen, False
        condition = asked.get(b"if-range")
        if condition is None:
            return None, True
        for encoding in (None, *file.encodings):
            if condition.strip() == file.etag(encoding) and (encoding is None or accepts(accepted, encoding)):
                return encoding, True
        return chosen, False

    def head(self, file: SiteFile, encoding: str | None) -> RawFields:
        """The headers of any answer for this file but its length; made once for each build."""
        known = self._heads.get((file.path, encoding))
        if known is None:
            known = self._heads[file.path, encoding] = Headers(self.headers(file, encoding)).raw
        return known

    def headers(self, file: SiteFile, encoding: str | None) -> Fields:
        headers = {"ETag": file.etag(encoding), "Cache-Control": file.cache_control, "Accept-Ranges": "bytes"}
        headers["Content-Type"] = file.media_type
        if file.encodings:
            headers["Vary"] = "Accept-Encoding"
        if encoding:
            headers["Content-Encoding"] = encoding
        return {**headers, **(self.announced if file.path == MANIFEST else {})}

    async def partial(self, file: SiteFile, encoding: str | None, asked: str, exchange: Exchange) -> None:
        size = file.size(encoding)
        head = self.head(file, encoding)
        try:
            part = requested_range(asked, size) or ByteRange(0, size)
        except UnsatisfiableRange:
            told = [(b"content-range", b"bytes */%d" % size), (b"content-length", b"0")]
            await answer(exchange.send, 416, [*without(head, b"content-encoding", b"content-type"), *told])
            return
        length = (b"content-length", b"%d" % (part.stop - part.start))
        told = [(b"content-range", b"bytes %d-%d/%d" % (part.start, part.stop - 1, size)), length]
        await self.deliver(file, encoding, part, Reply(206, [*head, *told]), exchange)

    async def deliver(
        self, file: SiteFile, encoding: str | None, part: ByteRange, reply: Reply, exchange: Exchange
    ) -> None:
        try:
            if ZERO_COPY in exchange.scope.get("extensions", {}) and file.size(encoding) > SMALL:
                opened = self._opened.get((file.path, encoding), lambda: self.open(file, encoding))
                observation(exchange.scope).cache = "disk"
                await exchange.send(reply.start())
                count = part.stop - part.start
                await exchange.send({"type": ZERO_COPY, "file": opened, "offset": part.start, "count": count})
                return
            content = await self.content(file, encoding, part, reply.status, exchange.scope)
        except Exchanged:
            # A build may be exchanging the folder at this moment.
            await exchange.refuse(503, "Service Unavailable", {"Retry-After": "2"})
            return
        if isinstance(content, bytes) and len(content) <= CHUNK:
            await answer(exchange.send, reply.status, reply.head, content)
            return
        response = StreamingResponse(pieces(content) if isinstance(content, bytes) else content, reply.status)
        response.raw_headers = reply.head
        await response(exchange.scope, exchange.receive, exchange.send)

    async def content(
        self, file: SiteFile, encoding: str | None, part: ByteRange, status: int, scope: Scope
    ) -> bytes | AsyncIterator[bytes]:
        """The bytes of a part, from memory where the file fits there. Raises: Exchanged."""
        key = (file.sha256, encoding)
        content = self.memory.get(key)
        observation(scope).cache = "memory" if content is not None else "disk"
        if content is None:
            size = file.size(encoding)
            if not self.memory.takes(size) or (status == 206 and size > SMALL):
                return read(self.open(file, encoding).reader(), part)
            content = await self.fetch(key, lambda: self.open(file, encoding).reader())
        return content[part.start : part.stop] if status == 206 else content

    def open(self, file: SiteFile, encoding: str | None) -> OpenFile:
        """The file as it was listed. A link that leads elsewhere, or another size, means that it is not the file.

        Raises: Exchanged.
        """
        place, size = file.content(encoding)
        try:
            if place.resolve(strict=True) == place:
                opened = OpenFile(place)
                if opened.size() == size:
                    return opened
        except OSError:
            pass
        raise Exchanged

    async def fetch(self, key: tuple[str, str | None], open_file: Callable[[], BinaryIO]) -> bytes:
        """The whole file into memory: read once, however many ask for it at that moment."""
        reading = self._reading.get(key)
        if reading is None:
            reading = self._reading[key] = asyncio.ensure_future(self._read(key, open_file()))
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


async def answer(send: Send, status: int, head: RawFields, body: bytes = b"") -> None:
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})


def without(head: RawFields, *names: bytes) -> RawFields:
    return [(name, value) for name, value in head if name not in names]


def is_one_range(header: str) -> bool:
    """Several ranges, other units and nonsense are answered as if no range had been asked for."""
    try:
        return requested_range(header, 1) is not None
    except UnsatisfiableRange:
        return True
