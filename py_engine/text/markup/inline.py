"""Pinyin in braces behind what it is the reading of: 重{chong2}庆, 银行{yin2 hang2}, GIF{ji4 fu5}."""

from __future__ import annotations

import re

from py_engine.errors import MarkupError
from py_engine.text.lexicon import Reading
from py_engine.text.markup.builder import ScriptBuilder, failure
from py_engine.text.pinyin import parse_syllables
from py_engine.text.script import Inset
from py_engine.text.spoken import Part

MAX_BRACES = 80
_LATIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9'\-]{0,40}\Z")
_REMEDY = "Write toned pinyin behind the characters it belongs to, as 重{chong2}庆, or \\{ for the sign itself."


def is_hanzi(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or char > "\U0001ffff" or char == "〇"


def closing(text: str, at: int) -> int:
    """Where the brace that opens at ``text[at]`` closes, or -1."""
    return text.find("}", at, at + MAX_BRACES)


def add_reading(builder: ScriptBuilder, content: str) -> bool:
    """Give the last characters the reading in braces; False where it is no reading or fits none of them."""
    readings = parse_syllables(content)
    if readings is None or not builder.length:
        return False
    inset = _inset(builder, readings)
    if inset is None or (builder.insets and builder.insets[-1].stop > inset.start):
        return False
    builder.insets.append(inset)
    return True


def _inset(builder: ScriptBuilder, readings: tuple[Reading, ...]) -> Inset | None:
    stop, count = builder.length, len(readings)
    chars = builder.chars[max(0, stop - 42) :]
    if len(chars) >= count and all(is_hanzi(char) for char in chars[-count:]):
        return hanzi_inset("".join(chars[-count:]), stop - count, readings, "inline pinyin")
    latin = _LATIN.search("".join(chars))
    if latin is None:
        return None
    start = stop - len(latin.group())
    return Inset(start, stop, (Part(latin.group(), start, stop, "word", (readings,)),), "inline pinyin")


def hanzi_inset(text: str, start: int, readings: tuple[Reading, ...], reason: str) -> Inset:
    """One reading for each character."""
    part = Part(text, start, start + len(text), "hanzi", tuple((reading,) for reading in readings))
    return Inset(start, start + len(text), (part,), reason)


def read_inline(source: str, strict: bool) -> ScriptBuilder:
    """``strict``: braces that hold no reading are an error; else they are text. Raises: MarkupError."""
    builder = ScriptBuilder(source)
    at = 0
    while at < len(source):
        char = source[at]
        if char == "\\" and strict and source[at + 1 : at + 2] in ("{", "}", "\\"):
            builder.char(source[at + 1], at, at + 2)
            at += 2
            continue
        if char == "{":
            stop = closing(source, at)
            if stop >= 0 and add_reading(builder, source[at + 1 : stop]):
                at = stop + 1
                continue
            if strict:
                shown = source[at : stop + 1] if stop >= 0 else "{ without }"
                raise failure(MarkupError, source, at, f"{shown} is no reading of what stands before it.", _REMEDY)
        builder.char(char, at, at + 1)
        at += 1
    return builder
