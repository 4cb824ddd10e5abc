"""The token table of a pack: syllables, and what stands around them in each kind of voice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from py_engine.errors import VoiceFormat

from .mapping import Known, Mapped, map_phones, override, unmapped
from .schemes import ZERO_INITIAL, Scheme, espeak, parts, pieces, whole
from .symbols import Symbols, Tokens

PAUSES = (",", "，", "、", "sp")
MARKS = {"statement": (".", "。"), "question": ("?", "？"), "exclamation": ("!", "！")}


@dataclass(frozen=True)
class Surroundings:
    """Tokens by their place; see `py_engine.synthesis.tokens.TokenTable`. ``pause`` None: there is no token for it."""

    pause: Tokens | None
    marks: Mapping[str, Tokens]
    between: Tokens
    begin: Tokens
    end: Tokens
    pad: Tokens
    pad_after: str


def icefall(symbols: Symbols, pad: str, ends: bool) -> Surroundings:
    """The pad goes around every token. ``ends``: the voice wants signs for begin and end."""
    first = ("^", pad) if ends else ("sil", pad) if "sil" in symbols else ()
    last = ("$", pad) if ends else ("sil", pad) if "sil" in symbols else ()
    for token in (pad, *first, *last):
        if token not in symbols:
            raise VoiceFormat(f"the tokens lack {token!r}, which the model's metadata asks for.")
    pause = _first(symbols, PAUSES)
    marks = _marks(symbols)
    return Surroundings(pause, marks, (), (pad, *first), last, (pad,), "token")


def piper_espeak(symbols: Symbols) -> Surroundings:
    """Full-width punctuation leaves no sign in what espeak-ng gives, so these voices know a space alone."""
    _require_ends(symbols)
    nothing: dict[str, Tokens] = dict.fromkeys(MARKS, ())
    return Surroundings((" ",), nothing, (" ",), ("^", "_"), ("$",), ("_",), "token")


def piper_pinyin(symbols: Symbols) -> Surroundings:
    """The pad follows a syllable, not a token."""
    _require_ends(symbols)
    return Surroundings(_first(symbols, PAUSES), _marks(symbols), (), ("^", "_"), ("$",), ("_",), "unit")


def _require_ends(symbols: Symbols) -> None:
    for token in ("_", "^", "$"):
        if token not in symbols:
            raise VoiceFormat(f"the voice's phoneme_id_map lacks {token!r}, which every Piper voice has.")


def _first(symbols: Symbols, candidates: tuple[str, ...]) -> Tokens | None:
    return next(((token,) for token in candidates if token in symbols), None)


def _marks(symbols: Symbols) -> dict[str, Tokens]:
    statement = _first(symbols, MARKS["statement"]) or ()
    return {kind: _first(symbols, candidates) or statement for kind, candidates in MARKS.items()}


def choose_scheme(symbols: Symbols) -> Scheme:
    """Whole syllables or parts, whichever leaves less unmapped; `pieces` and `espeak` are told by the configuration."""
    return min((whole, parts), key=lambda scheme: len(map_phones(Known(symbols, scheme), partial=True).unmapped))


def piper_scheme(phoneme_type: str, symbols: Symbols) -> tuple[Scheme, Surroundings]:
    """Raises: VoiceFormat for a kind of phoneme that cannot be made from pinyin."""
    if phoneme_type == "pinyin" or ZERO_INITIAL in symbols:
        return pieces, piper_pinyin(symbols)
    if phoneme_type == "espeak":
        return espeak, piper_espeak(symbols)
    raise VoiceFormat(
        f"the voice's phoneme_type is {phoneme_type!r}, expected espeak or pinyin.",
        "Voices that read characters themselves cannot be imported.",
    )


def token_table(known: Known, around: Surroundings, partial: bool) -> tuple[dict[str, object], Mapped]:
    """The field ``tokens`` of the manifest, and how it was found. Raises: PhoneUnmapped."""
    mapped = map_phones(known, partial)
    own = override(known, "sp")
    pause = around.pause if own is None else own
    if pause is None:
        mapped.unmapped.append("sp")
        if not partial:
            raise unmapped(mapped.unmapped)

    def ids(tokens: Tokens) -> list[int]:
        return [number for token in tokens for number in known.symbols[token]]

    # Between a syllable and its suffix stands what stands between syllables.
    joint = around.between + (around.pad if around.pad_after == "unit" else ())
    table: dict[str, object] = {
        "begin": ids(around.begin), "end": ids(around.end), "pad": ids(around.pad), "pad_after": around.pad_after,
        "between": ids(around.between), "pause": ids(pause or ()),
        "marks": {kind: ids(tokens) for kind, tokens in around.marks.items()},
        "erhua": ids(joint + mapped.erhua) if mapped.erhua else [],
        "syllables": {key: ids(tokens) for key, tokens in sorted(mapped.syllables.items())},
    }  # fmt: skip
    return table, mapped
