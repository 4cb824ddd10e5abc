"""Pinyin as people write it in mark-up, word lists and texts: ``chong2``, ``lü4``, ``nv3``, ``huar1``, ``chóng``."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from string import ascii_letters

from py_engine.text.lexicon import Reading, lexicon
from py_engine.text.phones import syllable_to_phones

_TONE_MARKS = {"\u0304": "1", "\u0301": "2", "\u030c": "3", "\u0300": "4"}
# Of Hanyu Pinyin's rarer sounds these have phones but are no syllable that a person writes
_NOT_WRITTEN = frozenset({"r"})
MAX_SYLLABLE = 8
# Letters of what is written without a space: longer is no pinyin
MAX_RUN = 120
MARKED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜĀÁǍÀĒÉĚÈŌÓǑÒ"
LETTERS = f"{ascii_letters}üÜ{MARKED}"


def numbered(text: str) -> str:
    """Tone marks to digits (``chóng`` to ``chong2``), ü to v; a syllable with neither stays as it is."""
    letters: list[str] = []
    tone = ""
    for char in unicodedata.normalize("NFD", text.lower()):
        if char in _TONE_MARKS:
            tone += _TONE_MARKS[char]
        elif char == "\u0308" and letters and letters[-1] == "u":
            letters[-1] = "v"
        elif char == "\u0302" and letters and letters[-1] == "e":
            letters[-1] = "ê"
        else:
            letters.append(char)
    return "".join(letters).replace("u:", "v") + tone


def parse_syllable(text: str) -> Reading | None:
    """One toned syllable, 0 or 5 for the neutral tone; a final r (not of ``er``) is erhua. None if it is none."""
    if not 2 <= len(text) <= MAX_SYLLABLE:
        return None
    plain = numbered(text)
    name, tone = plain[:-1], plain[-1:]
    if tone not in "012345" or name in _NOT_WRITTEN:
        return None
    try:
        syllable_to_phones(name)
    except ValueError:
        return None
    value = int(tone) or 5
    return Reading(name, value, value)


def parse_syllables(text: str) -> tuple[Reading, ...] | None:
    """Toned syllables between spaces; None where one of them is none, or there are none."""
    readings = [parse_syllable(one) for one in text.replace("'", " ").split()]
    known = tuple(reading for reading in readings if reading is not None)
    return known if known and len(known) == len(readings) else None


@lru_cache(maxsize=256)
def untoned(run: str) -> tuple[str, ...]:
    """A name in small letters without marks (``guangzhou``, ``xi'an``) as syllables of Mandarin, level; empty if it is
    none. A syllable that begins with a vowel inside a word has an apostrophe before it."""
    found: list[str] = []
    for part in run.split("'"):
        best: list[tuple[str, ...] | None] = [()]
        for stop in range(1, len(part) + 1):
            options = [
                (*before, part[start:stop])
                for start in range(max(0, stop - MAX_SYLLABLE + 2), stop)
                if (before := best[start]) is not None
                and not (start and part[start] in "aeo")
                and part[start:stop] in lexicon().syllables
            ]
            best.append(min(options, key=len, default=None))
        if not best[-1]:
            return ()
        found += best[-1]
    return tuple(f"{one}1" for one in found)


@lru_cache(maxsize=256)
def written(run: str) -> tuple[str, ...]:
    """A run of letters with tone marks (``Běijīng``) as syllables with tones; empty where it is no pinyin (``café``).

    Each syllable has a mark, the last of several may have none (``péngyou``).
    """
    if not run or len(run) > MAX_RUN:
        return ()
    for size in range(min(MAX_SYLLABLE - 1, len(run)), 0, -1):
        head, rest = run[:size], run[size:]
        if any(char in MARKED for char in head):
            found = parse_syllable(numbered(head))
            behind = written(rest) if found and rest else ()
            if found and (behind or not rest):
                return (str(found), *behind)
            if found and parse_syllable(f"{rest.lower()}5"):
                return str(found), f"{rest.lower()}5"
    return ()
