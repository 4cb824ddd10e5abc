"""Places in the caller's text: tokens that cover it, and marks between syllables."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from py_engine.text.model import MarkPoint, Token, Utterance
from py_engine.text.script import MarkTag, Script
from py_engine.text.sentences import Sentence

MARKUP, SUBSTITUTE = "mark-up", "sub"


def source_tokens(tokens: Sequence[Token], script: Script) -> tuple[Token, ...]:
    """Tokens of the script to tokens of the caller's text, in order; what lies between them is mark-up."""
    if script.starts is None:
        return tuple(tokens)
    placed: list[Token] = []
    at = 0
    for token in tokens:
        start, stop = script.span(token.start, token.stop)
        last = placed[-1] if placed else None
        if last is not None and start == last.start and start < at:
            # several tokens of one ``sub``
            placed[-1] = Token(last.text, last.start, max(last.stop, stop), SUBSTITUTE, last.spoken + token.spoken)
        else:
            if start > at:
                placed.append(Token(script.source[at:start], at, start, MARKUP))
            rule = SUBSTITUTE if token.start in script.substituted else token.rule
            placed.append(Token(script.source[start:stop], start, stop, rule, token.spoken))
        at = max(at, stop)
    if at < len(script.source):
        placed.append(Token(script.source[at:], at, len(script.source), MARKUP))
    return tuple(placed)


def first_place(sentence: Sentence) -> int:
    """Where the script has what is first said of a sentence."""
    return sentence.phrases[0].units[0].start


def place_marks(
    utterances: Sequence[Utterance], starts: Sequence[Sequence[int]], script: Script, begin: int = 0,
    end: int | None = None,
) -> list[Utterance]:  # fmt: skip
    """Utterances with the marks that stand in them. ``starts``: script places of the syllables per utterance.

    begin, end: where these utterances and those behind them begin; a mark between two goes with the first of them.
    """
    low, high = (
        len(script.marks) if at is None else bisect_left(script.marks, at, key=lambda tag: _place(tag, script))
        for at in (begin, end)
    )
    tags = script.marks[low:high]
    if not tags:
        return list(utterances)
    flat = [(index, number, at) for index, own in enumerate(starts) for number, at in enumerate(own)]
    places = [at for _, _, at in flat]
    marks: list[list[MarkPoint]] = [[] for _ in utterances]
    for tag in tags:
        index, point = _point(tag, flat, places, script)
        marks[index].append(point)
    return [replace(utterance, marks=tuple(own)) for utterance, own in zip(utterances, marks, strict=True)]


def _place(tag: MarkTag, script: Script) -> int:
    """Behind the white space that follows the mark."""
    at = tag.at
    while at < len(script.text) and script.text[at] in " \u2060":
        at += 1
    return at


def _point(
    tag: MarkTag, flat: Sequence[tuple[int, int, int]], places: Sequence[int], script: Script
) -> tuple[int, MarkPoint]:
    """The utterance a mark is in, and its place there: at the end of what was said before it if a pause follows."""
    at = _place(tag, script)
    number = bisect_left(places, at)
    pause_follows = number == len(flat) or places[number] > at
    if pause_follows and number:
        index, syllable, _ = flat[number - 1]
        return index, MarkPoint(tag.name, syllable + 1, True, tag.start, tag.stop)
    index, syllable, _ = flat[number]
    return index, MarkPoint(tag.name, syllable, False, tag.start, tag.stop)
