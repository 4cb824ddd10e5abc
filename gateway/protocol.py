"""HTTP/1.1 for clients that dawdle or overdo it: in good time, within bounds, and files handed to the kernel."""

from __future__ import annotations

import asyncio
import gc
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple, cast
from urllib.parse import unquote

import httptools
import uvicorn
from uvicorn.protocols.http.flow_control import FlowControl, service_unavailable
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from gateway.ending import KEY
from gateway.transfer import Transfers

REQUEST_SECONDS = 15.0
STALL_SECONDS = 60.0
# The extension of the ASGI specification by which an application has a file sent.
ZERO_COPY = "http.response.zerocopysend"
# An answer of this size and its head are sent as one.
TOGETHER = 64 << 10
# Requests sent ahead on one connection; browsers send none.
PIPELINED = 32
# Bytes on the wire for each byte of a body: a chunk of one byte needs six.
OVERHEAD = 8
VERSIONS = ("1.0", "1.1")
# Objects made since the last look for cycles among the young, and looks there for one among the older.
COLLECT = (20_000, 20, 20)
HEADER_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
HEADER_VALUE = re.compile(rb"[^\x00-\x08\x0a-\x1f\x7f]*")


class PunctualConfig(uvicorn.Config):
    """Uvicorn's configuration with the limits that it lacks: seconds, and bytes of a request's head."""

    request_seconds = REQUEST_SECONDS
    stall_seconds = STALL_SECONDS
    max_head = 16 << 10

    def load(self) -> None:
        """The application, in each process that serves."""
        super().load()
        # What it is made of stays, and requests leave few cycles behind: looking seldom saves a tenth of the work.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*COLLECT)


class BadMessage(RuntimeError):
    """The application sent what is no answer."""


@lru_cache(maxsize=2048)
def header_line(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    """The name in lower case, and the line as sent. Raises: BadMessage, so that no value ends its line."""
    if not HEADER_NAME.fullmatch(name) or not HEADER_VALUE.fullmatch(value):
        raise BadMessage(f"Invalid header {name[:40]!r}.")
    return name.lower(), b"%b: %b\r\n" % (name.lower(), value)


class Head(NamedTuple):
    """The headers of an answer as they are sent, and what they say of it."""

    lines: bytes
    length: int | None
    closes: bool


@lru_cache(maxsize=1024)
def head_of(status: int, headers: tuple[tuple[bytes, bytes], ...]) -> Head:
    """Most answers of a server of files have been given before. Raises: BadMessage."""
    lines, length, closes = [STATUS_LINE[status]], None, False
    for given, value in headers:
        name, line = header_line(given, value)
        lines.append(line)
        if name == b"content-length":
            length = int(value)
        elif name == b"transfer-encoding":
            raise BadMessage("How an answer is transferred is not the application's choice.")
        elif name == b"connection":
            closes = closes or value.lower() == b"close"
    return Head(b"".join(lines), length, closes)


class Cycle(RequestResponseCycle):
    """One request and its answer, which may be a file."""

    protocol: PunctualProtocol
    transport: asyncio.Transport
    head = b""

    async def send(self, message: Any) -> None:  # noqa: ANN401 - of several kinds
        kind = message["type"]
        if kind == ZERO_COPY:
            await self.send_file(message)
        elif kind == "http.response.start" and not self.response_started:
            if self.flow.write_paused and not self.disconnected:
                await self.flow.drain()
            if not self.disconnected:
                self.send_head(message)
        else:
            if self.head and not self.disconnected:
                message = self.with_head(message)
            await super().send(message)

    def with_head(self, message: Any) -> Any:  # noqa: ANN401
        """The head leaves now: with the body where that is the whole of it and small."""
        head, self.head = self.head, b""
        body = message.get("body", b"")
        if message.get("more_body") or len(body) != self.expected_content_length or len(body) > TOGETHER:
            self.transport.write(head)
            return message
        self.expected_content_length += len(head)
        return {**message, "body": head + bytes(body)}

    def send_head(self, message: Mapping[str, Any]) -> None:
        self.response_started = True
        self.waiting_for_100_continue = False
        status: int = message["status"]
        head = head_of(status, tuple(message.get("headers", ())))
        # The date, which changes every second.
        lines = [head.lines, *(header_line(name, value)[1] for name, value in self.default_headers)]
        if head.length is not None:
            self.expected_content_length, self.chunked_encoding = head.length, False
        self.keep_alive = self.keep_alive and not head.closes
        if not self.keep_alive and not head.closes:
            lines.append(b"connection: close\r\n")
        bodiless = self.scope["method"] == "HEAD" or status in (204, 304)
        if self.chunked_encoding is None and not bodiless:
            self.chunked_encoding = True
            lines.append(b"transfer-encoding: chunked\r\n")
        lines.append(b"\r\n")
        if self.expected_content_length and not bodiless:
            # A body of this length follows at once.
            self.head = b"".join(lines)
        else:
            self.transport.write(b"".join(lines))

    async def send_file(self, message: Mapping[str, Any]) -> None:
        """`count` bytes of `file` from `offset` on, as the whole body. The file's own position plays no part."""
        file, offset, count = message["file"], message.get("offset", 0), message["count"]
        if not self.response_started or count != self.expected_content_length or message.get("more_body"):
            raise BadMessage("A file is sent as the whole body, after its length.")
        if self.disconnected:
            return
        head, self.head = self.head, b""
        if await self.protocol.transfers.send(head, file.fileno(), offset, count):
            self.expected_content_length = 0
            await super().send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        self.disconnected = True
        # The client has been told another length: only the end of the connection says that this is not all.
        self.transport.abort()


class PunctualProtocol(HttpToolsProtocol):
    """Closes a connection on which a request stays incomplete, or an answer is not taken.

    Uvicorn itself waits without end for the rest of a request and for a client that reads nothing, takes heads and
    trailers of any size, and as many requests ahead as fit a read.
    """

    config: PunctualConfig
    cycle: Cycle
    flow: FlowControl
    transport: asyncio.Transport

    _request_deadline: asyncio.TimerHandle | None = None
    _stall_deadline: asyncio.TimerHandle | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*args, **kwargs)
        self._ending = asyncio.Event()
        self.app_state = {**self.app_state, KEY: self._ending}
        self._reading = True
        self._in_head = True
        self._refused = False
        self._wire = self._body = 0

    def shutdown(self) -> None:
        self._ending.set()
        super().shutdown()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast("asyncio.Transport", transport))
        # Bytes that TLS has to encrypt cannot go from file to socket.
        self._extensions: dict[str, dict[object, object]] = {ZERO_COPY: {}} if self.scheme == "http" else {}
        self.transfers = Transfers(self.loop, self.transport, self.config.stall_seconds)
        self._expect_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._request_came()
        self._answer_taken()
        self.transfers.close()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused or self.transport.is_closing():
            return
        self._reading = True
        self._wire += len(data)
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # It is answered as any other request, which the specification allows.
            pass
        except httptools.HttpParserError:
            # Without a line in the log, which anybody could fill.
            self._refuse(400, b"Invalid HTTP request received.")
        if self._refused or self.transport.is_closing():
            return
        if self._wire - OVERHEAD * self._body > self.config.max_head:
            self._refuse(431, b"The request line, its headers or what is around its body are too long.")
        elif self._reading:
            self._expect_request()
        else:
            self._request_came()

    # What the parser finds

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._reading = self._in_head = True

    def on_header(self, name: bytes, value: bytes) -> None:
        # What follows a body in chunks is no header of the request.
        if not self._in_head:
            return
        if b"\n" in value or b"\r" in value:
            raise BadMessage("folded header")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._wire = self._body = 0
        version = self.parser.get_http_version()
        if version not in VERSIONS:
            raise BadMessage(f"HTTP/{version}")
        if any(name == b"transfer-encoding" and value.lower() != b"chunked" for name, value in self.headers):
            raise BadMessage("transfer encoding")
        raw_path, _, query = self.url.partition(b"?")
        self.scope["method"] = self.parser.get_method().decode("ascii")
        self.scope["http_version"] = version
        self.scope["path"] = self.root_path + unquote(raw_path.decode("ascii"))
        self.scope["raw_path"] = self.root_path.encode("ascii") + raw_path
        self.scope["query_string"] = query
        self.scope["extensions"] = self._extensions
        self._begin(self._new_cycle(version))

    def _new_cycle(self, version: str) -> Cycle:
        cycle = Cycle(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            # After a request to change the protocol it is not certain where the next one begins.
            keep_alive=version != "1.0" and self.parser.should_keep_alive() and not self.parser.should_upgrade(),
            on_response=self.on_response_complete,
        )
        cycle.protocol = self
        return cycle

    def _begin(self, cycle: Cycle) -> None:
        limit, before = self.limit_concurrency, cast("Cycle | None", self.cycle)
        full = limit is not None and (len(self.connections) >= limit or len(self.tasks) >= limit)
        app = service_unavailable if full else self.app
        self.cycle = cycle
        if before is None or before.response_complete:
            self._start_asgi_task(cycle, app)
        elif len(self.pipeline) < PIPELINED:
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, app))
        else:
            # Those before are answered; what comes now is not even read.
            before.keep_alive, self._refused = False, True
            self.cycle = before
            raise BadMessage("too many requests ahead")

    def on_body(self, body: bytes) -> None:
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._reading, self._in_head, self._wire, self._body = False, True, 0, 0
        super().on_message_complete()

    def _refuse(self, status: int, reason: bytes) -> None:
        """Ends the connection, with an answer unless another one is under way, in whose middle it would stand."""
        if self._refused:
            return
        self._refused = True
        self._request_came()
        cycle = cast("Cycle | None", self.cycle)
        if cycle is not None and not cycle.response_complete:
            if self.pipeline:
                self.transport.abort()
                return
            if cycle.response_started:
                # Its head may have said otherwise, but the end of the connection is plain.
                cycle.keep_alive = False
                return
            # The application learns that nobody waits for its answer any more.
            cycle.disconnected = True
            cycle.message_event.set()
        head = b"content-type: text/plain; charset=utf-8\r\nx-content-type-options: nosniff\r\nconnection: close\r\n"
        length = b"content-length: %d\r\n\r\n" % len(reason)
        self.transport.write(STATUS_LINE[status] + head + length + reason)
        self.transport.close()

    # Time

    def _expect_request(self) -> None:
        # Counted from its first byte, so that a byte now and then gains nothing.
        if self._request_deadline is None and not self.transport.is_closing():
            self._request_deadline = self.loop.call_later(self.config.request_seconds, self._late)

    def _late(self) -> None:
        self._request_deadline = None
        cycle = cast("Cycle | None", self.cycle)
        if cycle is not None and not cycle.response_complete and not cycle.more_body:
            # What is late is the request after the one that is being answered.
            self._expect_request()
        else:
            self.transport.abort()

    def _request_came(self) -> None:
        if self._request_deadline is not None:
            self._request_deadline.cancel()
            self._request_deadline = None

    def pause_writing(self) -> None:
        super().pause_writing()
        self._answer_taken()
        self._stall_deadline = self.loop.call_later(self.config.stall_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._answer_taken()

    def _answer_taken(self) -> None:
        if self._stall_deadline is not None:
            self._stall_deadline.cancel()
            self._stall_deadline = None
