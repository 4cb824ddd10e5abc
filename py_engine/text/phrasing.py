"""Phrase breaks without a pause: where a long run of words is divided when it is spoken.

A run between two pauses is cut into phrases by dynamic programming: cost of a phrase's length plus cost of each cut.
Words that lean on their neighbour (particles, prepositions) are in ``word_classes.tsv``. Where the reader model was
asked, its score of each boundary weighs in: it has learnt from judged sentences what belongs together (docs/reader.md).
The costs were chosen on such sentences before the model had seen them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Container, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from py_engine.text.cohesion import FORBIDDEN, classes_of_words, is_numeral, together
from py_engine.text.model import PHRASE_BREAK
from py_engine.text.readings import Draft
from py_engine.text.spoken import token_of

# Shorter runs are spoken in one breath without a break
MIN_SYLLABLES = 9
MAX_WORDS = 14


class Costs(NamedTuple):
    """Of a phrase's length in syllables (one that is too long does less harm than one that ends inside what belongs
    together), and of a cut."""

    ideal: float
    shorter: float
    longer: float
    cut: float


BY_RULE = Costs(6.5, 2.5, 4.0, 1.2)
BY_MODEL = Costs(12.4, 6.6, 7.7, 1.75)
# What the model's score of a boundary is worth beside that, from where on
LIKELY, TYPICAL = 3.1, 0.3
# What a cut is worth at a quotation mark
AT_QUOTE = 1.5
# So few syllables at the end of a run are no phrase: what one of them costs
SCRAP, OF_SCRAP = 2, 1.5
# What a cut costs more before 表示, 显示
SAYS = 2.5
# Syllables between two such marks in which no phrase ends
QUOTED = 6
# Syllables of a written token in which no phrase ends
ONE_BREATH = 10


@lru_cache(maxsize=8)
def _of_length(size: int, costs: Costs) -> tuple[float, ...]:
    """What phrases of no, one ... syllables cost, up to ``size``."""
    ideal, shorter, longer = costs[:3]
    return tuple([((length - ideal) / (shorter if length < ideal else longer)) ** 2 for length in range(size + 1)])


def mark_phrases(
    words: Sequence[Draft],
    pauses: Sequence[float] = (),
    listed: Sequence[Draft] = (),
    quotes: Sequence[int] = (),
) -> None:
    """Set the break level of the words after which a phrase ends, in place. ``words`` is one pause-delimited run.

    listed: the words of the lexicon, where ``words`` are the model's: none of them is divided.

    pauses: the reader model's scores of the boundary after each word; without them the word classes decide alone.

    quotes: where the marks of quotations and titles stand.
    """
    # syllables up to each word
    begins = [0, *accumulate([len(word.sounds) for word in words])]
    _set_apart(words)
    if begins[-1] < MIN_SYLLABLES:
        return
    costs_of = BY_MODEL if pauses else BY_RULE
    whole = _short_tokens(words)
    ends = {word.stop for word in listed}
    inside = costs_of.cut + 2 * FORBIDDEN
    cuts = [0.0]
    for at in range(1, len(words)):
        torn = ends and words[at - 1].stop not in ends
        cost = inside if torn else _cut_cost(words, at, pauses, whole, costs_of.cut)
        cuts.append(cost + OF_SCRAP if begins[-1] - begins[at] <= SCRAP else cost)
    _mind_quotes(cuts, words, begins, quotes, costs_of.cut)
    # by steps, so that few tables are made
    of_length = _of_length(-(-begins[-1] // 64) * 64, costs_of)
    costs = [0.0] + [float("inf")] * len(words)
    previous = [0] * (len(words) + 1)
    for stop in range(1, len(words) + 1):
        end, least, best = begins[stop], float("inf"), 0
        for start in range(stop - 1, max(-1, stop - MAX_WORDS), -1):
            cost = costs[start] + of_length[end - begins[start]]
            if cost < least:
                least, best = cost, start
        # what a cut there costs goes with every phrase that begins behind it
        costs[stop], previous[stop] = least + cuts[stop] if stop < len(words) else least, best
    at = previous[len(words)]
    while at:
        words[at - 1].break_level = max(words[at - 1].break_level, PHRASE_BREAK)
        at = previous[at]


_WEEKDAY = re.compile("(?:周|星期|礼拜)[一二三四五六]\\Z")


def _set_apart(words: Sequence[Draft]) -> None:
    """每周五|17点 would be heard as 五十七点."""
    for at, word in enumerate(words):
        if word.group and at and is_numeral(word.text[0]) and not words[at - 1].group:
            said = words[at - 2].text + words[at - 1].text if at > 1 else words[at - 1].text
            if _WEEKDAY.search(said):
                words[at - 1].break_level = max(words[at - 1].break_level, PHRASE_BREAK)


def _mind_quotes(
    cuts: list[float], words: Sequence[Draft], begins: Sequence[int], quotes: Sequence[int], usual: float
) -> None:
    """A phrase rather ends at a mark of a quotation or a title than between two of them that are near each other."""
    last = 0
    for quote in quotes:
        at = bisect_right(words, quote, key=_start)
        if not at or words[at - 1].stop > quote:
            continue
        if begins[at] - begins[last] <= QUOTED:
            for inside in range(last + 1, at):
                cuts[inside] += FORBIDDEN / 2
        if at < len(words) and (words[at].text in classes_of_words().after_title or words[at].text[0] == "第"):
            cuts[at] += FORBIDDEN
        elif at < len(words) and not together(words, at) and not _takes_more(words[at - 1].text):
            cuts[at] = min(cuts[at], usual) - AT_QUOTE
        last = at


def _takes_more(word: str) -> bool:
    """在《人民日报》, 唱到《晴天》: what is in marks completes the word before it."""
    return word in classes_of_words().clings_right or word[-1] == "到"


def _start(word: Draft) -> int:
    return word.start


def _short_tokens(words: Sequence[Draft]) -> frozenset[int]:
    """Written tokens that are said in one breath."""
    sizes: dict[int, int] = {}
    for word in words:
        if word.group:
            token = token_of(word.group)
            sizes[token] = sizes.get(token, 0) + len(word.sounds)
    return frozenset([token for token, size in sizes.items() if size <= ONE_BREATH])


def _cut_cost(words: Sequence[Draft], at: int, pauses: Sequence[float], whole: Container[int], usual: float) -> float:
    first, second, classes = words[at - 1], words[at], classes_of_words()
    left, right = first.text, second.text
    if first.group and token_of(first.group) == token_of(second.group) and token_of(first.group) in whole:
        return usual + 2 * FORBIDDEN
    bound = together(words, at)
    cost = usual + bound + (FORBIDDEN / 2 if left in classes.clings_right else 0.0)
    if left.endswith(("到", "至")):
        cost += FORBIDDEN / 2
    if right in classes.says:
        # what is said is set apart, not who says it
        cost += SAYS
    elif left in classes.says:
        cost -= SAYS / 2
    if pauses:
        odds = pauses[at - 1] - TYPICAL
        # that it looks like a boundary is no reason to cut what belongs together
        return cost - LIKELY * (min(odds, 0.0) if bound else odds)
    if right in classes.begins:
        cost -= 1.0
    if left in classes.ends:
        cost -= 0.8
    return cost
