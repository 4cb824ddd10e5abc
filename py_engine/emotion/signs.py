"""What words, marks and emoji of a line say of its feeling, beside the model: `py_engine/data/feelings.tsv`.

The model learned from some twenty thousand lines, and knows the words that stood in them; negation, irony, rare words,
interjections alone and emoji it often misses. Here such signs are read one by one and added to the model's logits, so
that the two outvote each other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from py_engine.text.tables import rows

from .values import EMOTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from .model import Estimate

    Floats = NDArray[np.float64]

NEUTRAL, JOY, SADNESS, ANGER, FEAR, SURPRISE = range(6)
DEGREES = (1, 2, 3)
# Logits that a mild, a plain and a strong word add, and the intensity that they ask for.
WEIGHTS = {1: 1.0, 2: 2.0, 3: 3.0}
STRENGTHS = {1: 0.4, 2: 0.7, 3: 1.0}
# Of a feeling's words but its strongest, and of words before a `but`.
FURTHER, BEFORE_CONTRAST = 0.25, 0.4
# Of a cry as short as this the model knows little, and its one word says all.
SHORT, SHORT_WEIGHT = 4, 1.6
MILD, STRONG, CRIED = 0.6, 1.2, 1.15
# A line in which nothing shows a feeling: what the model hears in it is often not there, and is voiced less.
UNSHOWN = 0.75
# Words told in the manner of news, manuals and headings; how many signs of that manner make it certain.
TOLD, SURE_MANNER, MANNER_NEUTRAL = 0.25, 2.0, 1.9
NOT_FELT, QUESTION_NEUTRAL, ADVERT_NEUTRAL = 1.2, 1.8, 1.5
# Of a feeling that somebody else is said to have.
REPORTED = 0.5
# How much of the words' intensity goes into that of the whole.
TOLD_INTENSITY = 0.6
# Symbols of a sentence to which all this is cut: in a longer line one word says less, and the model knows more.
USUAL_LENGTH = 20
NEGATION_REACH = 6
# What a question may be beside a question.
ASKED = {"confronting": ANGER, "wondering": SURPRISE, "worrying": FEAR, "lamenting": SADNESS}
TITLE = re.compile("《[^》]*》")
CLAUSE = re.compile("[，。！？；：…、]")
LIST = re.compile("^[^，。！？；]{1,8}(、[^，。！？；、]{1,8}){2,}[。]?$")


class Found(NamedTuple):
    """A word that names or shows a feeling: of which emotion, how strong, where, and whether it is denied."""

    emotion: int
    degree: int
    start: int
    stop: int
    denied: bool


@dataclass(frozen=True)
class Signs:
    """``evidence`` logits [6] to add; ``strength`` 0..1.2 that the words ask for, None where they say nothing;
    ``manner`` 0..1: how surely the line informs and does not feel; ``scale`` of the model's own intensity, and the
    words' ``share`` in that of the whole."""

    evidence: tuple[float, ...] = (0.0,) * len(EMOTIONS)
    strength: float | None = None
    manner: float = 0.0
    scale: float = 1.0
    share: float = TOLD_INTENSITY


@cache
def _pattern(name: str) -> re.Pattern[str]:
    found = next(words for row, words in rows("feelings.tsv") if row == name)
    return re.compile("|".join(f"(?:{word})" for word in found.split()))


def prepare() -> None:
    """Compile the table, so that no sentence waits for it."""
    for name, _ in rows("feelings.tsv"):
        _pattern(name)


def _has(name: str, symbols: str) -> bool:
    return _pattern(name).search(symbols) is not None


def read_signs(symbols: str) -> Signs:
    """``symbols`` of a `Line`."""
    shown = TITLE.sub("", symbols)
    found, manner = list(_words(shown)), _manner(symbols)
    evidence, strength = _felt(shown, found, manner)
    for emotion in range(1, len(EMOTIONS)):
        if _has(f"emoji {EMOTIONS[emotion]}", symbols):
            evidence[emotion] += WEIGHTS[3]
            strength = max(strength, STRENGTHS[2])
    felt = strength > 0
    if len(symbols) <= SHORT:
        evidence *= SHORT_WEIGHT
    evidence += _denied(found)
    evidence[NEUTRAL] += MANNER_NEUTRAL * manner
    _turn(shown, evidence)
    if not felt and _plain_question(shown):
        evidence[NEUTRAL] += QUESTION_NEUTRAL
        evidence[ANGER] -= WEIGHTS[1]
    if _has("advert", shown):
        evidence[[SADNESS, ANGER, FEAR]] -= ADVERT_NEUTRAL
        evidence[NEUTRAL] += ADVERT_NEUTRAL
    scale = _scale(shown) * (1.0 if felt or "！" in shown else UNSHOWN)
    asked = min(strength * scale, 1.2) if felt else None
    return Signs(tuple(map(float, evidence)), asked, manner, min(scale, 1.0), TOLD_INTENSITY * _brevity(symbols))


def with_more(signs: Signs, others: Signs, share: float) -> Signs:
    """``signs`` and a share of ``others``."""
    both = (own + share * more for own, more in zip(signs.evidence, others.evidence, strict=True))
    strength = max(signs.strength or 0.0, share * (others.strength or 0.0)) or None
    return replace(signs, evidence=tuple(both), strength=strength)


def weigh(estimate: Estimate, signs: Signs, manner: float = 0.0) -> Estimate:
    """The estimate with the signs. ``manner``: that of the lines before, which a line without feeling goes on in."""
    evidence = np.array(signs.evidence)
    if signs.strength is None:
        evidence[NEUTRAL] += MANNER_NEUTRAL * max(0.0, manner - signs.manner)
    logits = np.log(np.maximum(estimate.distribution, 1e-6)) + evidence
    weights = np.exp(logits - logits.max())
    weights /= weights.sum()
    intensity = estimate.intensity * signs.scale
    if signs.strength is not None:
        intensity = (1 - signs.share) * intensity + signs.share * signs.strength
    return replace(estimate, distribution=tuple(map(float, weights)), intensity=float(np.clip(intensity, 0, 1)))


def _words(shown: str) -> Iterator[Found]:
    """The strongest first; a place says one thing of each emotion."""
    spared = _has("emphatic", shown)
    for emotion in range(1, len(EMOTIONS)):
        taken: list[tuple[int, int]] = []
        for degree in reversed(DEGREES):
            for match in _pattern(f"{EMOTIONS[emotion]} {degree}").finditer(shown):
                start, stop = match.span()
                if not any(start < end and begin < stop for begin, end in taken):
                    taken.append((start, stop))
                    yield Found(emotion, degree, start, stop, not spared and _is_denied(shown, start))


def _is_denied(shown: str, at: int) -> bool:
    return _has("negating", CLAUSE.split(shown[max(0, at - NEGATION_REACH) : at])[-1])


def _felt(shown: str, found: Sequence[Found], manner: float) -> tuple[Floats, float]:
    """Evidence [6] of the words that are meant, and the strength they ask for: of each emotion the strongest word
    whole, and a part of two others."""
    evidence, strength = np.zeros(len(EMOTIONS)), 0.0
    turn = _pattern("contrast").search(shown)
    told = (1 - (1 - TOLD) * manner) * (REPORTED if _has("reported", shown) else 1.0)
    for emotion in range(1, len(EMOTIONS)):
        shares = [
            (told * (BEFORE_CONTRAST if turn and word.stop <= turn.start() else 1.0), word.degree)
            for word in found
            if word.emotion == emotion and not word.denied
        ]
        shares.sort(key=lambda one: -one[0] * WEIGHTS[one[1]])
        for place, (share, degree) in enumerate(shares[:3]):
            counted = share if place == 0 else FURTHER * share
            evidence[emotion] += counted * WEIGHTS[degree]
            strength = max(strength, counted * STRENGTHS[degree])
    return evidence, strength


def _denied(found: Sequence[Found]) -> Floats:
    """What is said not to be felt [6]. Joy that is not there is a mild sadness, or anger; the others leave neutral."""
    evidence = np.zeros(len(EMOTIONS))
    for word in found:
        if word.denied:
            evidence[word.emotion] = min(evidence[word.emotion], -WEIGHTS[min(word.degree + 1, 3)])
    if evidence[SADNESS:].min() < 0:
        evidence[NEUTRAL] += NOT_FELT
    if evidence[JOY] < 0:
        evidence[SADNESS] += WEIGHTS[1]
        evidence[ANGER] += 0.5 * WEIGHTS[1]
    return evidence


def _manner(symbols: str) -> float:
    """0..1: headings, titles, enumerations and the words of news, science and instructions."""
    hits = _brevity(symbols) * len({match.group() for match in _pattern("expository").finditer(symbols)})
    hits += 2 * bool(LIST.search(symbols)) + bool(TITLE.search(symbols))
    return 1.0 if _has("heading", symbols) else min(1.0, hits / SURE_MANNER)


def _brevity(symbols: str) -> float:
    return min(1.0, USUAL_LENGTH / max(1, len(symbols)))


def _turn(shown: str, evidence: Floats) -> None:
    """Irony: praise beside trouble, and words that mock. Questions by what they reproach, wonder at, fear or lament.
    A warning is neither glad nor astonished."""
    mocks, troubles = _has("mocking", shown), _has("trouble", shown) and _has("praising", shown)
    if mocks or troubles:
        evidence[JOY] = min(evidence[JOY], 0.0) - WEIGHTS[3 if mocks and troubles else 2]
        evidence[ANGER] += WEIGHTS[2]
    if shown.rstrip("！…～ ").endswith("？"):
        for name, emotion in ASKED.items():
            if _has(name, shown):
                evidence[emotion] += WEIGHTS[2]
    if _has("warning", shown):
        evidence[[JOY, SURPRISE]] -= WEIGHTS[2]
        evidence[NEUTRAL] += WEIGHTS[1]


def _plain_question(shown: str) -> bool:
    return shown.endswith("？") and "！" not in shown and not any(_has(name, shown) for name in ASKED)


def _scale(shown: str) -> float:
    scale = MILD if _has("mild", shown) else STRONG if _has("strong", shown) else 1.0
    return scale * (CRIED if "！" in shown else 1.0)
