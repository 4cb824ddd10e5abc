"""What lays a text out and is not said: Markdown's signs, the addresses of its links, what divides items and cells."""

from __future__ import annotations

import re

from py_engine.text.lexicon import lexicon
from py_engine.text.normalise.identifiers import address
from py_engine.text.normalise.speech import Parts, Rule, before, rule
from py_engine.text.segment import best_path
from py_engine.text.spoken import Part

# What may stand before a sign on its line: nothing, the signs of quotations and lists
_LINE = re.compile(r"(?:\n|\A)[ \t]*(?:>[ \t]?)*(?:[-*+•][ \t])?\Z")
_MARGIN = 16


def _begins_line(found: re.Match[str]) -> bool:
    left = before(found, _MARGIN)
    begins = _LINE.search(left)
    return begins is not None and (left[begins.start() :].startswith("\n") or found.start() < _MARGIN)


def _silent(found: re.Match[str]) -> Parts:
    return [Part("", *found.span())]


@rule(r"#{1,6}(?=[ \t]|(?<=##)[\u4e00-\u9fff\d])", "layout.heading", first="#")
def heading(found: re.Match[str]) -> Parts | None:
    """The signs of ## 标题."""
    return _silent(found) if _begins_line(found) else None


@rule(r"(?:>[ \t]?)+(?=[^\s\d=<>])", "layout.quotation", first=">")
def quotation(found: re.Match[str]) -> Parts | None:
    """The > before a line that is quoted."""
    return _silent(found) if _begins_line(found) else None


@rule(r"\+(?=[ \t])|\[[ xX√]\](?=[ \t])", "layout.item", first="+[")
def item(found: re.Match[str]) -> Parts | None:
    """The + before an item of a list, the box of - [x]."""
    return _silent(found) if _begins_line(found) else None


_TARGET = r"\((?=[^)\s]{0,300}[./#])[^()\s]{1,300}(?:\s\"[^\"\n]{0,80}\")?\)"


@rule(rf"\[(?=[^\[\]\n]{{1,80}}\]{_TARGET})|\]{_TARGET}", "layout.link", first="[]")
def link(found: re.Match[str]) -> Parts | None:
    """[text](address), ![picture](address): the text alone is said."""
    return _silent(found)


def begins_picture(text: str, at: int) -> bool:
    """Whether the ! here is that of a picture, not of a cry."""
    return text.startswith("![", at) and link.pattern.match(text, at + 1) is not None


@rule(r"<!--[^<>]{0,500}-->|```[a-z]{0,12}(?![^\n])|~~|→(?=\s?\d{1,2}[、.])", "layout.sign", first="<`~→")
def sign(found: re.Match[str]) -> Parts | None:
    """Comments, fences of code, the signs around what is struck out, arrows between numbered steps."""
    return _silent(found)


@rule(r"<(?=https?://)([^\s<>]{1,300})>", "layout.address", first="<")
def bracketed(found: re.Match[str]) -> Parts | None:
    """<https://example.com>."""
    said = address.match(found.string, found.start(1))
    return [*said, Part("", found.end() - 1, found.end())] if said else None


_HANZI = "\u4e00-\u9fff"
_STEP_BEFORE = re.compile(rf"[{_HANZI}]\s?\Z")
_STEP_AFTER = re.compile(rf"\s[{_HANZI}]|[{_HANZI}]{{1,8}}>[{_HANZI}]")
_STEPPED = re.compile(rf"[{_HANZI}]>[{_HANZI}]{{1,8}}\Z")


@rule(">", "layout.step", first=">")
def step(found: re.Match[str]) -> Parts | None:
    """设置 > 通用 > 关于本机, no comparison."""
    left = before(found, 10)
    goes_on = _STEP_AFTER.match(found.string, found.end()) or _STEPPED.search(left)
    return _silent(found) if goes_on and _STEP_BEFORE.search(left) else None


RULES: tuple[Rule, ...] = (heading, quotation, item, link, sign, bracketed, step)

# Seconds between items of a list on one line, between cells, at a stroke between words, behind the number of an item
_ITEM, _CELL, _STROKE, _NUMBERED = 0.3, 0.2, 0.12, 0.2
_NUMBER = re.compile(r"\s+(?:(?:\d{1,2}|[A-Z])[.、)](?!\d)|[A-Z]:|\(\d{1,2}\)|[①-⑳])", re.ASCII)
_NEXT = re.compile(r"\d{1,2}[.、](?!\d)", re.ASCII)
_CLOCK = re.compile(r"\s\d{1,2}:\d{2}(?!\d)", re.ASCII)
_AFTER_CLOCK = re.compile(r"(?<!\d)\d{1,2}:\d{2}\s?[^\d\s,。;]{1,12}\Z", re.ASCII)
_OF_NUMBER = re.compile(r"(?:\A|[\s():,。;、→》])(?:\d{1,2}|[A-Z])\Z", re.ASCII)


# 证券代码:600036 证券简称:招商银行
_LABEL = re.compile(rf"\s+[{_HANZI}]{{2,8}}:")
# A. tall B. taller
_OPTION = re.compile(r"\s+[B-D]\.\s")
# 审判长 赵刚 书记员 周洁
_ROLE = re.compile(
    r"\s+(?:人民陪审员|代理审判员|审判[长员]|书记员|法官助理|作词|作曲|编曲|编剧|导演|主演|监制|摄影|制片人?|主持人|记者|编辑)[\s:]"
)
# 注音:踌躇 蹒跚 绽放
_WORDS_BEFORE = re.compile(rf":\s?(?:[{_HANZI}]{{2,4}}\s+)*[{_HANZI}]{{2,4}}\Z")
_WORDS_AFTER = re.compile(rf"\s+[{_HANZI}]{{2,4}}(?:\s|[,。;、]|\Z)")
# 12:00:01 数据库
_STAMP = re.compile(r"\d:\d{2}:\d{2}(?:\.\d{1,6})?\]?\Z", re.ASCII)
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


def pause_at(text: str, at: int) -> float:
    """Seconds, where white space, a stroke or a dot divides what stands around it; else 0."""
    char, right = text[at], text[at + 1 : at + 2]
    left = text[max(0, at - 1) : at]
    if char == "/":
        return _STROKE if left >= "\u4e00" and right >= "\u4e00" else 0.0
    if char in "》”」":
        if _NEXT.match(text, at + 1):
            return _ITEM
        return _STROKE if right and right in "《“「" else 0.0
    if char == ".":
        return (
            _NUMBERED
            if _OF_NUMBER.search(text[max(0, at - 3) : at]) and not (right.isascii() and right.isalnum())
            else 0.0
        )
    if char == "\t":
        return _CELL
    if not left or left.isspace():
        return 0.0
    if (left > "z" and _NUMBER.match(text, at)) or (
        _CLOCK.match(text, at) and _AFTER_CLOCK.search(text[max(0, at - 20) : at])
    ):
        return _ITEM
    if _ROLE.match(text, at) or (_WORDS_AFTER.match(text, at) and _WORDS_BEFORE.search(text[max(0, at - 40) : at])):
        return _ITEM
    if _LABEL.match(text, at) or (left.isalnum() and _OPTION.match(text, at)):
        return _ITEM
    divided = right >= "\u4e00" and (left in "%‰" or _STAMP.search(text[max(0, at - 12) : at]) is not None)
    return _CELL if divided or (text[at + 1 : at + 3] == "> " and text[at + 3 : at + 4] >= "\u4e00") else 0.0
