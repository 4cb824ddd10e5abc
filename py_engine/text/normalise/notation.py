"""Notation of a trade: notes of music, moves of a game, findings of a laboratory, doses of a prescription."""

from __future__ import annotations

import re

from py_engine.text import pinyin
from py_engine.text.normalise.identifiers import spelt
from py_engine.text.normalise.numbers import cardinal
from py_engine.text.normalise.speech import Parts, Rule, after, before, pronounced, rule, spell, words
from py_engine.text.spoken import Part
from py_engine.text.tables import mapping

_SUNG = {"do": "dou1", "re": "rui1", "mi": "mi1", "fa": "fa1", "sol": "sou1", "la": "la1", "si": "xi1", "ti": "ti1"}
_NOTE = "(?:do|re|mi|fa|sol|la|si|ti)"
_NOTE_BEFORE, _NOTE_AFTER = (
    re.compile(rf"(?<![A-Za-z]){_NOTE}[\s,、\-]{{1,2}}\Z"),
    re.compile(rf"[\s,、\-]{{1,2}}{_NOTE}(?![A-Za-z])"),
)


@rule(rf"(?<![A-Za-z]){_NOTE}(?![A-Za-z])", "music.note")
def note(found: re.Match[str]) -> Parts | None:
    """do re mi, beside each other."""
    if not _NOTE_BEFORE.search(before(found, 6)) and not _NOTE_AFTER.match(after(found, 6)):
        return None
    return [pronounced(found.group(), _SUNG[found.group()], *found.span())]


@rule(r"(?<![A-Za-z+])ALT(?![A-Za-z+]|\s?[键+])", "code.letters")
def transaminase(found: re.Match[str]) -> Parts | None:
    """ALT of a blood test, no key."""
    return spelt("ALT", found.start())


@rule(r"([A-Za-z][A-Za-z0-9]{0,7})\(([+\-−])\)(?!\s?[=A-Za-z0-9])", "code.reaction", needs="(")
def reacts(found: re.Match[str]) -> Parts | None:
    """Hp(+) of a test."""
    return [*spelt(found[1], found.start()), Part("阳性" if found[2] == "+" else "阴性", found.start(2), found.end())]


_GRADES = {"+": "阳性", "-": "阴性", "−": "阴性", "±": "弱阳性", "+-": "弱阳性", "+/-": "弱阳性"}


@rule(r"(?<=[\u4e00-\u9fff])\((\+{1,4}|[-−±]|\+/?-)\)", "code.reaction", first="(", needs="+-−±")
def graded(found: re.Match[str]) -> Parts | None:
    """尿蛋白(++), 潜血(+-)."""
    counted = f"{cardinal(str(len(found[1])))}个加号" if len(found[1]) > 1 and not found[1].strip("+") else ""
    return [Part(counted.replace("二个", "两个") or _GRADES[found[1]], *found.span())]


_DOSE = re.compile(
    r"(?:\d\s?(?:mg|g|ml|mL|IU|U|μg|片|粒|支|滴|喷|次)|ivgtt|ivdrip|iv|po|im|雾化|口服|静滴|肌注|[服滴注])[\s,、]{0,2}\Z"
)


@rule(r"(?<![A-Za-z])(?:ivgtt|ivdrip|[btq]id|qod|qd|qn|prn|po|iv|im|ih)(?![A-Za-z])", "code.dose", needs="dnovmh")
def dose(found: re.Match[str]) -> Parts | None:
    """bid of a prescription, letter by letter."""
    return spelt(found.group(), found.start()) if _DOSE.search(before(found, 8)) else None


@rule(r"(?<![A-Za-z])([nkm])!(?=\s?[=+×÷]|表示|等于|的)", "math.factorial", needs="!")
def factorial(found: re.Match[str]) -> Parts | None:
    """n!=1×2×3."""
    return [spell(found[1], found.start(), mapping("letters.tsv")), Part("的阶乘", found.end(1), found.end())]


@rule(r"(?<![\w.])(\d)([vV])(\d)(?!\w)", "code.game", needs="vV")
def versus(found: re.Match[str]) -> Parts | None:
    """1v5, digit by digit."""
    return spelt(found.group(), found.start(), "一")


_MOVE = r"(?:(?:[NBRQK][a-h]?[1-8]?x?|[a-h]x)?[a-h][1-8](?:=[NBRQ])?[+#]?|O-O(?:-O)?)(?![A-Za-z0-9])"


@rule(rf"(?<![\d.])([1-9]\d?)\.(?:\.\.)?(?=\s?{_MOVE})", "game.move")
def move(found: re.Match[str]) -> Parts | None:
    """The number before the moves of 2.Nf3 Nc6."""
    return [Part(cardinal(found[1]), found.start(), found.end(), "digits")]


@rule("[♩♪]", "music.length", first="♩♪")
def length(found: re.Match[str]) -> Parts | None:
    """♩=72."""
    return (
        [Part("四分音符" if found.group() == "♩" else "八分音符", *found.span())]
        if after(found, 2).lstrip()[:1] == "="
        else None
    )


_NUMBERED = re.compile(r"(?<![\d.])\d{1,2}(?:\.{1,3}|…)\s?(?:\S{2,6}\s)?\Z", re.ASCII)


@rule(r"[NBRQK][a-h]?[1-8]?x?[a-h][1-8](?![A-Za-z0-9])", "game.move", needs="abcdefgh")
def piece(found: re.Match[str]) -> Parts | None:
    """Be7, Re1 behind the number of a move, letter by letter."""
    return spelt(found.group(), found.start(), "一") if _NUMBERED.search(before(found, 12)) else None


@rule(r"(?<![\d.])([1-9]\d?)\.\s?(0-0(?:-0)?|O-O(?:-O)?)(?![\d-])", "game.move", needs="-")
def castling(found: re.Match[str]) -> Parts | None:
    """4.0-0."""
    said = Part("长易位" if len(found[2]) > 3 else "短易位", *found.span(2))
    return [Part(cardinal(found[1]), found.start(), found.start(2), "digits"), said]


_LETTERED = re.compile(r"(?<![A-Za-z0-9\-–—~])([A-Z])(\d{1,3})\Z", re.ASCII)
_SIZE = r"(?:\d?X{0,4}[SL]|M)"


@rule(r"[-–~](?=([A-Z])(\d{1,3})(?![A-Za-z0-9.\-=]))", "range.lettered", first="-–~")
def to_lettered(found: re.Match[str]) -> Parts | None:
    """V4-V6导联, L4–L5: from one of a row to another."""
    first = _LETTERED.search(before(found, 6))
    if first is None or first[1] != found[1] or not int(first[2]) < int(found[2]):
        return None
    return [words(found, 0, "到")]


@rule(rf"(?<![A-Za-z0-9\-])({_SIZE})([-–—~])({_SIZE})(?![A-Za-z0-9\-])", "range.sizes", needs="SLM")
def sizes(found: re.Match[str]) -> Parts | None:
    """XS-XXL, 2XL-4XL; S-L beside 码."""
    if "X" not in found.group() and not re.search("[码号款]", before(found, 6) + after(found, 2)):
        return None
    return [*spelt(found[1], found.start(), "一"), words(found, 2, "到"), *spelt(found[3], found.start(3), "一")]


@rule("(?<=[周期拜][一二三四五六日天])[-–~](?=周|星期|礼拜)", "range.weekdays", first="-–~")
def to_weekday(found: re.Match[str]) -> Parts | None:
    """周一-周五."""
    return [words(found, 0, "到")]


# (Li et al., 2021), Li W, Hu Y. 基于, Wu等(2018), Yu和Lu(2017): who wrote what is cited
_CITED = re.compile(
    r"\s(?:et al|[A-Z]{1,2}(?:[,.]|\Z)|(?:and|&) [A-Z][a-z]+,? ?\(?\d{4})|, ?(?:[A-Z]\.|\d{4})|等人?\s?\("
    r"|\s?\(\d{4}[a-z]?\)|[和与、][A-Z][a-z]+\s?\(\d{4}"
)


@rule(r"(?<![A-Za-z])[A-Z][a-z](?![A-Za-z0-9])", "latin")
def author(found: re.Match[str]) -> Parts | None:
    """The surname of two letters of a work that is cited, by its pinyin."""
    said = pinyin.untoned(found.group().lower())
    if not said or not _CITED.match(after(found, 24)):
        return None
    return [pronounced(found.group(), " ".join(said), *found.span())]


@rule(r"et al\.?(?![A-Za-z])", "latin")
def and_others(found: re.Match[str]) -> Parts | None:
    """Li et al., as readers of papers say it."""
    return [words(found, 0, "等人")]


DIGITS: tuple[Rule, ...] = (sizes, castling, move, versus)
LETTERS: tuple[Rule, ...] = (sizes, and_others, author, note, piece, transaminase, dose, factorial, reacts)
SIGNS: tuple[Rule, ...] = (to_lettered, to_weekday, graded, length)
