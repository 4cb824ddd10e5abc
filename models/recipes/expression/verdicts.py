"""From rows of measures to figures: steps over intensity, direction, order, errors, quality, separation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from py_engine.emotion.values import EMOTIONS, NEUTRAL

from .rows import EXPRESSED, FULL, INTENSITIES, NAMES, SEMITONE, Row

Floats = NDArray[np.float64]
# Direction of each measure by the sources of py_engine/prosody/expression.py; 0 where they say nothing.
DIRECTIONS = {
    "f0": {"joy": 1, "sadness": -1, "anger": 1, "fear": 1, "surprise": 1},
    "range": {"joy": 1, "sadness": -1, "anger": 1, "fear": -1, "surprise": 1},
    "rate": {"joy": 1, "sadness": -1, "anger": 1, "fear": 1, "surprise": 1},
    "energy": {"joy": 1, "sadness": -1, "anger": 1, "fear": -1, "surprise": 1},
    "tilt": {"joy": 1, "sadness": -1, "anger": 1, "fear": -1, "surprise": 1},
    "final": {"joy": 1, "sadness": -1, "anger": -1, "fear": 0, "surprise": 1},
}
FOLDS = 10
# Shrinkage of the classifier's covariance towards its diagonal.
SHRINKAGE = 0.1


@dataclass(frozen=True)
class Step:
    """Mean change of a measure against neutral at each intensity, in ``unit``, and its rank correlation with it."""

    values: tuple[float, ...]
    spearman: float
    full: float
    direction: int

    @property
    def holds(self) -> bool:
        return self.direction == 0 or (self.spearman >= 0.95 and np.sign(self.full) == self.direction)


def change(name: str, value: float, neutral: float) -> float:
    """F0 and rate in percent; the others as differences in their own units."""
    return 100.0 * (value / neutral - 1.0) if name in ("f0", "rate") else value - neutral


def steps(rows: list[Row], emotion: str, name: str) -> Step:
    neutral = {row.sentence: row.measures[name] for row in rows if row.emotion == NEUTRAL}
    values = [0.0]
    swept = in_all_intensities(rows, emotion)
    asked = INTENSITIES[1:] if swept else (FULL,)
    for intensity in asked:
        own = [r for r in rows if r.emotion == emotion and r.intensity == intensity]
        own = [r for r in own if r.sentence in swept] if swept else own
        values.append(float(np.mean([change(name, r.measures[name], neutral[r.sentence]) for r in own])))
    direction = DIRECTIONS.get(name, {}).get(emotion, 0)
    signed = np.array(values) * (direction or 1)
    return Step(tuple(values), spearman(np.array((0.0, *asked)), signed), values[asked.index(FULL) + 1], direction)


def in_all_intensities(rows: list[Row], emotion: str) -> set[int]:
    """The sentences that were spoken in every intensity: the same ones must stand behind every step."""
    found = [{r.sentence for r in rows if r.emotion == emotion and r.intensity == i} for i in INTENSITIES[1:]]
    return set.intersection(*found)


def spearman(x: Floats, y: Floats) -> float:
    """Rank correlation of values without ties."""
    ranks = [np.argsort(np.argsort(v)).astype(np.float64) for v in (x, y)]
    return float(np.corrcoef(*ranks)[0, 1])


def error_rate(rows: list[Row], emotion: str, kind: str = "errors") -> float | None:
    """Percent of edits per syllable at full intensity. ``kind``: the field of `Row`."""
    own = _judged(rows, emotion)
    found = [getattr(row, kind) for row in own]
    return None if not own or None in found else 100.0 * sum(found) / sum(row.syllables for row in own)


def quality(rows: list[Row], emotion: str) -> float | None:
    found = [row.quality for row in _judged(rows, emotion) if row.quality is not None]
    return float(np.mean(found)) if found else None


def _judged(rows: list[Row], emotion: str) -> list[Row]:
    return [r for r in rows if r.emotion == emotion and (emotion == NEUTRAL or r.intensity == FULL)]


def confusion(rows: list[Row]) -> NDArray[np.int64]:
    """Six emotions at full intensity, said (down) and recognised (across)."""
    own = [row for name in EMOTIONS for row in _judged(rows, name)]
    return told_apart(own, [EMOTIONS.index(row.emotion) for row in own], len(EMOTIONS))


def style_confusion(rows: list[Row]) -> tuple[list[str], NDArray[np.int64]]:
    """No style and every style, in their order, as `confusion`."""
    styled = [row for row in rows if row.style is not None]
    heard = {row.sentence for row in styled}
    own = [r for r in rows if r.style is None and r.emotion == NEUTRAL and r.sentence in heard] + styled
    names = ["", *sorted({row.style or "" for row in styled})]
    return names, told_apart(own, [names.index(row.style or "") for row in own], len(names))


def told_apart(own: list[Row], classes: list[int], count: int) -> NDArray[np.int64]:
    """Class said (down) and recognised (across), of ``count``, by linear discriminants that never saw the sentence.

    Folds by sentence, measures normalised by mean and deviation of class 0, which is neutral, in the other folds."""
    numbers = {sentence: place for place, sentence in enumerate(sorted({row.sentence for row in own}))}
    folds = np.array([numbers[row.sentence] % FOLDS for row in own])
    labels, values = np.array(classes), np.array([_features(row) for row in own])
    found = np.zeros((count, count), np.int64)
    for fold in np.unique(folds):
        held = folds == fold
        neutral = values[~held & (labels == 0)]
        if len(neutral) > 1:
            scaled = (values - neutral.mean(0)) / neutral.std(0)
            np.add.at(found, (labels[held], discriminate(scaled[~held], labels[~held], scaled[held])), 1)
    return found


def _features(row: Row) -> list[float]:
    measures = {**row.measures, "f0": SEMITONE * np.log(row.measures["f0"]), "rate": np.log(row.measures["rate"])}
    return [float(measures[name]) for name in NAMES]


def discriminate(known: Floats, labels: NDArray[np.int64], unknown: Floats) -> NDArray[np.int64]:
    """Linear discriminant analysis (Fisher 1936) with one covariance for all classes."""
    classes = np.unique(labels)
    means = np.array([known[labels == c].mean(0) for c in classes])
    rest = known - means[np.searchsorted(classes, labels)]
    covariance = rest.T @ rest / max(1, len(rest) - len(classes))
    covariance = (1 - SHRINKAGE) * covariance + SHRINKAGE * np.diag(np.diag(covariance))
    weights = np.linalg.solve(covariance, means.T)
    scores = unknown @ weights - 0.5 * (means.T * weights).sum(0)
    return np.asarray(classes[scores.argmax(1)], np.int64)


def accuracy(table: NDArray[np.int64]) -> float:
    return float(np.trace(table) / max(1, table.sum()))


def present(rows: list[Row]) -> list[str]:
    """The emotions that were measured, in their order, neutral left out."""
    return [name for name in EXPRESSED if any(row.emotion == name for row in rows)]


def all_steps(rows: list[Row]) -> dict[str, dict[str, Step]]:
    """By measure, by emotion."""
    return {n: {e: steps(rows, e, n) for e in present(rows)} for n in NAMES}
