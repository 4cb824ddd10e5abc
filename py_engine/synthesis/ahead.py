"""Work that is done before it is asked for, where models run beside Python (`Runtime.concurrent`).

Everywhere else it is done when it is asked for: on one thread, doing it earlier would only keep others waiting.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
# One at work and some that wait for it: the models need not wait while Python is busy, nor begin with the next
# utterance before the end of this one has been asked for.
DEPTH = 4
# Of the event loop, until what was made has reached whoever waits for it and they have asked for what comes next: the
# result of a model goes through the task that asked for it to the next model, a chunk to the page.
TURNS = 8


class Ahead(Generic[Item, Result]):
    """One function's results, argument after argument; with ``concurrent`` the next ones are computed meanwhile."""

    def __init__(
        self, work: Callable[[Item], Coroutine[Any, Any, Result]], items: Sequence[Item], concurrent: bool
    ) -> None:
        self._work, self._items, self._concurrent = work, iter(items), concurrent
        self._tasks: deque[asyncio.Task[Result]] = deque()
        self._begin()

    async def next(self) -> Result:
        """Raises: whatever the function raises."""
        if not self._concurrent:
            return await self._work(next(self._items))
        if not self._tasks:
            raise IndexError("there is no further item")
        result = await self._tasks.popleft()
        self._begin()
        # The task gets to its model before whoever asked goes on.
        await asyncio.sleep(0)
        return result

    def close(self) -> None:
        """Ends what was begun and is not wanted any more."""
        for task in self._tasks:
            task.cancel()

    def _begin(self) -> None:
        while self._concurrent and len(self._tasks) < DEPTH:
            item = next(self._items, None)
            if item is None:
                return
            self._tasks.append(background(self._work(item)))


def background(work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
    """A task whose failure is of no interest unless somebody awaits it."""
    task = asyncio.ensure_future(work)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task
