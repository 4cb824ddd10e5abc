"""Latin letters: Roman numerals, words and acronyms, and the digits that belong to them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from py_engine.text import english, pinyin
from py_engine.text.normalise.identifiers import ADDRESS, spelt
from py_engine.text.normalise.numbers import cardinal, digit_string
from py_engine.text.normalise.speech import AnyPlace, Parts, Rule, after, before, pronounced, rule, spell, words
from py_engine.text.spoken import Part
from py_engine.text.tables import mapping, word_set

# Read as numbers wherever they stand; others (CI, CV, XL, MC) are words as well and need a context that says so
_UNMISTAKABLE = re.compile("II|[IVX]{3,}")
# Longer runs of letters are spelt
MAX_SPOKEN = 40
# Shorter words are not taken for names in pinyin
MIN_NAME = 3
# Vowels with at most four consonants between them; other runs of letters are no words, nor is yyds
_PRONOUNCEABLE = re.compile("(?=.*[aeiou]|[^y].*y)[^aeiouy]{0,3}(?:[aeiouy]+[^aeiouy]{1,4})*[aeiouy]*(?:'[a-z]+)?")
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


@rule(f"[A-Za-züÜ]{{0,6}}[{pinyin.MARKED}][{pinyin.LETTERS}]*", "pinyin", first=pinyin.LETTERS, needs=pinyin.MARKED)
def toned(found: re.Match[str]) -> Parts | None:
    """Pinyin with tone marks, as in 读chóng."""
    run, start = found.group(), found.start()
    syllables = pinyin.written(run)
    return [pronounced(run, " ".join(syllables), start, found.end())] if syllables else None


@rule(r"[IVXLC]{1,8}(?![A-Za-z0-9])", "roman")
def roman(found: re.Match[str]) -> Parts | None:
    """第III卷, II型: as numbers where nothing else is written so."""
    text = found.group()
    left = before(found, 1)
    if left.isalnum() and left < "\u0080":
        return None
    value = _roman_value(text)
    named = left == "第" or after(found, 2).startswith(tuple(word_set("contexts_of_numbers.tsv", "after Roman")))
    # C区, L型 are letters
    named = named and (left == "第" or text not in ("C", "L"))
    if value is None or not (named or _UNMISTAKABLE.fullmatch(text)):
        return None
    return [Part(cardinal(str(value)), found.start(), found.end(), "digits")]


def _roman_value(text: str) -> int | None:
    if not re.fullmatch("C{0,3}(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})", text):
        return None
    values = [_VALUES[letter] for letter in text]
    return sum(-one if one < following else one for one, following in zip(values, [*values[1:], 0], strict=True))


_FUNCTION = "arcsin|arccos|arctan|sin|cos|tan|cot|log|ln|lg"


@rule(rf"(?<![A-Za-z])({_FUNCTION}|[fghFGP])\(([A-Za-z]|[-−]?\d{{1,4}})\)", "math.function", needs="(")
def applied(found: re.Match[str]) -> Parts | None:
    """f(x), sin(30): the brackets are not heard."""
    argument = found[2]
    if argument.isalpha():
        said = _spelt(argument, found.start(2))
    else:
        sign = "负" if argument[0] in "-−" else ""
        said = [Part(sign + cardinal(argument.lstrip("-−")), *found.span(2))]
    return [*_function(found[1], found.start()), replace(said[-1], stop=found.end())]


@rule(rf"(?<![A-Za-z])({_FUNCTION})(?=\s?[\d(²³∠√πα-ω]|\s?[x-zA-C](?![A-Za-z]))", "math.function")
def function(found: re.Match[str]) -> Parts | None:
    """sin30°, cosA, tanα, as they are called in class."""
    return _function(found[1], found.start())


def _function(name: str, start: int) -> Parts:
    said = mapping("functions.tsv").get(name)
    return [pronounced(name, said, start, start + len(name))] if said else _spelt(name, start)


@rule(r"(?<![A-Za-z])log_?(\d{1,2})\((\d{1,6}|[A-Za-z])\)", "math.function", needs="(")
def logarithm(found: re.Match[str]) -> Parts | None:
    """log2(8) is 以二为底八的对数."""
    base, argument = Part(f"以{cardinal(found[1])}为底", found.start(), found.end(1)), found[2]
    said = _spelt(argument, found.start(2)) if argument.isalpha() else [words(found, 2, cardinal(argument))]
    return [base, *said, Part("的对数", found.end(2), found.end())]


@rule(r"(?<![A-Za-z])log([₀-₉]{1,2})(\d{1,6}|[A-Za-z])(?![A-Za-z0-9])", "math.function", needs="₀₁₂₃₄₅₆₇₈₉")
def logarithm_to(found: re.Match[str]) -> Parts | None:
    """log₂8 is 以二为底八的对数."""
    base = "".join([str(unicodedata.digit(char)) for char in found[1]])
    said = _spelt(found[2], found.start(2)) if found[2].isalpha() else [words(found, 2, cardinal(found[2]))]
    name = Part(f"以{cardinal(base)}为底", found.start(), found.end(1))
    return [name, *said, Part("的对数", found.end() - 1, found.end())]


@rule(r"(?<=\{)[a-z]_?n(?=\})", "math.term", needs="{")
def general_term(found: re.Match[str]) -> Parts | None:
    """The a and n of 数列{an}."""
    return [_spelt(found.group()[0], found.start())[0], _spelt("n", found.end() - 1)[0]]


_FILE = (
    "md|txt|py|js|ts|json|csv|pdf|docx?|xlsx?|pptx?|png|jpe?g|gif|svg|mp3|mp4|wav|zip|rar|exe|html?|css|ya?ml|toml|sh"
    "|cpp|java|dll|so|bat|conf|cfg|sql|dat|jar|vue|tsx|jsx|php|rb|xml|log|ini|apk|iso"
)


def _file_names(names: LatinWord) -> Rule:
    """The rule for names of files, their words as ``names`` says words."""

    @rule(
        rf"(?<![\w./@])([A-Za-z][A-Za-z\d_\-]{{0,40}}(?:\.[A-Za-z\d_\-]{{1,20}}){{0,4}}?)(\.)({_FILE})(?![\w.])",
        "file",
        re.I,
        needs=".",
    )
    def file_name(found: re.Match[str]) -> Parts | None:
        """README.md: the name as a word, 点, what kind of file."""
        said: Parts = []
        one = "一" if "." in found[1] else "幺"
        for piece in re.finditer(r"[A-Za-z]+|\d{1,4}|\.", found[1]):
            at = found.start() + piece.start()
            word = piece.group()
            if word == ".":
                said.append(Part("点", at, at + 1))
            elif word.isdigit():
                said.append(Part(digit_string(word, one), at, at + len(word), "digits"))
            else:
                said += names.say(word, at)
        kind = found[3].lower() in mapping("latin_words.tsv")
        return [
            *said, words(found, 2, "点"), *(names.say(found[3], found.start(3)) if kind else _spelt_kind(found)),
        ]  # fmt: skip

    return file_name


# In an address letters of fewer are spelt; what is called otherwise than a word of its letters
_SHORTEST = 4
_IN_ADDRESSES = {"com": "kang1 mu5", "net": "nai4 te5"}
_NOT_WORDS = ("https", "http")


def _addresses(names: LatinWord) -> Rule:
    """The rule for web and mail addresses, their words as ``names`` says words."""

    @rule(ADDRESS, "address", needs=".:")
    def worded(found: re.Match[str]) -> Parts | None:
        """github.com/user: words as words, the rest spelt; hanzi end it."""
        said: Parts = []
        text = found.group().rstrip(".,:;?!")
        for piece in re.finditer(r"[A-Za-z]+|[^A-Za-z]+", text):
            run, at = piece.group(), found.start() + piece.start()
            known = _IN_ADDRESSES.get(run) if _behind_dot(text, piece.start()) else None
            alone = not _touches_digit(text, *piece.span())
            if known:
                said.append(pronounced(run, known, at, at + len(run)))
            elif name := _name_in(text, *piece.span()):
                said.append(pronounced(run, name, at, at + len(run)))
            elif len(run) >= _SHORTEST and run.isalpha() and run.lower() not in _NOT_WORDS and alone:
                said += names.say(run, at)
            else:
                said += spelt(run, at)
        return said or None

    return worded


def _behind_dot(text: str, at: int) -> bool:
    return text[at - 1 : at] == "."


def _name_in(text: str, start: int, stop: int) -> str:
    """The wei of zhang.wei@..., as it is said."""
    run = text[start:stop]
    named = stop <= text.find("@") and len(run) >= MIN_NAME and run.isalpha()
    return " ".join(pinyin.untoned(run.lower())) if named else ""


def _touches_digit(text: str, start: int, stop: int) -> bool:
    return text[max(0, start - 1) : start].isdigit() or text[stop : stop + 1].isdigit()


def _spelt_kind(found: re.Match[str]) -> Parts:
    letters = found[3].rstrip("34")
    number = [Part(cardinal(found[3][-1]), found.end() - 1, found.end(), "digits")] if letters != found[3] else []
    return [*_spelt(letters, found.start(3)), *number]


class RomanSign:
    """Ⅱ, Ⅻ: signs of their own."""

    name, needs = "roman", ""

    def begins(self, char: str) -> bool:
        return "\u2160" <= char <= "\u217f"

    def match(self, text: str, at: int) -> Parts | None:
        if not self.begins(text[at]):
            return None
        return [Part(cardinal(str(int(unicodedata.numeric(text[at])))), at, at + 1, "digits")]


# Behind a letter of a formula: Al₂
_COUNTS = tuple("₀₁₂₃₄₅₆₇₈₉")
_MODEL = re.compile(r"-(\d{3,6})(?![\d.])", re.ASCII)
# B747-8
_AIRCRAFT = re.compile(r"-((?:(?<=B7\d7-)\d{1,3}|\d{3,6})(?![\d.]))", re.ASCII)
# x-y is a difference where an equation stands around it
_DIFFERENCE, _EQUATION = re.compile("[A-Za-z](?:-[A-Za-z])+"), re.compile("[=<>≤≥²³|]")


def _in_equation(text: str, start: int, stop: int) -> bool:
    return _EQUATION.search(text[max(0, start - 8) : stop + 8]) is not None


# v=v₀+at, ½at²
_TERM_BEFORE, _TERM_AFTER = re.compile(r"[\d₀-₉²³a-z)=½][+\-−=]\Z|½\Z|\d\Z"), re.compile(r"[²³]|[+\-−=][\da-z]")


def _is_product(text: str, at: int) -> bool:
    """Whether two small letters here are variables of a formula."""
    found = _TERM_BEFORE.search(text[max(0, at - 2) : at]), _TERM_AFTER.match(text, at + 2)
    return any(found) and _in_equation(text, at, at + 2)


def _is_element(text: str, at: int, run: str) -> bool:
    """The Al of 2Al+Fe₂O₃."""
    if len(run) != 2 or not run.istitle() or not (text[at - 1 : at].isdigit() or text[at - 1 : at] in ("+", "=")):
        return False
    return any(char in _COUNTS for char in text[max(0, at - 12) : at + 14])


# YOLOv8
_VERSIONED = re.compile("[A-Z]{2,}v")


class LatinWord(AnyPlace):
    """A Latin run: a word as Chinese speakers say it, an English word, or an acronym letter by letter; digits that
    follow belong to it. Without ``english`` what no Mandarin table has is spelt."""

    _letters = re.compile(r"[A-Za-z]+(?:[-'][A-Za-z]+)*", re.ASCII)
    _number = re.compile(r"-?(\d+)(?![\d.])", re.ASCII)
    # youTube, PILde: where a word of its own begins
    _piece = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+(?:'[a-z]+)?|[A-Z]")

    def __init__(self, with_english: bool) -> None:
        self.name = "latin"
        self._english = with_english

    def match(self, text: str, at: int) -> Parts | None:
        found = self._letters.match(text, at)
        if found is None:
            return None
        if _DIFFERENCE.fullmatch(found.group()) and _in_equation(text, at, found.end()):
            return _spelt(text[at], at)
        if len(found.group()) == 2 and found.group().islower() and _is_product(text, at):
            return _spelt(found.group(), at)
        if _is_element(text, at, found.group()):
            return _spelt(found.group(), at)
        if text[found.end() : found.end() + 1] in _COUNTS:
            return _spelt(found.group(), at)
        # TG100V88WMUIADY5
        of_code = found.group().isupper() and len(found.group()) > MIN_NAME and text[at - 1 : at].isdigit()
        parts = _spelt(found.group(), at) if of_code else self.say(found.group(), at)
        number = self._number.match(text, found.end())
        if number and _VERSIONED.fullmatch(found.group()):
            last = found.end() - 1
            parts = [*self.say(text[at:last], at), *_spelt(text[last], last)]
        if number and number.group()[0] == "-" and found.end() == at + 1 and _in_equation(text, at, number.end()):
            return parts
        # 3-5个 after a letter is not meant: the number ends the name (A380, G1234, MP3)
        if number is None:
            return parts
        model = (_AIRCRAFT if found.group() == "B" else _MODEL).match(text, number.end())
        # i7-13700: the second number names, too
        more = [Part(digit_string(model[1], "幺"), model.start(), model.end(), "digits")] if model else []
        return [*parts, *_name_number(number), *more]

    def say(self, run: str, start: int) -> Parts:
        """A run of letters, with - and ' in it."""
        known = mapping("latin_words.tsv").get(run.lower())
        if known:
            return [pronounced(run, known, start, start + len(run))]
        whole = self._word(run)
        if whole:
            return [pronounced(run, whole, start, start + len(run))]
        parts = []
        for piece in self._piece.finditer(run):
            at, text = start + piece.start(), piece.group()
            said = mapping("latin_words.tsv").get(text.lower()) or self._word(text) or self._by_spelling(text)
            stop = at + len(text)
            parts += [pronounced(text, said, at, stop)] if said else _spelt(text, at)
        return parts

    def _word(self, text: str) -> str | None:
        """Of the table. Capitals of up to three letters are an acronym."""
        small = text.lower()
        if not self._english or small in word_set("word_classes.tsv", "spelt") or (text.isupper() and len(text) <= 3):
            return None
        return english.find(small) or english.derived(small)

    def _by_spelling(self, text: str) -> str | None:
        small = text.lower()
        if not self._english or small in word_set("word_classes.tsv", "spelt"):
            return None
        name = pinyin.untoned(small) if len(text) <= MAX_SPOKEN else ()
        if (len(name) > 1 and len(text) > MIN_NAME) or (name and text.istitle() and len(text) >= MIN_NAME):
            return " ".join(name)
        if (
            not 4 <= len(text) <= MAX_SPOKEN
            or (text.isupper() and len(text) <= 6)
            or not _PRONOUNCEABLE.fullmatch(small)
        ):
            return None
        return " ".join(english.by_spelling(small))


def _spelt(text: str, start: int) -> Parts:
    letters = mapping("letters.tsv")
    return [spell(piece.group(), start + piece.start(), letters) for piece in re.finditer("[A-Za-z]+", text)]


def _name_number(found: re.Match[str]) -> Parts:
    """Up to two digits as an amount (F16), more one by one (G1234)."""
    value = found[1]
    if len(value) <= 2 and value[0] != "0":
        return [Part(cardinal(value), found.start(), found.end(), "digits")]
    return [Part(digit_string(value, "幺"), found.start(), found.end(), "digits")]


def _rules(names: LatinWord) -> tuple[Rule, ...]:
    return roman, _file_names(names), logarithm, logarithm_to, general_term, applied, function, names


# Before the rule for addresses that are spelt
ADDRESSES: tuple[Rule, ...] = (_addresses(LatinWord(with_english=True)),)
SPELT, WITH_ENGLISH = _rules(LatinWord(with_english=False)), _rules(LatinWord(with_english=True))
SIGNS: tuple[Rule, ...] = (RomanSign(),)
