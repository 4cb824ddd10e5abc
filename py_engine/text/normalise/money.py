"""Money: signs and codes of currencies before or after an amount."""

from __future__ import annotations

import re
from functools import cache

from py_engine.text.normalise.speech import (
    DASH,
    DIGITS,
    MAGNITUDE,
    TILDE,
    UNSIGNED,
    Parts,
    Rule,
    number_parts,
    words,
)  # fmt: skip
from py_engine.text.spoken import Part
from py_engine.text.tables import rows

_POWERS = {"k": 3, "K": 3, "M": 6, "m": 6, "B": 9, "b": 9, "": 0}


@cache
def _names() -> dict[str, str]:
    return {sign: name for sign, name, _ in rows("currencies.tsv")}


@cache
def _alternatives(kind: str) -> str:
    signs = [sign for sign, _, own in rows("currencies.tsv") if own == kind]
    return "|".join(re.escape(sign) for sign in sorted(signs, key=lambda sign: (-len(sign), sign)))


_STATED = re.compile(r"\s?元(?!旦|首|素|老|宝)")


class Before:
    """¥3.50, US$100, $1.5万, $10k, ¥100-200, USD 100."""

    name, needs = "money", DIGITS

    def begins(self, char: str) -> bool:
        return char in "-−" or any(sign.startswith(char) for sign in _names())

    def match(self, text: str, at: int) -> Parts | None:
        found = _before().match(text, at)
        if found is None or (at and text[at].isalpha() and text[at - 1].isalnum() and text[at - 1] < "\u0080"):
            return None
        sign, minus, amount, magnitude = found["sign"], found["minus"] or found["inner"], found["amount"], found["mag"]
        unit = words(found, "sign", _names()[sign])
        stated = _STATED.match(text, found.end()) if unit.text == "元" else None
        negative = [Part("负", found.start("amount") - 1, found.start("amount"))] if minus else []
        parts = _amount(found, "amount", amount, magnitude, unit.text)
        if found["last"]:
            to = Part("到", found.end("amount"), found.start("last"))
            parts += [to, *_amount(found, "last", found["last"], found["mag2"], unit.text)]
        # ¥69.80元
        return [*negative, *parts, unit, *([Part("", *stated.span())] if stated else [])]


@cache
def _before() -> re.Pattern[str]:
    signs, codes = _alternatives("sign"), _alternatives("code")
    return re.compile(
        rf"(?P<minus>[-−])?(?P<sign>{signs}|(?:{codes})(?=\s?\d))\s?(?P<inner>[-−])?(?P<amount>{UNSIGNED})"
        rf"(?P<mag>[kKMB](?![A-Za-z0-9])|{MAGNITUDE})"
        rf"(?:(?:{DASH}|{TILDE})(?P<last>{UNSIGNED})"
        rf"(?P<mag2>[kKMB](?![A-Za-z0-9])|{MAGNITUDE}))?"
    )


def _amount(found: re.Match[str], group: str, amount: str, magnitude: str, unit: str) -> Parts:
    start, stop = found.span(group)
    if magnitude in _POWERS and magnitude:
        return number_parts(_shifted(amount, _POWERS[magnitude]), start, stop + 1, unit)
    plain = amount.rstrip("0").rstrip(".") if "." in amount else amount
    spoken = number_parts(plain, start, stop, magnitude or unit)
    return [*spoken, Part(magnitude, stop, stop + len(magnitude))] if magnitude else spoken


def _shifted(amount: str, places: int) -> str:
    """1.5 with six places is 1500000."""
    whole, _, decimals = amount.replace(",", "").partition(".")
    moved = whole + decimals[:places].ljust(places, "0")
    rest = decimals[places:].rstrip("0")
    return f"{moved}.{rest}" if rest else moved


class After:
    """100RMB, 100 USD."""

    name = "money"

    @property
    def needs(self) -> str:
        return _first_of_codes()

    def begins(self, char: str) -> bool:
        return char in DIGITS

    def match(self, text: str, at: int) -> Parts | None:
        found = _after().match(text, at)
        if found is None:
            return None
        unit = _names()[found["code"]]
        return [*_amount(found, "amount", found["amount"], found["mag"], unit), words(found, "code", unit)]


@cache
def _first_of_codes() -> str:
    return "".join({code[0] for code, _, kind in rows("currencies.tsv") if kind == "code"})


@cache
def _after() -> re.Pattern[str]:
    codes = _alternatives("code")
    return re.compile(rf"(?P<amount>{UNSIGNED})(?P<mag>{MAGNITUDE})\s?(?P<code>{codes})(?![A-Za-z0-9])")


BEFORE: tuple[Rule, ...] = (Before(),)
AFTER: tuple[Rule, ...] = (After(),)
