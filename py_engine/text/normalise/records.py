"""What records are written in: times of subtitles, years of what is named by them and of references, open versions."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

from py_engine.text.normalise.identifiers import digits_part, spelt
from py_engine.text.normalise.numbers import cardinal, digit_string
from py_engine.text.normalise.speech import (
    AnyPlace,
    Parts,
    Rule,
    after,
    before,
    digits,
    in_order,
    number_parts,
    rule,
    spell,
    spelt_part,
    words,
)
from py_engine.text.spoken import Part
from py_engine.text.tables import mapping, word_set


class FixedForm(AnyPlace):
    """Tokens with a spoken form of their own: 7-11, 24/7, a-z."""

    name = "fixed form"

    def match(self, text: str, at: int) -> Parts | None:
        if not text.startswith(_fixed_forms(), at) or (at and text[at - 1].isalnum() and text[at - 1] < "\u0080"):
            return None
        if _SCORE_BEFORE.search(text[max(0, at - 8) : at]) or _SCORE_AFTER.match(text, at):
            return None
        for written, spoken in mapping("fixed_forms.tsv").items():
            stop = at + len(written)
            if text.startswith(written, at) and not re.match("[0-9a-z]", text[stop : stop + 1]):
                spelt = re.search("[A-Z]", spoken)
                return [spelt_part(spoken, at, stop) if spelt else Part(spoken, at, stop, "digits")]
        return None


# 11-9、7-11
_SCORE_BEFORE = re.compile(r"\d{1,2}-\d{1,2}\s?[、,]\s?\Z", re.ASCII)
_SCORE_AFTER = re.compile(r"\d{1,2}-\d{1,2}\s?[、,]\s?\d{1,2}-\d", re.ASCII)


@cache
def _fixed_forms() -> tuple[str, ...]:
    return tuple(mapping("fixed_forms.tsv"))


_TIME = r"(\d{1,2}):([0-5]\d):([0-5]\d)[,.](\d{3})"


@rule(rf"(?<![\d:]){_TIME}(\s?-->\s?){_TIME}(?!\d)", "time.subtitle", needs=">")
def subtitle(found: re.Match[str]) -> Parts | None:
    """00:01:23,450 --> 00:01:26,800, at the head of a subtitle."""
    return [*_counted(found, 1), Part("到", *found.span(5)), *_counted(found, 6)]


def _counted(found: re.Match[str], first: int) -> Parts:
    """Hours, where there are any, minutes, seconds and thousandths, from a group on."""
    units = [(group, unit) for group, unit in zip(range(first, first + 3), ("时", "分", "秒"), strict=True)
             if group > first or int(found[group])]  # fmt: skip
    said = [Part(cardinal(str(int(found[group]))) + unit, *found.span(group)) for group, unit in units]
    said[0] = replace(said[0], start=found.start(first))
    return [*said, digits(found, first + 3, digit_string(found[first + 3]))]


# of a volume, of pages
_OF_VOLUME = re.compile(r",?\s?\d{0,3}\(\d{1,3}\)\s?[:,.]", re.ASCII)
_OF_REFERENCE = re.compile(r"[(（;；][^()（）]{1,60}[,，]\s?\Z")


@rule(r"(?<![\d.])((?:1[89]|20)\d\d)(?=[a-z]?[();,])", "date.year")
def cited(found: re.Match[str]) -> Parts | None:
    """(Zhang et al., 2021), 王芳(2019), 中国语文,2018(3):45: the year of what is cited."""
    left = before(found, 64)
    if _OF_VOLUME.match(after(found, 12)) and left.rstrip()[-1:] in tuple(",，."):
        return [digits(found, 1, digit_string(found[1]))]
    if after(found, 1) == "(":
        return None
    alone = left.endswith("(") and after(found, 2).lstrip("abcd").startswith(")")
    if not (alone and left[-2:-1].isalpha()) and not _OF_REFERENCE.search(left):
        return None
    return [digits(found, 1, digit_string(found[1]))]


@rule(r"(?<![\d.])(?:19|20)\d\d", "date.year")
def named(found: re.Match[str]) -> Parts | None:
    """2023冬季新款, 2024考研: a year before what is named by it."""
    if not after(found, 4).lstrip().startswith(tuple(word_set("contexts_of_numbers.tsv", "after a year"))):
        return None
    return [digits(found, 0, digit_string(found[0]))]


@rule(r"(?<![\d.])\d{1,3}(?:\.\d{1,3})*\.[xX](?![A-Za-z0-9])", "version", needs="xX")
def open_version(found: re.Match[str]) -> Parts | None:
    """18.x, 3.2.X."""
    first = re.match(r"\d+", found.group())
    size = first.end() if first else 0
    number = Part(cardinal(found.group()[:size]), found.start(), found.start() + size, "digits")
    return [number, *spelt(found.group()[size:], found.start() + size, "一")]


_TOLD = re.compile(r"\s?(?:Not |Forb|Bad |Internal|Gateway|Service|Unauth|错误|页面|报错)")
_FAILED = re.compile(r"(?:错误|报错|状态|返回|提示|出现)[:：\s]{0,2}\Z")


@rule(r"(?<![\d.\-])[345]0\d(?![\d.%\-]|\s?[个条次人元处])", "code.status")
def status(found: re.Match[str]) -> Parts | None:
    """错误 404, digit by digit."""
    told = _FAILED.search(before(found, 4)) or _TOLD.match(after(found, 10))
    return [digits(found, 0, digit_string(found[0]))] if told else None


@rule(r"(?<![\d.\-])\d{3,5}-\d{0,2}[A-Z]{1,4}\d{0,3}(?![A-Za-z\d])", "code.serial", needs="-")
def bearing(found: re.Match[str]) -> Parts | None:
    """6205-2RS, the name of a part."""
    return None if before(found, 1) in tuple("$¥￥约") else spelt(found.group(), found.start())


_CODED = re.compile(r"(?:会议号|会议ID|会议|ID|号码|验证码|口令|房间号|邀请码|识别码|代码)[是为:：\s]{0,3}\Z")


@rule(r"(?<![\d.])\d{3}(?: \d{3,4}){1,3}(?![\d.]| \d)", "code.account", needs=" ")
def of_meeting(found: re.Match[str]) -> Parts | None:
    """会议号：672 384 915."""
    if not _CODED.search(before(found, 8)):
        return None
    return [digits_part(one.group(), found.start() + one.start()) for one in re.finditer(r"\d+", found.group())]


@rule(r"(?<![\d.])\d{3}(?=(?:Li|i|Ti|TSI|TFSI|xDrive)(?![A-Za-z]))", "code.model", needs="iTx")
def model(found: re.Match[str]) -> Parts | None:
    """宝马525Li."""
    return [digits(found, 0, digit_string(found[0]))]


@rule(r"(?<=位数字)\d{3,12}(?![\d.])", "code", needs="位")
def told(found: re.Match[str]) -> Parts | None:
    """8位数字68120394."""
    return [digits_part(found.group()[at : at + 4], found.start() + at) for at in range(0, len(found.group()), 4)]


@rule(r"(?<=chmod )[0-7]{3,4}(?!\d)", "code", needs="c")
def mode(found: re.Match[str]) -> Parts | None:
    """chmod 755."""
    return [digits(found, 0, digit_string(found[0]))]


@rule(r"(?<![\d+])86-(\d{2,3})-(\d{3,4})[ -]?(\d{4})(?:\s?转\s?(\d{1,5}))?(?!\d)", "telephone", needs="-")
def of_country(found: re.Match[str]) -> Parts | None:
    """86-10-6552 8888转611."""
    country = digits_part("86", found.start())
    said = [digits(found, group, digit_string(found[group], "幺")) for group in (1, 2, 3)]
    more = (
        [Part("转", found.end(3), found.start(4)), digits(found, 4, digit_string(found[4], "幺"))] if found[4] else []
    )
    return [country, *said, *more]


@rule(r"(?<![\d.])[1-9][1-9](?=折(?!叠|合|磨|腾|断|返|射|线|扣率))", "number.discount", needs="折")
def discount(found: re.Match[str]) -> Parts | None:
    """85折, as shops say it."""
    return [Part(digit_string(found[0]), *found.span(), "digits")]


@rule(r"(?<![\d.\-])(\d{4,7})-(\d{2,4})(?![\d.\-])", "code.serial", needs="-")
def article(found: re.Match[str]) -> Parts | None:
    """553558-136, where neither a span nor a year is meant."""
    measured = re.match(r"\s?(?:[元块万千百亿%℃人个名条只件套本米克斤公吨分]|[A-Za-z])", after(found, 2))
    if len(found[1]) < 6 and (int(found[1]) < int(found[2]) or found[1][:2] in ("19", "20") or found[1].endswith("00")):
        return None
    return None if measured else spelt(found.group(), found.start())


@rule(
    r"(?<!\d)(0\d{2,3}|1[3-9]\d|400)[- ]?(\d{0,4})[- ]?([Xx×]{3,8})(\d{0,4})(?![A-Za-z0-9])", "telephone", needs="Xx×"
)
def hidden(found: re.Match[str]) -> Parts | None:
    """0755-2688XXXX, 138××××5678."""
    groups = [digits(found, group, digit_string(found[group], "幺")) for group in (1, 2, 4) if found[group]]
    return in_order([*groups, words(found, 3, "叉" * len(found[3]))])


@rule(r"(?:[cdmk]?m[²³]?|kg|km/h|m/s)(?![A-Za-z0-9/²³])", "measure", needs="mg")
def of_variable(found: re.Match[str]) -> Parts | None:
    """a cm, 6a²cm²: a unit behind what stands for a number."""
    if not re.search(r"(?<![A-Za-z])\d{0,3}(?:[a-zπ] |[a-zπ]²\s?|[a-zπ]³\s?)\Z", before(found, 7)):
        return None
    return [words(found, 0, mapping("units.tsv")[found.group()])]


_OF_MEMORY = re.compile(
    r"(?:内存|显存|运存|存储|缓存|硬盘|流量|堆|[Mm]em(?:ory|_limit)?|RAM|ram|[Ll]imit|(?<![A-Za-z])-m|-?Xm[xs])"
    r"(?:大小|上限|限制|容量|空间|至少|最大|一共|只有|还剩|仅|共)?[为是到有要给占用了:=\s]{0,3}\Z"
)
_MEMORY = re.compile(
    r"(?:[、/和]\d{1,3}[gmkt])*\s?的?(?:运行)?(?:内存|显存|运存|缓存|存储|硬盘|固态|流量|网络|网速|手机|套餐|信号|堆|带宽)"
)


@rule(r"(?<![\d.])(\d{1,4}(?:\.\d)?)([gmkt])(?![A-Za-z0-9/])", "measure.memory", needs="gmkt")
def memory(found: re.Match[str]) -> Parts | None:
    """内存2g, 2g网络: the letter of what is stored, no gram."""
    if not _MEMORY.match(after(found, 8)) and not _OF_MEMORY.search(before(found, 16)):
        return None
    return [*number_parts(found[1], *found.span(1)), spell(found[2], found.start(2), mapping("letters.tsv"))]


@rule(r"[\^~](?=\d{1,3}\.\d{1,3}\.[\dxX])", "version.range", first="^~")
def version_range(found: re.Match[str]) -> Parts | None:
    """^1.2.3, ~1.2.3: versions from there on."""
    if re.match("[A-Za-z0-9)]", before(found, 1)):
        return None
    return [words(found, 0, "脱字符" if found.group() == "^" else "波浪号")]


_OF_BOOK = re.compile(r"(?:附录|图|表|式|公式|章节|第|见|参见)\s?\Z")


@rule(r"(?<![A-Za-z0-9.])([A-Z])\.(\d{1,2}(?:\.\d{1,2}){0,3})(?![\d.A-Za-z])", "code.figure", needs=".")
def in_book(found: re.Match[str]) -> Parts | None:
    """附录B.2节."""
    if not _OF_BOOK.search(before(found, 3)) and not after(found, 2).startswith(("节", "小节", "部分", "条")):
        return None
    return spelt(found.group(), found.start(), "一")


_PATH_BEFORE, _PATH_AFTER = re.compile(r"[\w.\-/~]*\Z", re.ASCII), re.compile(r"[\w.\-/]*", re.ASCII)
_PATH = re.compile(r"(?:~|\.{1,2})/[A-Za-z].*|/[a-z][\w\-]*/[\w.\-/]+|.*[A-Za-z]/.*\.[a-z][a-z\d]{0,4}", re.ASCII)


@rule(r"\.{1,2}(?=/[A-Za-z])|/(?=[A-Za-z_.])", "file.path", first="./")
def path(found: re.Match[str]) -> Parts | None:
    """The strokes of src/main.py, /usr/local/bin, ./run.sh."""
    left, right = _PATH_BEFORE.search(before(found, 60)), _PATH_AFTER.match(after(found, 60))
    whole = (left[0] if left else "") + found.group() + (right[0].rstrip(".") if right else "")
    if "//" in whole or not _PATH.fullmatch(whole):
        return None
    return [words(found, 0, "斜杠" if found.group() == "/" else "点" * len(found.group()))]


@rule(r"(?:(?<=[\s(\u4e00-\u9fff])|\A)#(\d{3,7})(?![\d.*#号])", "code.issue", first="#")
def issue(found: re.Match[str]) -> Parts | None:
    """(#1024), the number of an issue."""
    return [Part("井号", found.start(), found.start(1)), digits_part(found[1], found.start(1))]


_MONEY = "人民币|美元|欧元|英镑|日元|港元|港币|卢布|韩元|加元|澳元|瑞郎|离岸人民币|新台币|泰铢"


@rule(rf"(?<=[元币镑郎铢])/(?=(?:{_MONEY}))", "money.pair", first="/")
def pair(found: re.Match[str]) -> Parts | None:
    """美元/人民币7.18."""
    return [words(found, 0, "兑")]


@rule(r"(?<=[一二三四五六七八九高初])\(([1-9]\d?)\)(?=班)", "code.class", first="(", needs="0123456789")
def school_class(found: re.Match[str]) -> Parts | None:
    """三(2)班."""
    return [Part(cardinal(found[1]), *found.span(), "digits")]


@rule("(★{1,5})☆{0,4}", "sign.stars", first="★")
def stars(found: re.Match[str]) -> Parts | None:
    """★★★★☆ of a judgement; a single one is a sign."""
    if len(found.group()) == 1:
        return [Part("星号", *found.span())]
    return [Part(f"{cardinal(str(len(found[1])))}颗星".replace("二", "两"), *found.span())]


SIGNS: tuple[Rule, ...] = (version_range, path, issue, pair, school_class, stars)
LETTERS: tuple[Rule, ...] = (of_variable, in_book)
NUMBERS: tuple[Rule, ...] = (
    memory,
    hidden,
    subtitle,
    open_version,
    cited,
    named,
    status,
    bearing,
    article,
    discount,
    of_meeting,
    mode,
    model,
    told,
    of_country,
)
