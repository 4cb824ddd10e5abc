"""What ``say-as`` asks for: a text said as one class, whatever its context would make of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from py_engine.text.normalise import amounts, dates, identifiers, measures, money
from py_engine.text.normalise.numbers import cardinal, digit_string
from py_engine.text.normalise.speech import NUMBER, Parts, Rule, in_order, number_parts
from py_engine.text.spoken import Part

_AMOUNT = re.compile(rf"\s*({NUMBER})\s*")
_INTEGER = re.compile(r"\s*(?:第\s*)?(\d+)\s*")
_DATE_FIELD = re.compile(r"\d+")
# Formats of dates and what each letter's number is followed by (W3C note "SSML 1.0 say-as attribute values", 2005)
_DATE_SIGNS = {"y": "年", "m": "月", "d": "日"}
_SILENT = frozenset(" -()（）.·")

Say = Callable[[str, str], Parts | None]


def _cardinal(text: str, _format: str) -> Parts | None:
    found = _AMOUNT.fullmatch(text)
    return number_parts(found[1], 0, len(text)) if found else None


def _ordinal(text: str, _format: str) -> Parts | None:
    found = _INTEGER.fullmatch(text)
    return [Part("第" + cardinal(found[1]), 0, len(text))] if found else None


def _digits(text: str, one: str) -> Parts | None:
    """Digits one by one, in groups as they are written; other signs by name or silent."""
    parts: Parts = []
    for found in re.finditer(r"\d{1,4}(?=(?:\d{4})*(?:\D|$))|\D", text):
        piece, start, stop = found.group(), found.start(), found.end()
        if piece[0].isdigit():
            parts.append(Part(digit_string(piece, one), start, stop, "digits"))
        elif piece == "." and one == "一":
            parts.append(Part("点", start, stop))
        elif piece == "+":
            parts.append(Part("加", start, stop))
        elif piece not in _SILENT:
            parts += identifiers.spelt(piece, start, one) or []
    return parts or None


def _characters(text: str, _format: str) -> Parts | None:
    return identifiers.spelt(text, 0, "一") or None


def _date(text: str, format_: str) -> Parts | None:
    order = format_.strip().lower() or None
    if order is None:
        return _by_rules(dates.RULES, text)
    numbers = list(_DATE_FIELD.finditer(text))
    if set(order) - set("ymd") or len(numbers) != len(order) or len(set(order)) != len(order):
        return None
    parts = {}
    for letter, found in zip(order, numbers, strict=True):
        spoken = digit_string(found.group()) if letter == "y" else cardinal(found.group())
        parts[letter] = Part(spoken + _DATE_SIGNS[letter], 0, len(text), "digits")
    return [parts[letter] for letter in "ymd" if letter in parts]


def _by_rules(rules: tuple[Rule, ...], text: str) -> Parts | None:
    """The first rule that takes the whole text, spaces around it apart."""
    plain = text.strip()
    for rule in rules:
        parts = rule.match(plain, 0)
        if parts is not None and max(part.stop for part in in_order(parts)) >= len(plain):
            return parts
    return None


SAY_AS: dict[str, Say] = {
    "cardinal": _cardinal,
    "number": _cardinal,
    "ordinal": _ordinal,
    "digits": lambda text, _format: _digits(text, "一"),
    "telephone": lambda text, _format: _digits(text, "幺"),
    "characters": _characters,
    "spell-out": _characters,
    "verbatim": _characters,
    "date": _date,
    "time": lambda text, _format: _by_rules(dates.TIMES, text),
    "fraction": lambda text, _format: _by_rules((amounts.fraction,), text),
    "currency": lambda text, _format: _by_rules(money.BEFORE + money.AFTER, text),
    "unit": lambda text, _format: _by_rules(measures.NUMBERS, text),
    "address": lambda text, _format: _by_rules((identifiers.address,), text),
}


def say_as(kind: str, text: str, format_: str, start: int) -> Parts | None:
    """The parts for ``text``, which begins at ``start`` of the script; None where it is not of that kind."""
    from py_engine.text.normalise import fold

    parts = SAY_AS[kind](fold(text), format_)
    if parts is None:
        return None
    stop = start + len(text)
    shifted = [replace(part, start=part.start + start, stop=min(part.stop + start, stop)) for part in parts]
    starts = [part.start for part in shifted]
    if starts != sorted(starts) or text != text.strip():
        return [replace(part, start=start, stop=stop) for part in shifted]
    return shifted
