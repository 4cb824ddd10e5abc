"""English sounds in Mandarin syllables, as the voice has them.

The phones of CMUdict (ARPABET with stress) become an onset and a final each; consonants that Mandarin cannot end or
combine get a short vowel of their own (text: te ke si te), as speakers of Mandarin do (Lin, The Sounds of Chinese, 2007
chapter 10, loanword adaptation). A final r is erhua. The stressed syllable is high, falling at the end of the word.
"""

from __future__ import annotations

from collections.abc import Sequence

INITIALS = {
    "P": "p", "B": "b", "T": "t", "D": "d", "K": "k", "G": "g", "F": "f", "TH": "s", "DH": "z", "S": "s", "Z": "z",
    "SH": "sh", "ZH": "r", "CH": "ch", "JH": "zh", "HH": "h", "M": "m", "N": "n", "L": "l", "R": "r", "V": "w",
    "W": "w", "Y": "y", "TR": "ch", "DR": "zh", "NG": "",
}  # fmt: skip
# A consonant that stands alone
ALONE = {
    "P": "pu", "B": "bu", "T": "te", "D": "de", "K": "ke", "G": "ge", "F": "fu", "V": "fu", "TH": "si", "DH": "zi",
    "S": "si", "Z": "zi", "SH": "shi", "ZH": "ri", "CH": "chi", "JH": "zhi", "M": "mu", "L": "er", "R": "er",
    "HH": "he", "N": "en", "NG": "en", "W": "wu", "Y": "yi", "TS": "ci", "DZ": "zi", "TR": "chu", "DR": "zhu",
}  # fmt: skip
OPEN = {
    "AA": "a", "AE": "ai", "AH": "a", "AO": "ao", "AW": "ao", "AY": "ai", "EH": "ei", "ER": "er", "EY": "ei",
    "IH": "i", "IY": "i", "OW": "ou", "OY": "ou", "UH": "u", "UW": "u",
}  # fmt: skip
# Before n and ng
NASAL = {
    "AA": ("an", "ang"), "AE": ("an", "ang"), "AH": ("an", "ang"), "AO": ("ang", "ong"), "AW": ("ang", "ang"),
    "EH": ("en", "eng"), "ER": ("en", "eng"), "IH": ("in", "ing"), "IY": ("in", "ing"), "OW": ("ong", "ong"),
    "UH": ("un", "ong"), "UW": ("un", "ong"),
}  # fmt: skip
AFTER_W = {
    "a": "wa", "ai": "wai", "ei": "wei", "an": "wan", "en": "wen", "ang": "wang", "eng": "weng", "u": "wu", "i": "wei",
    "in": "wen", "ing": "wen", "un": "wen", "ong": "weng",
}  # fmt: skip
AFTER_Y = {
    "a": "ya", "ao": "yao", "ou": "you", "u": "you", "i": "yi", "in": "yin", "ing": "ying", "an": "yan", "en": "yan",
    "ang": "yang", "eng": "ying", "ong": "yong", "un": "yun",
}  # fmt: skip
ALONE_FINAL = {"i": "yi", "in": "yin", "ing": "ying", "u": "wu", "un": "wen", "ong": "ang"}
# What a w between consonant and vowel makes of the final (quick: kui)
ROUNDED = {
    "a": "ua", "ai": "uai", "ei": "ui", "i": "ui", "an": "uan", "en": "un", "in": "un", "ang": "uang", "e": "uo",
    "ou": "uo", "ao": "uo", "u": "u", "ing": "un", "eng": "un",
}  # fmt: skip
# Consonants that make no onset with a w
NOT_ROUNDED = frozenset({"V", "W", "Y", "L", "R", "NG"})
PALATAL = {"sh": "x", "ch": "q", "zh": "j", "s": "x", "h": "x"}
VOWELS = frozenset(OPEN)
CLUSTER_ENDS = frozenset({"L", "R", "W", "Y"})
STOPS = frozenset({"P", "B", "T", "D", "K", "G", "F", "TH", "SH", "S"})


def to_syllables(phones: Sequence[str]) -> list[str]:
    """``["HH", "AH0", "L", "OW1"]`` to ``["he2", "lou4"]``; every result is a syllable that `phones.py` knows."""
    plain = _joined([phone.rstrip("012") for phone in phones])
    stresses = [phone[-1] for phone in phones if phone.rstrip("012") in VOWELS]
    vowels = [index for index, phone in enumerate(plain) if phone in VOWELS]
    if not vowels:
        return [f"{ALONE[phone]}5" for phone in plain]
    primary = next((number for number, stress in enumerate(stresses) if stress == "1"), 0)
    syllables: list[str] = []
    start = 0
    for number, at in enumerate(vowels):
        stop = _coda_end(plain, at, vowels[number + 1] if number + 1 < len(vowels) else len(plain))
        tone = _tone(number, primary, len(vowels), stresses[number])
        syllables += _syllable(plain[start:at], plain[at], plain[at + 1 : stop], tone, stresses[number] == "0")
        start = stop
    return syllables


def _joined(phones: Sequence[str]) -> list[str]:
    """T R and D R are one onset, T S and D Z at the end one coda."""
    joined: list[str] = []
    for index, phone in enumerate(phones):
        last = joined[-1] if joined else ""
        final = index + 1 == len(phones)
        if (last + phone in ("TR", "DR") and not final) or (last + phone in ("TS", "DZ") and final):
            joined[-1] = last + phone
        else:
            joined.append(phone)
    return joined


def _coda_end(phones: Sequence[str], vowel: int, following: int) -> int:
    """Where the consonants after a vowel stop being its own: as many as can begin a syllable go to the next vowel."""
    between = phones[vowel + 1 : following]
    if following == len(phones) or not between:
        return following if following == len(phones) else vowel + 1
    if between[-1] == "NG":
        return following
    onset = 1
    if len(between) > 1 and between[-1] in CLUSTER_ENDS and between[-2] in STOPS:
        onset = 2
    return following - onset


def _tone(number: int, primary: int, count: int, stress: str) -> int:
    if count == 1 and stress == "0":
        return 5
    if number == primary:
        return 4 if number == count - 1 else 1
    if number < primary:
        return 2
    return 1 if stress == "2" else 5


def _syllable(onset: Sequence[str], vowel: str, coda: Sequence[str], tone: int, reduced: bool) -> list[str]:
    rest = list(coda)
    final, erhua, extra = OPEN[vowel], False, []
    if vowel == "AH" and reduced:
        final = "e"
    if rest and rest[0] in ("N", "NG"):
        nasal = NASAL.get(vowel)
        if nasal is None:
            extra.append("en5")  # AY N, EY N: ai en, ei en
        else:
            final = "en" if final == "e" and rest[0] == "N" else nasal[rest[0] == "NG"]
        del rest[0]
    elif rest and rest[0] == "R":
        final = "ou" if vowel == "AO" else final
        erhua = vowel != "ER"
        del rest[0]
    elif rest and rest[0] == "L":
        if final in ("e", "u", "ou", "ao"):
            final = "ou" if final == "e" else final
            del rest[0]
        elif len(rest) > 1:
            del rest[0]
    if vowel == "OY":
        extra.insert(0, "yi5")
    if final == "er" and onset and onset[-1] != "NG":
        final, erhua = "e", True
    lead, body = _with_onset(list(onset), final)
    return [*lead, f"{body}{'r' if erhua and body != 'er' else ''}{tone}", *extra, *(f"{ALONE[one]}5" for one in rest)]


def _with_onset(onset: list[str], final: str) -> tuple[list[str], str]:
    """Syllables of their own for the consonants that do not fit, and the syllable itself."""
    if len(onset) > 1 and onset[-1] == "W" and onset[-2] in INITIALS and onset[-2] not in NOT_ROUNDED:
        return _lead(onset[:-2]), INITIALS[onset[-2]] + ROUNDED.get(final, final)
    if len(onset) > 1 and onset[-1] == "Y" and final == "u" and onset[-2] in "P B M F K G HH D T N L".split():
        return _lead(onset[:-2]), ("x" if onset[-2] == "HH" else INITIALS[onset[-2]]) + "iu"
    if not onset or onset[-1] == "NG":
        return _lead(onset[:-1]), ALONE_FINAL.get(final, final)
    return _lead(onset[:-1]), attach(INITIALS[onset[-1]], final)


def _lead(onset: Sequence[str]) -> list[str]:
    return [f"{ALONE[phone]}5" for phone in onset]


def attach(initial: str, final: str) -> str:
    """An initial and a final to a syllable of Mandarin, or one near it."""
    if initial == "w":
        return AFTER_W.get(final, "wo")
    if initial == "y":
        return AFTER_Y.get(final, "ye")
    if final in ("i", "in", "ing") and initial in PALATAL:
        return PALATAL[initial] + final
    if initial == "r" and final == "i":
        return "rui"
    if final == "ong" and initial in ("b", "p", "m", "f"):
        return initial + "eng"
    if final == "un" and initial in ("b", "p", "m", "f"):
        return initial + "en"
    return initial + final
