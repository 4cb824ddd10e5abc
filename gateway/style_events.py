"""`/api/styles/events`: what changes among the styles, as server-sent events (HTML standard, section 9.2)."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from gateway.ending import ending
from gateway.limits import client_key
from gateway.refusal import refusal
from gateway.styles import StyleFolder, Styles, changes, read_state, state_of

LISTENERS = 200
# A fourth of them for one address.
SHARE = 4
# Proxies close what stays silent for a minute.
HEARTBEAT_SECONDS = 15.0
POLL_SECONDS = 1.0
RETRY_MILLISECONDS = 3000
HEARTBEAT = b": still here\n\n"


class StyleEvents:
    """Looks at the folder as long as anybody listens. What a slow listener misses it is told at once, later."""

    def __init__(
        self,
        folder: StyleFolder,
        listeners: int = LISTENERS,
        poll_seconds: float = POLL_SECONDS,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
    ) -> None:
        self.folder, self.most = folder, listeners
        self.poll_seconds, self.heartbeat_seconds = poll_seconds, heartbeat_seconds
        self.listeners: Counter[str] = Counter()
        self._changed = asyncio.Event()
        self._watch: asyncio.Task[None] | None = None
        self._styles: Styles = {}
        self._gone: Styles = {}

    async def serve(self, request: Request) -> Response:
        given = request.headers.get("last-event-id") or request.query_params.get("since")
        known = None if given is None else read_state(given)
        if given is not None and known is None:
            return refusal(request.scope, 400, "Last-Event-ID, or since, is not the state of a list of styles.")
        client = client_key(request.scope)
        # One address, behind which there may be many people, gets no more than its part.
        if self.listeners.total() >= self.most or self.listeners[client] >= max(self.most // SHARE, 1):
            return refusal(request.scope, 503, "There are too many listeners.", {"Retry-After": "30"})
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        events = self.events(known, ending(request.scope), client)
        return StreamingResponse(events, headers=headers, media_type="text/event-stream")

    async def events(self, known: dict[str, str] | None, end: asyncio.Event, client: str = "") -> AsyncIterator[bytes]:
        """known: what the listener knows already; None for whoever wants to know only what comes."""
        self._join(client)
        try:
            styles = await self._look()
            state = state_of(styles) if known is None else ",".join(f"{id_}.{digest}" for id_, digest in known.items())
            yield f"retry: {RETRY_MILLISECONDS}\nid: {state}\n\n".encode()
            while not end.is_set():
                changed = self._changed
                for change in changes(read_state(state) or {}, self._styles, self._gone):
                    state = change.state
                    data = json.dumps(change.record, ensure_ascii=False)
                    yield f"event: style-{change.kind}\nid: {state}\ndata: {data}\n\n".encode()
                if not await first(changed, end, self.heartbeat_seconds):
                    yield HEARTBEAT
        finally:
            self._leave(client)

    def _join(self, client: str) -> None:
        self.listeners[client] += 1
        if self._watch is None:
            self._watch = asyncio.create_task(self._poll())

    def _leave(self, client: str) -> None:
        self.listeners[client] -= 1
        if not self.listeners[client]:
            del self.listeners[client]
        if not self.listeners and self._watch is not None:
            self._watch.cancel()
            self._watch = None

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(self.poll_seconds)
            await self._look()

    async def _look(self) -> Styles:
        # The folder may lie on a disk that is slow.
        styles = await anyio.to_thread.run_sync(self.folder.styles)
        if styles != self._styles:
            lost = {id_: style for id_, style in self._styles.items() if id_ not in styles}
            self._gone = dict([*self._gone.items(), *lost.items()][-self.most :])
            self._styles = styles
            self._changed.set()
            self._changed = asyncio.Event()
        return styles


async def first(one: asyncio.Event, other: asyncio.Event, seconds: float) -> bool:
    """Waits for one of the two; False when neither came in time."""
    waiting = [asyncio.ensure_future(event.wait()) for event in (one, other)]
    try:
        done, _ = await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return bool(done)
    finally:
        for task in waiting:
            task.cancel()
