"""What a prediction is worth: macro-F1, calibration error, and the two simple decisions they need."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
BINS = 15


def truth(weights: Floats, guess: NDArray[np.int64]) -> NDArray[np.int64]:
    """The strongest label [N] of weights [N, E]; where several are as strong, the guess if it is among them."""
    strongest = weights >= weights.max(1, keepdims=True) - 1e-9
    among = strongest[np.arange(len(guess)), guess]
    return np.where(among, guess, weights.argmax(1))


def f1_by_class(weights: Floats, guess: NDArray[np.int64]) -> Floats:
    """F1 of each class that occurs, NaN for the others."""
    true = truth(weights, guess)
    scores = np.full(weights.shape[1], np.nan)
    for index in range(weights.shape[1]):
        right = np.sum((guess == index) & (true == index))
        total = np.sum(guess == index) + np.sum(true == index)
        if np.any(true == index):
            scores[index] = 2 * right / total
    return scores


def macro_f1(weights: Floats, guess: NDArray[np.int64]) -> float:
    return float(np.nanmean(f1_by_class(weights, guess)))


def calibration_error(weights: Floats, probabilities: Floats) -> float:
    """Expected calibration error of the likeliest class in `BINS` bins of equal width (Guo et al., ICML 2017)."""
    guess, confidence = probabilities.argmax(1), probabilities.max(1)
    right = truth(weights, guess) == guess
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [abs(np.sum(right[bins == b]) - np.sum(confidence[bins == b])) for b in range(BINS)]
    return float(sum(gaps) / len(guess))


def debiased_calibration_error(weights: Floats, probabilities: Floats) -> float:
    """Root of the mean square gap in the same bins, less what chance adds to it on few lines (Kumar, Liang & Ma,
    NeurIPS 2019); 0 where chance explains all of it."""
    guess, confidence = probabilities.argmax(1), probabilities.max(1)
    right = (truth(weights, guess) == guess).astype(np.float64)
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    total = 0.0
    for number in range(BINS):
        own = bins == number
        count = int(own.sum())
        if count > 1:
            share = right[own].mean()
            total += count * ((share - confidence[own].mean()) ** 2 - share * (1 - share) / (count - 1))
    return float(np.sqrt(max(0.0, total / len(guess))))


def true_calibration_errors(probabilities: Floats, draws: int) -> Floats:
    """What the error comes to on so few lines where the probabilities are exactly true: labels drawn from them."""
    random = np.random.default_rng(3)
    classes = probabilities.shape[1]
    edges = probabilities.cumsum(1)
    found = []
    for _ in range(draws):
        labels = np.minimum((random.random((len(edges), 1)) > edges).sum(1), classes - 1)
        found.append(calibration_error(np.eye(classes)[labels], probabilities))
    return np.array(found)


def least_calibration_error(probabilities: Floats, draws: int = 200) -> float:
    """Their mean: less is to be had by chance only."""
    return float(true_calibration_errors(probabilities, draws).mean())


def as_large(weights: Floats, probabilities: Floats, draws: int = 1000) -> float:
    """The share of exactly true cases whose error is as large as that of these labels."""
    return float(np.mean(true_calibration_errors(probabilities, draws) >= calibration_error(weights, probabilities)))


def balanced(probabilities: Floats, prior: Floats, power: float) -> NDArray[np.int64]:
    """The class whose evidence is strongest for its frequency: macro-F1 counts rare classes as much as common ones,
    calibrated probabilities do not."""
    return np.argmax(np.log(probabilities + 1e-9) - power * np.log(prior), 1)


def best_power(weights: Floats, probabilities: Floats) -> tuple[Floats, float]:
    """The prior of a calibration set, and the power of it that gives the best macro-F1 there."""
    prior = weights.mean(0) + 1e-3
    powers = np.linspace(0, 1.2, 13)
    return prior, float(max(powers, key=lambda power: macro_f1(weights, balanced(probabilities, prior, power))))
