"""`POST /api/tts`: `{"text": ..., "options": {...}, "format": "wav" | "pcm" | "ndjson"}` to sound as it is made."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from gateway.metrics import OTHER, Metrics
from gateway.refusal import error, refusal
from gateway.synthesis.formats import FORMATS, Format
from gateway.synthesis.studio import Busy, Studios
from gateway.trace import CURRENT
from gateway.tracing import Spans
from py_engine.errors import OptionInvalid, QingshengError, RuntimeFailed, TextTooLong, VoiceCorrupt, VoiceNotFound
from py_engine.synthesis.values import Chunk, Options

FIELDS = ("text", "options", "format")
STATUS = {VoiceNotFound: 404, VoiceCorrupt: 500, RuntimeFailed: 500}

T = TypeVar("T")


class InvalidOrder(Exception):
    """The body is no order; the message names the field and what was expected."""


class Gone(Exception):
    """The client went away before there was anything to send."""


@dataclass(frozen=True)
class Order:
    text: str
    options: Options
    format: Format

    @property
    def pack(self) -> str | None:
        return self.options.voice.partition("/")[0] if self.options.voice else None


def read_order(body: bytes, characters: int) -> Order:
    """Raises: InvalidOrder; OptionInvalid and the like; TextTooLong."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as problem:
        raise InvalidOrder("expected JSON") from problem
    if not isinstance(given, dict) or not isinstance(given.get("text"), str) or set(given) - set(FIELDS):
        raise InvalidOrder(f"expected an object with a text, and of {', '.join(FIELDS)} nothing else")
    chosen = given.get("format", "wav")
    if not isinstance(chosen, str) or chosen not in FORMATS:
        raise InvalidOrder(f"format: expected one of {', '.join(FORMATS)}")
    if len(given["text"]) > characters:
        raise TextTooLong(
            f"the text has {len(given['text'])} characters, expected at most {characters}.", "Send it in parts."
        )
    options = Options.from_mapping(given.get("options", {}))
    if options.style is not None:
        raise OptionInvalid(f"style is {options.style!r}, expected none: the server loads no styles.", "Leave it out.")
    return Order(given["text"], options, FORMATS[chosen])


class Performance:
    """One stream with its place among the others, from the order to the last chunk, and what is noted of it."""

    def __init__(self, studios: Studios, order: Order, metrics: Metrics, spans: Spans | None) -> None:
        """Raises: Busy."""
        studios.enter()
        self.studios, self.order, self.metrics, self.spans = studios, order, metrics, spans
        self.chunks = studios.stream(order.text, order.options)
        self.began, self.clock = time.time_ns(), time.perf_counter()
        self.outcome, self.pack = "stopped", OTHER
        self.closed = False

    async def next(self) -> Chunk:
        try:
            chunk = await anext(self.chunks)
        except QingshengError as problem:
            self.outcome = "failed"
            self.metrics.synthesis_errors.labels(problem.code).inc()
            raise
        if chunk.index == 0:
            entry = self.studios.studios[0].catalog.find(self.order.options.voice)
            self.pack = entry.id
            self.metrics.synthesis.labels(self.pack, "first_chunk").observe(time.perf_counter() - self.clock)
        self.metrics.synthesis_audio.labels(self.pack).inc(len(chunk.samples) / chunk.sample_rate)
        self.metrics.synthesis_work.labels(self.pack).inc(sum(chunk.timings.values()))
        if chunk.last:
            self.outcome = "finished"
        return chunk

    def head(self, first: Chunk) -> bytes:
        return self.order.format.head(first.sample_rate, self.studios.credit(self.pack))

    async def close(self) -> None:
        if self.closed:
            return
        self.closed = True
        seconds = time.perf_counter() - self.clock
        self.studios.leave(seconds)
        await self.chunks.aclose()  # type: ignore[attr-defined]
        self.metrics.synthesis_streams.labels(self.pack, self.outcome).inc()
        self.metrics.synthesis.labels(self.pack, "whole").observe(seconds)
        trace = CURRENT.get()
        if self.spans and trace:
            self.spans.part(trace, "synthesis", self.began, {"tts.voice": self.pack, "tts.outcome": self.outcome})


class SpeechResponse(StreamingResponse):
    """Closes its performance however it ends: to the end, cut off by the client, or never begun."""

    def __init__(self, performance: Performance, first: Chunk) -> None:
        self.performance = performance
        form = performance.order.format
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        headers["Qingsheng-Sample-Rate"] = str(first.sample_rate)
        media_type = form.media_type.format(rate=first.sample_rate)
        super().__init__(self.pieces(first), headers=headers, media_type=media_type)

    async def pieces(self, first: Chunk) -> AsyncIterator[bytes]:
        chunk, encode = first, self.performance.order.format.encode
        yield self.performance.head(chunk) + encode(chunk)
        while not chunk.last:
            chunk = await self.performance.next()
            yield encode(chunk)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self.performance.close()


class Synthesis:
    def __init__(self, studios: Studios, characters: int, metrics: Metrics, spans: Spans | None = None) -> None:
        self.studios, self.characters, self.metrics, self.spans = studios, characters, metrics, spans

    async def speak(self, request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return refusal(request.scope, 415, "An order is application/json.")
        try:
            order = read_order(await request.body(), self.characters)
            performance = Performance(self.studios, order, self.metrics, self.spans)
        except InvalidOrder as problem:
            return refusal(request.scope, 400, f"{problem}.")
        except QingshengError as problem:
            return failed(problem)
        except Busy as busy:
            self.metrics.synthesis_streams.labels(OTHER, "refused").inc()
            return error(503, "All places are taken.", {"Retry-After": str(busy.wait)})
        try:
            return SpeechResponse(performance, await unless_gone(request, performance.next()))
        except BaseException as problem:
            await performance.close()
            if isinstance(problem, QingshengError):
                return failed(problem)
            if isinstance(problem, Gone):
                # Nobody reads it.
                return Response(status_code=499)
            raise


def failed(problem: QingshengError) -> Response:
    status = next((status for kind, status in STATUS.items() if isinstance(problem, kind)), 400)
    content = {"code": problem.code, "message": problem.message, "remedy": problem.remedy}
    return JSONResponse({"error": content}, status, {"Cache-Control": "no-store"})


async def unless_gone(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, which is cancelled when the client goes. Raises: Gone."""
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(request.receive())
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise Gone
    finally:
        working.cancel()
        leaving.cancel()
