"""Rules of normalisation: each recognises one class of written token and says it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from py_engine.text.lexicon import Reading, parse_reading
from py_engine.text.normalise import numbers
from py_engine.text.tables import mapping


@dataclass(frozen=True)
class Speech:
    """How a token is said. text: hanzi; kind ``digits``: tones of 一 do not change; ``letters``: ``readings`` per character."""

    text: str
    kind: str = "words"
    readings: tuple[tuple[Reading, ...], ...] = ()


class Rule(Protocol):
    """One class of token. ``match`` looks at ``text[at:]`` and gives the end of the token and what to say, or None."""

    def match(self, text: str, at: int) -> tuple[int, Speech] | None: ...


class Cardinal:
    """-1,234.5: an amount."""

    pattern = re.compile(r"(?:(?<![\w)])[-+−])?\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?:(?<![\w)])[-+−])?\d+(?:\.\d+)?")

    def match(self, text: str, at: int) -> tuple[int, Speech] | None:
        found = self.pattern.match(text, at)
        return (found.end(), Speech(numbers.number(found.group()))) if found else None


class Letters:
    """Latin letters, spelt one by one."""

    pattern = re.compile(r"[A-Za-z]+")

    def match(self, text: str, at: int) -> tuple[int, Speech] | None:
        found = self.pattern.match(text, at)
        return (found.end(), spell(found.group())) if found else None


def spell(letters: str) -> Speech:
    table = mapping("letters.tsv")
    readings = tuple(tuple(parse_reading(one) for one in table[letter.upper()].split()) for letter in letters)
    return Speech(letters.upper(), "letters", readings)


def rules() -> Iterator[Rule]:
    yield Cardinal()
    yield Letters()
