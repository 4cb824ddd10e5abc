"""Preferences and opinion scores with their uncertainty. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from gateway.listening.scenarios import Scenario
from gateway.listening.store import Answer

# Of the standard normal distribution, for 95 % between both ends.
Z = 1.959963984540054
RESAMPLES = 2000
OVERALL = "overall"


def wilson(successes: int, count: int) -> tuple[float, float] | None:
    """95 % interval of a share (Wilson 1927; recommended by Brown, Cai and DasGupta 2001 for small counts)."""
    if count == 0:
        return None
    share = successes / count
    centre = (share + Z**2 / (2 * count)) / (1 + Z**2 / count)
    half = Z / (1 + Z**2 / count) * math.sqrt(share * (1 - share) / count + Z**2 / (4 * count**2))
    return max(centre - half, 0.0), min(centre + half, 1.0)


def binomial_test(successes: int, count: int) -> float | None:
    """Two-sided exact p of a fair coin: twice the smaller tail, since both are alike."""
    if count == 0:
        return None
    smaller = min(successes, count - successes)
    logarithms = [math.lgamma(count + 1) - math.lgamma(k + 1) - math.lgamma(count - k + 1) for k in range(smaller + 1)]
    tail = math.fsum(math.exp(each - count * math.log(2)) for each in logarithms)
    return min(1.0, 2 * tail)


def bootstrap(by_listener: Sequence[Sequence[float]], seed: int = 0) -> tuple[float, float] | None:
    """95 % percentile interval of the mean, drawing listeners with all their scores: those of one are not independent
    (Efron 1979; by clusters: Field and Welsh 2007). None for fewer than two listeners."""
    if len(by_listener) < 2:
        return None
    sums = np.array([math.fsum(scores) for scores in by_listener])
    counts = np.array([len(scores) for scores in by_listener])
    drawn = np.random.default_rng(seed).integers(0, len(sums), (RESAMPLES, len(sums)))
    low, high = np.percentile(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1), (2.5, 97.5))
    return float(low), float(high)


def preference(pair: tuple[str, str], answers: Iterable[Answer]) -> dict[str, Any]:
    """Of the answers that choose; `listeners` counts each person once, by what they chose more often."""
    first, second = pair
    heard = [answer for answer in answers if {answer.left, answer.right} == {first, second}]
    won = sum(answer.preferred == first for answer in heard)
    lost = sum(answer.preferred == second for answer in heard)
    balance: dict[str, int] = {}
    for answer in heard:
        side = (answer.preferred == first) - (answer.preferred == second)
        balance[answer.user] = balance.get(answer.user, 0) + side
    for_first = sum(each > 0 for each in balance.values())
    decided = sum(each != 0 for each in balance.values())
    return {
        "first": first,
        "second": second,
        "answers": len(heard),
        "first_preferred": won,
        "second_preferred": lost,
        "no_preference": len(heard) - won - lost,
        "share": won / (won + lost) if won + lost else None,
        "interval": wilson(won, won + lost),
        "p": binomial_test(won, won + lost),
        "listeners": {"first": for_first, "second": decided - for_first, "p": binomial_test(for_first, decided)},
    }


def opinion(by_listener: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    scores = [score for each in by_listener.values() for score in each]
    return {
        "scores": len(scores),
        "mean": math.fsum(scores) / len(scores) if scores else None,
        "interval": bootstrap([each for each in by_listener.values() if each]),
    }


def opinions(scenario: Scenario, answers: Iterable[Answer]) -> list[dict[str, Any]]:
    """The mean opinion score of each system in each question, and of their weighted mean."""
    found: dict[tuple[str, str], dict[str, list[float]]] = {
        (system.id, question): {}
        for question in (*(each.id for each in scenario.questions), *([OVERALL] if scenario.questions else []))
        for system in scenario.systems
    }
    weights = {question.id: question.weight for question in scenario.questions}
    for answer in answers:
        for system in {answer.left, answer.right}:
            own = {question: score for (question, of), score in answer.scores.items() if of == system}
            rated = {question: score for question, score in own.items() if question in weights}
            whole = sum(weights[question] for question in rated)
            overall = {OVERALL: sum(weights[each] * rated[each] for each in rated) / whole} if rated else {}
            for question, score in {**rated, **overall}.items():
                if (system, question) in found:
                    found[system, question].setdefault(answer.user, []).append(score)
    return [{"system": system, "question": question, **opinion(each)} for (system, question), each in found.items()]


def results(scenario: Scenario, answers: Sequence[Answer]) -> dict[str, Any]:
    own = [answer for answer in answers if answer.scenario == scenario.id]
    pairs = combinations([system.id for system in scenario.systems], 2)
    return {
        "id": scenario.id,
        "name": scenario.name,
        "listeners": len({answer.user for answer in own}),
        "answers": len(own),
        "preferences": [preference(pair, own) for pair in pairs],
        "opinions": opinions(scenario, own),
        "questions": [{"id": each.id, "weight": each.weight, **each.text} for each in scenario.questions],
    }
