"""Around each request: its trace, its line in the log, its metrics, and its span where spans are exported."""

from __future__ import annotations

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.metrics import METHODS, OTHER, Metrics
from gateway.observation import Observation, observation
from gateway.protocol import ZERO_COPY
from gateway.refusal import refusal
from gateway.trace import CURRENT, read_traceparent
from gateway.tracing import Spans

LOG = logging.getLogger("qingsheng.request")
# Of a client that went away before the answer began; nginx counts such requests under the same number.
GONE = 499


def header(scope: Scope, name: bytes) -> str | None:
    for given, value in scope["headers"]:
        if given == name:
            return str(value, "latin-1")
    return None


class Observe:
    def __init__(self, app: ASGIApp, metrics: Metrics, spans: Spans | None = None) -> None:
        self.app, self.metrics, self.spans = app, metrics, spans

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        trace = read_traceparent(header(scope, b"traceparent"))
        seen, status, size = observation(scope), GONE, 0
        began, clock = time.time_ns(), time.perf_counter()

        async def counting(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == ZERO_COPY:
                size += message["count"]
            else:
                size += len(message.get("body", b""))
            await send(message)

        # Not taken back: what else is logged of this request, in this task, belongs to it too.
        CURRENT.set(trace)
        try:
            await self.app(scope, receive, counting)
        except Exception:
            # What is answered before any routing is not in Starlette's care.
            if status == GONE:
                await refusal(scope, 500, "Internal Server Error")(scope, receive, counting)
            raise
        finally:
            self.note(scope, seen, status, size, time.perf_counter() - clock)
            if self.spans:
                self.spans.request(trace, scope["method"], seen.route, status, began)

    def note(self, scope: Scope, seen: Observation, status: int, size: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else OTHER
        self.metrics.answered(method, seen.route, status, 0 if method == "HEAD" else size, seconds, seen.cache)
        if LOG.isEnabledFor(logging.INFO):
            # Neither the client's address nor the query: a log is no record of people.
            fields = {"method": method, "path": scope["path"][:200], "route": seen.route, "status": status}
            LOG.info("request", extra={"fields": {**fields, "bytes": size, "seconds": round(seconds, 6)}})
