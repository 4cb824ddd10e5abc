"""Words whose reading the user gives: for the session, or for one call."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NoReturn

from py_engine.errors import LexiconEntryInvalid
from py_engine.text.lexicon import Lexicon, Reading
from py_engine.text.markup.inline import hanzi_inset, is_hanzi
from py_engine.text.normalise import fold
from py_engine.text.pinyin import parse_syllables
from py_engine.text.script import Inset
from py_engine.text.spoken import Part

MAX_WORD, MAX_READING, MAX_ENTRIES = 32, 64, 5000
_WORD_CHAR = re.compile(r"[A-Za-z0-9]")

Value = tuple[Reading, ...] | str


class UserLexicon(Mapping[str, str]):
    """Word to reading: toned pinyin (``chong2 qing4``), one syllable per hanzi, or hanzi to say instead.

    Of the words that begin at a place the longest is taken. They match simplified and traditional characters alike,
    Latin letters in either case and only as whole words. Third-tone sandhi applies to these readings as to any.
    """

    def __init__(self, entries: Mapping[str, str] | None = None) -> None:
        self._entries: dict[str, str] = {}
        self._values: dict[str, tuple[str, Value]] = {}
        self._lengths: dict[str, list[int]] = {}
        self._lexicon: Lexicon | None = None
        for word, reading in (entries or {}).items():
            self.add(word, reading)

    def __getitem__(self, word: str) -> str:
        return self._entries[word]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, word: str, reading: str) -> None:
        """Add a word, or change it. Raises: LexiconEntryInvalid, naming the entry and what is wrong with it."""
        value = _check(word, reading)
        if word not in self._entries and len(self._entries) >= MAX_ENTRIES:
            _refuse(word, reading, f"there are {MAX_ENTRIES} entries already", "Remove some.")
        self._entries[word] = reading
        self._index(word, value)

    def remove(self, word: str) -> None:
        """Forget a word. Raises: KeyError."""
        del self._entries[word]
        entries, self._entries, self._values, self._lengths = self._entries, {}, {}, {}
        for other, reading in entries.items():
            self.add(other, reading)

    def _index(self, word: str, value: Value) -> None:
        key = self._key(word)
        self._values[key] = (word, value)
        lengths = {*self._lengths.get(key[0], []), len(key)}
        self._lengths[key[0]] = sorted(lengths, reverse=True)

    def _key(self, text: str) -> str:
        """What is compared: plain width, small letters, simplified characters; one character for one."""
        if self._lexicon is None:
            from py_engine.text.lexicon import lexicon

            self._lexicon = lexicon()
        return "".join(self._lexicon.simplified(char) if char > "\u2e80" else _small(char) for char in fold(text))

    def insets(self, text: str) -> Iterator[Inset]:
        """Where these words stand in a text, left to right without overlap."""
        if not self._entries:
            return
        key = self._key(text)
        at = 0
        while at < len(key):
            stop = self._match(key, at)
            if stop:
                word, value = self._values[key[at:stop]]
                yield _inset(text[at:stop], at, value, f"user lexicon: {word}")
            at = stop or at + 1

    def _match(self, key: str, at: int) -> int:
        """Where the longest word that begins here ends, 0 if none does."""
        for length in self._lengths.get(key[at], ()):
            stop = at + length
            if key[at:stop] in self._values and not (_inside(key, at) or _inside(key, stop)):
                return stop
        return 0


def _small(char: str) -> str:
    small = char.lower()
    return small if len(small) == 1 else char


def _inside(text: str, at: int) -> bool:
    """Whether a Latin word or a number goes on across this place."""
    return 0 < at < len(text) and bool(_WORD_CHAR.match(text[at - 1]) and _WORD_CHAR.match(text[at]))


def _inset(text: str, start: int, value: Value, reason: str) -> Inset:
    stop = start + len(text)
    if isinstance(value, str):
        return Inset(start, stop, (Part(value, start, stop),), reason)
    if len(value) != len(text) or not all(is_hanzi(char) for char in text):
        return Inset(start, stop, (Part(text, start, stop, "word", (value,)),), reason)
    if len(text) == 1:
        return hanzi_inset(text, start, value, reason)
    # a word of its own, each character with its reading and span
    part = Part(text, start, stop, "letters", tuple((reading,) for reading in value))
    return Inset(start, stop, (part,), reason)


def _check(word: object, reading: object) -> Value:
    if not isinstance(word, str) or not isinstance(reading, str):
        _refuse(word, reading, "word and reading are not both text", "Pass two strings.")
    if not 1 <= len(word) <= MAX_WORD or word != word.strip() or not any(char.isalnum() for char in word):
        _refuse(word, reading, f"the word is not 1 to {MAX_WORD} characters with letters among them", "Correct it.")
    if not 1 <= len(reading.strip()) <= MAX_READING:
        _refuse(word, reading, f"the reading is not 1 to {MAX_READING} characters", "Correct it.")
    if all(is_hanzi(char) for char in reading):
        return reading
    readings = parse_syllables(reading)
    if readings is None:
        _refuse(
            word, reading, "the reading is neither toned pinyin nor hanzi",
            "Write syllables with tone digits, as chong2 qing4, or hanzi to say instead.",
        )  # fmt: skip
    if all(is_hanzi(char) for char in word):
        _check_count(word, reading, len(readings))
    return readings


def _check_count(word: str, reading: str, count: int) -> None:
    """A syllable per hanzi; a suffix 儿 may be in the syllable before it."""
    if not len(word) - word[1:].count("儿") <= count <= len(word):
        _refuse(
            word, reading, f"the word has {len(word)} characters, the reading {count} syllables",
            "Give each character one syllable.",
        )  # fmt: skip


def _refuse(word: object, reading: object, why: str, remedy: str) -> NoReturn:
    detail = {"word": str(word)[:MAX_WORD], "reading": str(reading)[:MAX_READING]}
    raise LexiconEntryInvalid(f"Entry {word!r:.40} = {reading!r:.80}: {why}.", remedy, detail)
