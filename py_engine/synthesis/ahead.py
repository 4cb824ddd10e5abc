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
# One at work and one that waits for it: the models need not wait while Python is busy with a long part.
DEPTH = 2
# Of the event loop, until what was made has reached whoever waits for it: the result of a model the task that asked for
# it, and that task the next model; a chunk the page.
TURNS = 3


class Ahead(Generic[Item, Result]):
    """One function's results, argument after argument; with ``concurrent`` the next ones are computed meanwhile.

    Only the first is begun before it is asked for, until `hurry` is called: what the first sound waits for is not to be
    slowed by what comes after it.
    """

    def __init__(
        self, work: Callable[[Item], Coroutine[Any, Any, Result]], items: Sequence[Item], concurrent: bool
    ) -> None:
        self._work, self._items, self._concurrent = work, iter(items), concurrent
        self._tasks: deque[asyncio.Task[Result]] = deque()
        self._depth = 0
        self._begin(1)

    async def next(self) -> Result:
        """Raises: whatever the function raises."""
        if not self._concurrent:
            return await self._work(next(self._items))
        self._begin(max(1, self._depth))
        if not self._tasks:
            raise IndexError("there is no further item")
        result = await self._tasks.popleft()
        self._begin(self._depth)
        # The task gets to its model before whoever asked goes on.
        await asyncio.sleep(0)
        return result

    def hurry(self) -> None:
        """From now on there are always some on their way."""
        self._depth = DEPTH
        self._begin(DEPTH)

    def close(self) -> None:
        """Ends what was begun and is not wanted any more."""
        for task in self._tasks:
            task.cancel()

    def _begin(self, count: int) -> None:
        while self._concurrent and len(self._tasks) < count:
            item = next(self._items, None)
            if item is None:
                return
            self._tasks.append(background(self._work(item)))


def background(work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
    """A task whose failure is of no interest unless somebody awaits it."""
    task = asyncio.ensure_future(work)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task
