"""The files that are asked for most: small ones kept in memory by digest and encoding, large ones kept open."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

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


class OpenFile:
    """Open for as long as somebody holds it: while it is being sent it outlives its place among the `OpenFiles`."""

    def __init__(self, place: Path) -> None:
        self._descriptor = -1
        self._descriptor = os.open(place, os.O_RDONLY | os.O_CLOEXEC)

    def fileno(self) -> int:
        return self._descriptor

    def size(self) -> int:
        return os.fstat(self._descriptor).st_size

    def ahead(self) -> None:
        """Asks the system to read it before it is needed, so that nobody waits for the disk then."""
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(self._descriptor, 0, 0, os.POSIX_FADV_WILLNEED)

    def reader(self) -> BinaryIO:
        """A file object of its own."""
        return os.fdopen(os.dup(self._descriptor), "rb")

    def __del__(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)


class OpenFiles:
    """At most `most` files; the one not asked for the longest goes first."""

    def __init__(self, most: int = 128) -> None:
        self.most = most
        self._files: OrderedDict[Key, tuple[OpenFile, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._files)

    def get(self, key: Key, open_file: Callable[[], OpenFile]) -> OpenFile:
        """The open file; opened anew where it has another size by now, since then it is not what was opened."""
        found, size = self._files.get(key, (None, 0))
        if found is None or found.size() != size:
            self._files.pop(key, None)
            found = open_file()
            found.ahead()
            self._files[key] = found, found.size()
            if len(self._files) > self.most:
                self._files.popitem(last=False)
        else:
            self._files.move_to_end(key)
        return found
