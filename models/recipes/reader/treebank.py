"""The words of the treebank."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Word(NamedTuple):
    text: str
    part: str


def tagged_sentences(path: Path) -> Iterator[list[Word]]:
    for block in path.read_text("utf-8").strip().split("\n\n"):
        rows = [line.split("\t") for line in block.split("\n") if line and not line.startswith("#")]
        yield [Word(row[1], row[3]) for row in rows]
