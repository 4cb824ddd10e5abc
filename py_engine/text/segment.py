"""Segmentation into words: the most probable path of a unigram model over the lexicon, then joins it cannot know."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from py_engine.text.lexicon import Lexicon, Matches
from py_engine.text.spoken import Unit
from py_engine.text.tables import word_set

# Log probability of a character that the lexicon lacks: below the rarest word (-18)
UNKNOWN = -20.0
# Letters and digits of one word, so that a long code has rhythm and no word outgrows an utterance
MAX_SPELT = 6
# Characters of a word that the model alone knows: a long laugh (哈哈哈) would be one utterance, with nowhere to cut it
MAX_UNLISTED = 12
# By how much (logarithm) the lexicon's words have to be more probable than the model's that lie across them
CROSSED, NEVER = 5.0, -1e9
# Half-open
Span = tuple[int, int]


@dataclass(slots=True)
class Run:
    """Units that no word crosses the ends of, and the words of the lexicon over them.

    spelt: they are of one token and have readings of their own; nothing is looked up then. path: the most probable
    one through ``matches``.
    """

    units: Sequence[Unit]
    text: str
    spelt: bool
    matches: Matches
    path: Sequence[Span]


def look(units: Sequence[Unit], lexicon: Lexicon) -> list[Run]:
    """Runs of the units between two marks."""
    found = []
    for run in runs(units):
        text = "".join([unit.char for unit in run])
        if run[0].group and any(unit.readings for unit in run):
            found.append(Run(run, text, True, (), ()))
        else:
            matches = lexicon.matches(text)
            found.append(Run(run, text, False, matches, best_path(text, lexicon, matches)))
    return found


def segment(looked: Sequence[Run], lexicon: Lexicon, begins: Sequence[bool] = ()) -> list[Span]:
    """Words of a phrase, as places of its units. ``begins``: where the model begins one, if it was asked."""
    words: list[Span] = []
    at = 0
    for run in looked:
        size = len(run.units)
        if run.spelt:
            own = even_parts(size)
        elif run.units[0].group and (number := _NUMERAL.match(run.text)):
            own = _numeral_words(number, lexicon)
        else:
            spans = _spans(run, begins[at : at + size], lexicon) if begins else list(run.path)
            own = join_repeats(run.text, spans)
        words += [(at + start, at + stop) for start, stop in own] if at else own
        at += size
    return words


_NUMERAL = re.compile("[负正第]?[零一二两三四五六七八九十百千万亿]{2,}")
# What a written number is said in: 三千, 二百, 五十六; the first alternative is what the others would cut to pieces
_PIECE = re.compile(
    "[负正第]?(?:零?[一二两三四五六七八九]?十[一二三四五六七八九]?|零?[一二两三四五六七八九][千百]?|[零百千])?(?:万亿?|亿)?"
)


def even_parts(size: int) -> list[Span]:
    """Letters and digits of one token in words of nearly equal length, of `MAX_SPELT` at most."""
    count = -(-size // MAX_SPELT)
    return list(pairwise(round(size * number / count) for number in range(count + 1)))


def _numeral_words(number: re.Match[str], lexicon: Lexicon) -> list[Span]:
    """A number by its places (三千 二百 五十六), whatever words its characters would make (二百五, 十分).

    What follows it in the token is cut as the lexicon has it, a single character goes with its last word (三十分).
    """
    text, stop = number.string, number.end()
    cuts = [0]
    while cuts[-1] < stop:
        piece = _PIECE.match(text, cuts[-1], stop)
        cuts.append(max(piece.end() if piece else 0, cuts[-1] + 1))
    last = cuts[-1]
    rest = len(text) - last
    if rest == 1:
        cuts[-1] += 1
    words = list(pairwise(cuts))
    if rest > 1:
        words += [(last + start, last + stop) for start, stop in best_path(text[last:], lexicon)]
    return words


def runs(units: Sequence[Unit]) -> Iterator[Sequence[Unit]]:
    """Units of one written token, or unbroken text between such tokens, spaces and quotes: words do not cross these."""
    start = 0
    for stop, (left, right) in enumerate(pairwise(units), 1):
        if left.group != right.group or (left.stop != right.start and not left.group):
            yield units[start:stop]
            start = stop
    if units:
        yield units[start:] if start else units


def _spans(run: Run, begins: Sequence[bool], lexicon: Lexicon) -> list[Span]:
    """The model's words; but a pronoun, particle or adverb of the lexicon joins nothing the lexicon lacks (你信).

    A word of three characters and more that it lists is not cut into what it lacks (曾国 藩), one of four and more not
    into scraps (丢 三 落 四). What is longer than a word can be is cut as the lexicon has it.
    """
    text, listed, matches = run.text, run.path, run.matches
    cuts = {at for at, first in enumerate(begins) if first} | {0, len(text)}
    _mind_crossings(run, cuts, lexicon.log_probability)
    for start, stop in listed:
        if stop < start + 2:
            continue
        if stop == start + 2:
            if start + 1 in cuts and _torn(start, stop, cuts, matches):
                cuts -= {start + 1}
                cuts |= {start, stop}
            continue
        inner = [start, *(at for at in range(start + 1, stop) if at in cuts), stop]
        scraps = stop > start + 3 and sum(right == left + 1 for left, right in pairwise(inner)) > 1
        if scraps or _lacks(inner, matches) or (len(inner) > 2 and _crossed(start, stop, cuts, matches)):
            cuts -= set(inner)
            cuts |= {start, stop}
    closed = word_set("word_classes.tsv", "unrepeated")
    alone = {start for start, stop in listed if stop == start + 1 and text[start] in closed}
    for first, last in pairwise(sorted(cuts)) if alone else ():
        if last > first + 1 and last not in matches[first]:
            cuts.update(edge for at in range(first, last) if at in alone for edge in (at, at + 1))
    for first, last in pairwise(sorted(cuts)):
        if last > first + MAX_UNLISTED:
            cuts.update(start for start, _ in listed if first < start < last)
    return list(pairwise(sorted(cuts)))


def _mind_crossings(run: Run, cuts: set[int], weigh: Callable[[int], float]) -> None:
    """Where words of the lexicon on the one side lie over the ends of its words on the other, the far more probable
    ones stay: 糖尿病|患者, not 糖尿|病患|者."""
    path = [0, *[stop for _, stop in run.path]]
    both = sorted(cuts & set(path))
    for first, last in pairwise(both):
        ours, theirs = ([at for at in sorted(own) if first <= at <= last] for own in (path, cuts))
        if len(ours) < 3 or len(theirs) < 3:
            continue
        likely, unlikely = (_probability(places, run.matches, weigh) for places in (ours, theirs))
        if unlikely > NEVER and likely - unlikely > CROSSED:
            cuts -= set(theirs)
            cuts |= set(ours)


def _probability(places: Sequence[int], matches: Matches, weigh: Callable[[int], float]) -> float:
    """Of the words between these places; `NEVER` where the lexicon lacks one."""
    total = 0.0
    for start, stop in pairwise(places):
        state = matches[start].get(stop, -1)
        if state < 0 and stop > start + 1:
            return NEVER
        total += weigh(state) if state >= 0 else UNKNOWN
    return total


def _lacks(cuts: Sequence[int], matches: Matches) -> bool:
    """Whether a piece of several characters between these cuts is no word of the lexicon."""
    return any(right > left + 1 and right not in matches[left] for left, right in pairwise(cuts))


def _crossed(start: int, stop: int, cuts: set[int], matches: Matches) -> bool:
    """Whether what the lexicon lacks lies over an end of this word: 充电宝 as 充电, 宝递."""
    for end in (start, stop):
        if end in cuts:
            continue
        before, after = _edges(end, end, cuts)
        if after not in matches[before]:
            return True
    return False


def _edges(start: int, stop: int, cuts: set[int]) -> tuple[int, int]:
    """The cuts before and after, looked for no further than a word may be long."""
    before, after = start, stop
    while before not in cuts and before > start - MAX_UNLISTED:
        before -= 1
    while after not in cuts and after < stop + MAX_UNLISTED:
        after += 1
    return max(before, 0), after


def _torn(start: int, stop: int, cuts: set[int], matches: Matches) -> bool:
    """Whether a half of this word of two characters went to what the lexicon lacks (六|安坐), and the other to no word
    of the lexicon (地铁|闸机 stays)."""
    before, after = _edges(start, stop, cuts)
    lacks = [stop_ not in matches[start_] for start_, stop_ in ((before, start + 1), (start + 1, after))
             if stop_ - start_ > 1]  # fmt: skip
    return bool(lacks) and all(lacks)


def best_path(text: str, lexicon: Lexicon, matches: Matches | None = None) -> list[Span]:
    """Viterbi over the words of the lexicon: spans of the path with the highest product of probabilities."""
    matches = lexicon.matches(text) if matches is None else matches
    size, weigh = len(text), lexicon.log_probability
    best = [0.0] * (size + 1)
    step = [0] * size
    for start in range(size - 1, -1, -1):
        top, end = UNKNOWN + best[start + 1], start + 1
        for stop, state in matches[start].items():
            score = weigh(state) + best[stop]
            if score > top:
                top, end = score, stop
        best[start], step[start] = top, end
    spans, start = [], 0
    while start < size:
        stop = step[start]
        spans.append((start, stop))
        start = stop
    return spans


def join_repeats(text: str, spans: Sequence[Span]) -> list[Span]:
    """Join what the lexicon lacks: 看看, 看一看, 看了看, 好不好, 休息休息, 看不见, a suffix 儿 or 们."""
    joined: list[Span] = []
    middles, suffixes = _joints()
    for start, stop in spans:
        joined.append((start, stop))
        if len(joined) == 1:
            continue
        left, first, char = joined[-2][0], text[joined[-2][0]], text[start]
        alike = char == first or text[stop - 1] == first
        if alike or char in "不得" or (first in middles and left == start - 1) or text[start:stop] in suffixes:
            while _join_last(text, joined):
                pass
    return joined


@lru_cache(maxsize=1)
def _joints() -> tuple[frozenset[str], frozenset[str]]:
    """What may stand alone between two parts of what is joined, and the suffixes."""
    return word_set("word_classes.tsv", "infix") | {"不", "得"}, word_set("word_classes.tsv", "suffix")


def _join_last(text: str, spans: list[Span]) -> bool:
    """Merge the last two or three spans in place where they form one word; say whether it was done."""
    parts = [text[start:stop] for start, stop in spans[-3:]]
    if len(parts) == 3 and parts[1] == "一" and text[: spans[-3][0]].endswith("一"):
        # 一甩一甩 is no 甩一甩
        return False
    if len(parts) == 3 and (_is_infix_repeat(*parts) or _is_potential(parts[0], parts[1] + parts[2])):
        count = 3
    elif len(parts) >= 2 and _is_verb_and_object(parts[-2], parts[-1]):
        # 打打球: the repeated verb is the word
        start, stop = spans[-2][0], spans[-1][1]
        spans[-2:] = [(start, start + 2), (start + 2, stop)]
        return False
    elif len(parts) >= 2 and _is_pair(parts[-2], parts[-1]):
        count = 2
    else:
        return False
    spans[-count:] = [(spans[-count][0], spans[-1][1])]
    return True


def _is_verb_and_object(verb: str, phrase: str) -> bool:
    return (
        len(phrase) == 2
        and phrase[0] == verb
        and phrase[1] != verb
        and verb in word_set("word_classes.tsv", "repeated verb")
        and phrase not in word_set("word_classes.tsv", "noun of a verb")
    )


def _is_infix_repeat(first: str, middle: str, last: str) -> bool:
    return first == last and len(first) == 1 and middle in word_set("word_classes.tsv", "infix")


def _is_potential(verb: str, rest: str) -> bool:
    """看不见, 走得了: a verb, 不 or 得, and a complement."""
    return (
        len(rest) == 2
        and rest[0] in "不得"
        and verb in word_set("word_classes.tsv", "potential verb")
        and rest[1] in word_set("word_classes.tsv", "potential complement")
    )


def _is_pair(left: str, right: str) -> bool:
    if _is_potential(left, right):
        return True
    if len(right) == 2 and right[1] == left and right[0] in word_set("word_classes.tsv", "infix"):
        return left not in word_set("word_classes.tsv", "numeral")
    if left == right[0] * 2 and len(right) == 1 and right in word_set("word_classes.tsv", "flat triple"):
        return True
    if right == left[0] * 2 and len(left) == 1 and left in word_set("word_classes.tsv", "flat triple"):
        return True
    if left == right and len(left) == 1 and left not in word_set("word_classes.tsv", "unrepeated"):
        return True
    if left == right and len(left) == 2 and left not in word_set("word_classes.tsv", "unrepeated"):
        return left[0] != left[1]
    return right in word_set("word_classes.tsv", "suffix") and len(left) <= 3 and left not in _blocked(right)


def _blocked(suffix: str) -> frozenset[str]:
    return word_set("word_classes.tsv", f"not before {suffix}")
