"""From file to socket without passing through Python, and with few turns of the event loop."""

from __future__ import annotations

import asyncio
import os
import socket

# In one turn of the event loop: others want to be served too.
TURN = 1 << 20


class Transfers:
    """The files sent on one connection, one after the other.

    asyncio's own `loop.sendfile` does the same, but stops and resumes reading and makes a future for each piece; here
    the descriptor of the socket is doubled, so that the event loop can watch it beside the transport's.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, transport: asyncio.Transport, stall_seconds: float) -> None:
        self.loop, self.transport, self.stall_seconds = loop, transport, stall_seconds
        self._socket: socket.socket | None = None
        self._done: asyncio.Future[bool] | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._file = self._at = self._end = 0

    async def send(self, head: bytes, file: int, offset: int, count: int) -> bool:
        """The head, then `count` bytes of the file. False: the client is gone or stalls, or the file is shorter."""
        try:
            if not await self._flushed() or not await self._begin(head):
                return False
        except OSError:
            return False
        self._file, self._at, self._end = file, offset, offset + count
        self._done = self.loop.create_future()
        self._turn()
        if not self._done.done():
            assert self._socket is not None  # noqa: S101 - made in `_begin`
            self.loop.add_writer(self._socket.fileno(), self._turn)
            self._expect()
        try:
            return await self._done
        finally:
            self._rest()

    async def _flushed(self) -> bool:
        """What was written before leaves before."""
        waited = 0.0
        while self.transport.get_write_buffer_size() and not self.transport.is_closing():
            if waited > self.stall_seconds:
                return False
            await asyncio.sleep(0.01)
            waited += 0.01
        return not self.transport.is_closing()

    async def _begin(self, head: bytes) -> bool:
        if self._socket is None:
            own = self.transport.get_extra_info("socket")
            self._socket = socket.socket(own.family, own.type, own.proto, fileno=os.dup(own.fileno()))
            self._socket.setblocking(False)
        try:
            # No packet of its own.
            sent = self._socket.send(head, getattr(socket, "MSG_MORE", 0)) if head else 0
        except BlockingIOError:
            # The client has not taken the answer before this one yet.
            sent = 0
        if sent < len(head):
            self.transport.write(head[sent:])
            return await self._flushed()
        return True

    def _turn(self) -> None:
        assert self._done is not None  # noqa: S101 - called while a transfer is under way only
        assert self._socket is not None  # noqa: S101
        left = TURN
        try:
            while left > 0 and self._at < self._end:
                sent = os.sendfile(self._socket.fileno(), self._file, self._at, min(left, self._end - self._at))
                if sent == 0:
                    self._finish(False)
                    return
                self._at += sent
                left -= sent
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            self._finish(False)
            return
        if self._at == self._end:
            self._finish(True)
        elif left < TURN and self._deadline is not None:
            self._expect()

    def _finish(self, whole: bool) -> None:
        if self._done is not None and not self._done.done():
            self._done.set_result(whole)

    def _expect(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(self.stall_seconds, self._finish, False)

    def _rest(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if self._socket is not None:
            self.loop.remove_writer(self._socket.fileno())

    def close(self) -> None:
        """The connection is gone."""
        self._finish(False)
        self._rest()
        if self._socket is not None:
            self._socket.close()
            self._socket = None
