"""The lexicon: words, frequencies and readings in one binary file, used in place.

`py_engine/data/lexicon.bin` is made by `compile_tables.py`. Nothing is parsed per entry: each section is a typed
`memoryview` into the bytes of the file, so loading costs one read, and looking up costs a few index operations.

File layout, little-endian: magic ``QSLX``, u16 version, u16 number of sections, then per section a 4-byte name,
u32 offset, u32 length in bytes; sections start at multiples of 8.

| section | type | what |
|---|---|---|
| ``code`` | u16 | code point minus 0x3400 (up to 0x9FFF) to the trie's alphabet, 0: in no word |
| ``base``, ``chek`` | i32 | double-array trie (Aoe 1989): child = base[state] + code, valid if chek[child] == state |
| ``freq`` | u8 | per state: 0 no word ends here, else the word's log probability (see `log_probability`) |
| ``ovrs``, ``ovro`` | u32 | sorted states whose word is not read by the defaults, and where its reading begins |
| ``ovrd`` | u16 | those readings, one per character |
| ``bmps`` | u16 | code point minus 0x2E80 (up to 0xFAFF) to a set of readings, 0: none |
| ``astc``, ``asts`` | u32, u16 | the same for sorted code points anywhere else |
| ``seto``, ``setd`` | u16 | offset of each set in ``setd``, and the readings: the default first |
| ``simp`` | u16 | code point minus 0x3400 to the simplified character its words are listed under, 0: itself |
| ``srcd`` | u8 | SHA-256 of the tables in ``sources/`` it was made from |
| ``syls`` | ASCII and ``ê`` in UTF-8 | toneless syllables, one per line |

A reading is ``syllable_number << 3 | tone``; tone 6 is a neutral tone that still acts as a third one for its left
neighbour (小姐 xiao2 jie5, against 姐姐 jie3 jie5: Chao, A Grammar of Spoken Chinese, 1968).
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Literal, NamedTuple

from py_engine.text.tables import Memo, content

MAGIC = b"QSLX"
VERSION = 1
HEADER = struct.Struct("<4sHH")
SECTION = struct.Struct("<4sII")
TYPES: dict[str, Literal["B", "H", "I", "i"]] = {
    "code": "H", "base": "i", "chek": "i", "freq": "B", "ovrs": "I", "ovro": "I", "ovrd": "H",
    "bmps": "H", "astc": "I", "asts": "H", "srcd": "B", "simp": "H", "seto": "H", "setd": "H", "syls": "B",
}  # fmt: skip
CODE_FIRST, CODE_LAST = 0x3400, 0x9FFF
BMP_FIRST, BMP_LAST = 0x2E80, 0xFAFF
# freq 1..255 covers log probabilities 0 .. -18 in equal steps
LOG_STEP = 18.0 / 254
NEUTRAL_FROM_THIRD = 6


class Reading(NamedTuple):
    """One pronunciation of one character: toneless pinyin (``v`` for ü) and the tone 1..5.

    sandhi_tone: what the left neighbour's third-tone sandhi sees; differs from ``tone`` in 小姐 only.
    """

    pinyin: str
    tone: int
    sandhi_tone: int

    def __str__(self) -> str:
        return f"{self.pinyin}{self.tone}"


def parse_reading(text: str) -> Reading:
    """Make a `Reading` of ``hao3``; ``jie6`` is a neutral tone that acts as a third one."""
    return make_reading(text[:-1], int(text[-1]))


def make_reading(pinyin: str, tone: int) -> Reading:
    if tone == NEUTRAL_FROM_THIRD:
        return Reading(pinyin, 5, 3)
    return Reading(pinyin, tone, tone)


# Per place of a text the words that begin there: where each ends, to its state in the lexicon; short to long
Matches = Sequence[Mapping[int, int]]
_NONE: Mapping[int, int] = {}


class LexiconError(ValueError):
    """The file is not a lexicon that this code reads."""


class Lexicon:
    """Read-only view of a compiled lexicon."""

    def __init__(self, data: bytes | memoryview) -> None:
        views = _sections(memoryview(data))
        self._code, self._base, self._check = views["code"], views["base"], views["chek"]
        self._freq = views["freq"]
        self._override_states, self._override_offsets = views["ovrs"], views["ovro"]
        self._override_data = views["ovrd"]
        self._bmp, self._astral, self._astral_sets = views["bmps"], views["astc"], views["asts"]
        self.sources_digest = bytes(views["srcd"])
        self._simplified = views["simp"]
        self._set_offsets, self._sets = views["seto"], views["setd"]
        self._syllables = bytes(views["syls"]).decode().split("\n")
        self._weights = [(value - 255) * LOG_STEP for value in range(256)]
        self._codes = Memo(self._code_of)
        self._made = Memo(self._make)
        self._defaults = Memo(self._default_of)
        self._read_words = Memo(self._word_values)
        # Per character its simplified form if it can be read, else nothing
        self.spoken = Memo(self._spoken_for)

    def matches(self, text: str) -> Matches:
        """The words of the lexicon that begin at each place of a text."""
        base, check, freq, size = self._base, self._check, self._freq, len(text)
        codes = [self._codes[char] for char in text]
        found = []
        for start in range(size):
            state, index = 0, start
            ends: dict[int, int] = {}
            while index < size and (code := codes[index]):
                child = base[state] + code  # in range: the arrays are padded by the size of the alphabet
                if check[child] != state:
                    break
                state, index = child, index + 1
                if freq[state]:
                    ends[index] = state
            found.append(ends or _NONE)
        return found

    def find(self, word: str) -> int:
        """State of a word, or -1 where the lexicon has none."""
        state = 0
        for char in word:
            code = self._codes[char]
            child = self._base[state] + code
            if not code or self._check[child] != state:
                return -1
            state = child
        return state if word and self._freq[state] else -1

    def __contains__(self, word: str) -> bool:
        return self.find(word) >= 0

    @cached_property
    def syllables(self) -> frozenset[str]:
        """All toneless syllables of its readings of two letters and more, and a, e, o."""
        return frozenset(one for one in self._syllables if one.isascii() and (len(one) > 1 or one in "aeo"))

    def _code_of(self, char: str) -> int:
        """The trie's code of a character, 0 where it is in no word."""
        point = ord(char)
        return self._code[point - CODE_FIRST] if CODE_FIRST <= point <= CODE_LAST else 0

    def log_probability(self, state: int) -> float:
        """Natural log of the word's share of the frequency list, in steps of 0.07."""
        return self._weights[self._freq[state]]

    def word_readings(self, state: int, word: str) -> tuple[Reading, ...] | None:
        """Readings of a word, or None where its characters' defaults hold."""
        return self._read_words[state, len(word)]

    def _word_values(self, word: tuple[int, int]) -> tuple[Reading, ...] | None:
        state, size = word
        index = bisect_left(self._override_states, state)
        if index == len(self._override_states) or self._override_states[index] != state:
            return None
        offset = self._override_offsets[index]
        return tuple(self._made[value] for value in self._override_data[offset : offset + size])

    def default(self, char: str) -> Reading | None:
        """The commonest reading of a character, or None where it has none."""
        return self._defaults[char]

    def _default_of(self, char: str) -> Reading | None:
        number = self._set_number(ord(char))
        return self._made[self._sets[self._set_offsets[number]]] if number else None

    def alternatives(self, char: str) -> tuple[Reading, ...]:
        """All readings of a character, the default first; empty where it has none."""
        number = self._set_number(ord(char))
        if not number:
            return ()
        first, last = self._set_offsets[number], self._set_offsets[number + 1]
        return tuple(self._made[value] for value in self._sets[first:last])

    def simplified(self, char: str) -> str:
        """The character under which the words of a traditional one are listed; others as they are."""
        point = ord(char)
        target = self._simplified[point - CODE_FIRST] if CODE_FIRST <= point <= CODE_LAST else 0
        return chr(target) if target else char

    def _set_number(self, point: int) -> int:
        if BMP_FIRST <= point <= BMP_LAST:
            return int(self._bmp[point - BMP_FIRST])
        index = bisect_left(self._astral, point)
        found = index < len(self._astral) and self._astral[index] == point
        return int(self._astral_sets[index]) if found else 0

    def _make(self, value: int) -> Reading:
        return make_reading(self._syllables[value >> 3], value & 7)

    def _spoken_for(self, char: str) -> str:
        return self.simplified(char) if self._defaults[char] is not None else ""


def _sections(view: memoryview) -> dict[str, memoryview]:
    if len(view) < HEADER.size:
        raise LexiconError(f"not a lexicon: {len(view)} bytes")
    magic, version, count = HEADER.unpack_from(view)
    if magic != MAGIC or version != VERSION:
        raise LexiconError(
            f"got {magic!r} version {version}, expected {MAGIC!r} version {VERSION}: build the tables anew"
        )
    views: dict[str, memoryview] = {}
    for number in range(count):
        name, offset, size = SECTION.unpack_from(view, HEADER.size + number * SECTION.size)
        key = name.decode()
        if offset + size > len(view):
            raise LexiconError(f"section {key} ends at {offset + size}, the file at {len(view)}: it was cut short")
        views[key] = view[offset : offset + size].cast(TYPES[key])
    return views


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The lexicon that ships with the engine, read once."""
    return Lexicon(content("lexicon.bin"))
