"""Segmentation into words: the most probable path of a unigram model over the lexicon, then joins it cannot know."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from py_engine.text.lexicon import Lexicon
from py_engine.text.spoken import Unit
from py_engine.text.tables import word_set

# Log probability of a character that the lexicon lacks: below the rarest word (-18)
UNKNOWN = -20.0
# Per place of a text the words that begin there: (stop, state of the lexicon), short to long
Matches = Sequence[Sequence[tuple[int, int]]]
# Letters and digits of one word, so that a long code has rhythm and no word outgrows an utterance
MAX_SPELT = 6


def segment(units: Sequence[Unit], lexicon: Lexicon, begins: Sequence[bool] = ()) -> list[list[Unit]]:
    """Cut a run of units (no marks among them) into words. ``begins``: where the model begins one, if it was asked."""
    words: list[list[Unit]] = []
    at = 0
    for run in runs(units):
        if run[0].group and any(unit.readings for unit in run):
            words += even_parts(run)
        elif run[0].group and (number := _NUMERAL.match("".join(unit.char for unit in run))):
            words += _numeral_words(run, number, lexicon)
        else:
            words += _cut(run, lexicon, begins[at : at + len(run)])
        at += len(run)
    return words


_NUMERAL = re.compile("[负正第]?[零一二两三四五六七八九十百千万亿]{2,}")
# What a written number is said in: 三千, 二百, 五十六; the first alternative is what the others would cut to pieces
_PIECE = re.compile(
    "[负正第]?(?:零?[一二两三四五六七八九]?十[一二三四五六七八九]?|零?[一二两三四五六七八九][千百]?|[零百千])?(?:万亿?|亿)?"
)


def even_parts(run: Sequence[Unit]) -> list[list[Unit]]:
    """Letters and digits of one token in words of nearly equal length, of `MAX_SPELT` at most."""
    count = -(-len(run) // MAX_SPELT)
    cuts = [round(len(run) * number / count) for number in range(count + 1)]
    return [list(run[first:last]) for first, last in pairwise(cuts)]


def _numeral_words(run: Sequence[Unit], number: re.Match[str], lexicon: Lexicon) -> list[list[Unit]]:
    """A number by its places (三千 二百 五十六), whatever words its characters would make (二百五, 十分).

    What follows it in the token is cut as the lexicon has it, a single character goes with its last word (三十分).
    """
    text, stop = number.string, number.end()
    cuts = [0]
    while cuts[-1] < stop:
        piece = _PIECE.match(text, cuts[-1], stop)
        cuts.append(max(piece.end() if piece else 0, cuts[-1] + 1))
    rest = len(text) - cuts[-1]
    if rest == 1:
        cuts[-1] += 1
    words = [list(run[first:last]) for first, last in pairwise(cuts)]
    if rest > 1:
        words += [list(run[cuts[-1] + first : cuts[-1] + last]) for first, last in best_path(text[cuts[-1] :], lexicon)]
    return words


def runs(units: Sequence[Unit]) -> Iterator[list[Unit]]:
    """Units of one written token, or unbroken text between such tokens, spaces and quotes: words do not cross these."""
    start = 0
    for stop in range(1, len(units) + 1):
        if stop == len(units) or not _continues(units[stop - 1], units[stop]):
            yield list(units[start:stop])
            start = stop


def _continues(left: Unit, right: Unit) -> bool:
    return left.group == right.group and (left.group > 0 or left.stop == right.start)


def _cut(units: list[Unit], lexicon: Lexicon, begins: Sequence[bool]) -> list[list[Unit]]:
    text = "".join(unit.char for unit in units)
    listed = best_path(text, lexicon)
    spans = join_repeats(text, _spans(text, begins, listed, lexicon) if begins else listed)
    return [units[start:stop] for start, stop in spans]


def _spans(
    text: str, begins: Sequence[bool], listed: Sequence[tuple[int, int]], lexicon: Lexicon
) -> list[tuple[int, int]]:
    """The model's words; but a pronoun, particle or adverb of ``listed`` joins nothing the lexicon lacks (你信).

    A word of three characters and more that it lists is not cut into what it lacks (曾国 藩), one of four and more not
    into scraps (丢 三 落 四).
    """
    cuts = {at for at, first in enumerate(begins) if first} | {0, len(text)}
    for start, stop in listed:
        if stop <= start + 2:
            continue
        inner = sorted({start, stop, *(at for at in cuts if start < at < stop)})
        scraps = stop > start + 3 and sum(right == left + 1 for left, right in pairwise(inner)) > 1
        if scraps or _lacks(text, inner, lexicon) or (len(inner) > 2 and _crossed(text, start, stop, cuts, lexicon)):
            cuts -= set(inner)
            cuts |= {start, stop}
    closed = word_set("word_classes.tsv", "unrepeated")
    alone = [(start, stop) for start, stop in listed if stop == start + 1 and text[start] in closed]
    for first, last in pairwise(sorted(cuts)):
        if last > first + 1 and text[first:last] not in lexicon:
            cuts.update(place for span in alone if first <= span[0] < last for place in span)
    return list(pairwise(sorted(cuts)))


def _lacks(text: str, cuts: Sequence[int], lexicon: Lexicon) -> bool:
    """Whether a piece of several characters between these cuts is no word of the lexicon."""
    return any(right > left + 1 and text[left:right] not in lexicon for left, right in pairwise(cuts))


def _crossed(text: str, start: int, stop: int, cuts: set[int], lexicon: Lexicon) -> bool:
    """Whether what the lexicon lacks lies over an end of this word: 充电宝 as 充电, 宝递."""
    for end in (start, stop):
        before, after = max(at for at in cuts if at <= end), min(at for at in cuts if at >= end)
        if before < end < after and text[before:after] not in lexicon:
            return True
    return False


def word_matches(text: str, lexicon: Lexicon) -> Matches:
    return [list(lexicon.prefixes(text, start)) for start in range(len(text))]


def best_path(text: str, lexicon: Lexicon, matches: Matches | None = None) -> list[tuple[int, int]]:
    """Viterbi over the words of the lexicon: spans of the path with the highest product of probabilities."""
    matches = word_matches(text, lexicon) if matches is None else matches
    size = len(text)
    best = [0.0] * (size + 1)
    step = [1] * size
    for start in range(size - 1, -1, -1):
        best[start] = UNKNOWN + best[start + 1]
        step[start] = 1
        for stop, state in matches[start]:
            score = lexicon.log_probability(state) + best[stop]
            if score > best[start]:
                best[start], step[start] = score, stop - start
    spans, start = [], 0
    while start < size:
        spans.append((start, start + step[start]))
        start += step[start]
    return spans


def join_repeats(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join what the lexicon lacks: 看看, 看一看, 看了看, 好不好, 休息休息, 看不见, a suffix 儿 or 们."""
    joined: list[tuple[int, int]] = []
    for start, stop in spans:
        joined.append((start, stop))
        while _join_last(text, joined):
            pass
    return joined


def _join_last(text: str, spans: list[tuple[int, int]]) -> bool:
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
