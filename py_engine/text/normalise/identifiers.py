"""Names made of digits and letters: telephone numbers, codes, versions, addresses, acronyms."""

from __future__ import annotations

import re

from py_engine.text.normalise.numbers import cardinal, digit_string
from py_engine.text.normalise.speech import Parts, Rule, digits, pronounced, rule, spell
from py_engine.text.spoken import Part
from py_engine.text.tables import mapping, word_set

_NUMBERED = re.compile(r"\d+|[^\d]+")


@rule(r"(?<!\d)(?:(\+?86)[- ]?)?(1[3-9]\d)[- ]?(\d{4})[- ]?(\d{4})(?!\d)")
def mobile(found: re.Match[str]) -> Parts | None:
    """138 1234 5678, said in groups of 3, 4, 4 with 幺."""
    parts = [_called(found, group) for group in (2, 3, 4)]
    prefix = [Part("加", found.start(1), found.start(1) + 1)] if (found[1] or "").startswith("+") else []
    return [*prefix, *([_called(found, 1)] if found[1] else []), *parts]


@rule(r"(?<!\d)(?:\((0\d{2,3})\)|(0\d{2,3}|[48]00))[- ]?(\d{3,4})[- ]?(\d{4})(?!\d)")
def landline(found: re.Match[str]) -> Parts | None:
    """010-12345678, 400-800-1234."""
    return [_called(found, 1 if found[1] else 2), _called(found, 3), _called(found, 4)]


def _called(found: re.Match[str], group: int) -> Part:
    return digits(found, group, digit_string(re.sub(r"\D", "", found[group]), "幺"))


class Code:
    """Digits that name: after 电话, 密码 ..., before 室, 国道 ..., with leading zeros, or too long for an amount."""

    name = "code"
    _digits = re.compile(r"\d+(?![.,]?\d|[%‰])")

    def match(self, text: str, at: int) -> Parts | None:
        found = self._digits.match(text, at)
        if found is None or not self._names(found):
            return None
        return _in_groups(found)

    def _names(self, found: re.Match[str]) -> bool:
        value, before, after = found.group(), found.string[: found.start()], found.string[found.end() :]
        before = before.rstrip(" :是为")
        if len(value) >= 3 and any(before.endswith(word) for word in word_set("codes.tsv", "before")):
            return True
        if len(value) in (3, 4) and any(after.startswith(word) for word in word_set("codes.tsv", "after")):
            return True
        if value[0] == "0" and len(value) > 1:
            return True
        return len(value) >= 10 and not value.endswith("000")


def _in_groups(found: re.Match[str]) -> Parts:
    """Words of at most four digits, so that a long number has rhythm."""
    value, start = found.group(), found.start()
    size = 4 if len(value) % 3 else 3
    return [
        Part(digit_string(value[at : at + size], "幺"), start + at, min(start + at + size, found.end()), "digits")
        for at in range(0, len(value), size)
    ]


@rule(r"(?<![\d.])\d+(?:\.\d+){2,}(?![\d.])")
def version(found: re.Match[str]) -> Parts | None:
    """1.2.3, 192.168.0.1: digits and 点."""
    return spelt(found.group(), found.start())


@rule(
    r"(?:https?://|www\.)[\w.\-/:%?=&#~+]*[\w/]|[A-Za-z0-9][\w.+\-]*@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+"
    r"|(?<![\w.])[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.(?:com|cn|net|org|gov|edu|io)(?![\w])"
)
def address(found: re.Match[str]) -> Parts | None:
    """Web and mail addresses, spelt; only ASCII, hanzi end them."""
    end = re.match(r"[\x21-\x7e]*", found.group())
    return spelt(end.group().rstrip(".,:;?!"), found.start()) if end and end.group() else None


def spelt(text: str, start: int, one: str = "幺") -> Parts:
    """Letters by name, digits one by one, signs by name, hanzi as they are; what has no name is left out."""
    parts: Parts = []
    for index, char in enumerate(text):
        at = start + index
        if "0" <= char <= "9":
            parts.append(Part(digit_string(char, one), at, at + 1, "digits"))
        elif char in mapping("address_signs.tsv"):
            parts.append(Part(mapping("address_signs.tsv")[char], at, at + 1))
        elif char.upper() in mapping("letters.tsv"):
            parts.append(spell(char, at, mapping("letters.tsv")))
        elif "\u4e00" <= char <= "\u9fff":
            parts.append(Part(char, at, at + 1))
    return parts


@rule(r"[Nn][Oo]\.\s?(\d+)")
def numero(found: re.Match[str]) -> Parts | None:
    """No.1 is 第一."""
    return [Part("第" + cardinal(found[1]), found.start(), found.end())]


class LatinWord:
    """A Latin run: a known word by its Mandarin reading, else letter by letter; digits that follow belong to it."""

    name = "latin"
    _letters = re.compile(r"[A-Za-z]+(?:[-'][A-Za-z]+)*")
    _number = re.compile(r"-?(\d+)(?![\d.])")

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


class Sign:
    """Signs with a name: + = & @ ..."""

    name = "sign"

    def match(self, text: str, at: int) -> Parts | None:
        spoken = mapping("signs.tsv").get(text[at])
        if spoken is None:
            return None
        if text[at] in "-−–~":
            return self._between_numbers(text, at, spoken)
        return [Part(spoken, at, at + 1)]

    def _between_numbers(self, text: str, at: int, spoken: str) -> Parts | None:
        """Between amounts that no rule took together (8:30-17:00, 3日-5日): 到; in a sum: 减."""
        left, right = text[:at].rstrip()[-1:], text[at + 1 :].lstrip()[:1]
        if not right.isdigit() or not (left.isdigit() or left in "年月日号时点分秒天元万亿周%℃"):
            return None
        return [Part(spoken if "=" in text[at : at + 12] else "到", at, at + 1)]


# Numbers that no date can be, names that a date goes before, and signs when nothing else fits
NUMBERS: tuple[Rule, ...] = (address, mobile, landline)
NAMES: tuple[Rule, ...] = (version, numero, Code(), LatinWord())
SIGNS: tuple[Rule, ...] = (Sign(),)
