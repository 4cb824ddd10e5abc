"""The stream between normalisation and segmentation: spoken characters and marks, each with its written span."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from py_engine.text.lexicon import Reading

# A token has a range of so many groups; one with more parts counts as several
GROUPS = 256

MarkKind = Literal["statement", "question", "exclamation", "pause", "space", "quote"]


@dataclass(slots=True)
class Unit:
    """One character to speak; not changed once it is made (freezing it would make it eight times as slow to make).

    char: a hanzi, or the letter that ``readings`` spell. start, stop: what was written, in code points.
    group: units of one non-zero group come from one part of a written token (a number, an acronym); words do not cross
    it. Groups of one token are alike but for their last `GROUPS` (`token_of`).
    readings: fixed pronunciation, of one or more syllables; empty where the lexicon decides.
    written: the traditional character, where ``char`` is the simplified one that the lexicon lists.
    reason: who fixed the readings.
    """

    char: str
    start: int
    stop: int
    group: int = 0
    readings: tuple[Reading, ...] = ()
    written: str = ""
    reason: str = ""


def token_of(group: int) -> int:
    """The number of the written token that a group is of; 0 where there is none."""
    return group // GROUPS


@dataclass(slots=True)
class Mark:
    """Punctuation or white space: ``pause`` in seconds, and whether it ends a sentence (the first three kinds).

    exact: mark-up asks for just this pause, which then replaces those of the punctuation around it.
    """

    kind: MarkKind
    start: int
    stop: int
    pause: float = 0.0
    exact: bool = False

    @property
    def ends_sentence(self) -> bool:
        return self.kind in ("statement", "question", "exclamation")


PartKind = Literal["words", "digits", "letters", "word", "hanzi"]


@dataclass(slots=True)
class Part:
    """Some of a token: hanzi to say for ``text[start:stop]``; not changed once it is made.

    kind: ``words`` is segmented like any text; ``digits`` are said as they stand (一 keeps its tone) and stay together;
    ``letters`` carry readings per character, and a span each; ``word`` carries readings and one span for all of it;
    ``hanzi`` carry readings per character and make words with what stands around them.
    """

    text: str
    start: int
    stop: int
    kind: PartKind = "words"
    readings: tuple[tuple[Reading, ...], ...] = ()


Item = Unit | Mark
