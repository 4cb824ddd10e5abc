"""Syllables to the token ids of a voice that brings its own symbols: the table is part of its pack.

How each syllable is written in the voice's tokens was worked out when the pack was made (``models/import_voice``), so
that speaking only looks it up. An utterance of L tokens is ``begin``, then each unit's tokens, then ``end``; ``pad``
follows each token, or each unit, or nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast, get_args

import numpy as np

from py_engine.errors import PHONE_UNMAPPED, Notice
from py_engine.text.model import Kind

from .fields import field, wrong

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from py_engine.text import Syllable

    from .sentence import Sentence

PadAfter = Literal["token", "unit", "none"]
# What a syllable usually lasts, against which the text's pauses are weighed where the model gives no durations.
SYLLABLE_SECONDS = 0.2

Ids = tuple[int, ...]


@dataclass(frozen=True)
class TokenTable:
    """``syllables`` by pinyin and tone (``zhong1``); ``erhua`` follows a syllable with a suffix 儿, ``between`` stands
    between two syllables without a pause, ``marks`` at the end by the kind of utterance."""

    syllables: Mapping[str, Ids]
    erhua: Ids
    pause: Ids
    between: Ids
    marks: Mapping[Kind, Ids]
    begin: Ids
    end: Ids
    pad: Ids
    pad_after: PadAfter


@dataclass(frozen=True)
class TokenSequence:
    """``ids`` int64 [L]. ``words`` int64 [L]: index into the sentence's words, -1 for none. ``weights`` float64 [L]:
    shares of the utterance's length where the model says nothing of durations. ``notices`` of what has no token."""

    ids: NDArray[np.int64]
    words: NDArray[np.int64]
    weights: NDArray[np.float64]
    notices: tuple[Notice, ...]


def read_tokens(data: Mapping[str, object]) -> TokenTable:
    """The field ``tokens`` of a manifest. Raises: VoiceFormat."""
    syllables, marks = field(data, "syllables", dict), field(data, "marks", dict)
    pad_after = data.get("pad_after")
    if pad_after not in get_args(PadAfter):
        raise wrong(f"tokens.pad_after is {pad_after!r}", f"expected one of {', '.join(get_args(PadAfter))}")
    return TokenTable(
        syllables={str(key): _ids(str(key), value) for key, value in syllables.items()},
        marks={kind: _ids(f"marks.{kind}", marks.get(kind)) for kind in get_args(Kind)},
        pad_after=cast(PadAfter, pad_after),
        **{name: _ids(name, data.get(name)) for name in ("erhua", "pause", "between", "begin", "end", "pad")},
    )


def _ids(name: str, value: object) -> Ids:
    if not isinstance(value, list) or not all(type(item) is int and item >= 0 for item in value):
        raise wrong(f"tokens.{name} is {value!r:.80}", "expected a list of token ids")
    return tuple(value)


def to_tokens(sentence: Sentence, table: TokenTable) -> TokenSequence:
    """The tokens of one utterance. A syllable without tokens is left out, with a notice."""
    phones = sentence.phones
    owner = np.full(len(phones), -1)
    for index, word in enumerate(sentence.words):
        owner[word.first_phone : word.stop_phone] = index
    row, notices = _Row(table), []
    row.add_plain(table.begin)
    done, flowing = -1, False
    for number, symbol in enumerate(phones.symbols):
        at = int(phones.syllable_index[number])
        if symbol == "sp":
            row.add(table.pause, -1, float(phones.pauses[number]) / SYLLABLE_SECONDS)
            flowing = False
        elif at > done:
            done, syllable = at, sentence.syllables[at]
            ids = _syllable_ids(table, syllable)
            if ids is None:
                notices.append(_unmapped(syllable))
                continue
            if flowing:
                row.add(table.between, -1, 0.0)
            row.add(ids, int(owner[number]), 1.0)
            flowing = True
    row.add(table.marks[sentence.kind], -1, 0.0)
    row.add_plain(table.end)
    return row.sequence(notices)


def _syllable_ids(table: TokenTable, syllable: Syllable) -> Ids | None:
    ids = table.syllables.get(f"{syllable.pinyin}{syllable.tone}")
    return ids if ids is None or not syllable.erhua else ids + table.erhua


def _unmapped(syllable: Syllable) -> Notice:
    return Notice(
        PHONE_UNMAPPED, f"the voice has no sound for {syllable}; it was left out.", syllable.start, syllable.stop
    )


class _Row:
    """Tokens being lined up."""

    def __init__(self, table: TokenTable) -> None:
        self._table = table
        self._ids: list[int] = []
        self._words: list[int] = []
        self._weights: list[float] = []

    def add(self, ids: Ids, word: int, weight: float) -> None:
        """One unit, padded as the voice wants it; its weight is spread over its tokens."""
        if not ids:
            return
        pad, after = self._table.pad, self._table.pad_after
        if after == "token":
            padded: Sequence[int] = [item for token in ids for item in (token, *pad)]
        else:
            padded = ids + pad if after == "unit" else ids
        self._put(padded, word, weight / len(padded))

    def add_plain(self, ids: Ids) -> None:
        self._put(ids, -1, 0.0)

    def _put(self, ids: Sequence[int], word: int, weight: float) -> None:
        self._ids += ids
        self._words += [word] * len(ids)
        self._weights += [weight] * len(ids)

    def sequence(self, notices: Sequence[Notice]) -> TokenSequence:
        return TokenSequence(
            np.array(self._ids, np.int64), np.array(self._words, np.int64), np.array(self._weights), tuple(notices)
        )
