"""The emotion of a sentence as the engine passes it on, and what a caller may ask for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

EMOTIONS = ("neutral", "joy", "sadness", "anger", "fear", "surprise")
NEUTRAL = EMOTIONS[0]
AUTO = "auto"
INTENSITY_RANGE = (0.0, 1.2)
SUM_TOLERANCE = 1e-6

# Pleasure and arousal, -1..1, of happy, sad, angry, fearful and surprised as raters placed the words (Russell and
# Mehrabian, "Evidence for a three-factor theory of emotions", Journal of Research in Personality 11, 1977), in the
# order of EMOTIONS; neutral is the origin of their space.
PLEASURE = (0.0, 0.81, -0.63, -0.51, -0.64, 0.40)
AROUSAL = (0.0, 0.51, -0.27, 0.59, 0.60, 0.67)


@dataclass(frozen=True)
class Emotion:
    """The emotion of one sentence.

    ``distribution`` weights over `EMOTIONS`, each 0..1, their sum 1; ``valence`` -1..1; ``arousal`` 0..1, 0.5 at rest;
    ``intensity`` 0..1.2, how strongly it is to be expressed: emotion ``i`` sounds with the strength
    ``distribution[i] * intensity``, and neutral is the voice as it is. Raises: ValueError for other numbers.
    """

    distribution: tuple[float, ...]
    valence: float
    arousal: float
    intensity: float

    def __post_init__(self) -> None:
        numbers = (*self.distribution, self.valence, self.arousal, self.intensity)
        if len(self.distribution) != len(EMOTIONS) or not all(math.isfinite(number) for number in numbers):
            raise ValueError(f"emotion of {numbers}, expected {len(EMOTIONS)} finite weights and three finite numbers")
        if min(self.distribution) < 0 or abs(sum(self.distribution) - 1) > SUM_TOLERANCE:
            raise ValueError(f"weights {self.distribution}, expected numbers from 0 that sum to 1")
        low, high = INTENSITY_RANGE
        if not (-1 <= self.valence <= 1 and 0 <= self.arousal <= 1 and low <= self.intensity <= high):
            raise ValueError(f"valence, arousal, intensity {numbers[-3:]}, expected -1..1, 0..1, {low:g}..{high:g}")

    def scaled(self, factor: float) -> Emotion:
        """The same feeling, ``factor`` (0 or more) times as strong, within the ranges."""
        low, high = INTENSITY_RANGE
        valence = min(max(self.valence * factor, -1.0), 1.0)
        arousal = min(max(0.5 + (self.arousal - 0.5) * factor, 0.0), 1.0)
        return Emotion(self.distribution, valence, arousal, min(max(self.intensity * factor, low), high))

    def as_dict(self) -> dict[str, object]:
        """Plain values for the wire: the weights by name."""
        return {
            "distribution": dict(zip(EMOTIONS, self.distribution, strict=True)),
            "valence": self.valence,
            "arousal": self.arousal,
            "intensity": self.intensity,
        }


def given(wish: str | Mapping[str, float], intensity: float = 1.0) -> Emotion:
    """The emotion that a caller asks for: one name, or names with weights 0..1.

    What weights lack to 1 is neutral; more than 1 is scaled down to 1. ``intensity`` is held within its range. Valence
    and arousal are those of the mixture at this intensity. Raises: KeyError for an unknown name.
    """
    weights = {wish: 1.0} if isinstance(wish, str) else wish
    parts = [0.0] * len(EMOTIONS)
    for name, weight in weights.items():
        parts[_index(name)] += float(weight)
    total = sum(parts)
    parts = [part / total for part in parts] if total > 1 else parts
    parts[0] += max(0.0, 1.0 - sum(parts))
    low, high = INTENSITY_RANGE
    strength = min(max(float(intensity), low), high)
    valence, arousal = circumplex(parts, strength)
    return Emotion(tuple(parts), valence, arousal, strength)


def circumplex(distribution: Sequence[float], intensity: float) -> tuple[float, float]:
    """Valence -1..1 and arousal 0..1 (0.5 at rest) of a mixture: the mean of its parts, as far out as it is intense."""
    valence = intensity * sum(weight * place for weight, place in zip(distribution, PLEASURE, strict=True))
    arousal = intensity * sum(weight * place for weight, place in zip(distribution, AROUSAL, strict=True))
    return min(max(valence, -1.0), 1.0), min(max(0.5 + arousal / 2, 0.0), 1.0)


def _index(name: str) -> int:
    if name not in EMOTIONS:
        raise KeyError(name)
    return EMOTIONS.index(name)
