"""What lays a text out and is not said: Markdown's signs and the addresses of its links."""

from __future__ import annotations

import re

from py_engine.text.normalise.dividers import numbers_item
from py_engine.text.normalise.identifiers import address
from py_engine.text.normalise.numbers import cardinal
from py_engine.text.normalise.speech import DIGITS, Parts, Rule, before, rule
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


@rule(r"(?<!\d)\d{1,2}(?=\.\d{1,3}\s?[^\d.\s])", "layout.number", first=DIGITS, needs=".")
def number_of_item(found: re.Match[str]) -> Parts | None:
    """The 1 of 1.2型糖尿病 2.高血压."""
    if not numbers_item(found.string, found.end()):
        return None
    return [Part(cardinal(found.group()), *found.span(), "digits")]


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


NUMBERS: tuple[Rule, ...] = (number_of_item,)
RULES: tuple[Rule, ...] = (heading, quotation, item, link, sign, bracketed, step)
