"""How public Mandarin voices write a syllable: whole, as initial and toned final, in pieces, or in IPA.

A scheme turns a syllable of our front end into ways of writing it, the likeliest first. A way is a row of units; a unit
is a phone of ours, by which a missing one is reported, with the tokens it may be written with.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from py_engine.text.phones import CODA, INITIALS, syllable_to_phones

from .symbols import Tokens

ESPEAK_TABLE = Path(__file__).with_name("espeak_cmn.tsv")
NEUTRAL = 5
ZERO_INITIAL = "Ø"
VOWELS = frozenset("aeiouvê")
# Finals as others spell them.
FINALS = {
    "iou": ("iou", "iu"), "uei": ("uei", "ui"), "uen": ("uen", "un"), "ii": ("ii", "ix", "i"),
    "iii": ("iii", "iy", "ix", "i"), "v": ("v", "ü", "u:"), "ve": ("ve", "üe", "u:e", "ue"), "van": ("van", "üan"),
    "vn": ("vn", "ün"),
}  # fmt: skip
# Interjections and rare syllables, and what a voice without them may say instead.
ALIASES = {
    "m": ("mu",), "hm": ("m", "hen"), "n": ("ng", "en"), "ng": ("n", "en"), "hng": ("ng", "heng"), "ê": ("ei", "e"),
    "r": ("er",), "wong": ("weng",), "yo": ("you",), "lo": ("luo",), "bong": ("beng",),
    "shei": ("shui",), "zhei": ("zhe",), "kei": ("ke",), "tei": ("te",), "len": ("leng",), "nia": ("niang",),
}  # fmt: skip


@dataclass(frozen=True)
class Unit:
    """``phone``: ours, with its tone where that matters. ``written``: the tokens it may be, the likeliest first."""

    phone: str
    written: tuple[Tokens, ...]


Way = tuple[Unit, ...]
Scheme = Callable[[str, int], Iterator[Way]]


def _toned(spellings: Iterator[str] | tuple[str, ...], tone: int) -> tuple[Tokens, ...]:
    signs = ("5", "0", "") if tone == NEUTRAL else (str(tone),)
    return tuple((spelling + sign,) for spelling in spellings for sign in signs)


def _spellings(pinyin: str) -> Iterator[str]:
    """With ``v``, ``ü`` or ``u:``; lüe and nüe as lue and nue too."""
    yield pinyin
    if "v" in pinyin:
        yield from (pinyin.replace("v", "ü"), pinyin.replace("v", "u:"))
    if pinyin.endswith("ve"):
        yield pinyin.replace("ve", "ue")


def whole(pinyin: str, tone: int) -> Iterator[Way]:
    """``zhong1``."""
    yield (Unit(f"{pinyin}{tone}", _toned(_spellings(pinyin), tone)),)


def parts(pinyin: str, tone: int) -> Iterator[Way]:
    """``zh ong1``, by our phones, then as pinyin is spelled (``y uan2``)."""
    *initials, final = syllable_to_phones(pinyin)
    toned = Unit(f"{final}{tone}", _toned(FINALS.get(final, (final,)), tone))
    yield (*(Unit(initial, ((initial,),)) for initial in initials), toned)
    initial, rest = spelled(pinyin)
    if initial and rest:
        yield Unit(initial, ((initial,),)), Unit(f"{rest}{tone}", _toned(_spellings(rest), tone))


def pieces(pinyin: str, tone: int) -> Iterator[Way]:
    """``zh ong 1``, with a sign for no initial."""
    initial, rest = spelled(pinyin)
    if not VOWELS & set(rest):
        # A token of this name, if there is one, is an initial.
        yield (Unit(pinyin, ()),)
        return
    yield (
        Unit(initial or ZERO_INITIAL, ((initial or ZERO_INITIAL,),)),
        Unit(rest, tuple((spelling,) for spelling in _spellings(rest))),
        Unit(str(tone), ((str(tone),),)),
    )


def spelled(pinyin: str) -> tuple[str, str]:
    """Written initial, y and w among them, and the rest."""
    for initial in ("zh", "ch", "sh", *INITIALS, "y", "w"):
        if pinyin.startswith(initial):
            return initial, pinyin.removeprefix(initial)
    return "", pinyin


@cache
def _espeak_rows() -> dict[tuple[str, str], str]:
    lines = (line.split("\t") for line in ESPEAK_TABLE.read_text("utf-8").splitlines() if not line.startswith("# "))
    return {(kind, ours): theirs for kind, ours, theirs in lines}


def espeak(pinyin: str, tone: int) -> Iterator[Way]:
    """IPA, one token for each code point, as espeak-ng's voice cmn gives it."""
    rows = _espeak_rows()
    sign = rows["tone", str(tone)]

    def unit(phone: str, written: str) -> Unit:
        return Unit(phone, (tuple(unicodedata.normalize("NFD", written.replace("T", sign))),))

    irregular = rows.get(("syllable", pinyin))
    if irregular:
        yield (unit(f"{pinyin}{tone}", irregular),)
        return
    *initials, final = syllable_to_phones(pinyin)
    ending = rows["final", final] if initials else rows.get(("alone", final)) or rows["final", final]
    yield (*(unit(initial, rows["initial", initial]) for initial in initials), unit(f"{final}{tone}", ending))


def erhua(scheme: Scheme) -> Iterator[Way]:
    """The suffix 儿 as a syllable that follows, where the voice has no sound for it."""
    yield (Unit(CODA, (("rr",), ("r5",))),)
    yield from scheme("er", NEUTRAL)
    yield from scheme("er", 2)
