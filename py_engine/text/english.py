"""English words inside Mandarin: a table of common ones, and rules of spelling for the others.

The table ``english.tsv`` is made from CMUdict at build time and used in place: a binary search over its sorted lines;
nothing is parsed and nothing but its bytes is kept. A build without the file does not have the language.
"""

from __future__ import annotations

import re
from functools import lru_cache

from py_engine.text.arpabet import to_syllables
from py_engine.text.lexicon import Reading, parse_reading
from py_engine.text.tables import content

TABLE = "english.tsv"
# Spelling to sound, the longest pattern first at each place. After the patterns of Elovitz et al., Automatic
# Translation of English Text to Phonetics by Means of Letter-to-Sound Rules (NRL Report 7948, 1976), much reduced.
_RULES = """
^ps S|^pn N|^x Z|^gn N|^rh R|^uni(?![nmd]) Y UW N IH
tion SH AH0 N|sion ZH AH0 N|ture CH ER0|ough AO|eigh EY|augh AO|igh AY|tch CH|dge JH|sch S K|ious IY AH0 S|ous AH0 S
eau OW|air EH R|are$ EH R|ear IH R|eer IH R|our AO R|oor AO R|ore AO R|ire AY R|ure Y UH R|oar AO R|al$ AH0 L
ch CH|sh SH|th TH|ph F|wh W|gh G|ck K|qu K W|kn N|wr R|ng NG|nk NG K|ll L|ss S|tt T|pp P|bb B|dd D|ff F|gg G|mm M|nn N
rr R|zz Z|cc K|ee IY|ea IY|oo UW|ou AW|ow OW|oi OY|oy OY|ai EY|ay EY|au AO|aw AO|ei EY|ey IY|ie IY|oa OW|oe OW|ue UW
ui UW|ew UW|eu Y UW|ar AA R|er ER|ir ER|or AO R|ur ER|ce S|ci S IH|cy S IY|ge JH|gi JH IH|gy JH IY|le$ AH0 L|es$ IH Z
ed$ D|y$ IY|ie$ IY|o$ OW|a$ AH0|i$ IY|u$ UW|a_e EY|e_e IY|i_e AY|o_e OW|u_e UW
a AE|b B|c K|d D|e EH|f F|g G|h HH|i IH|j JH|k K|l L|m M|n N|o AA|p P|q K|r R|s S|t T|u AH|v V|w W|x K S|y IH|z Z
"""


@lru_cache(maxsize=1)
def _table() -> bytes | None:
    try:
        return content(TABLE)
    except FileNotFoundError:
        return None


def available() -> bool:
    """Whether this build has English."""
    return _table() is not None


def find(word: str) -> str | None:
    """Syllables of a word of the table (small letters), None where it lacks it."""
    data = _table() or b""
    key = word.encode() + b"\t"
    low, high = 0, len(data)
    while low < high:
        middle = (low + high) // 2
        start = data.rfind(b"\n", 0, middle) + 1
        stop = data.find(b"\n", middle)
        stop = len(data) if stop < 0 else stop
        line = data[start:stop]
        if line.startswith(key):
            return line[len(key) :].decode()
        if line.split(b"\t")[0] + b"\t" < key:
            low = stop + 1
        else:
            high = start
    return None


# What an s becomes after the last sound of a word: one with t or d, voiceless or voiced
_JOINED = {"te5": "ci5", "de5": "zi5"}
_VOICELESS = frozenset(("pu5", "ke5", "fu5", "si5"))
_SIBILANTS = ("s", "x", "z", "ch", "sh", "ce", "ge", "se", "ze")
# Shorter parts would be found in words that have none
MIN_PART = 3


def derived(word: str) -> str | None:
    """Syllables of a possessive or plural (John's, vlogs) or of two words in one (livestream) of the table."""
    for ending in ("'s", "s'", "s"):
        base = word.removesuffix(ending)
        known = find(base) if base != word and len(base) >= MIN_PART else None
        if known and not base.endswith(_SIBILANTS):
            return _with_s(known)
    for cut in range(len(word) - MIN_PART, MIN_PART - 1, -1):
        first = find(word[:cut])
        second = find(word[cut:]) if first else None
        if first and second:
            return f"{first} {second}"
    return None


def _with_s(syllables: str) -> str:
    *before, last = syllables.split()
    if last in _JOINED and before:
        return " ".join([*before, _JOINED[last]])
    return f"{syllables} {'si5' if last in _VOICELESS else 'zi5'}"


@lru_cache(maxsize=1)
def _rules() -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    rules = []
    for rule in _RULES.strip().replace("\n", "|").split("|"):
        letters, *phones = rule.split(" ")
        pattern = re.sub("_(.)$", r"(?=[^aeiouy]\1$)", letters)
        rules.append((re.compile(pattern), tuple(phones)))
    return tuple(rules)


@lru_cache(maxsize=256)
def by_spelling(word: str) -> tuple[str, ...]:
    """Syllables of a word (small letters) that no table has."""
    phones: list[str] = []
    at = 0
    while at < len(word):
        if word[at] == "e" and at + 1 == len(word) and phones and any(one.rstrip("01") in _VOWELS for one in phones):
            break
        found, sounds = _first_rule(word, at)
        phones += sounds
        at = found
    return tuple(to_syllables(_stressed(phones)))


def _first_rule(text: str, at: int) -> tuple[int, tuple[str, ...]]:
    for pattern, phones in _rules():
        found = pattern.match(text, at)
        if found is not None and found.end() > at:
            return found.end(), phones
    return at + 1, ()


_VOWELS = frozenset("AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split())


def _stressed(phones: list[str]) -> list[str]:
    """Stress on the first vowel of two, on the last but two of more, never on one that is reduced."""
    places = [index for index, phone in enumerate(phones) if phone.rstrip("0") in _VOWELS]
    full = [index for index in places if not phones[index].endswith("0")] or places
    if not full:
        return phones
    chosen = full[max(0, len(full) - 3)] if len(places) > 2 else full[0]
    marked = []
    for index, phone in enumerate(phones):
        plain = phone.rstrip("0")
        marked.append(f"{plain}{1 if index == chosen else 0}" if plain in _VOWELS else phone)
    return marked


def readings(syllables: str) -> tuple[Reading, ...]:
    return tuple(parse_reading(one) for one in syllables.split())
