"""What the emotion model sees of a line: characters, their tones, and hashed runs of characters.

The same code makes the training data (`models/recipes/emotion`) and the inputs of the browser.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PAD, UNKNOWN, CLASS, SEPARATOR, MASK = range(5)
SPECIAL = 5
MAX_LINE, MAX_CONTEXT, MAX_LINES = 96, 48, 2
OWN, SAME_SPEAKER, OTHER_SPEAKER = range(3)
RUNS = (1, 2, 3)
# Half-width and full-width marks mean the same; a run of dots or dashes is one mark.
MARKS = {
    "!": "！",
    "?": "？",
    ",": "，",
    ";": "；",
    ":": "：",
    "(": "（",
    ")": "）",
    ".": "。",
    "~": "～",
    "—": "－",
    "-": "－",
}
REPEATED = frozenset("…。－～ 0a")


@dataclass(frozen=True)
class Line:
    """What someone says: symbols (one character each) and their tones, 0 where there is none, 1..5 else."""

    symbols: str
    tones: tuple[int, ...]


def read_line(text: str, tones: Mapping[int, int], simplified: Callable[[str], str]) -> Line:
    """``tones`` by position in ``text``. Digits become 0, Latin letters a, a run of either one symbol; gaps one space;
    a run of dots … ."""
    symbols: list[str] = []
    kept: list[int] = []
    for position, char in enumerate(text):
        symbol = _symbol(char, simplified)
        if not symbol:
            continue
        if symbols and symbol == symbols[-1] and symbol in REPEATED:
            symbols[-1] = "…" if symbol == "。" else symbol
            continue
        if symbol == "。" and symbols and symbols[-1] == "…":
            continue
        symbols.append(symbol)
        kept.append(tones.get(position, 0))
    while symbols and symbols[-1] == " ":
        symbols.pop()
        kept.pop()
    return Line("".join(symbols), tuple(kept))


def _symbol(char: str, simplified: Callable[[str], str]) -> str:
    if char in MARKS:
        return MARKS[char]
    category = unicodedata.category(char)
    if category[0] == "Z" or char in "\n\t\r":
        return " "
    if category[0] in "CM":
        return ""
    if category == "Nd":
        return "0"
    if char.isascii() and char.isalpha():
        return "a"
    return simplified(char)


class Vocabulary:
    """Symbols to ids, from `SPECIAL` on in the order given."""

    def __init__(self, symbols: Iterable[str]) -> None:
        self.symbols = tuple(symbols)
        self._ids = {symbol: SPECIAL + index for index, symbol in enumerate(self.symbols)}

    def __len__(self) -> int:
        return SPECIAL + len(self.symbols)

    def ids(self, symbols: str) -> list[int]:
        return [self._ids.get(symbol, UNKNOWN) for symbol in symbols]


@dataclass(frozen=True)
class Inputs:
    """Of one line and its context: ``symbols``, ``tones``, ``segments`` (`OWN`, ...), ``places`` i64 [L]; ``runs``
    i64 [R], hashed runs of the line itself."""

    symbols: NDArray[np.int64]
    tones: NDArray[np.int64]
    segments: NDArray[np.int64]
    places: NDArray[np.int64]
    runs: NDArray[np.int64]


def assemble(line: Line, context: Sequence[tuple[Line, bool]], vocabulary: Vocabulary, buckets: int) -> Inputs:
    """The line, then what was said before it, the latest first, each with whether the same person said it.

    Of long lines the end counts, of the context the last `MAX_LINES` lines. Places start anew in each line.
    """
    ids, tones = [CLASS, *vocabulary.ids(line.symbols[-MAX_LINE:]), SEPARATOR], [0, *line.tones[-MAX_LINE:], 0]
    segments, places = [OWN] * len(ids), list(range(len(ids)))
    for before, same in list(context)[:MAX_LINES]:
        own = [*vocabulary.ids(before.symbols[-MAX_CONTEXT:]), SEPARATOR]
        ids += own
        tones += [*before.tones[-MAX_CONTEXT:], 0]
        segments += [SAME_SPEAKER if same else OTHER_SPEAKER] * len(own)
        places += range(1, len(own) + 1)
    numbers = np.array([ids, tones, segments, places], np.int64)
    return Inputs(numbers[0], numbers[1], numbers[2], numbers[3], hashed(line.symbols, buckets))


def hashed(symbols: str, buckets: int) -> NDArray[np.int64]:
    """Numbers from 1 of all runs of one to three symbols, the line's ends counting as symbols; 0 is never used."""
    points = np.array([2, *map(ord, symbols), 3], np.uint64)
    found = []
    for size in RUNS:
        if len(points) < size:
            continue
        value = np.full(len(points) - size + 1, size, np.uint64)
        for offset in range(size):
            # Multiplication by an odd constant modulo 2^64 (Knuth's multiplicative hashing).
            value = (value + points[offset : len(points) - size + 1 + offset]) * np.uint64(0x9E3779B97F4A7C15)
            value ^= value >> np.uint64(29)
        found.append(value)
    return (np.concatenate(found) % np.uint64(buckets - 1)).astype(np.int64) + 1
