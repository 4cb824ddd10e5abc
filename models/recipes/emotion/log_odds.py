"""Step 3: what each run of characters says by itself: logistic regression on hashed runs, where the networks' tables
of runs start. Writes ``runs.npz``: weights [buckets, E], offsets [E]."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from models.recipes.emotion import networks, scores
from models.recipes.emotion.batches import load
from models.recipes.emotion.lessons import TRUST
from models.recipes.emotion.rows import CALIBRATE, MEASURED, TRAIN, Row
from py_engine.emotion.features import hashed
from py_engine.emotion.values import EMOTIONS

STRENGTHS = (0.3, 1.0, 3.0)


def counts(rows: Sequence[Row], buckets: int) -> csr_matrix:
    """Runs of each row over the square root of their number, as `EmotionNet` sums them up."""
    found = [hashed(row.line.symbols, buckets) for row in rows]
    lengths = [len(each) for each in found]
    values = np.concatenate([np.full(n, n**-0.5, np.float32) for n in lengths])
    return csr_matrix(
        (values, np.concatenate(found), np.concatenate([[0], np.cumsum(lengths)])), shape=(len(rows), buckets)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(".work/emotion"))
    options = parser.parse_args()
    buckets = networks.STUDENT.buckets
    rows = [row for row in load(options.work, "labelled") if row.label.weights]
    train = [row for row in rows if row.part == TRAIN]
    features = counts(train, buckets)
    labels = np.array([int(np.argmax(row.label.weights)) for row in train])
    share = np.bincount(labels, minlength=len(EMOTIONS)) / len(labels)
    weights = np.array([TRUST[row.corpus] for row in train])
    weights = weights * (share.max() / share)[labels] ** 0.5
    best = (-1.0, None)
    for strength in STRENGTHS:
        model = LogisticRegression(max_iter=60, C=strength).fit(features, labels, sample_weight=weights)
        found = []
        for corpus in MEASURED:
            own = [row for row in rows if row.part == CALIBRATE and row.corpus == corpus]
            truth = np.array([row.label.weights for row in own])
            guess = model.predict_proba(counts(own, buckets))
            prior, power = scores.best_power(truth, guess)
            found.append(scores.macro_f1(truth, scores.balanced(guess, prior, power)))
        print(strength, [round(score, 4) for score in found], flush=True)
        if sum(found) > best[0]:
            best = (sum(found), model)
    np.savez(options.work / "runs.npz", weights=best[1].coef_.T.astype(np.float32), offsets=best[1].intercept_)


if __name__ == "__main__":
    main()
