"""Small tab-separated tables of `py_engine/data/`, read once each; and memory of what was looked up."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from functools import cache
from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


def content(name: str) -> bytes:
    """A file of `py_engine.data`. Raises: FileNotFoundError.

    `importlib.resources` would do, but imports `zipfile` and so the compressors: more than all that is done here.
    """
    found = pkgutil.get_data("py_engine.data", name)
    if found is None:
        raise FileNotFoundError(name)
    return found


@cache
def rows(name: str) -> tuple[tuple[str, ...], ...]:
    """Rows of a table; empty lines and lines that begin with ``# `` are comments."""
    text = content(name).decode()
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("# "))
    return tuple(tuple(line.split("\t")) for line in lines)


@cache
def mapping(name: str) -> dict[str, str]:
    """A table of two columns, the first unique."""
    return {row[0]: row[1] for row in rows(name)}


@cache
def word_set(name: str, row_name: str) -> frozenset[str]:
    """The words (separated by spaces) of the rows that begin with ``row_name``."""
    return frozenset(word for row in rows(name) if row[0] == row_name for word in row[1].split())


class Memo(dict[Key, Value]):
    """What a function gave for each key, to be had by one look-up: in the browser a third of what a call costs.

    ``limit``: how many answers are kept; one more, and it begins anew.
    """

    def __init__(self, function: Callable[[Key], Value], limit: int = 2048) -> None:
        super().__init__()
        self._function, self._limit = function, limit

    def __missing__(self, key: Key) -> Value:
        if len(self) >= self._limit:
            self.clear()
        value = self[key] = self._function(key)
        return value
