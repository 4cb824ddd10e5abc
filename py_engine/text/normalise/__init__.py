"""Written text to spoken characters: classify a token, verbalise it, keep its span in the caller's text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from py_engine.errors import UNKNOWN_CHARACTER, Notice
from py_engine.text.lexicon import Lexicon, Reading
from py_engine.text.normalise.rules import Rule, Speech, rules
from py_engine.text.spoken import Item, Mark, MarkKind, Unit
from py_engine.text.tables import rows

# Folding ² to 2 would make 米² of the number 2
_UNFOLDED = frozenset("²³¹⁰⁴⁵⁶⁷⁸⁹…")
_INVISIBLE = frozenset({"Cf", "Mn", "Me"})
_KINDS: dict[str, MarkKind] = {
    "statement": "statement", "question": "question", "exclamation": "exclamation", "pause": "pause", "space": "space",
}  # fmt: skip


def fold(text: str) -> str:
    """Full-width and compatibility forms to plain ones, one code point for one, so that spans stay true."""
    return "".join(char if char < "\u0080" else _fold(char) for char in text)


@lru_cache(maxsize=4096)
def _fold(char: str) -> str:
    plain = unicodedata.normalize("NFKC", char)
    return char if len(plain) != 1 or char in _UNFOLDED else plain


@lru_cache(maxsize=1)
def _punctuation() -> dict[str, tuple[MarkKind, float]]:
    return {char: (_KINDS[kind], float(pause)) for chars, kind, pause in rows("punctuation.tsv") for char in chars}


@lru_cache(maxsize=1)
def _rules() -> tuple[Rule, ...]:
    return tuple(rules())


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
            char = self._text[at]
            if char >= "\u3400" and self._lexicon.default(char) is not None:
                yield Unit(char, at, at + 1)
                at += 1
                continue
            said = self._say(at)
            if said is None:
                yield from self._other(at)
                at += 1
            else:
                stop, speech = said
                yield from self._units(speech, at, stop)
                at = stop

    def _say(self, at: int) -> tuple[int, Speech] | None:
        if self._text[at].isspace():
            return None
        for rule in _rules():
            found = rule.match(self._text, at)
            if found is not None:
                return found
        return None

    def _units(self, speech: Speech, start: int, stop: int) -> Iterator[Unit]:
        self._groups += 1
        for index, char in enumerate(speech.text):
            if speech.readings:
                fixed = speech.readings[index]
                one_to_one = len(speech.text) == stop - start
                span = (start + index, start + index + 1) if one_to_one else (start, stop)
                yield Unit(char, *span, self._groups, fixed)
            elif speech.kind == "digits":
                yield Unit(char, start, stop, self._groups, self._fixed(char))
            else:
                yield Unit(char, start, stop, self._groups)

    def _fixed(self, char: str) -> tuple[Reading, ...]:
        reading = self._lexicon.default(char)
        return (reading,) if reading else ()

    def _other(self, at: int) -> Iterator[Item]:
        """A character that no rule says: a mark, white space, or one that cannot be spoken."""
        char = self._text[at]
        if char == "\n":
            yield Mark("statement", at, at + 1, 0.45)
        elif char.isspace():
            yield Mark("space", at, at + 1)
        elif char in _punctuation():
            kind, pause = _punctuation()[char]
            yield Mark(kind, at, at + 1, pause)
        elif self._lexicon.default(char) is not None:
            yield Unit(char, at, at + 1)
        elif unicodedata.category(char) not in _INVISIBLE:
            self._unknown(at)

    def _unknown(self, at: int) -> None:
        char = self._original[at]
        message = f"{char!r} (U+{ord(char):04X}) has no pronunciation and was left out"
        self.notices.append(Notice(UNKNOWN_CHARACTER, message, at, at + 1, char))
