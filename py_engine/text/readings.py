"""From words to syllables with lexical tones: the lexicon's reading of the word, rules for polyphones, erhua."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from py_engine.text.lexicon import Lexicon, Reading, parse_reading
from py_engine.text.segment import Span, best_path
from py_engine.text.spoken import Unit
from py_engine.text.tables import rows


@dataclass(slots=True)
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


@dataclass(slots=True)
class Draft:
    """A word in the making; ``group`` as its first unit has it."""

    text: str
    sounds: list[Sound]
    start: int
    stop: int
    break_level: int = 1
    pause: float = 0.0
    written: str = ""
    exact_pause: bool = False
    group: int = 0
    # why a pause stands there that no mark asks for
    pause_reason: str = ""
    # how well a phrase ends after it, by the model; None where it was not asked
    score: float | None = None


@dataclass(frozen=True)
class Rule:
    """A polyphone that stands alone as a word, or a word with polyphones (倒车), its readings, and the text before and
    after that calls for them (None: any). What comes after is looked at first: that pattern is tried at one place."""

    readings: tuple[Reading, ...]
    before: re.Pattern[str] | None
    after: re.Pattern[str] | None
    reason: str

    def holds(self, left: str, right: str) -> bool:
        if self.after is not None and self.after.match(right) is None:
            return False
        return self.before is None or self.before.search(left) is not None


@lru_cache(maxsize=1)
def _written_rules() -> dict[str, list[tuple[str, ...]]]:
    """Rows of ``polyphones.tsv`` by the character or word they are about, named patterns put in."""
    written: dict[str, list[tuple[str, ...]]] = {}
    named: dict[str, str] = {}
    for row in rows("polyphones.tsv"):
        if len(row) == 2:
            named[f"{{{row[0]}}}"] = row[1]
        else:
            written.setdefault(row[0], []).append(tuple(named.get(part, part) for part in row))
    return written


def polyphone_rules(word: str) -> tuple[Rule, ...]:
    """The rules for a character or a word; patterns are compiled when it is met for the first time."""
    return _compiled_rules(word) if word in _written_rules() else ()


@cache
def _compiled_rules(word: str) -> tuple[Rule, ...]:
    return tuple(
        Rule(
            tuple(parse_reading(reading) for reading in readings.split()),
            re.compile(f"(?:{before})$") if before else None,
            re.compile(after) if after else None,
            f"rule (?:{before})${word}{after}",
        )
        for _, readings, before, after in _written_rules()[word]
    )


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


def read_units(
    units: Sequence[Unit], words: Sequence[Span], lexicon: Lexicon, choices: Sequence[Choice] = ()
) -> list[list[Sound]]:
    """What each unit of one pause-delimited phrase sounds like; nothing for a suffix 儿, which has coloured the sound
    before it. ``words`` as the lexicon cuts them; ``choices`` of the reader model, per unit."""
    chars = [unit.char for unit in units]
    phrase = "".join(chars)
    found: list[Explained] = []
    at = 0
    for start, stop in words:
        text = chars[start] if stop == start + 1 else "".join(chars[start:stop])
        if units[start].readings and all(unit.readings for unit in units[start:stop]):
            found += [(UNREAD, unit.reason, CERTAIN) for unit in units[start:stop]]
        else:
            found += word_readings(text, phrase, at, lexicon)
        at += len(text)
    if choices:
        found = [decide(one, choice) if choice else one for one, choice in zip(found, choices, strict=True)]
    sounds: list[list[Sound]] = []
    last: list[Sound] = []
    begins = {start for start, _ in words}
    for index, (unit, (reading, reason, _)) in enumerate(zip(units, found, strict=True)):
        if unit.readings:
            last = [_fixed_sound(unit, one) for one in unit.readings]
        elif reading.pinyin == "r" and index not in begins:
            last[-1].erhua, last[-1].stop = True, unit.stop
            sounds.append([])
            continue
        else:
            last = [_sound(unit, reading, reason)]
        sounds.append(last)
    return sounds


def as_words(units: Sequence[Unit], words: Sequence[Span], sounds: Sequence[Sequence[Sound]]) -> list[Draft]:
    """Words of these units, which share the sounds."""
    drafts: list[Draft] = []
    for start, stop in words:
        own = units[start:stop]
        text = "".join([unit.char for unit in own])
        written = "".join([unit.written or unit.char for unit in own])
        heard = [sound for one in sounds[start:stop] for sound in one]
        if sounds[start]:
            drafts.append(Draft(text, heard, own[0].start, own[-1].stop, written=written, group=own[0].group))
        else:
            # 儿 goes with the word that it colours
            last = drafts[-1]
            last.text, last.written, last.stop = last.text + text, last.written + written, own[-1].stop
            last.sounds += heard
    return drafts


def decide(by_rule: Explained, choice: Choice) -> Explained:
    """The model's choice where it is surer than the rule asks for. A neutral tone that the lexicon gives a syllable
    stands for the full one, which is all that labelled sentences know (关系 xi5 against xi4)."""
    reading, _, doubt = by_rule
    if reading.tone == 5:
        doubt = max(doubt, SEEN)
    best, share = choice[0]
    if share < doubt or (best.pinyin == reading.pinyin and reading.tone in (best.tone, 5)):
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


def word_readings(text: str, phrase: str, at: int, lexicon: Lexicon) -> list[Explained]:
    """One reading per character of the word ``text``, which stands at ``phrase[at]``, with its reason."""
    if len(text) == 1:
        return [_character_reading(text, phrase, at, lexicon)]
    rules = polyphone_rules(text)
    if rules and (rule := _first_that_holds(rules, *_near(phrase, at, at + len(text)))):
        return [(reading, rule.reason, CERTAIN) for reading in rule.readings]
    state = lexicon.find(text)
    if state >= 0:
        found = lexicon.word_readings(state, text)
        if found:
            return [(reading, f"word {text}", CERTAIN) for reading in found]
        return [(lexicon.default(char) or UNREAD, f"word {text}, by its characters", SPELT) for char in text]
    return _composed_readings(text, phrase, at, lexicon)


def _character_reading(char: str, phrase: str, at: int, lexicon: Lexicon) -> Explained:
    rules, known = polyphone_rules(char), contexts().get(char)
    left, right = _near(phrase, at, at + 1)
    if rules and (rule := _first_that_holds(rules, left, right)):
        return rule.readings[0], rule.reason, CERTAIN
    if known:
        found = [(*known[feature], feature) for feature in neighbours(left, right) if feature in known]
        if found:
            _, reading, (side, other) = min(found, key=lambda ranked: ranked[0])
            return reading, f"context {other}{char}" if side == "<" else f"context {char}{other}", SEEN
    return lexicon.default(char) or UNREAD, "commonest reading", GUESSED


def _near(phrase: str, start: int, stop: int) -> tuple[str, str]:
    """What stands on each side and may decide: the rules look no further."""
    return phrase[max(0, start - NEAR) : start], phrase[stop : stop + NEAR]


def _first_that_holds(rules: Sequence[Rule], left: str, right: str) -> Rule | None:
    for rule in rules:
        if rule.holds(left, right):
            return rule
    return None


def _composed_readings(text: str, phrase: str, at: int, lexicon: Lexicon) -> list[Explained]:
    """A word that the lexicon lacks (a reduplication, a suffixed word): the readings of its parts."""
    readings: list[Explained] = []
    for start, stop in best_path(text, lexicon):
        part = text[start:stop]
        if part == "儿" and start:
            readings.append((Reading("r", 5, 5), "suffix 儿", CERTAIN))
        elif part == text:
            readings += [(lexicon.default(char) or UNREAD, "commonest reading", GUESSED) for char in text]
        else:
            readings += word_readings(part, phrase, at + start, lexicon)
    return readings
