"""Latin letters: Roman numerals, words and acronyms, and the digits that belong to them."""

from __future__ import annotations

import re
import unicodedata

from py_engine.text.normalise.numbers import cardinal, digit_string
from py_engine.text.normalise.speech import Parts, Rule, after, before, pronounced, rule, spell
from py_engine.text.spoken import Part
from py_engine.text.tables import mapping, word_set

# Not read as numbers unless their context says so: other words are written like them
_AMBIGUOUS = frozenset("I V X L C D M IV VI XI IX XX XL CD CC DC MD LV MM CM LI DI MI MC LL CL XC".split())
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


@rule(r"[IVXLC]{1,8}(?![A-Za-z0-9])", "roman")
def roman(found: re.Match[str]) -> Parts | None:
    """第III卷, II型: as numbers where nothing else is written so."""
    text = found.group()
    left = before(found, 1)
    if left.isalnum() and left < "\u0080":
        return None
    value = _roman_value(text)
    named = left == "第" or after(found, 2).startswith(tuple(word_set("contexts_of_numbers.tsv", "after Roman")))
    if value is None or (text in _AMBIGUOUS and not named):
        return None
    return [Part(cardinal(str(value)), found.start(), found.end())]


def _roman_value(text: str) -> int | None:
    if not re.fullmatch("C{0,3}(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})", text):
        return None
    values = [_VALUES[letter] for letter in text]
    return sum(-one if one < following else one for one, following in zip(values, [*values[1:], 0], strict=True))


class RomanSign:
    """Ⅱ, Ⅻ: signs of their own."""

    name = "roman"

    def match(self, text: str, at: int) -> Parts | None:
        if not "\u2160" <= text[at] <= "\u217f":
            return None
        return [Part(cardinal(str(int(unicodedata.numeric(text[at])))), at, at + 1)]


class LatinWord:
    """A Latin run: a known word by its Mandarin reading, else letter by letter; digits that follow belong to it."""

    name = "latin"
    _letters = re.compile(r"[A-Za-z]+(?:[-'][A-Za-z]+)*", re.ASCII)
    _number = re.compile(r"-?(\d+)(?![\d.])", re.ASCII)

    def match(self, text: str, at: int) -> Parts | None:
        found = self._letters.match(text, at)
        if found is None:
            return None
        parts = self._say(found.group(), at)
        number = self._number.match(text, found.end())
        # 3-5个 after a letter is not meant: the number ends the name (A380, G1234, MP3)
        return [*parts, *_name_number(number)] if number else parts

    def _say(self, run: str, start: int) -> Parts:
        known = mapping("latin_words.tsv").get(run.lower())
        if known:
            return [pronounced(run, known, start, start + len(run))]
        letters = mapping("letters.tsv")
        return [spell(piece.group(), start + piece.start(), letters) for piece in re.finditer(r"[A-Za-z]+", run)]


def _name_number(found: re.Match[str]) -> Parts:
    """Up to two digits as an amount (F16), more one by one (G1234)."""
    value = found[1]
    if len(value) <= 2 and value[0] != "0":
        return [Part(cardinal(value), found.start(), found.end(), "digits")]
    return [Part(digit_string(value, "幺"), found.start(), found.end(), "digits")]


RULES: tuple[Rule, ...] = (roman, LatinWord())
SIGNS: tuple[Rule, ...] = (RomanSign(),)
