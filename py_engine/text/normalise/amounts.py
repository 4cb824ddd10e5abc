"""Amounts: ordinals, percentages, fractions, ranges, ratios and scores, plain numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from py_engine.text.normalise.numbers import cardinal, digit_string
from py_engine.text.normalise.speech import (
    DASH,
    DIGITS,
    MAGNITUDE,
    NUMBER,
    SIGN_BEFORE,
    TILDE,
    UNSIGNED,
    Parts,
    Rule,
    after,
    before,
    digits,
    number_parts,
    rule,
    spell,
    words,
)  # fmt: skip
from py_engine.text.spoken import Part
from py_engine.text.tables import mapping, word_set

_VULGAR = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"


@rule(rf"({UNSIGNED})(%?)({DASH}|{TILDE})({UNSIGNED})([%‰])", "percentage.range", needs="%‰")
def percentage_range(found: re.Match[str]) -> Parts | None:
    """10%-20%, 10-20%."""
    share = _share(found[5])
    first = [words(found, 2, share), *number_parts(found[1], found.start(1), found.end(1))]
    last = [words(found, 5, share), *number_parts(found[4], found.start(4), found.end(4))]
    return [*first, words(found, 3, "到"), *last]


@rule(rf"({NUMBER})\s?([%‰])", "percentage", first=DIGITS + "+-−", needs="%‰")
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


@rule(r"([-−])(?=百分之|\d+分之)", "fraction.sign", first="-−")
def negative_share(found: re.Match[str]) -> Parts | None:
    """-百分之1."""
    return [words(found, 1, "负")]


@rule(
    rf"({SIGN_BEFORE}[-−])?(?<![\d/.])(\d{{1,5}})[/⁄](\d{{1,5}})(?![\d/.]\d|\d|月)",
    "fraction",
    first=DIGITS + "-−",
    needs="/⁄",
)
def fraction(found: re.Match[str]) -> Parts | None:
    """1/2 is 二分之一."""
    if int(found[3]) == 0:
        return None
    sign = [words(found, 1, "负")] if found[1] else []
    return [*sign, words(found, 3, cardinal(found[3]) + "分之"), words(found, 2, cardinal(found[2]))]


@rule(rf"(\d+)([{_VULGAR}])", "fraction.mixed", needs=_VULGAR)
def mixed(found: re.Match[str]) -> Parts | None:
    """1½ is 一又二分之一."""
    return [words(found, 1, cardinal(found[1]) + "又"), words(found, 2, vulgar(found[2]))]


@rule(r"(?<![\d./:第])(\d{1,3}) (\d{1,2})/(\d{1,2})(?![\d/]|\.\d|月)", "fraction.mixed", needs="/")
def mixed_in_line(found: re.Match[str]) -> Parts | None:
    """1 2/5 is 一又五分之二."""
    if not 0 < int(found[2]) < int(found[3]) or re.search(r"[A-Za-z]\s?\Z", before(found, 2)):
        return None
    parts = [words(found, 1, cardinal(found[1]) + "又"), words(found, 3, cardinal(found[3]) + "分之")]
    return [*parts, words(found, 2, cardinal(found[2]))]


def vulgar(char: str) -> str:
    """½ is 二分之一."""
    top, bottom = unicodedata.normalize("NFKC", char).split("⁄")
    return f"{cardinal(bottom)}分之{cardinal(top)}"


@rule(
    rf"(?<![\d.\-])({UNSIGNED})({MAGNITUDE})({DASH})({UNSIGNED})(?![\d\-]|\.\d)|({NUMBER})({MAGNITUDE})({TILDE})"
    rf"([-−+]?{UNSIGNED})(?![\d~]|\.\d)",
    "range",
    first=DIGITS + "+-−",
    needs="-–—−~～",
)
def number_range(found: re.Match[str]) -> Parts | None:
    """3-5天 is 三到五天; a falling pair is a score (3-1) or, before =, a subtraction."""
    own = 0 if found[1] else 4
    first, magnitude, joint, last = own + 1, own + 2, own + 3, own + 4
    following = after(found, 3)
    if own == 0 and _joint(found) == "比":
        sides = (_scored(found[group], *found.span(group)) for group in (first, last))
        return [*next(sides), words(found, joint, "比"), *next(sides)]
    return [
        *number_parts(found[first], found.start(first), found.end(first), found[magnitude] or following),
        *([words(found, magnitude, found[magnitude])] if found[magnitude] else []),
        words(found, joint, "到" if own else _joint(found)),
        *number_parts(found[last], found.start(last), found.end(last), following),
    ]


_TEAM = re.compile(
    "(?!以[上下内外]|之间|左右|不等|的)[\u4e00-\u9fff](?<![岁个天月年分小周度元人级次点日时米公厘毫千克斤升倍折秒期层楼页号类档])"
)
# From here on nobody scores
SCORED = 1000
_SUMS, _SUM = re.compile(r"[+×÷*√]\s?\(?\Z"), re.compile(r"\s?[=+×÷]|\)\s?[=+×÷*²³^]")


def _joint(found: re.Match[str]) -> str:
    if before(found, 1) == "满" or _SUMS.search(before(found, 2)) or _SUM.match(after(found, 2)):
        return "减"
    first, last = float(found[1].replace(",", "")), float(found[4].replace(",", ""))
    scored = after_score(before(found, 48)) or _among_scores(before(found, 12), after(found, 12))
    if first >= SCORED and not scored:
        return "到"
    if first == 0 and last < 10 and _TEAM.match(after(found, 3)) and re.search("[\u4e00-\u9fff]\\Z", before(found, 1)):
        # 曼城0-4热刺
        return "比"
    scored = scored or after(found, 4).startswith(tuple(word_set("contexts_of_numbers.tsv", "after score")))
    return "到" if (first < last or found[2]) and not scored else "比"


_SCORES = re.compile(r"(?:分别)?[是为:]?\s*(?:\d+\s?[-–—−:]\s?\d+\s?[、,，/和]\s?)*\Z", re.ASCII)


def after_score(left: str) -> bool:
    """Whether a word for a score stands before, or that word and other scores: 比分是25-20、22-25."""
    named = tuple(word_set("contexts_of_numbers.tsv", "before score"))
    found = _SCORES.search(left)
    return found is not None and left[: found.start()].rstrip(" :").endswith(named)


_PAIR = r"(\d+)\s?[-–—−]\s?(\d+)"
_PAIR_BEFORE = re.compile(rf"(?<!\d){_PAIR}\s?[、,]\s?\Z", re.ASCII)
_PAIR_AFTER = re.compile(rf"\s?[、,]\s?{_PAIR}(?!\d)", re.ASCII)


def _among_scores(left: str, right: str) -> bool:
    """Whether a falling pair stands beside it in a list: 6-4、3-6."""
    return any(
        pair is not None and int(pair[1]) > int(pair[2])
        for pair in (_PAIR_BEFORE.search(left), _PAIR_AFTER.match(right))
    )


@rule(rf"(?<![A-Za-z0-9])(?<!\d:)({UNSIGNED})((?::(?:{UNSIGNED}))+)(?![\d:])", "ratio", needs=":")
def ratio(found: re.Match[str]) -> Parts | None:
    """3:2 is 三比二, 2:1:1 二比一比一."""
    parts: Parts = []
    start = found.start()
    pieces = found.group().split(":")
    for index, piece in enumerate(pieces):
        if index:
            parts.append(Part("比", start - 1, start))
        parts += _scored(piece, start, start + len(piece))
        start += len(piece) + 1
    return parts


@rule(r"(?<![\d.])(\d{1,3})\s?(比)\s?(\d{1,3})(?![\d.%])", "score", needs="比")
def score(found: re.Match[str]) -> Parts | None:
    """3比1 as 3:1."""
    first, last = (_scored(found[group], *found.span(group)) for group in (1, 3))
    return [*first, words(found, 2, "比"), *last]


def _scored(text: str, start: int, stop: int) -> Parts:
    """A side of a score: 1 keeps its tone."""
    return [Part("一", start, stop, "digits")] if text == "1" else number_parts(text, start, stop)


@rule(r"第\((\d{1,3}|[一二三四五六七八九十]{1,3})\)", "ordinal")
def bracketed_ordinal(found: re.Match[str]) -> Parts | None:
    """第（1）小题, 第（二）项."""
    return [words(found, 0, "第" + (cardinal(found[1]) if found[1].isdigit() else found[1]))]


@rule(r"第(\d+)(?:\s?[-–—~至到+]\s?(\d+))?(?![\d.]*\.\d)", "ordinal")
def ordinal(found: re.Match[str]) -> Parts | None:
    """第2名 is 第二名, 第3-5名 第三到五名, 第90+3分钟 第九十加三分钟."""
    if found[2]:
        to = Part("加" if "+" in found.group() else "到", found.end(1), found.start(2))
        return [Part("第" + cardinal(found[1]), found.start(), found.end(1)), to, words(found, 2, cardinal(found[2]))]
    if len(found[1]) >= 5 and after(found, 1) in ("期", "号"):
        # of a lottery, of a file
        return [Part("第", found.start(), found.start(1)), digits(found, 1, digit_string(found[1], "幺"))]
    return [words(found, 0, "第" + cardinal(found[1]))]


@rule(r"(\d+)(?:st|nd|rd|th)(?![A-Za-z])", "ordinal.english", needs="td")
def english_ordinal(found: re.Match[str]) -> Parts | None:
    """2nd is 第二."""
    return [words(found, 0, "第" + cardinal(found[1]))]


@rule(r"(?<![\d.])\.(\d+)", "decimal", first=".")
def bare_decimal(found: re.Match[str]) -> Parts | None:
    """.5 is 点五."""
    if before(found, 1).isalnum():
        return None
    return [Part("点", found.start(), found.start() + 1), digits(found, 1, digit_string(found[1]))]


@rule(r"(\d+)又(?=\d+[/⁄])", "fraction.mixed", needs="又")
def with_a_fraction(found: re.Match[str]) -> Parts | None:
    """1又1/2."""
    return [words(found, 0, cardinal(found[1]) + "又")]


_MORE = "岁人个条款件家位名种次场集斤公里米元块本部只座篇张套间台辆份门所户例天小时字项页亩吨所多人次"


@rule(rf"(?<![\d.+])(\d+)({MAGNITUDE})\+(?=[{''.join(sorted(set(_MORE)))}])", "number.more", needs="+")
def and_more(found: re.Match[str]) -> Parts | None:
    """2000+条, 30+岁."""
    magnitude = [words(found, 2, found[2])] if found[2] else []
    return [*number_parts(found[1], *found.span(1), found[2]), *magnitude, Part("多", found.end() - 1, found.end())]


@rule(r"((?:\d{1,3}(?:,\d{3})+|\d+))\.00?(?=\s?[元块])", "number.whole", needs=".")
def whole(found: re.Match[str]) -> Parts | None:
    """1,250.00元."""
    return number_parts(found[1], *found.span(), "元")


@rule(r"(?<![\w./])(\d{1,3})/([abknpqxyz])(?![A-Za-z/])", "fraction", needs="/")
def over_letter(found: re.Match[str]) -> Parts | None:
    """1/n."""
    below = spell(found[2], found.start(2), mapping("letters.tsv"))
    return [below, Part("分之", found.end(1), found.start(2)), words(found, 1, cardinal(found[1]))]


@rule(rf"({NUMBER})", "number", first=DIGITS + "+-−")
def plain(found: re.Match[str]) -> Parts | None:
    """An amount; 2 before a measure word is 两, not so after 第; also 领先2分."""
    following = after(found, 4)
    if (
        found[1] == "2"
        and following[:1] == "分"
        and before(found, 2) in ("领先", "落后", "仅差", "相差", "砍下", "只差")
    ):
        following = "个"
    return number_parts(found[1], found.start(), found.end(), following)


_COUNTED_IN_LETTERS = re.compile(
    r"(?:粉丝|播放|阅读|点赞|浏览|销量|[月年底]薪|薪资|工资|收入|[月年]入|存款|奖金|预算|售?价格?|卖|花|赚|欠|值)[^,。!?;]{0,4}\Z"
)


@rule(rf"({UNSIGNED})([wk])(?![A-Za-z0-9])(\+)?", "number.letter", needs="wk")
def thousands(found: re.Match[str]) -> Parts | None:
    """播放10w+, 月薪8k, 3k字: where money, readers or characters are counted."""
    counted = found[3] or after(found, 2).startswith(("元", "块", "字", "粉", "人", "左右", "多"))
    if not counted and not _COUNTED_IN_LETTERS.search(before(found, 10)):
        return None
    more = [Part("多", found.start(3), found.end(3))] if found[3] else []
    if found[2] == "k" and "." not in found[1]:
        # 15k is 一万五千
        return [*number_parts(found[1] + "000", found.start(1), found.end(2)), *more]
    unit = "万" if found[2] == "w" else "千"
    return [*number_parts(found[1], *found.span(1), unit), Part(unit, *found.span(2)), *more]


@rule(r"(\d{1,3}(?:\.\d{1,9})?)[eE]([-+]?\d{1,3})(?![A-Za-z0-9.])", "number.scientific", needs="eE")
def scientific(found: re.Match[str]) -> Parts | None:
    """1.5e6, 2E-3; a whole number and an unsigned one are a name (3e5)."""
    if "." not in found[1] and found[2].isdigit():
        return None
    power = ("负" if found[2][0] == "-" else "") + cardinal(found[2].lstrip("+-").lstrip("0") or "0")
    return [*number_parts(found[1], *found.span(1)), Part(f"乘以十的{power}次方", found.end(1), found.end())]


@rule(rf"(\d{{1,3}})[kK]?({DASH}|{TILDE})(\d{{1,3}})[kK](?![A-Za-z0-9])", "range", needs="kK")
def salary(found: re.Match[str]) -> Parts | None:
    """15-25K·14薪 is 一万五千到两万五千."""
    paid = re.match("[·*×x]?\\d{0,2}[月薪元]|/月|左右", after(found, 5))
    if not paid and not _COUNTED_IN_LETTERS.search(before(found, 10)):
        return None
    first = number_parts(found[1] + "000", *found.span(1))
    return [*first, words(found, 2, "到"), *number_parts(found[3] + "000", found.start(3), found.end())]


@rule(r"(\d{1,3})!(?=\s?[=+×÷])", "math.factorial", needs="!")
def factorial(found: re.Match[str]) -> Parts | None:
    """3!=6."""
    return [*number_parts(found[1], *found.span(1)), Part("的阶乘", found.end(1), found.end())]


_DIGITS_OF_BANKS = "壹贰貳叁參肆伍陆陸柒捌玖"
_CAPITALS = str.maketrans(_DIGITS_OF_BANKS + "参拾佰仟萬〇", "一二二三三四五六六七八九三十百千万零")
_AMOUNT = re.compile("[元圆块角分美港欧日英整余多人个股份吨斤亩件册套张]")


@rule(
    rf"(?!陆陆续)[{_DIGITS_OF_BANKS}](?:(?:[{_DIGITS_OF_BANKS}拾佰仟百千萬万亿億零〇]|参(?=[拾佰仟元圆角分]))+|(?=[元圆角分]))",
    "number.capital",
)
def capital(found: re.Match[str]) -> Parts | None:
    """壹万贰仟, as amounts are written in a bank; 陆万昌 and 伍千里 are people, 陆陆续续 is no number."""
    text = found.group()
    if (
        len(text) == 2
        and text[1] in "百千萬万亿億"
        and after(found, 1) >= "\u4e00"
        and not _AMOUNT.match(after(found, 1))
    ):
        return None
    return [words(found, 0, text.translate(_CAPITALS))]


# Rules of what begins with these characters, not with a digit, a letter or a sign
HANZI_RULES: Mapping[str, tuple[Rule, ...]] = {
    "第": (bracketed_ordinal, ordinal), **dict.fromkeys(_DIGITS_OF_BANKS, (capital,)),
}  # fmt: skip
RULES: tuple[Rule, ...] = (
    salary, factorial, thousands, scientific,
    percentage_range, percentage, whole, english_ordinal, with_a_fraction, mixed, mixed_in_line, over_letter, fraction,
    number_range, ratio, score, and_more, plain,
)  # fmt: skip
