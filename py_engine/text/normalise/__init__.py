"""Written text to spoken characters: classify a token, verbalise it, keep its span in the script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Generator, Iterator
from functools import lru_cache

from py_engine.errors import UNKNOWN_CHARACTER, Notice
from py_engine.text import pinyin
from py_engine.text.lexicon import Lexicon, Reading
from py_engine.text.model import Token
from py_engine.text.normalise import (
    amounts,
    dates,
    dividers,
    emoji,
    identifiers,
    latin,
    layout,
    measures,
    money,
    names,
    notation,
    records,
    symbols,
)
from py_engine.text.normalise.speech import Parts, Rule, in_order, spelt_part
from py_engine.text.script import BREAK, Script, plain_script
from py_engine.text.spoken import GROUPS, Item, Mark, MarkKind, Part, Unit, token_of
from py_engine.text.tables import Memo, rows

_INVISIBLE = frozenset({"Cf", "Mn", "Me"})
_KINDS: dict[str, MarkKind] = {
    "statement": "statement", "question": "question", "exclamation": "exclamation", "pause": "pause", "space": "space",
    "quote": "quote",
}  # fmt: skip
# Stands for the characters of an inset, so that no rule reaches into one
_INSET = "\ue000"
# Why a syllable is said that spells letters: nobody writes it over them; and the digits of such a token
_SPELLS, _COUNTS = "latin", "latin.number"
# What begins no token of several characters; 第 may begin an ordinal, 壹 an amount
_APART = "".join(f"{chr(ord(char) - 1)}{chr(ord(char) + 1)}-" for char in sorted(amounts.HANZI_RULES))
_HANZI = re.compile(f"[\u3400-{_APART}\u9fff]+")
# What NFKC would make a sign of the line, or leave as it is
_RAISED, _RATIO = frozenset("⁺⁻₊₋"), "\u2236"
_UNDECOMPOSED = {"ß": "s", "ø": "o", "Ø": "O", "æ": "e", "Æ": "E", "œ": "e", "Œ": "E", "đ": "d", "ł": "l", "Ł": "L"}
_ACCENTED = re.compile(f"[A-Za-zÀ-ɏ]*[{pinyin.MARKED}üÜ][A-Za-zÀ-ɏ]*")
_REPEATED = re.compile("([\u3400-\u9fff])々")
# Of characters in a row that cannot be spoken, named in one notice
MAX_UNKNOWN = 32


def fold(text: str) -> str:
    """Full-width and compatibility forms to plain ones, one code point for one, so that spans stay true.

    Number forms (², ①, ½) are not: they would run together with digits beside them. Letters lose their accents,
    unless they are pinyin with tone marks; 々 becomes the character that it repeats.
    """
    if text.isascii():
        return text
    folded = _ACCENTED.sub(_without_accents, text.translate(_FOLDED))
    return _REPEATED.sub(r"\1\1", folded) if "々" in folded else folded


def _reason(part: Part, rule: str) -> str:
    """What the syllables of a part say of themselves: letters of any token are letters, its digits are not."""
    if part.kind == "letters" and part.text.isascii():
        return _SPELLS
    return _COUNTS if rule == _SPELLS and part.kind != "word" else rule


def _without_accents(found: re.Match[str]) -> str:
    run = found.group()
    return run if pinyin.written(run) else "".join([_bare(char) for char in run])


def _bare(char: str) -> str:
    """A Latin letter without its accents; anything else as it is."""
    base = unicodedata.normalize("NFD", char)[0]
    return _UNDECOMPOSED.get(char, base if base.isascii() else char)


def _fold(point: int) -> str:
    char = chr(point)
    if char < "\u0080":
        return char
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if char == _RATIO:
        return ":"
    if char in _RAISED or char in pinyin.MARKED or char in "üÜ…":
        return char
    plain = unicodedata.normalize("NFKC", char)
    if len(plain) != 1 or category in ("No", "Nl"):
        return char
    return _bare(plain) if "À" <= plain <= "ɏ" and category[0] == "L" else plain


_FOLDED = Memo(_fold)


@lru_cache(maxsize=1)
def _punctuation() -> dict[str, tuple[MarkKind, float]]:
    return {char: (_KINDS[kind], float(pause)) for chars, kind, pause in rows("punctuation.tsv") for char in chars}


# Seconds; only where `sentences.py` takes the space for a separator
SPACE_PAUSE = 0.14

# By what a token begins with. The first rule that matches decides: names before dates before amounts
FIXED_FORM = records.FixedForm()
DIGIT_RULES: tuple[Rule, ...] = (
    FIXED_FORM, *layout.NUMBERS, *records.NUMBERS, *identifiers.NUMBERS, *notation.DIGITS, *names.DIGIT_NAMES,
    *identifiers.ADDRESSES, *dates.RULES, *identifiers.CODES,
    *money.AFTER, *measures.NUMBERS, *amounts.RULES,
)  # fmt: skip
_LETTERS = (
    FIXED_FORM,
    *identifiers.ADDRESSES,
    *notation.LETTERS,
    *names.LETTER_NAMES,
    *records.LETTERS,
    *identifiers.LETTERS,
    *dates.LETTERS,
    *money.BEFORE,
    *measures.SIGNS,
)
LETTER_RULES: tuple[Rule, ...] = (latin.toned, *_LETTERS, *latin.SPELT)
LETTER_RULES_WITH_ENGLISH: tuple[Rule, ...] = (latin.toned, *latin.ADDRESSES, *_LETTERS, *latin.WITH_ENGLISH)
SIGN_RULES: tuple[Rule, ...] = (
    latin.toned, *layout.RULES, identifiers.series, *records.SIGNS, *notation.SIGNS, *names.SIGNS,
    identifiers.mobile, identifiers.landline, identifiers.international, identifiers.service, *money.BEFORE,
    amounts.negative_share, identifiers.ip_version_6, *measures.NUMBERS, *measures.SIGNS, amounts.bare_decimal,
    amounts.percentage, amounts.fraction, amounts.number_range, amounts.plain, *latin.SIGNS, *symbols.RULES,
)  # fmt: skip


def _sign_rules(char: str) -> tuple[Rule, ...]:
    return tuple(rule for rule in SIGN_RULES if rule.begins(char))


_SIGN_RULES = Memo(_sign_rules)


class Normaliser:
    """One pass over one text. ``tokens`` and ``notices`` (spans in the script) are complete once `items` has ended."""

    def __init__(
        self, text: str | Script, lexicon: Lexicon, emoji_mode: str = "skip", with_english: bool = True
    ) -> None:
        self._emoji_mode = emoji_mode
        self._english = with_english
        self._script = plain_script(text) if isinstance(text, str) else text
        self._insets = {inset.start: inset for inset in self._script.insets}
        self._text = self._masked(fold(self._script.text))
        self._possible: dict[str, tuple[Rule, ...]] = {}
        self._lexicon = lexicon
        self._groups = 0
        self.notices: list[Notice] = []
        self.tokens: list[Token] = []

    def _masked(self, text: str) -> str:
        if not self._insets:
            return text
        pieces, at = [], 0
        for inset in self._script.insets:
            pieces += [text[at : inset.start], _INSET * (inset.stop - inset.start)]
            at = inset.stop
        return "".join([*pieces, text[at:]])

    def items(self) -> Iterator[Item]:
        at = 0
        while at < len(self._text):
            hanzi = _HANZI.match(self._text, at)
            if hanzi is not None:
                stop = yield from self._run(at, hanzi.end())
                if stop > at:
                    at = stop
                    continue
            inset = self._insets.get(at)
            if inset is not None:
                yield from self._say(list(inset.parts), at, inset.stop, inset.reason)
                at = inset.stop
                continue
            found = self._match(at)
            if found is None:
                at = yield from self._single(at)
            else:
                parts, rule = found
                stop = max(part.stop for part in parts)
                yield from self._say(parts, at, stop, rule)
                if rule == symbols.NUMBER_SIGN and dividers.is_circled_item(self._text, at):
                    yield Mark("pause", at, stop, dividers.NUMBERED)
                at = stop

    def _match(self, at: int) -> tuple[Parts, str] | None:
        char = self._text[at]
        if char.isspace() or ("\u3400" <= char <= "\u9fff" and char not in amounts.HANZI_RULES):
            return None
        for rule in self._rules(char):
            parts = rule.match(self._text, at)
            if parts is not None:
                return in_order(parts), rule.name
        return self._emoji(at) if char > "\u00a8" and self._emoji_mode == "name" else None

    def _rules(self, char: str) -> tuple[Rule, ...]:
        if char > "z" and char in amounts.HANZI_RULES:
            return amounts.HANZI_RULES[char]
        digit = "0" <= char <= "9"
        key = "0" if digit else "A" if "A" <= char <= "Z" or "a" <= char <= "z" else char
        chosen = self._possible.get(key)
        if chosen is None:
            letters = LETTER_RULES_WITH_ENGLISH if self._english else LETTER_RULES
            rules = DIGIT_RULES if digit else letters if key == "A" else _SIGN_RULES[char]
            if rules:
                chars = frozenset(self._text)
                rules = tuple(rule for rule in rules if not rule.needs or not chars.isdisjoint(rule.needs))
            chosen = self._possible[key] = rules
        return chosen

    def _run(self, start: int, stop: int) -> Generator[Unit, None, int]:
        """Hanzi side by side in the caller's text, up to one without a reading; where they end."""
        table, written, script = self._lexicon.spoken, self._text[start:stop], self._script
        spoken = [table[char] for char in written]
        if "" in spoken:
            del spoken[spoken.index("") :]
        if script.starts is not None:
            apart = (number for number in range(1, len(spoken)) if not script.adjacent(start + number))
            del spoken[next(apart, len(spoken)) :]
        for at, (char, own) in enumerate(zip(spoken, written, strict=False), start):
            yield Unit(char, at, at + 1) if char == own else Unit(char, at, at + 1, written=own)
        stop = start + len(spoken)
        if spoken:
            self._hanzi(start, stop, "".join(spoken))
        return stop

    def _say(self, parts: Parts, start: int, stop: int, rule: str) -> Iterator[Unit]:
        self._groups = (token_of(self._groups) + 1) * GROUPS
        for part in parts:
            yield from self._units(part, _reason(part, rule))
        self._token(start, stop, rule, "".join(part.text for part in parts))

    def _token(self, start: int, stop: int, rule: str, spoken: str = "") -> None:
        self.tokens.append(Token(self._script.text[start:stop], start, stop, rule, spoken))

    def _units(self, part: Part, reason: str) -> Iterator[Unit]:
        self._groups += 1
        if part.kind == "word":
            yield Unit(part.text, part.start, part.stop, self._groups, part.readings[0], reason=reason)
            return
        group = 0 if part.kind == "hanzi" else self._groups
        own = part.kind in ("letters", "hanzi")
        start, stop = part.start, part.stop
        for index, char in enumerate(part.text):
            if own:
                start, stop = part.start + index, part.start + index + 1
            fixed = part.readings[index] if part.readings else self._fixed(char) if part.kind == "digits" else ()
            yield Unit(char, start, stop, group, fixed, "", reason)

    def _fixed(self, char: str) -> tuple[Reading, ...]:
        reading = self._lexicon.default(char)
        return (reading,) if reading else ()

    def _single(self, at: int) -> Generator[Item, None, int]:
        """A character that no rule says: a hanzi, a mark, white space, or one that cannot be spoken; where it ends."""
        char = self._text[at]
        if char >= "\u2e80" and self._lexicon.default(char) is not None:
            simple = self._lexicon.simplified(char)
            yield Unit(simple, at, at + 1, written="" if simple == char else char)
            self._hanzi(at, at + 1, simple)
            return at + 1
        mark = self._mark(at, char)
        if mark is not None:
            yield mark
            self._token(at, at + 1, "space" if mark.kind in ("space", "quote") else "pause")
        elif unicodedata.category(char) in _INVISIBLE:
            self._token(at, at + 1, "invisible")
        else:
            stop = self._unknown(at)
            if unicodedata.category(char) == "So":
                # a picture stands where a mark might
                yield Mark("space", at, stop, SPACE_PAUSE)
            return stop
        return at + 1

    def _hanzi(self, start: int, stop: int, spoken: str) -> None:
        """Hanzi beside each other are one token."""
        last = self.tokens[-1] if self.tokens else None
        if last is not None and last.rule == "hanzi" and last.stop == start and self._script.adjacent(start):
            self.tokens.pop()
            self._token(last.start, stop, "hanzi", last.spoken + spoken)
        else:
            self._token(start, stop, "hanzi", spoken)

    def _mark(self, at: int, char: str) -> Mark | None:
        if char == BREAK and at in self._script.breaks:
            value = self._script.breaks[at]
            return Mark("statement" if value.ends_sentence else "pause", at, at + 1, value.pause, value.exact)
        if char == "\n" and dividers.is_wrapped(self._text, at):
            return Mark("space", at, at + 1)
        if char == "\n":
            return Mark("statement", at, at + 1, 0.45)
        divided = dividers.pause_at(self._text, at) if char in "/.·_~》”」" or char.isspace() else 0.0
        if divided:
            return Mark("pause", at, at + 1, divided)
        if char.isspace():
            return Mark("space", at, at + 1, 0.0 if dividers.sets_apart(self._text, at) else SPACE_PAUSE)
        kind, pause = _punctuation().get(char, (None, 0.0))
        if kind == "exclamation" and layout.begins_picture(self._text, at):
            kind, pause = "space", 0.0
        if kind is None:
            return None
        # a sentence that ends inside what another text stands for would have no place of its own in the source
        inside = at in self._script.substituted and kind not in ("space", "quote")
        return Mark("pause" if inside else kind, at, at + 1, pause)

    def _emoji(self, at: int) -> tuple[Parts, str] | None:
        stop = emoji.sequence_end(self._text, at)
        name = emoji.name(self._text[at:stop]) if stop > at and self._emoji_mode == "name" else ""
        return ([spelt_part(name, at, stop)], "emoji") if name else None

    def _unknown(self, at: int) -> int:
        """Report what cannot be spoken, an emoji or foreign letters in a row as a whole; returns where it ends."""
        stop = max(at + 1, emoji.sequence_end(self._text, at))
        if self._is_foreign(at):
            while stop < min(len(self._text), at + MAX_UNKNOWN) and self._is_foreign(stop):
                stop += 1
        text = self._script.text[at:stop]
        message = f"{text!r} (U+{ord(text[0]):04X}) has no pronunciation and was left out"
        self.notices.append(Notice(UNKNOWN_CHARACTER, message, at, stop, text))
        self._token(at, stop, "unknown")
        return stop

    def _is_foreign(self, at: int) -> bool:
        """Whether here stands a letter, or a mark upon one, that nothing says."""
        char = self._text[at]
        kind = unicodedata.category(char)
        unsaid = kind[0] == "L" and self._lexicon.default(char) is None and self._match(at) is None
        return unsaid or kind in ("Mn", "Mc")
