"""How usual each reading of a character is, and how far that is from what the model was taught with.

In the sentences that were written for it a rare reading has every second place, in running text one in hundreds. A
score is corrected by the logarithm of how much more often the model met a reading than a reader does.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from math import log

from py_engine.errors import QingshengError
from py_engine.text import analyse

Counts = Mapping[str, Mapping[str, float]]
# What the rules say of running text counts at most for so many labels of a character
BY_RULE = 400
# Added to every count
UNSEEN = 0.5


def read_by_rule(lines: Iterable[str]) -> dict[str, Counter[str]]:
    """By character how often each of its readings stands in lines, words whose reading the lexicon lists apart."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for line in lines:
        try:
            utterances = analyse(line, "none").utterances
        except QingshengError:
            continue
        for utterance in utterances:
            for one in utterance.syllables:
                if not one.reason.startswith("word") or one.reason.endswith("by its characters"):
                    found[line[one.start]][f"{one.pinyin}{one.lexical_tone}"] += 1
    return found


def corrections(taught: Counts, labelled: Counts, by_rule: Counts) -> dict[str, dict[str, float]]:
    """What to add to the score of each taught reading, 0 for the most usual one. taught: how often the model met each
    reading; labelled: of that, in text that was not written for it."""
    return {char: _corrections(own, labelled.get(char, {}), by_rule.get(char, {})) for char, own in taught.items()}


def _corrections(
    taught: Mapping[str, float], labelled: Mapping[str, float], by_rule: Mapping[str, float]
) -> dict[str, float]:
    share = min(1.0, BY_RULE / max(1.0, sum(by_rule.values())))
    usual = {one: labelled.get(one, 0) + share * by_rule.get(one, 0) + UNSEEN for one in taught}
    odds = {one: log(usual[one] / (count + UNSEEN)) for one, count in taught.items()}
    most = max(usual, key=lambda one: usual[one])
    return {one: value - odds[most] for one, value in odds.items()}
