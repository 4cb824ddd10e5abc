"""What a rule of normalisation returns: the parts of a written token, as they are said."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

from py_engine.text.lexicon import Reading, lexicon, parse_reading
from py_engine.text.normalise import numbers
from py_engine.text.spoken import Part
from py_engine.text.tables import mapping, word_set

Parts = list[Part]


# A sign is a sign only where no amount, no word and no unit of time or money stands before it
SIGN_BEFORE = r"(?<![A-Za-z0-9+⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉_)\]%℃°年月日号时点分秒元天周万亿千百章节页层楼级])"
NUMBER = rf"(?:{SIGN_BEFORE}[-+−])?(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)?"
UNSIGNED = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
DIGITS = "0123456789"
DASH, TILDE = r"\s?[-–—−]\s?", r"\s?[~～]\s?"
MAGNITUDE = r"(?:百万|千万|万亿|[百千万亿])?"


class Rule(Protocol):
    """One class of token.

    name: class and kind, like ``time.clock``, as `explain` shows it. needs: characters of which the text must have one,
    or empty; the rule is not tried on texts without. What `begins` says of a sign decides the same for places.
    """

    @property
    def name(self) -> str: ...

    @property
    def needs(self) -> str: ...

    def begins(self, char: str) -> bool:
        """Whether such a token may begin with this sign."""

    def match(self, text: str, at: int) -> Parts | None:
        """The parts to say for the token that begins at ``text[at]``, or None."""


@dataclass(frozen=True)
class PatternRule:
    """A rule that is a regular expression and a function of its match (None: not this class after all).

    first: what the pattern may begin with, empty for anything. The pattern is compiled when it is tried for the first
    time, as many never are: their heap and the time of the boot are spared.
    """

    name: str
    written: str
    flags: int
    say: Callable[[re.Match[str]], Parts | None]
    first: str = ""
    needs: str = ""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(self.written, self.flags)

    def begins(self, char: str) -> bool:
        return not self.first or char in self.first

    def match(self, text: str, at: int) -> Parts | None:
        found = self.pattern.match(text, at)
        return self.say(found) if found else None


class AnyPlace:
    """Of rules that may be tried everywhere."""

    needs = ""

    def begins(self, char: str) -> bool:  # noqa: ARG002 -- others look at it
        return True


def rule(
    pattern: str, name: str = "", flags: int = 0, *, first: str = "", needs: str = ""
) -> Callable[[Callable[[re.Match[str]], Parts | None]], PatternRule]:
    """Decorator: the function says what the pattern finds. The rule is called as the function if it has no name."""
    return lambda say: PatternRule(name or say.__name__, pattern, flags | re.ASCII, say, first, needs)


def before(found: re.Match[str], size: int) -> str:
    """The characters before a match; few, so that the work stays linear in the text's length."""
    return found.string[max(0, found.start() - size) : found.start()]


def after(found: re.Match[str], size: int) -> str:
    return found.string[found.end() : found.end() + size]


def words(found: re.Match[str], group: int | str, text: str) -> Part:
    return Part(text, found.start(group), found.end(group))


def digits(found: re.Match[str], group: int | str, text: str) -> Part:
    return Part(text, found.start(group), found.end(group), "digits")


def number_parts(text: str, start: int, stop: int, following: str = "") -> Parts:
    """An amount with its sign and decimals. 2 is 两 where the ``following`` text begins with a measure word."""
    sign = {"-": "负", "−": "负", "+": "正"}.get(text[:1], "")
    whole, _, decimals = text.lstrip("+-−").replace(",", "").partition(".")
    if decimals:
        spoken = sign + numbers.cardinal(whole) + "点"
        return [Part(spoken, start, stop), Part(numbers.digit_string(decimals), start, stop, "digits")]
    counted = "两" if whole == "2" and is_measured(following) else numbers.cardinal(whole)
    return [Part(sign + counted, start, stop)]


def is_measured(following: str) -> bool:
    """Whether a measure word begins here, so that 2 before it is 两 (2个, not 2月)."""
    following = following.removeprefix(" ")
    measures = word_set("measures.tsv", "measure")
    excepted = word_set("measures.tsv", "not a measure")
    if any(following.startswith(word) for word in excepted):
        return False
    return any(following[:size] in measures for size in (1, 2, 3) if len(following) >= size)


def in_order(parts: Parts) -> Parts:
    """Give every written character to a part: signs between two parts go to the one before them.

    Where the spoken order is not the written one (98% is 百分之九十八), every part gets the span of the token.
    """
    starts = [part.start for part in parts]
    if starts == sorted(starts) and all(part.start < part.stop for part in parts):
        return [
            replace(part, stop=follower) if part.kind != "letters" and part.stop < follower else part
            for part, follower in zip(parts, [*starts[1:], parts[-1].stop], strict=True)
        ]
    start, stop = min(starts), max(part.stop for part in parts)
    return [replace(part, start=start, stop=stop) for part in parts]


def spell(letters: str, start: int, table: dict[str, str]) -> Part:
    readings = tuple(tuple(parse_reading(one) for one in table[letter.upper()].split()) for letter in letters)
    return Part(letters.upper(), start, start + len(letters), "letters", readings)


def spelt_part(text: str, start: int, stop: int) -> Part:
    """A spoken text with Latin letters in it (the unit GB), which have readings of their own; else plain words."""
    if not any("A" <= char <= "Z" for char in text):
        return Part(text, start, stop)
    table = mapping("letters.tsv")
    spelt = {char: parse_readings(table[char]) if char in table else (lexicon().default(char),) for char in text}
    readings = tuple(reading for char in text for reading in spelt[char] if reading is not None)
    return Part(text, start, stop, "word", (readings,))


def parse_readings(text: str) -> tuple[Reading, ...]:
    return tuple(parse_reading(one) for one in text.split())


def pronounced(text: str, pinyin: str, start: int, stop: int) -> Part:
    """A word with a reading of its own: OK, WiFi. All its syllables are on its first character."""
    readings = tuple(parse_reading(one) for one in pinyin.split())
    return Part(text, start, stop, "word", (readings,))
