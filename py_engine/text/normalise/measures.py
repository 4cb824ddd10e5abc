"""Measures: a number or a range and a unit of the table, compound units, angles, times of sport, sizes."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

from py_engine.text.normalise.numbers import cardinal, digit_string
from py_engine.text.normalise.speech import (
    DASH,
    DIGITS,
    NUMBER,
    TILDE,
    UNSIGNED,
    Parts,
    Rule,
    before,
    digits,
    number_parts,
    rule,
    spelt_part,
    words,
)  # fmt: skip
from py_engine.text.spoken import Part
from py_engine.text.tables import mapping, word_set

# 5A景区 and 3A大作 are no currents
# 住12A, 座位12A
_PLACED = re.compile(r"(?:\d车|住|座|座位|排|号|房|室|口|楼|栋|车厢|厢)[在是为:]?\s?\Z")
_PRESSURE = re.compile("(?:血压|BP)[为是:达到了\\s]{0,3}\\Z")
_NOT_AMPERE = re.compile(r"A(?=[级景大类股座轮照栋区])")


@cache
def _unit_pattern() -> re.Pattern[str]:
    units = sorted(mapping("units.tsv"), key=lambda unit: (-len(unit), unit))
    # ASCII units must not begin a longer Latin word: 5 min, but not 5 minutes
    return re.compile(
        "(?:"
        + "|".join(re.escape(unit) for unit in units)
        + r")(?![A-Za-z]|\d(?!\d{0,3}(?:g|mg|cm|mm|dm|ml|mL|min|s)(?![A-Za-z0-9])))"
    )


def find_unit(text: str, at: int) -> tuple[str, int] | None:
    """The spoken name of the unit that stands here, and where it ends; mg/L is 毫克每升."""
    found = _unit_pattern().match(text, at)
    if found is None or _NOT_AMPERE.match(text, at):
        return None
    spoken, stop = mapping("units.tsv")[found.group()], found.end()
    divisor = _unit_pattern().match(text, stop + 1) if text[stop : stop + 1] == "/" else None
    if divisor is not None:
        return f"{spoken}每{mapping('units.tsv')[divisor.group()]}", divisor.end()
    return spoken, stop


class Measure:
    """25kg, 10-20℃: a number or a range before a unit of the table."""

    name, needs = "measure", ""
    _range = re.compile(rf"({NUMBER})({DASH}|{TILDE})([-−]?{UNSIGNED})\s?", re.ASCII)
    _number = re.compile(rf"({NUMBER})\s?", re.ASCII)

    def begins(self, char: str) -> bool:
        return char in DIGITS + "+-−"

    def match(self, text: str, at: int) -> Parts | None:
        for pattern, last in ((self._range, 3), (self._number, 1)):
            found = pattern.match(text, at)
            unit = find_unit(text, found.end()) if found else None
            if found is None or unit is None or (text[found.end() - 1] == " " and text[found.end()] in "imtAVWNJ"):
                continue
            if text[found.end()] == "A" and _PLACED.search(text[max(0, at - 4) : at]):
                continue
            spoken, stop = unit
            number = number_parts(found[last], found.start(last), found.end(last), spoken)
            parts = [*number, spelt_part(spoken, found.end(last), stop)]
            if last == 1:
                return parts
            return [*number_parts(found[1], found.start(1), found.end(1), spoken), words(found, 2, "到"), *parts]
        return None


@rule(r"(?<![\d./])(\d{2,3})/(\d{2,3})(?![\d/])(?:\s?(mmHg|毫米汞柱))?", "measure.pressure", first=DIGITS, needs="/")
def blood_pressure(found: re.Match[str]) -> Parts | None:
    """140/90mmHg is 一百四十比九十毫米汞柱."""
    if not found[3] and not _PRESSURE.search(before(found, 8)):
        return None
    unit = [words(found, 3, "毫米汞柱")] if found[3] else []
    high, low = (words(found, group, cardinal(found[group])) for group in (1, 2))
    return [high, Part("比", found.end(1), found.start(2)), low, *unit]


_SIDES = {"N": "北纬", "S": "南纬", "E": "东经", "W": "西经"}


@rule(r"(\d{1,3}(?:\.\d{1,8})?)°\s?([NSEW])(?![A-Za-z])", "measure.angle", first=DIGITS, needs="°")
def latitude(found: re.Match[str]) -> Parts | None:
    """39.9°N is 北纬三十九点九度."""
    degrees = number_parts(found[1], *found.span(1))
    return [words(found, 2, _SIDES[found[2]]), *degrees, Part("度", found.end(1), found.start(2))]


@rule(r"(\d{1,3})°\s?(\d{1,2})[′'](?:\s?(\d{1,2})[″\"])?", "measure.angle", first=DIGITS, needs="°")
def angle(found: re.Match[str]) -> Parts | None:
    """30°15′ is 三十度十五分."""
    seconds = [Part(cardinal(found[3]) + "秒", found.start(3), found.end())] if found[3] else []
    minutes = Part(cardinal(found[2]) + "分", found.start(2), found.end(2) + 1)
    return [words(found, 1, cardinal(found[1]) + "度"), minutes, *seconds]


@rule(r"(\d{1,2})['′](\d{2})[\"″](?:(\d{1,2}))?", "duration", first=DIGITS, needs="'′")
def stopwatch(found: re.Match[str]) -> Parts | None:
    """1'30" is 一分三十秒."""
    rest = [digits(found, 3, digit_string(found[3]))] if found[3] else []
    seconds = Part(cardinal(found[2]) + "秒", found.start(2), found.end(2) + 1)
    return [words(found, 1, cardinal(found[1]) + "分"), seconds, *rest]


@rule(r"(\d{1,2})[\"″](?=[\s,。!?]|\Z)", "duration", first=DIGITS, needs='"″')
def seconds(found: re.Match[str]) -> Parts | None:
    """[语音] 15"."""
    if not re.search(r"(?:语音|录音|通话)\]?\s?\Z", before(found, 6)):
        return None
    return [*number_parts(found[1], *found.span(1), "秒"), Part("秒", found.end(1), found.end())]


@rule(r"(?:(\d{1,3})分(?:钟)?)?(\d+)秒(\d{2,3})(?![\d.])", "duration", first=DIGITS, needs="秒")
def hundredths(found: re.Match[str]) -> Parts | None:
    """9秒58 is 九秒五八, 7分40秒33 七分四十秒三三."""
    minutes = [Part(cardinal(found[1]) + "分", found.start(1), found.start(2))] if found[1] else []
    return [
        *minutes,
        Part(cardinal(found[2]) + "秒", found.start(2), found.end(2) + 1), digits(found, 3, digit_string(found[3])),
    ]  # fmt: skip


@rule(r"[xX*](?=\s?\d)", "sign.times", first="xX*")
def times(found: re.Match[str]) -> Parts | None:
    """The x of 1920x1080."""
    left = before(found, 2)
    if found.group() == "*" and re.search(r"\d\s?(?:[mk]?[gLlm]|[片袋粒瓶支盒包])\Z", before(found, 5)):
        # 0.25g*24粒
        return [words(found, 0, "乘")]
    return [words(found, 0, "乘")] if left[-1:].isdigit() and left != "0" else None


# With its sign, right before
_PRICE = r"[¥￥$€£]\s?\d[\d.,]{0,9}$"


@rule(r"(?<=[元块])/(?=\d{1,4}\s?(?:分钟|小时|天|个?月|年|次|公里|克|毫升|[km]?[gLlm]|人|件))", "sign.per", first="/")
def per_amount(found: re.Match[str]) -> Parts | None:
    """1.5元/15分钟."""
    return [words(found, 0, "每")]


@rule(r"/(?=[\u4e00-\u9fff])", "sign.per", first="/")
def per(found: re.Match[str]) -> Parts | None:
    """5元/斤 is 五元每斤."""
    right = found.string[found.end() : found.end() + 3]
    if not re.search(rf"[\d一二三四五六七八九十百千万亿两半][^\d/]{{1,2}}$|{_PRICE}", before(found, 12)):
        return None
    per_words = word_set("contexts_of_numbers.tsv", "after per")
    return [words(found, 0, "每")] if right.startswith(tuple(per_words)) else None


@rule(r"/(?=[A-Za-z㎡㎏])", "sign.per", first="/")
def price_per(found: re.Match[str]) -> Parts | None:
    """¥12.5/kg is 十二点五元每千克."""
    if not re.search(rf"\d[万千]?\s?[元块角分次转滴步下]$|\d[万千]$|{_PRICE}", before(found, 12)):
        return None
    unit = find_unit(found.string, found.end())
    if unit is None:
        return None
    return [words(found, 0, "每"), spelt_part(unit[0], found.end(), unit[1])]


@rule(r"/(?=100?\s?(?:km|公里|千米|g(?![A-Za-z])|克|ml|毫升))", "sign.per", first="/")
def per_hundred(found: re.Match[str]) -> Parts | None:
    """1.5L/100km is 一点五升每一百公里."""
    return [words(found, 0, "每")] if re.search(r"\d\s?[A-Za-z升克元]{1,4}\Z", before(found, 8)) else None


@rule(
    r"(\d{1,3}(?:\.\d)?)[\"″](?=\s?(?:的?电视|显示|的?屏|自行车|蛋糕|轮|披萨|笔记本|平板))",
    "measure",
    first=DIGITS,
    needs='"″',
)
def inches(found: re.Match[str]) -> Parts | None:
    """55"电视, unless the sign closes a quotation."""
    if before(found, 24).count('"') % 2:
        return None
    return [*number_parts(found[1], *found.span(1)), Part("英寸", found.end(1), found.end())]


@rule(r"(\d{1,3})\s?h\s?(\d{1,2})\s?m(?:in)?(?![A-Za-z])", "duration", first=DIGITS, needs="h")
def hours_and_minutes(found: re.Match[str]) -> Parts | None:
    """1h30min."""
    hours = "两" if found[1] == "2" else cardinal(found[1])
    first = Part(hours + "小时", found.start(1), found.start(2))
    return [first, Part(cardinal(found[2]) + "分钟", found.start(2), found.end())]


@rule(
    r"(?<![\d.])(\d)米(\d{1,2})(?![\d.]|米|厘|公|以|到|的?跳|的?决|的?比|的?距|的?接|层|楼|个|人)",
    "measure.height",
    first=DIGITS,
    needs="米",
)
def height(found: re.Match[str]) -> Parts | None:
    """1米78 is 一米七八."""
    whole = words(found, 1, "两" if found[1] == "2" else cardinal(found[1]))
    return [replace(whole, text=whole.text + "米", stop=found.start(2)), digits(found, 2, digit_string(found[2]))]


@rule(
    r"(?:km/h|m/s|kg/m³|g/cm³|mg/L|g/L|mol/L|r/min|L/min|MB/s|KB/s|GB/s|N/m|J/kg)(?![A-Za-z0-9])",
    "measure",
    first="kmgrLMKGNJ",
    needs="/",
)
def bare(found: re.Match[str]) -> Parts | None:
    """A compound unit that is spoken of: 单位是kg/m³."""
    if re.match(r"[\dA-Za-z]", before(found, 1)):
        return None
    unit = find_unit(found.string, found.start())
    return [spelt_part(unit[0], *found.span())] if unit and unit[1] == found.end() else None


class UnitAfterMore:
    """70多kg, 960万km², 1/2kg, 10⁻³¹kg: a unit behind 多, 万, a fraction or a power of ten; 体重(kg)."""

    name, needs = "measure", "多余万亿⁰¹²³⁴⁵⁶⁷⁸⁹(/_单"
    _more = re.compile(
        r"(?:[\d十百千万亿][多余]|\d[十百千]?[万亿]{1,2}|(?<![\d/])\d{1,2}/\d{1,2}|10⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}|__|单位[:是为]\s?)\Z"
    )

    _named = re.compile("[\u4e00-\u9fff²][(]\\Z")
    # 产量(kg/亩)
    _divisor = re.compile("/([\u4e00-\u9fff]{1,3})[)]")

    def begins(self, char: str) -> bool:
        return any(unit.startswith(char) for unit in mapping("units.tsv"))

    def match(self, text: str, at: int) -> Parts | None:
        left = text[max(0, at - 6) : at]
        named = self._named.search(left)
        unit = find_unit(text, at) if named or self._more.search(left) else None
        if unit is None:
            return None
        said = spelt_part(unit[0], at, unit[1])
        divisor = self._divisor.match(text, unit[1]) if named else None
        if divisor and divisor[1] in word_set("contexts_of_numbers.tsv", "after per"):
            return [said, Part("每", unit[1], unit[1] + 1)]
        if named and (unit[1] == at + 1 or text[unit[1] : unit[1] + 1] != ")"):
            return None
        return [said]


@rule(r"/(?=\d{1,4}(?:\.\d{1,3})?\s?m²)", "sign.per", first="/")
def per_surface(found: re.Match[str]) -> Parts | None:
    """72ml/min/1.73m²."""
    return [words(found, 0, "每")] if re.search(r"[A-Za-z]\Z", before(found, 1)) else None


NUMBERS: tuple[Rule, ...] = (
    hours_and_minutes,
    height,
    inches,
    blood_pressure,
    latitude,
    angle,
    stopwatch,
    seconds,
    hundredths,
    Measure(),
)
SIGNS: tuple[Rule, ...] = (bare, UnitAfterMore(), per_surface, times, per_hundred, per_amount, per, price_per)
