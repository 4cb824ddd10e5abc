"""The stream between normalisation and segmentation: spoken characters and marks, each with its written span."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from py_engine.text.lexicon import Reading

MarkKind = Literal["statement", "question", "exclamation", "pause", "space"]


@dataclass(frozen=True)
class Unit:
    """One character to speak.

    char: a hanzi, or the letter that ``readings`` spell. start, stop: what was written, in code points.
    group: units of one non-zero group come from one written token (a number, an acronym); words do not cross it.
    readings: fixed pronunciation, of one or more syllables; empty where the lexicon decides.
    written: the traditional character, where ``char`` is the simplified one that the lexicon lists.
    """

    char: str
    start: int
    stop: int
    group: int = 0
    readings: tuple[Reading, ...] = ()
    written: str = ""


@dataclass(frozen=True)
class Mark:
    """Punctuation or white space: ``pause`` in seconds, and whether it ends a sentence (the first three kinds)."""

    kind: MarkKind
    start: int
    stop: int
    pause: float = 0.0

    @property
    def ends_sentence(self) -> bool:
        return self.kind in ("statement", "question", "exclamation")


Item = Unit | Mark
