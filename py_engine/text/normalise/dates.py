"""Dates, years and times of day (forms of GB/T 7408-2005 and everyday writing)."""

from __future__ import annotations

import re
from dataclasses import replace

from py_engine.text.normalise.amounts import after_score
from py_engine.text.normalise.numbers import cardinal, digit_string
from py_engine.text.normalise.speech import Parts, Rule, after, before, digits, rule, words
from py_engine.text.spoken import Part
from py_engine.text.tables import word_set

_ERA_END = r"(?=年(?!前|来|间|后|内|以|的?历史|的?文明|的?时间|级|龄|薪|费|租))"


def _is_date(month: str, day: str) -> bool:
    return 1 <= int(month) <= 12 and 1 <= int(day) <= 31


def _day(found: re.Match[str], month: int, day: int) -> Parts:
    """The groups of a month and a day."""
    return [digits(found, month, cardinal(found[month]) + "月"), digits(found, day, cardinal(found[day]) + "日")]


@rule(r"(?<![\d.])(\d{4}|\d{2}(?=/))([-/.·])(\d{1,2})\2(\d{1,2})(?![\d.]\d|\d)", "date", needs="-/.·")
def numeric_date(found: re.Match[str]) -> Parts | None:
    """2024-05-01, 2024/5/1, 24/5/1."""
    if not _is_date(found[3], found[4]):
        return None
    return [digits(found, 1, digit_string(found[1])), words(found, 2, "年"), *_day(found, 3, 4)]


@rule(r"(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d|[.,]\d|[-/])", "date")
def compact_date(found: re.Match[str]) -> Parts | None:
    """20261120, where no measure word makes it an amount."""
    if re.match(r"\s?[个人元块万亿次件条公米千克吨年%]", after(found, 2)):
        return None
    return [digits(found, 1, digit_string(found[1]) + "年"), *_day(found, 2, 3)]


@rule(r"(?<![\d.])(\d{4})([-/])(\d{1,2})(?=月)", "date.month", needs="月")
def numeric_month(found: re.Match[str]) -> Parts | None:
    """2024-05月."""
    return [digits(found, 1, digit_string(found[1]) + "年"), digits(found, 3, cardinal(found[3]))]


@rule(r"(?<![\d.])((?:1[89]|20)\d)0'?s(?![A-Za-z0-9])", "date.decade", needs="s")
def decade(found: re.Match[str]) -> Parts | None:
    """1990s is 一九九零年代."""
    return [Part(digit_string(found[1] + "0"), *found.span(1), "digits"), Part("年代", found.end(1), found.end())]


_NAMES_A_DAY = re.compile(r"(?:日期|有效期|截止|截至|期限|生日|定于|定在)[:：\s至到于是为]*$")


_WEEKDAY_BEFORE = re.compile(r"(?:周|星期|礼拜)[一二三四五六日天]\s?[(,]?\s?\Z")
_WEEKDAY = re.compile(r"\s?[(,]?\s?(?:周|星期|礼拜)[一二三四五六日天]")
_HAPPENS = re.compile(r"\s\d{1,2}:\d\d|放假|开学|上线|截止|开业|生效|发布|上映|到期|出发|开赛|开奖")


@rule(r"(?<![\d/.])(\d{1,2})/(\d{1,2})(?![\d/%]|\.\d)", "date.day", needs="/")
def slashed_day(found: re.Match[str]) -> Parts | None:
    """有效期至12/31, 10/1放假, 周三(11/27), where what stands around asks for a day; a fraction elsewhere."""
    named = _NAMES_A_DAY.search(before(found, 12)) or _HAPPENS.match(after(found, 6))
    beside = _WEEKDAY.match(after(found, 6)) or _WEEKDAY_BEFORE.search(before(found, 6))
    if not _is_date(found[1], found[2]) or not (named or beside):
        return None
    return _day(found, 1, 2)


@rule(r"(?<![\d/])(\d{1,2})/(\d{1,2})(?=月)", "date.month", needs="月")
def months(found: re.Match[str]) -> Parts | None:
    """1/2月 is 一二月."""
    return [digits(found, 1, cardinal(found[1])), digits(found, 2, cardinal(found[2]))]


@rule(
    r"(?<![\d.])(\d{4})(年?)(?:-|–|—|~)(\d{4}|\d{2})(?=年|学年|(?<=\d{4})\)|(?<=\d{4})赛季)", "date.years", needs="-–—~"
)
def year_range(found: re.Match[str]) -> Parts | None:
    """2019-2024年."""
    to = Part("到", found.end(2), found.start(3))
    first = Part(digit_string(found[1]) + found[2], found.start(1), found.end(2), "digits")
    return [first, to, digits(found, 3, digit_string(found[3]))]


@rule(r"(?<![\d.])((?:19|20)\d\d)([-–/])(\d\d)(?![\d.]|[-–/年])", "date.season", needs="-–/")
def season(found: re.Match[str]) -> Parts | None:
    """2018-19赛季: two years that follow each other."""
    if (int(found[1]) + 1) % 100 != int(found[3]):
        return None
    return [digits(found, 1, digit_string(found[1])), words(found, 2, "到"), digits(found, 3, digit_string(found[3]))]


@rule(
    rf"(?<![\d.])(?:[12]\d{{3}}|0\d{{3}}){_ERA_END}|(?<![\d.])[12]\d{{3}}(?<!00)(?=年)"
    r"|(?<![\d.])(?:1[5-9]|20)\d\d(?=[至到、和及与](?:1[5-9]|20)\d\d年)|(?<=\()\d{3}(?=年\)|年\s?[-–—~至到])|(?<=年[-–—~至到])\d{3}(?=年\))"
    r"|(?<=[公西]元)\d+(?=年)|(?<=公元前)\d+(?=年)|(?<=纪元)\d+(?=年)|(?<![\d.])(?:19|20)\d\d(?=[财学]年|届|款|版(?!权)|春夏|秋冬|赛季)",
    "date.year",
    needs="年届款版春秋赛",
)
def year(found: re.Match[str]) -> Parts | None:
    """2024年, digit by digit; but 5000年历史 is an amount."""
    return [digits(found, 0, digit_string(found[0]))]


@rule(r"(?<!\d)((?:19|20)\d\d)(?=\s?[QH][1-4](?![0-9A-Za-z]))", "date.quarter", needs="QH")
def year_of_quarter(found: re.Match[str]) -> Parts | None:
    """2024Q3."""
    return [digits(found, 1, digit_string(found[1]))]


@rule(
    r"(?<![\d.])([5-9]0|[6-9]5|00|05|10)(?=后(?![面来天再就又会能的第才排座轮卫腿台门方备勤期续果见到从在把被给让开进出回走]|\d)|后的(?:我|你|他|她|人|年轻人|孩子|青年|父母|妈妈|爸爸|同事|员工|童年|回忆))",
    "date.generation",
    needs="后",
)
def generation(found: re.Match[str]) -> Parts | None:
    """95后: those born from 1995 on."""
    return [digits(found, 1, digit_string(found[1]))]


@rule(
    rf"(?<![\d.])(0\d|[6-9]\d(?=年\d{{1,2}}月|年(?:春|夏|秋|冬|初|底|末|出生|毕业|世界杯))){_ERA_END}",
    "date.year",
    needs="年",
)
def short_year(found: re.Match[str]) -> Parts | None:
    """05年, 98年底."""
    return [digits(found, 1, digit_string(found[1]))]


@rule(
    r"(?:(AD|A\.D\.|BC|B\.C\.)\s?)?(\d{2,4})(?:\s?(?:(AD|A\.D\.|BC|B\.C\.|BCE|CE))(?![A-Za-z]))?",
    "date.era",
    re.I,
    needs="ABCabc",
)
def era(found: re.Match[str]) -> Parts | None:
    """221BC is 公元前二二一年."""
    sign = found[1] or found[3]
    if sign is None or (found[1] and before(found, 1).isalpha() and before(found, 1) < "\u0080"):
        return None
    spoken = "公元前" if sign[0] in "Bb" else "公元"
    group = 1 if found[1] else 3
    return [words(found, group, spoken), Part(digit_string(found[2]) + "年", *found.span(2), "digits")]


@rule(r"(\d{4})年(\d{1,2})月\s?(AD|A\.D\.|BC|B\.C\.)(?![A-Za-z])", "date.era", re.I, needs="年")
def month_of_era(found: re.Match[str]) -> Parts | None:
    """1823年3月BC."""
    spoken = "公元前" if found[3][0] in "Bb" else "公元"
    return [
        words(found, 3, spoken), Part(digit_string(found[1]) + "年", found.start(1), found.end(1) + 1, "digits"),
        Part(cardinal(found[2]) + "月", found.start(2), found.end(2) + 1, "digits"),
    ]  # fmt: skip


@rule(r"(?<![\d.])(\d{1,2})月(\d{1,2})(日|号)", "date.day", needs="月")
def month_and_day(found: re.Match[str]) -> Parts | None:
    """5月1日, 02月08号."""
    if not _is_date(found[1], found[2]):
        return None
    month = Part(cardinal(found[1]) + "月", found.start(1), found.end(1) + 1, "digits")
    return [month, Part(cardinal(found[2]) + found[3], found.start(2), found.end(3), "digits")]


@rule(r"(?<=\d岁)(\d{1,2})月(?=[\s,。;、)]|余|龄|\Z)", "age", needs="岁")
def months_of_age(found: re.Match[str]) -> Parts | None:
    """3岁2月."""
    amount = "两" if found[1] == "2" else cardinal(found[1])
    return [words(found, 1, amount), Part("个月", found.end(1), found.end())]


@rule(r"(?<![\d.])(0?[1-9]|1[0-2])月(?!饼)", "date.month", needs="月")
def month(found: re.Match[str]) -> Parts | None:
    return [digits(found, 0, cardinal(found[1]) + "月")]


_ABOUT_TIME = re.compile("(?:时间|日期|报名|放假|假期|活动|期间|档期|展期)[为是:]{0,2}\\s?\\Z")


_ABOUT_AFTER = re.compile("\\s?(?:限定|限时|期间|活动|预售|大促|开启|卡池|放假)")


@rule(
    r"(?<![\d.])(\d{1,2})\.(\d{1,2})(\s?[-–—~至到]\s?)(\d{1,2})\.(\d{1,2})(?![\d.])",
    "date.range",
    needs=".",
)
def days(found: re.Match[str]) -> Parts | None:
    """报名时间：3.1-3.15."""
    named = _ABOUT_TIME.search(before(found, 6)) or _ABOUT_AFTER.match(after(found, 4))
    if not named or not (_is_date(found[1], found[2]) and _is_date(found[4], found[5])):
        return None
    return [*_day(found, 1, 2), words(found, 3, "到"), *_day(found, 4, 5)]


@rule(
    r"(?<![\d.])(20\d\d|19\d\d)\.(0[1-9]|1[0-2])(?:(\s?[-–—~至到]\s?)(?:(20\d\d|19\d\d)\.(0[1-9]|1[0-2])|(?=至?今)))(?![\d.])",
    "date.range",
    needs=".",
)
def months_of_years(found: re.Match[str]) -> Parts | None:
    """2023.09 - 2024.01, as in the story of a life."""
    first = [digits(found, 1, digit_string(found[1]) + "年"), digits(found, 2, cardinal(found[2]) + "月")]
    if not found[4]:
        return [*first, words(found, 3, found[3].strip(" -–—~"))]
    last = [digits(found, 4, digit_string(found[4]) + "年"), digits(found, 5, cardinal(found[5]) + "月")]
    return [*first, words(found, 3, "到"), *last]


@rule(r"(?<![\d.])(\d{1,2})(?:\.|-(?<!-\d-)(?<!-\d\d-))(\d{1,2})(?=\s\d{1,2}:\d\d)", "date.day", needs=":")
def day_before_a_time(found: re.Match[str]) -> Parts | None:
    """11.11 20:00."""
    return _day(found, 1, 2) if _is_date(found[1], found[2]) else None


@rule(
    r"(?<=[〔\[【(])((?:19|20)\d\d)(?=[〕\]】)][\u4e00-\u9fff]{0,12}\d{0,4}[\u4e00-\u9fff]{0,4}\d{1,7}[号期])",
    "date.year",
    needs="号期",
)
def year_of_a_document(found: re.Match[str]) -> Parts | None:
    """国办发〔2023〕15号, (2023)沪0105民初1234号."""
    return [digits(found, 1, digit_string(found[1]))]


_PUBLISHED = re.compile("(?:出版社|书局|书店|印书馆|大学|学报|杂志)[,，]\\s?\\Z")


@rule(r"(?<!\d)(?:1[89]|20)\d\d(?=\.(?!\d)|[,:;(]|\Z)", "date.year")
def year_of_a_book(found: re.Match[str]) -> Parts | None:
    """中华书局,1980."""
    return [digits(found, 0, digit_string(found[0]))] if _PUBLISHED.search(before(found, 8)) else None


@rule(r"(?<![\d.])(\d{1,2})([·.])(\d{1,2})(?![\d.])", "date.name", needs="·.")
def named_day(found: re.Match[str]) -> Parts | None:
    """9·11, 3.15晚会: days that are names."""
    if found[2] == "." and not after(found, 4).startswith(tuple(word_set("codes.tsv", "event"))):
        return None
    return [digits(found, 0, digit_string(found[1]) + digit_string(found[3]))]


_LASTS = re.compile(
    "(?:成绩|用时|纪录|耗时|历时|时长|净时间|净成绩|跑进|跑出|跑到|游出|时间缩短[至到])了?[为是达:]?\\s?\\Z"
)


@rule(r"(?<![\d.])(?<!\d:)(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)(?:\.(\d{1,3}))?(?![\d:])", "duration", needs=":")
def lasting(found: re.Match[str]) -> Parts | None:
    """成绩2:08:15 is 两小时零八分十五秒, 用时25:30 is 二十五分三十秒."""
    if not found[4] and not _LASTS.search(before(found, 8)):
        return None
    said = [words(found, 1, _hour(found[1]) + "小时")] if found[1] else []
    minutes = _minutes(found[2]) if found[1] else _hour(found[2])
    said += [words(found, 2, minutes + "分"), words(found, 3, _minutes(found[3]) + "秒")]
    return [*said, digits(found, 4, digit_string(found[4]))] if found[4] else said


@rule(
    r"(?<![\d.])(?<!\d:)([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?(\s?[ap]\.?m\.?(?![A-Za-z]))?(?!\d|:\d|\.\d)",
    "time.clock",
    re.I,
    needs=":",
)
def clock(found: re.Match[str]) -> Parts | None:
    """12:30, 03:04:05; minutes below ten keep their zero: 零五分."""
    if _is_score(found):
        return None
    if found[2] == "00" and not found[3]:
        exact = "" if after(found, 1) in tuple("前后之以起") else "整"
        parts = [Part(f"{_hour(found[1])}点{exact}", found.start(1), found.end(2))]
    else:
        parts = [words(found, 1, _hour(found[1]) + "点"), words(found, 2, _minutes(found[2]) + "分")]
    if found[3]:
        parts.append(words(found, 3, _minutes(found[3]) + "秒"))
    half = (found[4] or "").strip().lower()[:1]
    if int(found[1]) > 12 or re.search("[午晚晨早夜]上?$", before(found, 3)):
        half = ""
    if half:
        return [words(found, 4, {"a": "上午", "p": "下午"}[half]), *parts]
    # pm after 13 or 下午 says nothing new
    return [*parts[:-1], replace(parts[-1], stop=found.end())]


def _is_score(found: re.Match[str]) -> bool:
    """12:10 is a score after 比分 and a ratio after 比例; after 以 if somebody wins by it."""
    left, right = before(found, 48), after(found, 12)
    if after_score(left) or right.startswith(tuple(word_set("contexts_of_numbers.tsv", "after score"))):
        return True
    return found[3] is None and _in_a_list_of_scores(found.group(), left[-24:], after(found, 24))


_OTHERS_BEFORE = re.compile(r"(?:(?<!\d)\d{1,2}:\d\d\s?[、,/]\s?){1,4}\Z", re.ASCII)
_OTHERS_AFTER = re.compile(r"(?:\s?[、,/]\s?\d{1,2}:\d\d(?!\d)){1,4}", re.ASCII)


def _in_a_list_of_scores(own: str, left: str, right: str) -> bool:
    """21:19、19:21: times in a list rise, and not all of scores are whole five minutes."""
    before_, behind = _OTHERS_BEFORE.search(left), _OTHERS_AFTER.match(right)
    listed = (before_.group() if before_ else "") + own + (behind.group() if behind else "")
    pairs = [(int(first), int(last)) for first, last in re.findall(r"(\d+):(\d+)", listed)]
    return len(pairs) > 1 and pairs != sorted(pairs) and any(last % 5 for _, last in pairs)


@rule(r"(?<![\d.:])(\d{1,2})(点|时)(\d{2})(分?)(?![\d.万亿千百]|公里|米|秒)", "time.clock", needs="点时")
def written_clock(found: re.Match[str]) -> Parts | None:
    """8点30, 2点05分."""
    if int(found[1]) > 24 or int(found[3]) > 59:
        return None
    hour = Part(_hour(found[1]) + found[2], found.start(1), found.end(2))
    return [hour, Part(_minutes(found[3]) + found[4], found.start(3), found.end(4))]


def _hour(text: str) -> str:
    return "两" if int(text) == 2 else cardinal(text)


def _minutes(text: str) -> str:
    return "零" + cardinal(text) if text[0] == "0" and text != "00" else cardinal(text)


TIMES: tuple[Rule, ...] = (lasting, clock, written_clock)
RULES: tuple[Rule, ...] = (
    decade, numeric_date, compact_date, slashed_day, numeric_month, months, year_range, season, month_of_era, year,
    short_year, year_of_quarter, generation, era, months_of_age, month_and_day, month, days,
    months_of_years, day_before_a_time, year_of_a_document, year_of_a_book, named_day, *TIMES,
)  # fmt: skip
LETTERS: tuple[Rule, ...] = (era,)
