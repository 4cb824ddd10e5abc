"""Written text to spoken characters: classify a token, verbalise it, keep its span in the caller's text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from py_engine.errors import UNKNOWN_CHARACTER, Notice
from py_engine.text.lexicon import Lexicon, Reading
from py_engine.text.normalise import amounts, dates, identifiers
from py_engine.text.normalise.speech import Part, Parts, Rule, in_order
from py_engine.text.spoken import Item, Mark, MarkKind, Unit
from py_engine.text.tables import rows

_INVISIBLE = frozenset({"Cf", "Mn", "Me"})
_KINDS: dict[str, MarkKind] = {
    "statement": "statement", "question": "question", "exclamation": "exclamation", "pause": "pause", "space": "space",
}  # fmt: skip


def fold(text: str) -> str:
    """Full-width and compatibility forms to plain ones, one code point for one, so that spans stay true.

    Number forms (², ①, ½) are not: they would run together with digits beside them.
    """
    return "".join(char if char < "\u0080" else _fold(char) for char in text)


@lru_cache(maxsize=4096)
def _fold(char: str) -> str:
    plain = unicodedata.normalize("NFKC", char)
    return char if len(plain) != 1 or char == "…" or unicodedata.category(char) == "No" else plain


@lru_cache(maxsize=1)
def _punctuation() -> dict[str, tuple[MarkKind, float]]:
    return {char: (_KINDS[kind], float(pause)) for chars, kind, pause in rows("punctuation.tsv") for char in chars}


# Seconds; only where `sentences.py` takes the space for a separator
SPACE_PAUSE = 0.14

# The first rule that matches decides: names before dates before amounts
RULES: tuple[Rule, ...] = (
    *identifiers.NUMBERS, *dates.RULES, amounts.ordinal, *identifiers.NAMES, *amounts.RULES, *identifiers.SIGNS,
)  # fmt: skip


class Normaliser:
    """One pass over one text."""

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        self._text = fold(text)
        self._original = text
        self._lexicon = lexicon
        self._groups = 0
        self.notices: list[Notice] = []

    def items(self) -> Iterator[Item]:
        at = 0
        while at < len(self._text):
            parts = self._parts(at)
            if parts is None:
                yield from self._single(at)
                at += 1
            else:
                for part in parts:
                    yield from self._units(part)
                at = max(part.stop for part in parts)

    def _parts(self, at: int) -> Parts | None:
        char = self._text[at]
        if char.isspace() or (char >= "\u2e80" and char != "第"):
            return None
        for rule in RULES:
            parts = rule.match(self._text, at)
            if parts is not None:
                return in_order(parts)
        return None

    def _units(self, part: Part) -> Iterator[Unit]:
        self._groups += 1
        if part.kind == "word":
            yield Unit(part.text, part.start, part.stop, self._groups, part.readings[0])
            return
        for index, char in enumerate(part.text):
            span = (part.start + index, part.start + index + 1) if part.kind == "letters" else (part.start, part.stop)
            fixed = part.readings[index] if part.readings else self._fixed(char) if part.kind == "digits" else ()
            yield Unit(char, *span, self._groups, fixed)

    def _fixed(self, char: str) -> tuple[Reading, ...]:
        reading = self._lexicon.default(char)
        return (reading,) if reading else ()

    def _single(self, at: int) -> Iterator[Item]:
        """A character that no rule says: a hanzi, a mark, white space, or one that cannot be spoken."""
        char = self._text[at]
        if char >= "\u2e80" and self._lexicon.default(char) is not None:
            simple = self._lexicon.simplified(char)
            yield Unit(simple, at, at + 1, written="" if simple == char else char)
        elif char == "\n":
            yield Mark("statement", at, at + 1, 0.45)
        elif char.isspace():
            yield Mark("space", at, at + 1, SPACE_PAUSE)
        elif char in _punctuation():
            kind, pause = _punctuation()[char]
            yield Mark(kind, at, at + 1, pause)
        elif unicodedata.category(char) not in _INVISIBLE:
            self._unknown(at)

    def _unknown(self, at: int) -> None:
        char = self._original[at]
        message = f"{char!r} (U+{ord(char):04X}) has no pronunciation and was left out"
        self.notices.append(Notice(UNKNOWN_CHARACTER, message, at, at + 1, char))
