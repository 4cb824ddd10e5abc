"""A long text is read in blocks of sentences, so that its first words do not wait for its last."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from py_engine.errors import Notice
from py_engine.text import MAX_CODE_POINTS
from py_engine.text.joints import joint
from py_engine.text.model import MarkPoint, Syllable, Word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from py_engine.text.model import Analysis, Utterance

Spanned = TypeVar("Spanned", Notice, Word, Syllable, MarkPoint)

# Code points of the first block, and of the later ones, at least.
FIRST, LATER = 80, 400
# A sentence that makes a block so many times as long as it has to be is cut where it pauses, and if it does not so soon
# either, between two words.
REACH = 2
END = re.compile(r"[。！？!?；\n]+[”’」』）)】》〉]*\s*")
# Where a sentence surely pauses: not within numbers, nor in text that is spaced out.
PAUSE = re.compile(
    r"(?:[，：]|(?<=[\u4e00-\u9fff])、(?=[\u4e00-\u9fff])|,(?!\d))[”’」』）)】》〉]*\s*"
    r"|(?<=[\u4e00-\u9fff]{4})[ \t\u3000]+(?=[\u4e00-\u9fff])"
)
SPOKEN = re.compile(r"\w")


def blocks(text: str, markup: str) -> Iterator[tuple[int, int]]:
    """Half-open spans that cover the text and end with sentences, or inside of very long ones at pauses or between
    words; each has something to say, if the text has.

    A text that may hold mark-up over several sentences, or is too long, is one block.
    """
    marked = markup == "ssml" or (markup == "auto" and text.lstrip().startswith("<"))
    if marked or len(text) > MAX_CODE_POINTS:
        yield 0, len(text)
        return
    # What has nothing to say stays with the block before it.
    final = SPOKEN.search(text[::-1])
    last = len(text) - final.start() if final else 0
    start, least = 0, FIRST
    while (stop := _end(text, start, least)) < last:
        yield start, stop
        start, least = stop, LATER
    yield start, len(text)


def _end(text: str, start: int, least: int) -> int:
    """Behind the first sentence that makes a block long enough, or else the first pause, or else between two words."""
    most = start + REACH * least
    stop = _behind(END, text, start, least, len(text))
    if stop > most:
        stop = _behind(PAUSE, text, start, least, stop)
    if stop > most and (place := joint(text, start + least, most)) and SPOKEN.search(text, start, place):
        return place
    return stop


def _behind(mark: re.Pattern[str], text: str, start: int, least: int, most: int) -> int:
    for found in mark.finditer(text, start, most):
        stop = found.end()
        if stop - start >= least and SPOKEN.search(text, start, stop):
            return stop
    return most


def moved(analysis: Analysis, by: int) -> Analysis:
    """An analysis of a part of a text, with spans in the whole, whose part begins at ``by``."""
    if by == 0:
        return analysis
    return replace(
        analysis,
        utterances=tuple(_utterance(one, by) for one in analysis.utterances),
        notices=tuple(_span(one, by) for one in analysis.notices),
        tokens=tuple(replace(one, start=one.start + by, stop=one.stop + by) for one in analysis.tokens),
    )


def _utterance(one: Utterance, by: int) -> Utterance:
    words = tuple(replace(_span(word, by), syllables=tuple(_span(s, by) for s in word.syllables)) for word in one.words)
    marks = tuple(_span(mark, by) for mark in one.marks)
    return replace(one, start=one.start + by, stop=one.stop + by, words=words, marks=marks)


def _span(one: Spanned, by: int) -> Spanned:
    return replace(one, start=one.start + by, stop=one.stop + by)
