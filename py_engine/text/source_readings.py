"""Readings of characters and words at build time: pypinyin's, corrected by the tables in ``sources/``.

pypinyin lists a phrase only where it differs from its characters' first readings, writes 一 and 不 with their sandhi in
some, and knows few neutral tones. Here 一 is always yi1 and 不 bu4 (or neutral): sandhi is applied when a text is read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from math import log
from pathlib import Path

from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

from py_engine.text.phones import syllable_to_phones

SAYING = 5
SOURCES = Path(__file__).with_name("sources")
TONE_MARKS = {"\u0304": 1, "\u0301": 2, "\u030c": 3, "\u0300": 4}


def numbered(marked: str) -> str:
    """``hǎo`` to ``hao3``, ``lǜ`` to ``lv4``, ``de`` to ``de5``."""
    tone = 5
    letters: list[str] = []
    for char in unicodedata.normalize("NFD", marked):
        if char in TONE_MARKS:
            tone = TONE_MARKS[char]
        elif char == "\u0308":
            letters[-1] = "v"
        else:
            letters.append(char)
    return unicodedata.normalize("NFC", "".join(letters)) + str(tone)


def rows(name: str) -> Iterator[list[str]]:
    """Tab-separated rows of a table in ``sources/``, comments left out."""
    for line in SOURCES.joinpath(name).read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.split("\t")


def pronounceable(reading: str) -> bool:
    try:
        syllable_to_phones(reading[:-1])
    except ValueError:
        return False
    return True


def character_readings() -> dict[str, list[str]]:
    """All readings per character, the default first."""
    preferred: dict[str, list[str]] = {}
    # our own list goes before what labelled sentences show (they favour rare readings), that before pypinyin's
    for char, readings, *alone in [*rows("characters.tsv"), *rows("mined_characters.tsv")]:
        preferred.setdefault(char, []).extend([*alone, *readings.split()])
    characters = {}
    for point, readings in PINYIN_DICT.items():
        known = [numbered(reading) for reading in readings.split(",")]
        merged = list(dict.fromkeys([*preferred.get(chr(point), []), *known]))
        spoken = [reading for reading in merged if pronounceable(reading)]
        if spoken:
            characters[chr(point)] = spoken
    # those of our own that pypinyin lacks
    characters.update({char: readings for char, readings in preferred.items() if char not in characters})
    return characters


def _read_in_words() -> tuple[dict[str, list[tuple[str, re.Pattern[str]]]], dict[str, str]]:
    """Rows of ``in_words.tsv`` by character, and the readings of characters in all words that nobody lists."""
    in_words: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    in_others = {}
    for char, reading, words in rows("in_words.tsv"):
        if words == "*":
            in_others[char] = reading
        else:
            in_words.setdefault(char, []).append((reading, re.compile("|".join(words.split()))))
    return in_words, in_others


class WordReader:
    """Finds the reading of a word: our own tables first, then pypinyin's phrases, then the word's parts."""

    def __init__(self, characters: Mapping[str, list[str]]) -> None:
        self._characters = characters
        self._firsts = {chr(point): numbered(readings.split(",")[0]) for point, readings in PINYIN_DICT.items()}
        self._preferred = {row[0]: row[1].split()[0] for row in rows("characters.tsv")}
        self._in_words, in_others = _read_in_words()
        self._preferred = {**self._preferred, **in_others}
        self._real_er = {word for row in rows("er_words.tsv") for word in row[0].split()}
        self._full_tone = {word for row in rows("full_tone.tsv") for word in row[0].split()}
        self.phrases = {word: self._phrase(word, marked) for word, marked in PHRASES_DICT.items()}
        self._explicit: dict[str, list[str]] = {}
        self.extra_counts: dict[str, int] = {}
        self._read_words()
        self._mined = self._read_mined()
        self._neutral, self._kept = self._read_neutral()
        self._counts: Mapping[str, int] = {}

    def use_counts(self, counts: Mapping[str, int]) -> None:
        """Frequencies decide how a word without a reading of its own is cut into parts."""
        self._counts = counts

    def defaults(self, word: str) -> list[str]:
        return [self._characters[char][0] if char in self._characters else "" for char in word]

    def is_own(self, word: str) -> bool:
        """Whether ``words.tsv`` gives its reading."""
        return word in self._explicit

    def read(self, word: str) -> list[str]:
        readings = self._plain(word)
        for index, (char, reading) in enumerate(zip(word, readings, strict=True)):
            if char == "一":
                readings[index] = "yi1" if reading[-1] != "5" else "yi5"
            elif char == "不" and reading[:-1] == "bu":
                readings[index] = "bu4" if reading[-1] != "5" else "bu5"
            elif char == "儿" and index and not self.is_own(word) and not self._is_real_er(word, index):
                readings[index] = "r5"
        return readings

    def _plain(self, word: str) -> list[str]:
        if word in self._explicit:
            return list(self._explicit[word])
        if len(word) == 1:
            return self.defaults(word)
        if word in self._neutral:
            return self._neutralise(word, self._base(word))
        readings = self._base(word)
        return self._inherit_neutral(word, self._neutral_inside(word, readings))

    def _neutral_inside(self, word: str, readings: list[str]) -> list[str]:
        """Sayings of five characters and more are read as the words in them are: 哑巴吃黄连."""
        if len(word) < SAYING:
            return readings
        at = 0
        for part in self._cut(word):
            if self._neutral.get(part):
                last = at + len(part) - 1
                readings[last] = readings[last][:-1] + "5"
            at += len(part)
        return readings

    def _base(self, word: str) -> list[str]:
        """The reading without neutral tones of our own; single characters of it may come from labelled sentences."""
        readings = self._listed(word)
        for index, char in enumerate(word):
            found = next((reading for reading, words in self._in_words.get(char, ()) if words.fullmatch(word)), None)
            readings[index] = found or readings[index]
        for index, reading in self._mined.get(word, ()):
            readings[index] = reading
        return readings

    def _listed(self, word: str) -> list[str]:
        if len(word) == 4 and word[0] == word[1] and word[2] == word[3] and word[0] != word[2]:
            # 清清楚楚 keeps the tones that 清楚 loses
            pair = word[0] + word[2]
            first, second = (
                self._first(char) if reading[-1] == "5" else reading
                for char, reading in zip(pair, self._base(pair), strict=True)
            )
            return [first, first, second, second]
        if word in self.phrases:
            return list(self.phrases[word])
        if len(word) > 2:
            cut = self._cut(word)
            if len(cut) > 1 and any(len(part) > 1 for part in cut):
                return [reading for part in cut for reading in self._part(part)]
        return self._final_zi(word, [self._first(char) for char in word])

    def _final_zi(self, word: str, readings: list[str]) -> list[str]:
        """子 is a suffix (neutral) at the end of a word, bar 男子 and the like; elsewhere it keeps its tone."""
        if "子" not in word:
            return readings
        full = any(word.endswith(ending) for ending in self._full_tone)
        for index in range(len(word)):
            if word[index] == "子":
                readings[index] = "zi5" if index and index == len(word) - 1 and not full else "zi3"
        return readings

    def _part(self, part: str) -> list[str]:
        return self._plain(part) if len(part) > 1 else [self._first(part)]

    def _first(self, char: str) -> str:
        ours = self._preferred.get(char, "")
        if ours and ours[-1] != "5":
            return ours
        first = self._firsts.get(char, "")
        return first if first and pronounceable(first) else self._characters[char][0]

    def _cut(self, word: str) -> list[str]:
        """Most probable cut into at least two parts."""
        best: list[tuple[float, list[str]]] = [(0.0, [])]
        for stop in range(1, len(word) + 1):
            options = []
            for start in range(max(0, stop - 6), stop):
                part = word[start:stop]
                if part != word and (part in self._counts or len(part) == 1):
                    score = log(self._counts.get(part, 1) / 6e7)
                    options.append((best[start][0] + score, [*best[start][1], part]))
            best.append(max(options, key=lambda option: option[0]))
        return best[-1][1]

    def _phrase(self, word: str, marked: list[list[str]]) -> list[str]:
        readings = [numbered(options[0]) for options in marked]
        usable = len(readings) == len(word) and all(pronounceable(reading) for reading in readings)
        return readings if usable else [self._firsts.get(char, "") for char in word]

    def _is_real_er(self, word: str, index: int) -> bool:
        """Whether one of the words in ``er_words.tsv`` lies over the 儿 at ``index``."""
        return any(
            word.startswith(real, index - at)
            for real in self._real_er
            for at, char in enumerate(real[: index + 1])
            if char == "儿"
        )

    def _read_words(self) -> None:
        for word, readings, *count in rows("words.tsv"):
            if readings:
                self._explicit[word] = readings.split()
            if count:
                self.extra_counts[word] = int(count[0])
        for name, readings in rows("names.tsv"):
            self._explicit[name] = readings.split()
        for number, words in rows("modern.tsv"):
            for word in words.split():
                self.extra_counts.setdefault(word, int(number))

    @staticmethod
    def _read_mined() -> dict[str, list[tuple[int, str]]]:
        mined: dict[str, list[tuple[int, str]]] = {}
        for word, index, reading in rows("mined.tsv"):
            mined.setdefault(word, []).append((int(index), reading))
        return mined

    def _read_neutral(self) -> tuple[dict[str, bool], set[str]]:
        """Words whose last syllable is neutral, with whether longer words that end in them take it over."""
        neutral, kept = {}, set()
        for row in rows("neutral.tsv"):
            for entry in row[-1].split():
                word = entry.rstrip("*!")
                neutral[word] = "!" not in entry
                if "*" in entry:
                    kept.add(word)
        return neutral, kept

    def _neutralise(self, word: str, readings: list[str]) -> list[str]:
        return [*readings[:-1], readings[-1][:-1] + ("6" if word in self._kept else "5")]

    def _inherit_neutral(self, word: str, readings: list[str]) -> list[str]:
        for size in (3, 2):
            tail = word[-size:]
            if len(word) > size and self._neutral.get(tail) and tail in self._cut(word):
                return self._neutralise(tail, readings)
        return readings
