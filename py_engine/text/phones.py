"""The phone inventory, and the way from a pinyin syllable to phones.

A syllable is an optional initial, a final, and an optional ``rr`` (erhua). Tones are carried beside the phones.
Source of the decomposition: GB/T 16159 and the spelling rules of Hanyu Pinyin (汉语拼音方案, 1958).
"""

from __future__ import annotations

from functools import lru_cache

PAUSES = ("sil", "sp")
INITIALS = ("b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "zh", "ch", "sh", "r", "z", "c", "s")
FINALS = (
    "a", "o", "e", "ê", "ai", "ei", "ao", "ou", "an", "en", "ang", "eng", "ong", "er",
    "i", "ii", "iii", "ia", "ie", "iao", "iou", "ian", "in", "iang", "ing", "iong",
    "u", "ua", "uo", "uai", "uei", "uan", "uen", "uang", "ueng",
    "v", "ve", "van", "vn", "m̩", "n̩",
)  # fmt: skip
CODA = "rr"
PHONES: dict[str, int] = {symbol: number for number, symbol in enumerate(("_", *PAUSES, *INITIALS, *FINALS, CODA))}

_CONTRACTED = {"iu": "iou", "ui": "uei", "un": "uen"}
_Y_FINALS = {
    "yi": "i", "ya": "ia", "ye": "ie", "yao": "iao", "you": "iou", "yan": "ian", "yin": "in", "yang": "iang",
    "ying": "ing", "yong": "iong", "yo": "o", "yai": "ia", "yu": "v", "yue": "ve", "yuan": "van", "yun": "vn",
}  # fmt: skip
_W_FINALS = {
    "wu": "u", "wa": "ua", "wo": "uo", "wai": "uai", "wei": "uei", "wan": "uan", "wen": "uen", "wang": "uang",
    "weng": "ueng", "wong": "ong",
}  # fmt: skip
_SYLLABIC = {"m": "m̩", "n": "n̩", "ng": "n̩", "hm": "m̩", "hng": "n̩"}


@lru_cache(maxsize=2048)
def syllable_to_phones(syllable: str) -> tuple[str, ...]:  # noqa: C901 - the spelling rules, one line each
    """Split a toneless pinyin syllable (``v`` or ``ü`` for ü, trailing ``r`` for erhua) into phones.

    Raises: ValueError where the spelling is not a Mandarin syllable.
    """
    plain = syllable.lower().replace("ü", "v").replace("u:", "v")
    if plain.endswith("r") and plain not in ("er", "r"):
        return (*syllable_to_phones(plain.removesuffix("r")), CODA)
    if plain == "r":
        return (CODA,)
    if plain in _SYLLABIC:
        return (_SYLLABIC[plain],)
    if plain in _Y_FINALS or plain in _W_FINALS:
        return (_Y_FINALS.get(plain) or _W_FINALS[plain],)
    if plain in ("a", "o", "e", "ê", "ai", "ei", "ao", "ou", "an", "en", "ang", "eng", "er"):
        return (plain,)
    initial = plain[:2] if plain[:2] in INITIALS else plain[:1]
    rest = plain[len(initial) :]
    if initial not in INITIALS or not rest:
        raise ValueError(f"not a Mandarin syllable: {syllable!r}")
    if rest == "i" and initial in ("z", "c", "s"):
        rest = "ii"
    elif rest == "i" and initial in ("zh", "ch", "sh", "r"):
        rest = "iii"
    elif initial in ("j", "q", "x") and rest.startswith("u"):
        rest = "v" + rest[1:]
    elif rest == "ue":
        rest = "ve"
    rest = _CONTRACTED.get(rest, rest)
    if rest not in FINALS:
        raise ValueError(f"not a Mandarin syllable: {syllable!r}")
    return (initial, rest)
