"""What divides items, cells and lines without being said: white space, strokes, dots, ends of lines."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from py_engine.text.lexicon import lexicon
from py_engine.text.segment import best_path
from py_engine.text.tables import word_set

# Seconds between items of a list on one line, between cells, at a stroke between words, behind the number of an item
_ITEM, _CELL, _STROKE, NUMBERED = 0.3, 0.2, 0.12, 0.2
_HANZI = "\u4e00-\u9fff"
# Dots between names on one line
_DOTS = 2
# Characters before a divider that are looked at, and of its line on either side
_NEAR, _LINE = 40, 60


class _Divider(NamedTuple):
    """White space divides where this stands before it and this after it (it included), for so many seconds."""

    before: re.Pattern[str]
    after: re.Pattern[str]
    seconds: float

    @classmethod
    def of(cls, before: str, after: str, seconds: float) -> _Divider:
        return cls(re.compile(f"(?:{before})\\Z", re.ASCII), re.compile(after, re.ASCII), seconds)


_MEASURES = "[mkμ]?g|m[lL]|[克斤升片个枚只颗粒根两钱勺匙包袋盒瓶支条块张件套杯碗份元次组分]"
_ROLES = (
    "人民陪审员|代理审判员|审判[长员]|书记员|法官助理|作词|作曲|编曲|编剧|导演|主演|监制|摄影|制片人?|主持人|记者|编辑"
)
_LABELS = f"[{_HANZI}]{{2,8}}:|[A-Z]{{2,5}}:|(?:定价|邮编|电话|传真|联系电话|手机|邮箱|微信)\\s?[\\dA-Za-z]"
_WEATHER = "晴|阴|雨|雪|多云|小雨|中雨|大雨|小雪|大雪|阵雨|雾|霾|晴转多云|多云转晴|阴转多云|阴转小雨"
_SECTIONS = "目的|方法|结果|结论|背景|摘要|关键词|讨论|引言|材料与方法|研究背景"
_MOVE = "(?:(?:[NBRQK][a-h]?[1-8]?x?|[a-h]x)?[a-h][1-8]|O-O(?:-O)?)"
_SPEAKER = f"(?:\\n|\\A)[{_HANZI}A-Za-z]{{1,8}}"


@cache
def _dividers() -> tuple[_Divider, ...]:
    """Compiled where the first text has white space."""
    return (
        # 新华社北京11月21日电 题:
        _Divider.of("日电", r"\s题:", _CELL),
        # 食材 1.姜 2.葱; 07:15 起床 07:40 早餐
        _Divider.of(r"[^\s\x00-z]", r"\s+(?:(?:\d{1,2}|[A-Z])[.、)](?!\d)|[A-Z]:|\(\d{1,2}\)|[①-⑳])", _ITEM),
        _Divider.of(r"(?<!\d)\d{1,2}:\d{2}\s?[^\d\s,。;]{1,12}", r"\s\d{1,2}:\d{2}(?!\d)", _ITEM),
        # 审判长 赵刚 书记员 周洁
        _Divider.of(r"\S", rf"\s+(?:{_ROLES})[\s:]", _ITEM),
        # 注音:踌躇 蹒跚 绽放
        _Divider.of(
            rf":\s?(?:[{_HANZI}]{{2,4}}\s+)*[{_HANZI}]{{2,4}}", rf"\s+[{_HANZI}]{{2,4}}(?:\s|[,。;、]|\Z)", _ITEM
        ),
        # 茯苓15克 白术12克
        _Divider.of(rf"\d\s?(?:{_MEASURES})", rf"\s+[{_HANZI}]{{1,8}}\s?\d", _ITEM),
        # 目的 探讨综合护理的影响。方法 选取80例患者
        _Divider.of(rf"(?:[\n。:.(]|\A)\s?(?:{_SECTIONS})", rf"\s[{_HANZI}]", _ITEM),
        # @小李 你那边好了没; 小李 15:30 马上
        _Divider.of(r"@[^\s@,。:;!?]{1,12}", r"\s+\S", _CELL),
        _Divider.of(_SPEAKER, r"\s\d{1,2}:\d{2}(?::\d{2})?\s", _STROKE),
        _Divider.of(rf"{_SPEAKER} \d{{1,2}}:\d{{2}}(?::\d{{2}})?", r"\s+\S", _CELL),
        # 表1 各组产量, 图2-3 系统架构
        _Divider.of(
            rf"(?<![{_HANZI}])附?[图表例题式]\s?\d{{1,3}}(?:[-.]\d{{1,3}})?", rf"\s(?:[{_HANZI}]|\d{{4}}[年—–-])", _CELL
        ),
        # 第三条 租赁期限为3年; 3.1 总则
        _Divider.of(r"(?:\n|\A|[。;)])第[一二三四五六七八九十百零\d]{1,6}[条章节款编回]", rf"\s[{_HANZI}]", NUMBERED),
        _Divider.of(r"(?:\n|\A)\d{1,2}(?:\.\d{1,2}){1,3}", rf"\s[{_HANZI}]", NUMBERED),
        # 证券代码:600036 证券简称:招商银行; A. tall B. taller
        _Divider.of(r"\S", rf"\s+(?:{_LABELS})", _ITEM),
        _Divider.of(rf"[A-Za-z0-9{_HANZI}]", r"\s+[B-D]\.(?!\d\d)", _ITEM),
        # 2.Nf3 Nc6 of a game of chess
        _Divider.of(rf"(?:[\s.]|\A){_MOVE}(?:=[NBRQ])?[+#]?", rf"\s(?:\d{{1,2}}\.|{_MOVE}(?![A-Za-z0-9]))", _STROKE),
        # 第1节 语文 第2节 数学; 炒饭¥22 米饭2元
        _Divider.of(r"\S", r"\s第\d{1,2}[节课讲]", _ITEM),
        _Divider.of(r"[¥￥]\s?\d[\d.,]*元?", rf"\s+[{_HANZI}]", _ITEM),
        # 此致 敬礼 儿:建国; 11月22日 星期五 晴 今天
        _Divider.of("此致|敬礼", r"\s\S", _ITEM),
        _Divider.of("(?:星期|周)[一二三四五六日天]", rf"\s(?:{_WEATHER})\s", _CELL),
        _Divider.of(rf"(?:星期|周)[一二三四五六日天] (?:{_WEATHER})", r"\s\S", _ITEM),
        # 棉65% 氨纶5%; 12:00:01 数据库; 通用 > 关于本机
        _Divider.of("[%‰]", rf"\s[{_HANZI}]", _CELL),
        _Divider.of(r"\d:\d{2}:\d{2}(?:\.\d{1,6})?\]?", rf"\s[{_HANZI}]", _CELL),
        _Divider.of(r"\S", rf"\s> [{_HANZI}]", _CELL),
    )


# 转发三连~我们下期再见, but 周一~周五
_LINGERS = re.compile(f"[{_HANZI}](?<![周期拜])[{_HANZI}]\\Z")
_CLAUSES = re.compile("[^\\s①-⑳]{3,40}?[,:;。]")
# 160/50kg
_OF_BODY = re.compile(r"1\d\d/\d{2,3}\s?(?:kg|公?斤)", re.ASCII)
_NUMBERED_ITEM = re.compile(r"\s\d{1,2}(?=\.\d)", re.ASCII)
_SIZES = re.compile(r"(?<![A-Za-z0-9/])(?:\d?X{0,4}[SL]|M)(?:/(?:\d?X{0,4}[SL]|M))+(?![A-Za-z0-9/])", re.ASCII)
_NEXT = re.compile(r"\d{1,2}[.、](?!\d)", re.ASCII)
_OF_NUMBER = re.compile(r"(?:\A|[\s():,。;、→》])(?:\d{1,2}|[A-Z])\Z", re.ASCII)


def pause_at(text: str, at: int) -> float:
    """Seconds, where white space, a stroke or a dot divides what stands around it; else 0."""
    char, left, right = text[at], text[max(0, at - 1) : at], text[at + 1 : at + 2]
    if not char.isspace():
        return _at_sign(text, at, char, left, right)
    if char == "\t":
        return _CELL
    if not left or left.isspace():
        return 0.0
    numbered = _NUMBERED_ITEM.match(text, at)
    if numbered and numbers_item(text, numbered.end()):
        return _ITEM
    near = text[max(0, at - _NEAR) : at]
    for one in _dividers():
        if one.after.match(text, at) and one.before.search(near):
            return one.seconds
    return _CELL if _is_itemised(text, at) else 0.0


def _at_sign(text: str, at: int, char: str, left: str, right: str) -> float:
    if char == "~":
        return _CELL if _LINGERS.search(text[max(0, at - 3) : at]) and _is_hanzi(right) else 0.0
    if char == "/" and (_between_sizes(text, at) or _OF_BODY.match(text, max(0, at - 3))):
        return _STROKE
    if char == "/":
        return _STROKE if left >= "\u4e00" and right >= "\u4e00" else 0.0
    if char == "_":
        # a blank to be filled in
        return _CELL if right == "_" else 0.0
    if char == "·":
        return _at_dot(text, at, left, right)
    if char == ".":
        touching = right.isascii() and right.isalnum() and not _is_option(text, at) and not numbers_item(text, at)
        return NUMBERED if _OF_NUMBER.search(text[max(0, at - 3) : at]) and not touching else 0.0
    # a mark of a quotation or a title that closes
    if _NEXT.match(text, at + 1):
        return _ITEM
    return _STROKE if right and right in "《“「" else 0.0


def is_circled_item(text: str, at: int) -> bool:
    """Whether ① here begins an item: ①央行择机降准; ②财政部. 见图① and 选①和② are none."""
    before, behind = text[:at].rstrip()[-1:] if at < _LINE else text[at - 2 : at].rstrip()[-1:], text[at + 1 : at + 2]
    if not _CLAUSES.match(text, at + 1):
        return False
    return _is_hanzi(behind) and behind not in "和与或、是为" and (not before or before in ":;,。!?)]】》” \n")


def _between_sizes(text: str, at: int) -> bool:
    """M/L/XL: sizes of clothes, of which several or one with an X are told."""
    start = max(0, at - 24)
    return any(
        start + found.start() < at < start + found.end() and ("X" in found.group() or found.group().count("/") > 1)
        for found in _SIZES.finditer(text[start : at + 24])
    )


# Of a list: what may stand before the number of an item, the number with its dot, and what such an item counts
_HEAD = r"(?:(?<=[\s:;；。,(])|\A)"
_ITEMS = re.compile(rf"{_HEAD}(\d{{1,2}})[.、](?!\d+[.%\d])", re.ASCII)
_COUNTED = "型级期号名位次人份张岁楼层寸种类条项步个只天年月日周"


def numbers_item(text: str, dot: int) -> bool:
    """Whether the dot of 1.2型糖尿病 2.高血压 stands behind the number of an item, not in a decimal: the item before
    or behind it is near, and what follows counts or classes."""
    start, line = max(0, dot - 2), _line_around(text, dot)
    number = re.search(rf"{_HEAD}\d{{1,2}}\Z", text[start - 1 if start else 0 : dot], re.ASCII)
    behind = re.compile(rf"\.\d{{1,3}}\s?[{_COUNTED}]", re.ASCII).match(text, dot)
    if number is None or behind is None:
        return False
    own = int(number.group())
    if own == 1 and re.match(r"\.[12]型糖尿病", text[dot : dot + 6]):
        return True
    others = [(int(one[1]), one.start(1)) for one in _ITEMS.finditer(text, *line)]
    before = [value for value, at in others if at < dot - 2]
    after = [value for value, at in others if at > dot]
    return (bool(before) and before[-1] == own - 1) or (own == 1 and bool(after) and after[0] == 2)


def _is_option(text: str, at: int) -> bool:
    """A.0是自然数 B.1是质数: a letter before and others of its kind near it."""
    letter = text[at - 1 : at]
    if not (letter and letter in "ABCD"):
        return False
    others = [other for other in "ABCD" if other != letter]
    near = text[max(0, at - 80) : at + 80]
    return sum(re.search(rf"(?<![A-Za-z0-9.]){other}\.", near) is not None for other in others) > 1


def _at_dot(text: str, at: int, left: str, right: str) -> float:
    """358赞 · 46评论, 25k·16薪, 念奴娇·赤壁怀古; but 卡尔·马克思."""
    if (left.isspace() and right.isspace()) or (left and left in "kK" and right.isdigit()):
        return _CELL
    if right >= "\u4e00" and text[max(0, at - 6) : at].endswith(_titles()):
        return _STROKE
    # 整租·朝阳·2室1厅·南北通透: of names one or two
    start, stop = _line_around(text, at)
    listed = text.count("·", start, stop) > _DOTS or re.search(r"\d", text[max(start, at - 3) : at + 3])
    return _STROKE if listed and left >= "\u4e00" and (right >= "\u4e00" or right.isdigit()) else 0.0


@cache
def _titles() -> tuple[str, ...]:
    return tuple(word_set("word_classes.tsv", "title before a dot"))


_BETWEEN_HANZI = re.compile(rf"[{_HANZI}]\s+[{_HANZI}]")


def sets_apart(text: str, at: int) -> bool:
    """Whether the space only sets letters or digits off from hanzi: 我们使用 Python 编写; not where spaces stand for
    commas, between hanzi too."""
    left, right = text[max(0, at - 1) : at], text[at + 1 : at + 2]
    if not (left and _is_hanzi(left) and right.isascii() and right.isalnum()):
        return False
    return _BETWEEN_HANZI.search(text, *_line_around(text, at)) is None


def _line_around(text: str, at: int) -> tuple[int, int]:
    """Where the line begins and ends, as far as it is near."""
    first, last = max(0, at - _LINE), at + _LINE
    start, stop = text.rfind("\n", first, at) + 1 or first, text.find("\n", at, last)
    return start, stop if stop > 0 else last


# Pieces of a line between spaces: so many at least, on the average this long; none is a clause or ends with these
_PIECES, _PIECE, _CLAUSE, _CLINGS = 3, 3.0, frozenset(",。;!?"), frozenset("了着的是在把被和与对给")
# Hanzi before a space that may divide from letters
_NAMED = 4
_MIXED = re.compile("[\u4e00-\u9fff]\\d|\\d[\u4e00-\u9fff]")
_MEASURED = re.compile(r"\d(?:[.\d]*)(?:[\u4e00-\u9fff]|[A-Za-z]{1,3})?\Z", re.ASCII)


def _is_itemised(text: str, at: int) -> bool:
    """Whether a space divides items of a title or a label: 触屏版 可视窗口 智能预约. In text with spaces around Latin
    words alone, none stands between hanzi."""
    start, stop = _line_around(text, at)
    line, before, right = text[start:stop], text[start:at].split()[-1:], text[at + 1 : at + 2]
    named = right.isalpha() and before and len(before[0]) >= _NAMED and _is_hanzi(before[0][-1])
    if not before or not (_is_hanzi(right) or right.isdigit() or named):
        return False
    if not _has_items(line) and not _has_values(text, at, start, stop):
        return False
    left = before[0]
    return len(left) > 1 if _is_hanzi(left[-1]) else left[0].isalnum() and _MEASURED.search(left) is not None


_VALUED = re.compile(f"[{_HANZI}]{{1,4}}\\d[\\d.]*(?:[a-z]{{1,3}}|[{_HANZI}])?\\Z", re.ASCII)


def _has_values(text: str, at: int, start: int, stop: int) -> bool:
    """衣长65 胸围96 肩宽42: labels with their values on both sides, whatever marks the line has elsewhere."""
    before, behind = text[start:at].split()[-1:], text[at:stop].split()[:1]
    first, second = before[0] if before else "", re.split("[,。;!?]", behind[0])[0] if behind else ""
    named = _VALUED.search(second) and (_VALUED.search(first) or len(text[at:stop].split()) > 1)
    return bool(named) and len(first) > 1


def _has_items(line: str) -> bool:
    pieces = line.split()
    if len(pieces) < _PIECES or len("".join(pieces)) < _PIECE * len(pieces) or not _CLAUSE.isdisjoint(line):
        return False
    if any(piece[-1] in _CLINGS for piece in pieces):
        return False
    return any(
        (_is_hanzi(last[0]) and (_is_hanzi(one[-1]) or _MIXED.search(one)))
        or (_MIXED.search(one) and _MIXED.search(last))
        for one, last in pairwise(pieces)
    )


# A line that a page was too narrow for: this long at least, not shorter than the next, with a mark inside and none
# at its end; and a word goes over its end, or the next line is as long
_WRAPPED, _RAGGED = 18, 1
_INSIDE_LINE = re.compile("[,、;:]")
# Characters on each side that show whether a word goes over the end of a line
_AROUND = 8
_GOES_ON = frozenset("的和与在对把被将从向为及或")


def is_wrapped(text: str, at: int) -> bool:
    """Whether the end of line here is one of the page, not of what is said."""
    start, stop = text.rfind("\n", max(0, at - 60), at) + 1, text.find("\n", at + 1, at + 60)
    line, following = text[start:at], text[at + 1 : stop if stop > 0 else at + 60]
    if not (len(line) >= _WRAPPED and len(following) <= len(line) + _RAGGED and _INSIDE_LINE.search(line)):
        return False
    if not (_is_hanzi(line[-1]) and _is_hanzi(following[:1])) or ":" in following[:9]:
        return False
    if line[-1] in _GOES_ON or abs(len(line) - len(following)) <= _RAGGED:
        return True
    left, right = line[-_AROUND:], following[:_AROUND]
    return any(first < len(left) < last for first, last in best_path(left + right, lexicon()))


def _is_hanzi(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff"
