"""Dates, years and times of day (forms of GB/T 7408-2005 and everyday writing)."""

from __future__ import annotations

import re

from py_engine.text.normalise.numbers import cardinal, digit_string
from py_engine.text.normalise.speech import Parts, Rule, digits, rule, words
from py_engine.text.spoken import Part

_ERA_END = r"(?=年(?!前|来|间|后|内|以|的?历史|的?文明|的?时间|级|龄|薪|费|租))"


def _is_date(month: str, day: str) -> bool:
    return 1 <= int(month) <= 12 and 1 <= int(day) <= 31


@rule(r"(?<![\d.])(\d{4}|\d{2}(?=/))([-/.·])(\d{1,2})\2(\d{1,2})(?![\d.]\d|\d)")
def numeric_date(found: re.Match[str]) -> Parts | None:
    """2024-05-01, 2024/5/1, 24/5/1."""
    if not _is_date(found[3], found[4]):
        return None
    return [
        digits(found, 1, digit_string(found[1])), words(found, 2, "年"),
        digits(found, 3, cardinal(found[3]) + "月"), digits(found, 4, cardinal(found[4]) + "日"),
    ]  # fmt: skip


@rule(r"(?<![\d.])(\d{4})([-/])(\d{1,2})(?=月)")
def numeric_month(found: re.Match[str]) -> Parts | None:
    """2024-05月."""
    return [digits(found, 1, digit_string(found[1]) + "年"), digits(found, 3, cardinal(found[3]))]


@rule(r"(?<![\d.])(\d{4})(?:-|–|—|~)(\d{4}|\d{2})(?=年)")
def year_range(found: re.Match[str]) -> Parts | None:
    """2019-2024年."""
    to = Part("到", found.end(1), found.start(2))
    return [digits(found, 1, digit_string(found[1])), to, digits(found, 2, digit_string(found[2]))]


@rule(
    rf"(?<![\d.])(?:[12]\d{{3}}|0\d{{3}}){_ERA_END}|(?<![\d.])[12]\d{{3}}(?<!000)(?=年)"
    r"|(?<=公元)\d+(?=年)|(?<=公元前)\d+(?=年)"
)
def year(found: re.Match[str]) -> Parts | None:
    """2024年, digit by digit; but 5000年历史 is an amount."""
    return [digits(found, 0, digit_string(found[0]))]


@rule(rf"(?<![\d.])(0\d|[6-9]\d(?=年\d{{1,2}}月|年(?:春|夏|秋|冬|初|底|末|出生|毕业|世界杯))){_ERA_END}")
def short_year(found: re.Match[str]) -> Parts | None:
    """05年, 98年底."""
    return [digits(found, 1, digit_string(found[1]))]


@rule(r"(?<![\d.])(\d{1,2})月(\d{1,2})(日|号)")
def month_and_day(found: re.Match[str]) -> Parts | None:
    """5月1日, 02月08号."""
    if not _is_date(found[1], found[2]):
        return None
    month = Part(cardinal(found[1]) + "月", found.start(1), found.end(1) + 1, "digits")
    return [month, Part(cardinal(found[2]) + found[3], found.start(2), found.end(3), "digits")]


@rule(r"(?<![\d.])(0?[1-9]|1[0-2])月(?!饼)")
def month(found: re.Match[str]) -> Parts | None:
    return [digits(found, 0, cardinal(found[1]) + "月")]


@rule(
    r"(?<![\d:.])([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?(\s?[ap]\.?m\.?(?![A-Za-z]))?(?![\d:])", flags=re.IGNORECASE
)
def clock(found: re.Match[str]) -> Parts | None:
    """12:30, 03:04:05; minutes below ten keep their zero: 零五分."""
    parts = [words(found, 1, _hour(found[1]) + "点")]
    if found[2] != "00" or found[3]:
        parts.append(words(found, 2, _minutes(found[2]) + "分"))
    elif found[3] is None:
        parts.append(Part("整", found.start(2), found.end(2)))
    if found[3]:
        parts.append(words(found, 3, _minutes(found[3]) + "秒"))
    half = (found[4] or "").strip().lower()[:1]
    if re.search("[午晚晨早夜]上?$", found.string[: found.start()]):
        half = ""
    return [words(found, 4, {"a": "上午", "p": "下午"}[half]), *parts] if half else parts


def _hour(text: str) -> str:
    return "两" if int(text) == 2 else cardinal(text)


def _minutes(text: str) -> str:
    return "零" + cardinal(text) if text[0] == "0" and text != "00" else cardinal(text)


TIMES: tuple[Rule, ...] = (clock,)
RULES: tuple[Rule, ...] = (
    numeric_date, numeric_month, year_range, year, short_year, month_and_day, month, *TIMES,
)  # fmt: skip
