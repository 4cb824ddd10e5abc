"""From words to syllables with lexical tones: the lexicon's reading of the word, rules for polyphones, erhua."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from py_engine.text.lexicon import Lexicon, Reading, parse_reading
from py_engine.text.spoken import Unit
from py_engine.text.tables import rows


@dataclass
class Sound:
    """A syllable in the making: ``tone`` is what sandhi rewrites, ``sandhi_tone`` what the left neighbour sees."""

    char: str
    pinyin: str
    lexical_tone: int
    tone: int
    sandhi_tone: int
    start: int
    stop: int
    fixed: bool = False
    erhua: bool = False


@dataclass
class Draft:
    """A word in the making."""

    text: str
    sounds: list[Sound]
    start: int
    stop: int
    break_level: int = 1
    pause: float = 0.0
    written: str = ""


@dataclass(frozen=True)
class Rule:
    """A polyphone that stands alone as a word, its reading, and the text before and after that calls for it."""

    reading: Reading
    before: re.Pattern[str]
    after: re.Pattern[str]

    def holds(self, left: str, right: str) -> bool:
        return self.before.search(left) is not None and self.after.match(right) is not None


@lru_cache(maxsize=1)
def polyphone_rules() -> dict[str, tuple[Rule, ...]]:
    rules: dict[str, list[Rule]] = {}
    for char, reading, before, after in rows("polyphones.tsv"):
        rule = Rule(parse_reading(reading), re.compile(f"(?:{before})$"), re.compile(after))
        rules.setdefault(char, []).append(rule)
    return {char: tuple(found) for char, found in rules.items()}


def neighbours(left: str, right: str) -> list[tuple[str, str]]:
    """What a decision list looks at: up to three characters on each side, and the ends of the phrase."""
    before = [("<", left[-size:]) for size in range(1, min(3, len(left)) + 1)]
    after = [(">", right[:size]) for size in range(1, min(3, len(right)) + 1)]
    return [*(before or [("<", "^")]), *(after or [(">", "$")])]


@lru_cache(maxsize=1)
def contexts() -> dict[str, dict[tuple[str, str], tuple[int, Reading]]]:
    """Per character: neighbour to (rank, reading); the lowest rank is the most reliable."""
    table: dict[str, dict[tuple[str, str], tuple[int, Reading]]] = {}
    for rank, (char, reading, side, other) in enumerate(rows("contexts.tsv")):
        table.setdefault(char, {})[side, other] = (rank, parse_reading(reading))
    return table


def read_words(words: Sequence[Sequence[Unit]], lexicon: Lexicon) -> list[Draft]:
    """Readings for the words of one pause-delimited phrase."""
    texts = ["".join(unit.char for unit in word) for word in words]
    phrase = "".join(texts)
    drafts, at = [], 0
    for word, text in zip(words, texts, strict=True):
        left, right = phrase[:at], phrase[at + len(text) :]
        drafts.append(_read_word(word, text, left, right, lexicon))
        at += len(text)
    return drafts


def _read_word(word: Sequence[Unit], text: str, left: str, right: str, lexicon: Lexicon) -> Draft:
    sounds: list[Sound] = []
    written = "".join(unit.written or unit.char for unit in word)
    if any(unit.readings for unit in word):
        sounds = [_sound(unit, fixed, fixed=True) for unit in word for fixed in unit.readings]
        return Draft(text, sounds, word[0].start, word[-1].stop, written=written)
    readings = word_readings(text, left, right, lexicon)
    for index, (unit, reading) in enumerate(zip(word, readings, strict=True)):
        if reading.pinyin == "r" and index:
            sounds[-1].erhua, sounds[-1].stop = True, unit.stop
        else:
            sounds.append(_sound(unit, reading))
    return Draft(text, sounds, word[0].start, word[-1].stop, written=written)


def _sound(unit: Unit, reading: Reading, fixed: bool = False) -> Sound:
    pinyin = "er" if reading.pinyin == "r" else reading.pinyin
    return Sound(unit.char, pinyin, reading.tone, reading.tone, reading.sandhi_tone, unit.start, unit.stop, fixed)


UNREAD = Reading("", 5, 5)


def word_readings(text: str, left: str, right: str, lexicon: Lexicon) -> list[Reading]:
    """One reading per character of a word, given the text of its phrase on both sides."""
    if len(text) == 1:
        return [_character_reading(text, left, right, lexicon)]
    state = lexicon.find(text)
    if state >= 0:
        found = lexicon.word_readings(state, text)
        return list(found) if found else [lexicon.default(char) or UNREAD for char in text]
    return _composed_readings(text, left, right, lexicon)


def _character_reading(char: str, left: str, right: str, lexicon: Lexicon) -> Reading:
    for rule in polyphone_rules().get(char, ()):
        if rule.holds(left, right):
            return rule.reading
    known = contexts().get(char)
    if known:
        found = [known[feature] for feature in neighbours(left, right) if feature in known]
        if found:
            return min(found, key=lambda ranked: ranked[0])[1]
    return lexicon.default(char) or UNREAD


def _composed_readings(text: str, left: str, right: str, lexicon: Lexicon) -> list[Reading]:
    """A word that the lexicon lacks (a reduplication, a suffixed word): the readings of its parts."""
    from py_engine.text.segment import best_path

    readings: list[Reading] = []
    for start, stop in best_path(text, lexicon):
        part = text[start:stop]
        if part == "儿" and start:
            readings.append(Reading("r", 5, 5))
        elif part == text:
            readings += [lexicon.default(char) or UNREAD for char in text]
        else:
            readings += word_readings(part, left + text[:start], text[stop:] + right, lexicon)
    return readings
