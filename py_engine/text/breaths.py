"""Breaths: the pauses that a reader makes in a long run without a mark.

Readers breathe in nearly every run of 19 syllables and more, but hardly two of them at the same place, so a place has
to be right, not the one: a phrase ends there anyway, and the reader model's score and the word that follows agree that
nothing is torn (docs/reader.md). By rules alone only conjunctions that begin a clause are sure enough.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from itertools import accumulate

from py_engine.text.cohesion import together
from py_engine.text.model import PAUSE_BREAK, PHRASE_BREAK
from py_engine.text.readings import Draft
from py_engine.text.sentences import BREATH
from py_engine.text.tables import word_set

# Syllables of a run in which a reader breathes, and at least on either side of a breath
RUN, SIDE = 18, 5
# The model's score of the boundary from which on a breath is right before a word that begins a predicate, before one
# that may begin a clause, and before any other; of so long a run without a mark the writer left some out, so that the
# latter two need so much less
PREDICATE, CLAUSE, OTHER = 2.0, 2.5, 3.0
LONG, EASIER = 30, 1.0
# What a place at the very edge of a run counts less than one in its middle
EDGE = 1.0
# These end what they follow: 对我来说, 在他看来
VIEWS = ("而言", "来说", "来讲", "说来", "看来")
# 以 A 为 B, 视 A 为 B: so many words back
FRAME, FRAMED = frozenset("以视称立定选拜尊奉作"), 8


def take_breaths(words: Sequence[Draft], scores: Sequence[float] = (), listed: Container[int] | None = None) -> None:
    """Put pauses into one pause-delimited run whose phrase breaks are known, in place.

    scores: the reader model's of the boundary after each word. listed: where words of the lexicon end, if others cut
    the run.
    """
    ends = [0, *accumulate([len(word.sounds) for word in words])]
    if ends[-1] < RUN:
        return
    places = [
        at
        for at in range(1, len(words))
        if words[at - 1].break_level >= PHRASE_BREAK and (listed is None or words[at - 1].stop in listed)
    ]
    parts = [(0, len(words))]
    while parts:
        start, stop = parts.pop()
        size = ends[stop] - ends[start]
        best, highest = 0, float("-inf")
        for at in places if size >= RUN else ():
            before, behind = ends[at] - ends[start], ends[stop] - ends[at]
            if min(before, behind) >= SIDE and _is_right(words, at, scores, size):
                worth = (scores[at - 1] if scores else 0.0) - EDGE * ((before - behind) / size) ** 2
                if worth > highest:
                    best, highest = at, worth
        if best:
            _breathe(words[best - 1], size, scores[best - 1] if scores else None)
            parts += [(start, best), (best, stop)]


def _breathe(before: Draft, size: int, score: float | None) -> None:
    why = "a clause begins" if score is None else f"score {score:.1f}"
    before.break_level, before.pause = PAUSE_BREAK, BREATH
    before.pause_reason = f"breath in {size} syllables without a mark, {why}"


def _is_right(words: Sequence[Draft], at: int, scores: Sequence[float], size: int) -> bool:
    right = words[at].text
    if together(words, at) or _goes_on(words, at):
        return False
    if not scores:
        return _is(right, "conjunction of clauses")
    easier = EASIER if size >= LONG else 0.0
    least = CLAUSE - easier if _is(right, "clause begins") else OTHER - easier
    return scores[at - 1] >= (min(least, PREDICATE) if _is(right, "predicate begins") else least)


def _is(word: str, row: str) -> bool:
    return word in word_set("word_classes.tsv", row)


def _goes_on(words: Sequence[Draft], at: int) -> bool:
    """以人民|为中心, 男子|而言, 乐观的人|看来, 稳定地|让: what only looks like a beginning."""
    left, right = words[at - 1].text, words[at].text
    if right[0] == "为":
        return any(word.text[0] in FRAME for word in words[max(0, at - FRAMED) : at])
    following = words[at + 1].text if at + 1 < len(words) else ""
    if (right + following).startswith(VIEWS):
        return True
    return len(left) > 1 and left[-1] == "地"
