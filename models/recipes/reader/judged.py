"""Sentences judged for where a phrase may end (``phrases.md``): ``phrases.txt`` and ``tests/text/breaks*.txt``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Judged(NamedTuple):
    """A text, the places in it where a phrase ends well, and those where it does no harm."""

    text: str
    good: frozenset[int]
    harmless: frozenset[int]


def judged(path: Path) -> Iterator[Judged]:
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield _read(line)


def _read(line: str) -> Judged:
    text, good, harmless = "", set(), set()
    for char in line:
        if char in "/ ":
            (good if char == "/" else harmless).add(len(text))
        else:
            text += char
    return Judged(text, frozenset(good), frozenset(harmless))
