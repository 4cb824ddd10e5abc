"""What simple means reach: the commonest class, and TF-IDF of character runs with logistic regression (scikit-learn).

Trained on the same lines, without context; measured as the networks are.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from models.recipes.emotion import scores
from models.recipes.emotion.batches import load
from models.recipes.emotion.rows import CALIBRATE, MEASURED, TEST, TRAIN, WORD


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(".work/emotion"))
    options = parser.parse_args()
    rows = [row for row in load(options.work, "labelled") if row.label.weights and row.corpus != WORD]
    text = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True)
    train = [row for row in rows if row.part == TRAIN]
    features = text.fit_transform([row.line.symbols for row in train])
    model = LogisticRegression(max_iter=300, C=2.0, class_weight="balanced")
    model.fit(features, [int(np.argmax(row.label.weights)) for row in train])
    found = {}
    for corpus in MEASURED:
        parts = {}
        for part in (CALIBRATE, TEST):
            chosen = [row for row in rows if row.corpus == corpus and row.part == part]
            weights = np.array([row.label.weights for row in chosen])
            parts[part] = weights, model.predict_proba(text.transform([row.line.symbols for row in chosen]))
        prior, power = scores.best_power(*parts[CALIBRATE])
        weights, probabilities = parts[TEST]
        common = np.full(len(weights), int(parts[CALIBRATE][0].mean(0).argmax()))
        found[corpus] = {
            "lines": len(weights),
            "majority": round(scores.macro_f1(weights, common), 4),
            "majority_accuracy": round(float(np.mean(scores.truth(weights, common) == common)), 4),
            "tfidf": round(scores.macro_f1(weights, scores.balanced(probabilities, prior, power)), 4),
            "tfidf_accuracy": round(
                float(np.mean(scores.truth(weights, probabilities.argmax(1)) == probabilities.argmax(1))), 4
            ),
            "tfidf_by_class": [round(float(f), 3) for f in scores.f1_by_class(weights, probabilities.argmax(1))],
        }
    (options.work / "baseline.json").write_text(json.dumps(found, indent=1), "utf-8")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
