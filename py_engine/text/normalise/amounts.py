"""Amounts: money, percentages, fractions, units, ranges, ordinals, plain numbers."""

from __future__ import annotations

import re
from functools import cache

from py_engine.text.normalise.numbers import cardinal
from py_engine.text.normalise.speech import Parts, Rule, number_parts, rule, with_unit, words
from py_engine.text.spoken import Part
from py_engine.text.tables import mapping

# A sign is a sign only where no amount and no word stands before it
NUMBER = r"(?:(?<![\w)\]%])[-+−])?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
UNSIGNED = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
DASH = r"\s?[-–—~−]\s?"
MAGNITUDE = r"(?:百万|千万|万亿|[百千万亿])?"


@rule(rf"([-−]?)([¥$€£₩])\s?({UNSIGNED})({MAGNITUDE})")
def money(found: re.Match[str]) -> Parts | None:
    """$1.5万 is 一点五万美元."""
    amount = found[3].rstrip("0").rstrip(".") if "." in found[3] else found[3]
    unit = mapping("currencies.tsv")[found[2]]
    sign = [words(found, 1, "负")] if found[1] else []
    parts = number_parts(amount, found.start(3), found.end(3), found[4] or unit)
    magnitude = [words(found, 4, found[4])] if found[4] else []
    return [*sign, *parts, *magnitude, words(found, 2, unit)]


@rule(rf"({UNSIGNED})(%?)({DASH})({UNSIGNED})([%‰])")
def percentage_range(found: re.Match[str]) -> Parts | None:
    """10%-20%, 10-20%."""
    share = _share(found[5])
    first = [words(found, 2, share), *number_parts(found[1], found.start(1), found.end(1))]
    last = [words(found, 5, share), *number_parts(found[4], found.start(4), found.end(4))]
    return [*first, words(found, 3, "到"), *last]


@rule(rf"({NUMBER})\s?([%‰])")
def percentage(found: re.Match[str]) -> Parts | None:
    """-98% is 负百分之九十八."""
    number, sign = found[1].lstrip("+-−"), found[1][:1]
    negative = [Part({"+": "正"}.get(sign, "负"), found.start(1), found.start(1) + 1)] if sign in "+-−" else []
    amount = number_parts(number, found.start(1), found.end(1))
    if number == "100" and found[2] == "%":
        amount = [words(found, 1, "百")]
    return [*negative, words(found, 2, _share(found[2])), *amount]


def _share(sign: str) -> str:
    return "百分之" if sign == "%" else "千分之"


@rule(r"((?<![\w)\]%])[-−])?(?<![\d/])(\d{1,4})[/⁄](\d{1,4})(?![\d/])")
def fraction(found: re.Match[str]) -> Parts | None:
    """1/2 is 二分之一."""
    if int(found[3]) == 0:
        return None
    sign = [words(found, 1, "负")] if found[1] else []
    return [*sign, words(found, 3, cardinal(found[3]) + "分之"), words(found, 2, cardinal(found[2]))]


@cache
def _unit_pattern() -> re.Pattern[str]:
    units = sorted(mapping("units.tsv"), key=lambda unit: (-len(unit), unit))
    # ASCII units must not begin a longer Latin word: 5 min, but not 5 minutes
    return re.compile("(?:" + "|".join(re.escape(unit) for unit in units) + r")(?![A-Za-z0-9])")


class Measure:
    """25kg, 10-20℃: a number or a range before a unit of the table."""

    name = "measure"
    _range = re.compile(rf"({UNSIGNED})({DASH})({UNSIGNED})\s?")
    _number = re.compile(rf"({NUMBER})\s?")

    def match(self, text: str, at: int) -> Parts | None:
        for pattern, last in ((self._range, 3), (self._number, 1)):
            found = pattern.match(text, at)
            unit = _unit_pattern().match(text, found.end()) if found else None
            if found is None or unit is None:
                continue
            spoken = mapping("units.tsv")[unit.group()]
            parts = with_unit(found[last], found.start(last), found.end(last), spoken, unit.end())
            if last == 1:
                return parts
            return [*number_parts(found[1], found.start(1), found.end(1)), words(found, 2, "到"), *parts]
        return None


@rule(rf"(?<![\d.\-])({UNSIGNED})({DASH})({UNSIGNED})(?![\d\-])")
def number_range(found: re.Match[str]) -> Parts | None:
    """3-5天 is 三到五天; a falling pair is a score (3-1) or, before =, a subtraction."""
    text, stop = found.string, found.end()
    first, last = float(found[1].replace(",", "")), float(found[3].replace(",", ""))
    joint = "到" if first < last or "~" in found[2] else "比"
    if text[stop:].lstrip().startswith("="):
        joint = "减"
    return [
        *number_parts(found[1], found.start(1), found.end(1), text[stop : stop + 3]), words(found, 2, joint),
        *number_parts(found[3], found.start(3), found.end(3), text[stop : stop + 3]),
    ]  # fmt: skip


@rule(r"(?<![\d:])(\d{1,3}):(\d{1,3})(?![\d:])")
def ratio(found: re.Match[str]) -> Parts | None:
    """3:2 is 三比二."""
    return [words(found, 1, cardinal(found[1]) + "比"), words(found, 2, cardinal(found[2]))]


@rule(r"第(\d+)")
def ordinal(found: re.Match[str]) -> Parts | None:
    """第2名 is 第二名."""
    return [words(found, 0, "第" + cardinal(found[1]))]


@rule(rf"({NUMBER})")
def plain(found: re.Match[str]) -> Parts | None:
    """An amount; 2 before a measure word is 两, not so after 第."""
    stop = found.end()
    following = found.string[stop : stop + 3]
    return number_parts(found[1], found.start(), stop, following)


RULES: tuple[Rule, ...] = (
    money, percentage_range, percentage, Measure(), fraction, number_range, ratio, plain,
)  # fmt: skip
