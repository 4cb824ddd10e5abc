"""Utterance to the prosody model's inputs, one row per phone (docs/architecture.md, "The three models")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p

import numpy as np
from numpy.typing import NDArray

from py_engine.text.familiarity import familiarity
from py_engine.text.model import PAUSE_BREAK, UTTERANCE_BREAK, Utterance, Word
from py_engine.text.phones import CODA, PHONES, syllable_to_phones


@dataclass(frozen=True)
class PhoneSequence:
    """N phones, ``sil`` at both ends and ``sp`` at the pauses inside.

    phones, tones, breaks: int64 [N]. positions: float32 [N, 6]. word_index, syllable_index: int64 [N], -1 for pauses.
    pauses: float32 [N], intended seconds of ``sp`` and of the last ``sil``, 0 elsewhere. exact: bool [N], whether
    mark-up asks for a pause of just that length.
    """

    symbols: tuple[str, ...]
    phones: NDArray[np.int64]
    tones: NDArray[np.int64]
    breaks: NDArray[np.int64]
    positions: NDArray[np.float32]
    word_index: NDArray[np.int64]
    syllable_index: NDArray[np.int64]
    pauses: NDArray[np.float32]
    exact: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.symbols)


@dataclass(frozen=True)
class _Row:
    symbol: str
    tone: int
    level: int
    position: tuple[float, ...]
    word: int
    syllable: int
    pause: float = 0.0
    exact: bool = False


def to_phones(utterance: Utterance) -> PhoneSequence:
    total = sum(len(word.syllables) for word in utterance.words)
    rows = [_pause("sil", 0.0, total)]
    syllable = 0
    for phrase in _phrases(utterance.words):
        length = sum(len(word.syllables) for _, word in phrase)
        common = [pair for _, word in phrase for pair in familiarity(word)]
        for index, (number, inside) in enumerate(_syllables(phrase)):
            at = syllable + index
            position = (at / total, index / length, log1p(length) / 3, log1p(total) / 3, *common[index])
            rows += _syllable_rows(utterance.words[number], inside, number, at, position)
        syllable += length
        last = phrase[-1][1]
        if last.break_level == PAUSE_BREAK:
            rows.append(_pause("sp", last.pause, total, last.exact_pause))
    final = utterance.words[-1]
    rows.append(_pause("sil", final.pause, total, final.exact_pause))
    return _arrays(rows)


def _phrases(words: Sequence[Word]) -> list[list[tuple[int, Word]]]:
    """Numbered words, a new list after each pause."""
    phrases: list[list[tuple[int, Word]]] = [[]]
    for number, word in enumerate(words):
        phrases[-1].append((number, word))
        if word.break_level >= PAUSE_BREAK and number + 1 < len(words):
            phrases.append([])
    return phrases


def _syllables(phrase: Sequence[tuple[int, Word]]) -> list[tuple[int, int]]:
    """(word number, syllable number within the word) for each syllable of a phrase."""
    return [(number, inside) for number, word in phrase for inside in range(len(word.syllables))]


def _syllable_rows(word: Word, inside: int, number: int, at: int, position: tuple[float, ...]) -> list[_Row]:
    syllable = word.syllables[inside]
    level = min(word.break_level, UTTERANCE_BREAK) if inside == len(word.syllables) - 1 else 0
    symbols = syllable_to_phones(syllable.pinyin) + ((CODA,) if syllable.erhua else ())
    return [_Row(symbol, syllable.tone, level, position, number, at) for symbol in symbols]


def _pause(symbol: str, seconds: float, total: int, exact: bool = False) -> _Row:
    return _Row(symbol, 0, 0, (0.0, 0.0, 0.0, log1p(total) / 3, 0.0, 0.0), -1, -1, seconds, exact)


def _arrays(rows: Sequence[_Row]) -> PhoneSequence:
    return PhoneSequence(
        symbols=tuple(row.symbol for row in rows),
        phones=np.array([PHONES[row.symbol] for row in rows], np.int64),
        tones=np.array([row.tone for row in rows], np.int64),
        breaks=np.array([row.level for row in rows], np.int64),
        positions=np.array([row.position for row in rows], np.float32),
        word_index=np.array([row.word for row in rows], np.int64),
        syllable_index=np.array([row.syllable for row in rows], np.int64),
        pauses=np.array([row.pause for row in rows], np.float32),
        exact=np.array([row.exact for row in rows], np.bool_),
    )
