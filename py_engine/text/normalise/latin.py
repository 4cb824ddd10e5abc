"""Latin letters: Roman numerals, words and acronyms, and the digits that belong to them."""

from __future__ import annotations

import re
import unicodedata

from py_engine.text import english
from py_engine.text.normalise.numbers import cardinal, digit_string
from py_engine.text.normalise.speech import Parts, Rule, after, before, pronounced, rule, spell
from py_engine.text.spoken import Part
from py_engine.text.tables import mapping, word_set

# Not read as numbers unless their context says so: other words are written like them
_AMBIGUOUS = frozenset("I V X L C D M IV VI XI IX XX XL CD CC DC MD LV MM CM LI DI MI MC LL CL XC".split())
# Longer runs of letters are spelt
MAX_SPOKEN = 40
# Vowels with at most four consonants between them; other runs of letters are no words
_PRONOUNCEABLE = re.compile("[^aeiouy]{0,3}(?:[aeiouy]+[^aeiouy]{1,4})*[aeiouy]*(?:'[a-z]+)?")
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
    """A Latin run: a word as Chinese speakers say it, an English word, or an acronym letter by letter; digits that
    follow belong to it. Without ``english`` what no Mandarin table has is spelt."""

    _letters = re.compile(r"[A-Za-z]+(?:[-'][A-Za-z]+)*", re.ASCII)
    _number = re.compile(r"-?(\d+)(?![\d.])", re.ASCII)
    # youTube, PILde: where a word of its own begins
    _piece = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+(?:'[a-z]+)?|[A-Z]")

    def __init__(self, with_english: bool) -> None:
        self.name = "latin"
        self._english = with_english

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
        whole = self._word(run)
        if whole:
            return [pronounced(run, whole, start, start + len(run))]
        parts = []
        for piece in self._piece.finditer(run):
            at, text = start + piece.start(), piece.group()
            said = mapping("latin_words.tsv").get(text.lower()) or self._word(text) or self._by_spelling(text)
            stop = at + len(text)
            parts += [pronounced(text, said, at, stop)] if said else _spelt(text, at)
        return parts

    def _word(self, text: str) -> str | None:
        """Of the table. Capitals of up to three letters are an acronym."""
        small = text.lower()
        if not self._english or small in word_set("word_classes.tsv", "spelt") or (text.isupper() and len(text) <= 3):
            return None
        return english.find(small)

    def _by_spelling(self, text: str) -> str | None:
        small = text.lower()
        if not self._english or small in word_set("word_classes.tsv", "spelt"):
            return None
        if (
            not 4 <= len(text) <= MAX_SPOKEN
            or (text.isupper() and len(text) <= 6)
            or not _PRONOUNCEABLE.fullmatch(small)
        ):
            return None
        return " ".join(english.by_spelling(small))


def _spelt(text: str, start: int) -> Parts:
    letters = mapping("letters.tsv")
    return [spell(piece.group(), start + piece.start(), letters) for piece in re.finditer("[A-Za-z]+", text)]


def _name_number(found: re.Match[str]) -> Parts:
    """Up to two digits as an amount (F16), more one by one (G1234)."""
    value = found[1]
    if len(value) <= 2 and value[0] != "0":
        return [Part(cardinal(value), found.start(), found.end(), "digits")]
    return [Part(digit_string(value, "幺"), found.start(), found.end(), "digits")]


SPELT: tuple[Rule, ...] = (roman, LatinWord(with_english=False))
WITH_ENGLISH: tuple[Rule, ...] = (roman, LatinWord(with_english=True))
SIGNS: tuple[Rule, ...] = (RomanSign(),)
