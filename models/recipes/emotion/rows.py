"""What `prepare` writes and the other steps read."""

from __future__ import annotations

from dataclasses import dataclass

from models.recipes.emotion.labels import Label
from py_engine.emotion.features import Line

TRAIN, CALIBRATE, TEST = "train", "calibrate", "test"
UNLABELLED, NAMED = "unlabelled", "named"
# Lines labelled with what a reader would voice; words alone, likewise
VOICED, WORD = "voiced", "word"
# What networks are measured on; the probabilities are those of the first.
MEASURED = (VOICED, "semeval", "cped")


@dataclass(frozen=True)
class Row:
    """A labelled line. ``context``: the lines before it, the latest first, and whether the same person said them.

    ``question``: it asks, where the set says so. ``part``: `TRAIN`, `CALIBRATE` or `TEST`.
    """

    corpus: str
    part: str
    line: Line
    context: tuple[tuple[Line, bool], ...]
    label: Label
    question: bool = False
