"""Work that is done before it is asked for, where models run beside Python (`Runtime.concurrent`).

Everywhere else it is done when it is asked for: on one thread, doing it earlier would only keep others waiting.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Ahead(Generic[Item, Result]):
    """The results of one function, argument after argument; with ``concurrent`` the next one is computed meanwhile."""

    def __init__(
        self, work: Callable[[Item], Coroutine[Any, Any, Result]], items: Sequence[Item], concurrent: bool
    ) -> None:
        self._work, self._items, self._concurrent = work, iter(items), concurrent
        self._task: asyncio.Task[Result] | None = None
        self._begin()

    async def next(self) -> Result:
        """Raises: whatever the function raises."""
        if not self._concurrent:
            return await self._work(next(self._items))
        if self._task is None:
            raise IndexError("there is no further item")
        result = await self._task
        self._begin()
        # The task gets to its model before whoever asked goes on.
        await asyncio.sleep(0)
        return result

    def close(self) -> None:
        """Ends what was begun and is not wanted any more."""
        if self._task is not None:
            self._task.cancel()

    def _begin(self) -> None:
        item = next(self._items, None) if self._concurrent else None
        self._task = None if item is None else background(self._work(item))


def background(work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
    """A task whose failure is of no interest unless somebody awaits it."""
    task = asyncio.ensure_future(work)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task
