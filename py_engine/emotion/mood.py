"""Emotion from sentence to sentence: what was felt lingers and fades, so that a paragraph does not flicker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .discourse import NARRATOR, Part
from .features import MAX_LINES, Line
from .model import EmotionModel, Estimate
from .signs import Signs, read_signs, weigh, with_more
from .values import EMOTIONS, Emotion, circumplex

# What of an emotion is left in the same speaker's next line, beyond chance, in the order of EMOTIONS: measured on the
# training dialogues of CPED by `models/recipes/emotion/persistence.py`. Neutral does not linger.
LINGER = (0.0, 0.74, 0.71, 0.78, 0.71, 0.38)

# What is left of the manner of news, manuals and science from one sentence of a paragraph to the next.
MANNER_LASTS = 0.7
# How many times the odds of a feeling are raised against none: most sentences are plain, and a reader who waited to be
# sure would colour hardly one.
LEANING = 4.0
# What lingers is voiced less than what is said anew; what a narrator says of a speech is mostly in the speech.
ECHO, SAID_OF = 0.75, 0.7


class Mood:
    """The state of one text while it is read from beginning to end."""

    def __init__(self, model: EmotionModel) -> None:
        self._model = model
        self._paragraph = -1
        self._felt: dict[int, Emotion] = {}
        self._said: list[tuple[int, Line]] = []
        self._manner = 0.0
        self._announced: Signs | None = None

    async def feel(self, part: Part) -> Emotion:
        """The emotion of the next part. Raises: RuntimeFailed."""
        if part.paragraph != self._paragraph:
            self._paragraph, self._felt, self._said, self._manner = part.paragraph, {}, [], 0.0
        estimate = await self._model.estimate(part.line, self._context(part))
        signs = self._announcing(part, read_signs(part.line.symbols))
        estimate = weigh(estimate, signs, self._manner)
        self._manner = max(signs.manner, MANNER_LASTS * self._manner)
        self._said.append((part.quotation, part.line))
        felt = lingering(as_emotion(leaning(estimate)), self._felt.get(part.quotation))
        self._felt[part.quotation] = felt
        return felt

    def _announcing(self, part: Part, signs: Signs) -> Signs:
        """With what the narrator has just said of a quotation: ``他怒吼道：“……”`` is shouted in anger."""
        announced, self._announced = self._announced, None
        if part.quotation == NARRATOR:
            if part.line.symbols.endswith("：") and signs.strength is not None:
                self._announced = signs
        elif announced is not None:
            signs = with_more(signs, announced, SAID_OF)
        return signs

    def _context(self, part: Part) -> list[tuple[Line, bool]]:
        """The narrator hears only the narrator; characters hear each other."""
        narrated = part.quotation == NARRATOR
        before = [(who, line) for who, line in self._said if (who == NARRATOR) == narrated]
        return [(line, who == part.quotation) for who, line in before[: -MAX_LINES - 1 : -1]]


def leaning(estimate: Estimate) -> Estimate:
    """As it is voiced: towards what is felt."""
    neutral, *felt = estimate.distribution
    total = neutral + LEANING * sum(felt)
    return replace(estimate, distribution=(neutral / total, *(LEANING * weight / total for weight in felt)))


def as_emotion(estimate: Estimate) -> Emotion:
    """Arousal from the place on the circumplex, intensity and valence from the model."""
    _, arousal = circumplex(estimate.distribution, estimate.intensity)
    return Emotion(estimate.distribution, estimate.valence, arousal, estimate.intensity)


def lingering(now: Emotion, before: Emotion | None) -> Emotion:
    """``now`` with what is left of ``before``: less, the surer the sentence is of an emotion of its own."""
    if before is None:
        return now
    doubt = 1.0 - max(now.distribution[1:])
    left = [doubt * share * weight for share, weight in zip(LINGER, before.distribution, strict=True)]
    kept = sum(left)
    if kept == 0:
        return now
    old = Emotion(tuple(part / kept for part in left), before.valence, before.arousal, ECHO * before.intensity)
    return blend((now, old), (1.0 - kept, kept))


def blend(emotions: Sequence[Emotion], shares: Sequence[float]) -> Emotion:
    """The mean of several emotions; ``shares`` are scaled to sum 1."""
    total = sum(shares)
    weights = [share / total for share in shares]

    def mean(values: Sequence[float]) -> float:
        return sum(weight * value for weight, value in zip(weights, values, strict=True))

    mixed = [mean([emotion.distribution[index] for emotion in emotions]) for index in range(len(EMOTIONS))]
    return Emotion(
        tuple(mixed), mean([e.valence for e in emotions]), mean([e.arousal for e in emotions]),
        mean([e.intensity for e in emotions]),
    )  # fmt: skip
