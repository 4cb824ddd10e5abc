"""Emoji: where a sequence ends, and what it is called in Chinese (Unicode CLDR)."""

from __future__ import annotations

import re
import unicodedata

from py_engine.text.tables import mapping

MODES = ("skip", "name")
_BASE = "[\u00a9\u00ae\u203c-\u21ff\u2300-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u3297\u3299\U0001f000-\U0001faff]"
_EXTRA = "[\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"
# UTS #51, emoji ZWJ sequences and flags
_SEQUENCE = re.compile(f"[\U0001f1e6-\U0001f1ff]{{2}}|{_BASE}{_EXTRA}(?:\u200d{_BASE}{_EXTRA})*")
_LEFT_OUT = re.compile("[\ufe0f\U0001f3fb-\U0001f3ff]")


def sequence_end(text: str, at: int) -> int:
    """Where the emoji that begins here ends; ``at`` where none begins. One directly repeated is one."""
    found = _SEQUENCE.match(text, at)
    if found is None or unicodedata.category(text[at]) not in ("So", "Sk"):
        return at
    stop = found.end()
    while text.startswith(found.group(), stop):
        stop += len(found.group())
    return stop


def name(text: str) -> str:
    """What the first emoji of ``text`` is called; empty if it has no name."""
    found = _SEQUENCE.match(text)
    plain = _LEFT_OUT.sub("", found.group() if found else text)
    names = mapping("emoji.tsv")
    return names.get(plain) or names.get(plain.split("\u200d")[0]) or names.get(plain[:1], "")
