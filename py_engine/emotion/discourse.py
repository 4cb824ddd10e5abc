"""Who says what: a text as parts that one voice speaks in one mood, paragraph by paragraph.

What stands in quotation marks is a character's and not the narrator's: it neither takes over the narrator's emotion
nor hands on its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from py_engine.text.normalise.emoji import sequence_end

from .features import Line, read_line

OPENING, CLOSING, STRAIGHT = frozenset("“「『«"), frozenset("”」』»"), '"'
NARRATOR = 0


@dataclass(frozen=True)
class Part:
    """A sentence, or what of it is quoted: code points ``start`` to ``stop``.

    syllables: half-open range of the sentence's syllables. paragraph: counts from 0. quotation: 0 for the narrator,
    else the number of the quotation in the text, from 1.
    """

    start: int
    stop: int
    syllables: tuple[int, int]
    paragraph: int
    quotation: int
    line: Line


@dataclass(frozen=True)
class Places:
    """For each code point of a text: the ``paragraph``, the ``quotation``, and whether it is ``spoken`` text and not
    mark-up or a quotation mark."""

    paragraph: Sequence[int]
    quotation: Sequence[int]
    spoken: Sequence[bool]


def places(text: str, tags: Sequence[tuple[int, int]]) -> Places:
    """``tags``: spans of the mark-up. A quotation that is not closed ends with its paragraph."""
    paragraph, quotation, spoken = [0] * len(text), [0] * len(text), [True] * len(text)
    ends = set()
    for start, stop in tags:
        spoken[start:stop] = [False] * (stop - start)
        if "<p>" in text[start:stop] or "</p" in text[start:stop] or "<p " in text[start:stop]:
            ends.add(start)
    number, count, depth = 0, 0, 0
    for index, char in enumerate(text):
        if index in ends or (char == "\n" and spoken[index]):
            number, depth = number + 1, 0
        elif spoken[index] and (char in OPENING or (char == STRAIGHT and not depth)):
            count, depth, spoken[index] = count + (not depth), depth + 1, False
        elif spoken[index] and (char in CLOSING or char == STRAIGHT):
            depth, spoken[index] = max(depth - 1, 0), False
        paragraph[index], quotation[index] = number, count if depth else NARRATOR
    return Places(paragraph, quotation, spoken)


def parts(
    text: str,
    where: Places,
    syllables: Sequence[tuple[int, int]],
    stop: int,
    simplified: Callable[[str], str],
) -> Iterator[Part]:
    """A sentence whose ``syllables`` (code point of each, and its tone) and marks end before ``stop``, divided where a
    quotation begins or ends."""
    first = 0
    while first < len(syllables):
        quotation = where.quotation[syllables[first][0]]
        last = first + 1
        while last < len(syllables) and where.quotation[syllables[last][0]] == quotation:
            last += 1
        start = syllables[first][0]
        end = stop if last == len(syllables) else syllables[last][0]
        # The marks behind the last syllable belong to it, up to where the voice changes.
        while end > start + 1 and where.quotation[end - 1] != quotation:
            end -= 1
        tones = dict(reversed(syllables[first:last]))  # Of a number, the first syllable's.
        seen = (_before(text, start), _behind(text, end) if end == stop else end)
        line = _line(text, where, *seen, tones, simplified)
        yield Part(start, end, (first, last), where.paragraph[start], quotation, line)
        first = last


def _behind(text: str, stop: int) -> int:
    """Where the emoji that follow a sentence end: they are not spoken, but show how it is meant."""
    at = stop
    while at < len(text):
        following = sequence_end(text, at)
        if following == at and text[at] not in " \u3000":
            break
        at = max(following, at + 1)
        stop = following if following else stop
    return stop


def _before(text: str, start: int) -> int:
    """Where the emoji begin that a paragraph begins with; ``start`` where anything else stands before it."""
    begin = at = text.rfind("\n", 0, start) + 1
    while at < start and (sequence_end(text, at) > at or text[at] in " \u3000"):
        at = max(sequence_end(text, at), at + 1)
    return begin if at == start else start


def _line(
    text: str, where: Places, start: int, stop: int, tones: Mapping[int, int], simplified: Callable[[str], str]
) -> Line:
    kept = [position for position in range(start, stop) if where.spoken[position]]
    shown = "".join(text[position] for position in kept)
    return read_line(shown, {index: tones.get(position, 0) for index, position in enumerate(kept)}, simplified)
