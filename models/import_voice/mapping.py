"""Our phones to a voice's tokens: every syllable that the text front end can speak, or a list of what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from py_engine.errors import PhoneUnmapped
from py_engine.text.lexicon import BMP_FIRST, BMP_LAST, lexicon
from py_engine.text.phones import CODA

from .schemes import ALIASES, NEUTRAL, Scheme, Way, erhua
from .symbols import Symbols, Tokens

# What a missing tone is best replaced by.
NEAREST = {1: (4, 2, 3, 5), 2: (3, 1, 4, 5), 3: (2, 1, 4, 5), 4: (1, 3, 2, 5), 5: (1, 4, 3, 2)}


@dataclass(frozen=True)
class Known:
    """What is known of a voice's writing: ``overrides`` from its user, ``learned`` from its lexicon."""

    symbols: Symbols
    scheme: Scheme
    learned: Mapping[str, Tokens] = field(default_factory=dict)
    overrides: Mapping[str, Tokens] = field(default_factory=dict)


@dataclass
class Mapped:
    """``syllables``: ``zhong1`` to tokens. ``substitutes``: what is said instead. ``unmapped``: our phones, sorted."""

    syllables: dict[str, Tokens] = field(default_factory=dict)
    erhua: Tokens = ()
    substitutes: dict[str, str] = field(default_factory=dict)
    unmapped: list[str] = field(default_factory=list)


@cache
def required() -> tuple[tuple[str, int], ...]:
    """Syllables and tones that the front end may ask for: all readings, their neutral tone, third tones raised."""
    ours = lexicon()
    readings = {
        (reading.pinyin, reading.tone)
        for point in range(BMP_FIRST, BMP_LAST + 1)
        for reading in ours.alternatives(chr(point))
    }
    raised = {(pinyin, 2) for pinyin, tone in readings if tone == 3}
    return tuple(sorted(readings | raised | {(pinyin, NEUTRAL) for pinyin, _ in readings}))


def map_phones(known: Known, partial: bool) -> Mapped:
    """Tokens for every required syllable. With ``partial`` a missing tone is replaced by the nearest one, and what is
    missing in every tone left out. Raises: PhoneUnmapped otherwise, naming all that is missing."""
    mapped, missing = Mapped(), {}
    for pinyin, tone in required():
        key = f"{pinyin}{tone}"
        tokens = _written(known, pinyin, tone)
        if tokens is None:
            tokens = _alias(known, mapped, pinyin, tone)
        if tokens is None:
            missing[pinyin, tone] = _missing_phones(known, pinyin, tone)
        else:
            mapped.syllables[key] = tokens
    found = _erhua(known, mapped)
    mapped.unmapped = sorted(
        {phone for phones in missing.values() for phone in phones} | ({CODA} if found is None else set())
    )
    if mapped.unmapped and not partial:
        raise unmapped(mapped.unmapped)
    for pinyin, tone in missing:
        _take_nearest(mapped, pinyin, tone)
    return mapped


def _erhua(known: Known, mapped: Mapped) -> Tokens | None:
    own = override(known, CODA)
    for way in erhua(known.scheme) if own is None else ():
        own = _tokens(known, way)
        if own is not None:
            if way[0].phone != CODA:
                mapped.substitutes[CODA] = "".join(unit.phone for unit in way)
            break
    mapped.erhua = own or ()
    return own


def unmapped(phones: list[str]) -> PhoneUnmapped:
    return PhoneUnmapped(
        f"{len(phones)} phones of the text front end have no token in this voice: {', '.join(phones)}.",
        "Write the missing ones into a file for --phones, or pass --partial to use the nearest tone and to leave out "
        "what is missing in every tone.",
        {"phones": phones},
    )


def _written(known: Known, pinyin: str, tone: int) -> Tokens | None:
    key = f"{pinyin}{tone}"
    tokens = override(known, key)
    if tokens is None:
        tokens = known.learned.get(key)
    ways = known.scheme(pinyin, tone)
    return tokens if tokens is not None else next((t for way in ways if (t := _tokens(known, way)) is not None), None)


def _alias(known: Known, mapped: Mapped, pinyin: str, tone: int) -> Tokens | None:
    for other in ALIASES.get(pinyin, ()):
        tokens = _written(known, other, tone)
        if tokens is not None:
            mapped.substitutes[f"{pinyin}{tone}"] = f"{other}{tone}"
            return tokens
    return None


def override(known: Known, phone: str) -> Tokens | None:
    """Raises: PhoneUnmapped where the user's file names a token that the voice lacks."""
    tokens = known.overrides.get(phone)
    for token in tokens or ():
        if token not in known.symbols:
            raise PhoneUnmapped(
                f"{phone} is to be written {' '.join(tokens or ())}, but the voice has no token {token!r}.",
                "Correct the file given with --phones.",
                {"phones": [phone]},
            )
    return tokens


def _unit_tokens(known: Known, phone: str, written: Iterable[Tokens]) -> Tokens | None:
    own = override(known, phone)
    if own is not None:
        return own
    return next((tokens for tokens in written if all(token in known.symbols for token in tokens)), None)


def _tokens(known: Known, way: Way) -> Tokens | None:
    found: list[str] = []
    for unit in way:
        tokens = _unit_tokens(known, unit.phone, unit.written)
        if tokens is None:
            return None
        found += tokens
    return tuple(found)


def _missing_phones(known: Known, pinyin: str, tone: int) -> list[str]:
    """The phones that stand in the way, in the way of writing that lacks the fewest."""
    lacking = [
        [unit.phone for unit in way if _unit_tokens(known, unit.phone, unit.written) is None]
        for way in known.scheme(pinyin, tone)
    ]
    return min(lacking, key=len)


def _take_nearest(mapped: Mapped, pinyin: str, tone: int) -> None:
    for other in NEAREST[tone]:
        # A substitute of a substitute would stray too far.
        if f"{pinyin}{other}" in mapped.syllables and f"{pinyin}{other}" not in mapped.substitutes:
            mapped.syllables[f"{pinyin}{tone}"] = mapped.syllables[f"{pinyin}{other}"]
            mapped.substitutes[f"{pinyin}{tone}"] = f"{pinyin}{other}"
            return
