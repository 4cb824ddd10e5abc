"""Where a text that has no marks may be cut, so that its first words need not wait for its last.

Only words decide, by the lexicon alone: the reader model would have to see the text first, and the cuts have to be the
same with it and without.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from py_engine.text.lexicon import lexicon
from py_engine.text.segment import best_path
from py_engine.text.tables import word_set

# Hanzi that have to stand on each side, so that no number, name in letters or measure is cut
BESIDE = 6
# Hanzi before the place looked at first, by which the words have fallen into step
BEFORE = 24
HANZI = re.compile("[\u3400-\u9fff]+")
SPACE = re.compile(r"(?<=[A-Za-z]{2})\s+(?=[A-Za-z]{2})")
# What a clause begins with is worth more than what one ends with
BEGINS, ENDS, EVEN = 2.0, 1.0, 0.5
NEVER = -1.0


def joint(text: str, first: int, last: int) -> int | None:
    """The best place for a cut between two words from ``first`` to ``last``, the earliest of equals; between hanzi if
    there is one, else between Latin words; None where there is none."""
    places = [place for place in _between_words(text, first, last) if place[1] > NEVER]
    if places:
        return max(places, key=lambda place: (place[1], -place[0]))[0]
    space = SPACE.search(text, first, last)
    return space.end() if space else None


def _between_words(text: str, first: int, last: int) -> Iterator[tuple[int, float]]:
    """Places and what they are worth."""
    words = lexicon()
    for run in HANZI.finditer(text, max(0, first - BEFORE - BESIDE), min(len(text), last + BESIDE + 1)):
        simple = "".join([words.simplified(char) for char in run[0]])
        for (start, at), (_, stop) in pairwise(best_path(simple, words)):
            if at >= BESIDE and len(simple) - at >= BESIDE and first <= run.start() + at <= last:
                yield run.start() + at, worth(simple[start:at], simple[at:stop])


def worth(left: str, right: str) -> float:
    """Of a cut between two words, `NEVER` where they lean on each other."""

    def are(word: str, row: str) -> bool:
        return word in word_set("word_classes.tsv", row)

    if (
        are(left, "clings right")
        or are(right, "clings left")
        or left[-1] == right[0]
        or are(left, "before its pronoun")
    ):
        return NEVER
    worth = BEGINS if are(right, "clause begins") else 0.0
    if are(left, "clause ends"):
        worth += ENDS
    elif len(left) > 1:
        worth += EVEN
    return worth + (EVEN if len(right) > 1 else 0.0)
