"""The files that are asked for most, kept in memory by digest and encoding."""

from __future__ import annotations

from collections import OrderedDict

Key = tuple[str, str | None]


class FileMemory:
    """At most `budget` bytes; the one not asked for the longest goes first. 0 keeps nothing."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.held = 0
        self._files: OrderedDict[Key, bytes] = OrderedDict()

    def get(self, key: Key) -> bytes | None:
        content = self._files.get(key)
        if content is not None:
            self._files.move_to_end(key)
        return content

    def takes(self, size: int) -> bool:
        """One file never drives out more than half of the others."""
        return size <= self.budget // 2

    def put(self, key: Key, content: bytes) -> None:
        if key in self._files or not self.takes(len(content)):
            return
        self._files[key] = content
        self.held += len(content)
        while self.held > self.budget:
            _, dropped = self._files.popitem(last=False)
            self.held -= len(dropped)
