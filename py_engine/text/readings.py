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
    reason: str = ""
    sandhi: str = ""


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
    exact_pause: bool = False


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
    named: dict[str, str] = {}
    for row in rows("polyphones.tsv"):
        if len(row) == 2:
            named[f"{{{row[0]}}}"] = row[1]
            continue
        char, reading, before, after = (named.get(part, part) for part in row)
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


def read_units(words: Sequence[Sequence[Unit]], lexicon: Lexicon, choices: Sequence[Choice] = ()) -> list[list[Sound]]:
    """What each unit of one pause-delimited phrase sounds like; nothing for a suffix 儿, which has coloured the sound
    before it. ``words`` as the lexicon cuts them; ``choices`` of the reader model, per unit."""
    texts = ["".join(unit.char for unit in word) for word in words]
    phrase = "".join(texts)
    found: list[Explained] = []
    at = 0
    for word, text in zip(words, texts, strict=True):
        stop = at + len(text)
        left, right = phrase[max(0, at - NEAR) : at], phrase[stop : stop + NEAR]
        found += _explained(word, text, left, right, lexicon)
        at += len(text)
    if choices:
        found = [decide(one, choice) if choice else one for one, choice in zip(found, choices, strict=True)]
    sounds: list[list[Sound]] = []
    last: list[Sound] = []
    units = [(unit, index) for word in words for index, unit in enumerate(word)]
    for (unit, index), (reading, reason, _) in zip(units, found, strict=True):
        if not unit.readings and reading.pinyin == "r" and index:
            last[-1].erhua, last[-1].stop = True, unit.stop
            sounds.append([])
            continue
        fixed = [_fixed_sound(unit, one) for one in unit.readings]
        last = fixed or [_sound(unit, reading, reason)]
        sounds.append(last)
    return sounds


def as_words(words: Sequence[Sequence[Unit]], sounds: Sequence[Sequence[Sound]]) -> list[Draft]:
    """Words of these units, which share the sounds."""
    drafts: list[Draft] = []
    at = 0
    for word in words:
        own = [sound for one in sounds[at : at + len(word)] for sound in one]
        text = "".join(unit.char for unit in word)
        written = "".join(unit.written or unit.char for unit in word)
        if sounds[at]:
            drafts.append(Draft(text, own, word[0].start, word[-1].stop, written=written))
        else:
            # 儿 goes with the word that it colours
            last = drafts[-1]
            last.text, last.written, last.stop = last.text + text, last.written + written, word[-1].stop
            last.sounds += own
        at += len(word)
    return drafts


def _explained(word: Sequence[Unit], text: str, left: str, right: str, lexicon: Lexicon) -> list[Explained]:
    if all(unit.readings for unit in word):
        return [(UNREAD, unit.reason, CERTAIN) for unit in word]
    return word_readings(text, left, right, lexicon)


def decide(by_rule: Explained, choice: Choice) -> Explained:
    """The model's choice where it is surer than the rule asks for. A neutral tone that the lexicon gives a syllable
    stands for the full one, which is all that labelled sentences know (关系 xi5 against xi4)."""
    reading, _, doubt = by_rule
    best, share = choice[0]
    if share < doubt or str(best) == str(reading) or (reading.tone == 5 and best.pinyin == reading.pinyin):
        return by_rule
    return best, f"model, {share:.0%} sure", CERTAIN


def _sound(unit: Unit, reading: Reading, reason: str, fixed: bool = False) -> Sound:
    pinyin = "er" if reading.pinyin == "r" else reading.pinyin
    tone, seen = reading.tone, reading.sandhi_tone
    return Sound(unit.char, pinyin, tone, tone, seen, unit.start, unit.stop, fixed, reason=reason)


def _fixed_sound(unit: Unit, reading: Reading) -> Sound:
    """A reading that a rule or the caller gave; ``huar`` is hua with erhua."""
    sound = _sound(unit, reading, unit.reason, fixed=True)
    if sound.pinyin.endswith("r") and sound.pinyin != "er":
        sound.pinyin, sound.erhua = sound.pinyin[:-1], True
    return sound


# Characters on each side that polyphone rules may look at
NEAR = 16
UNREAD = Reading("", 5, 5)


# How sure the model must be (its probability) to be followed, by who says otherwise
CERTAIN, SEEN, SPELT, GUESSED = 2.0, 0.95, 0.95, 0.8
# A reading, its reason, and how sure the model must be to change it
Explained = tuple[Reading, str, float]
Choice = Sequence[tuple[Reading, float]]


def word_readings(text: str, left: str, right: str, lexicon: Lexicon) -> list[Explained]:
    """One reading per character of a word, with its reason, given the text of its phrase on both sides."""
    if len(text) == 1:
        return [_character_reading(text, left, right, lexicon)]
    state = lexicon.find(text)
    if state >= 0:
        found = lexicon.word_readings(state, text)
        if found:
            return [(reading, f"word {text}", CERTAIN) for reading in found]
        return [(lexicon.default(char) or UNREAD, f"word {text}, by its characters", SPELT) for char in text]
    return _composed_readings(text, left, right, lexicon)


def _character_reading(char: str, left: str, right: str, lexicon: Lexicon) -> Explained:
    # what decides stands near; the rules look at no more than this
    left, right = left[-NEAR:], right[:NEAR]
    for rule in polyphone_rules().get(char, ()):
        if rule.holds(left, right):
            return rule.reading, f"rule {rule.before.pattern}{char}{rule.after.pattern}", CERTAIN
    known = contexts().get(char)
    if known:
        found = [(*known[feature], feature) for feature in neighbours(left, right) if feature in known]
        if found:
            _, reading, (side, other) = min(found, key=lambda ranked: ranked[0])
            return reading, f"context {other}{char}" if side == "<" else f"context {char}{other}", SEEN
    return lexicon.default(char) or UNREAD, "commonest reading", GUESSED


def _composed_readings(text: str, left: str, right: str, lexicon: Lexicon) -> list[Explained]:
    """A word that the lexicon lacks (a reduplication, a suffixed word): the readings of its parts."""
    from py_engine.text.segment import best_path

    readings: list[Explained] = []
    for start, stop in best_path(text, lexicon):
        part = text[start:stop]
        if part == "儿" and start:
            readings.append((Reading("r", 5, 5), "suffix 儿", CERTAIN))
        elif part == text:
            readings += [(lexicon.default(char) or UNREAD, "commonest reading", GUESSED) for char in text]
        else:
            readings += word_readings(part, left + text[:start], text[stop:] + right, lexicon)
    return readings
