"""HTTP/1.1 for clients that dawdle: a request must come, and an answer be taken, in good time."""

from __future__ import annotations

import asyncio
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from gateway.ending import KEY

REQUEST_SECONDS = 15.0
STALL_SECONDS = 60.0


class PunctualConfig(uvicorn.Config):
    """Uvicorn's configuration with the two limits of time that it lacks, in seconds."""

    request_seconds = REQUEST_SECONDS
    stall_seconds = STALL_SECONDS


class PunctualProtocol(H11Protocol):
    """Closes a connection on which a request stays incomplete, or an answer is not taken.

    Uvicorn itself waits without end for the rest of a request and for a client that reads nothing.
    """

    config: PunctualConfig

    _request_deadline: asyncio.TimerHandle | None = None
    _stall_deadline: asyncio.TimerHandle | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*args, **kwargs)
        self._ending = asyncio.Event()
        self.app_state = {**self.app_state, KEY: self._ending}

    def shutdown(self) -> None:
        self._ending.set()
        super().shutdown()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._request_came()
        self._answer_taken()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state in (h11.IDLE, h11.SEND_BODY):
            self._expect_request()
        else:
            self._request_came()

    def _expect_request(self) -> None:
        # Counted from its first byte, so that a byte now and then gains nothing.
        if self._request_deadline is None and not self.transport.is_closing():
            self._request_deadline = self.loop.call_later(self.config.request_seconds, self.transport.abort)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._answer_taken()
        self._stall_deadline = self.loop.call_later(self.config.stall_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._answer_taken()

    def _request_came(self) -> None:
        if self._request_deadline is not None:
            self._request_deadline.cancel()
            self._request_deadline = None

    def _answer_taken(self) -> None:
        if self._stall_deadline is not None:
            self._stall_deadline.cancel()
            self._stall_deadline = None
