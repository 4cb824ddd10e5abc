"""Step 6b: how certain the figures of the held-out lines are, which are few.

For the share of the teacher's macro-F1 that the student keeps: lines drawn with replacement, the same ones for both
(bootstrap; Efron 1979), 2.5th to 97.5th percentile. For the calibration error: the share of draws of labels from the
probabilities themselves whose error is as large (consistency resampling; Bröcker & Smith, Weather and Forecasting 22,
2007): where it is not small, the lines do not tell the probabilities from exactly true ones. Beside it the error
without what chance adds.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from models.recipes.emotion import networks, scores
from models.recipes.emotion.batches import load, vocabulary
from models.recipes.emotion.evaluate import outputs, parts, softmax
from models.recipes.emotion.rows import TEST, Row
from models.recipes.qingsheng.training import load_trained
from py_engine.emotion.features import Vocabulary

Floats = NDArray[np.float64]
DRAWS = 2000
STUDENT, TEACHER = "student-finished", "teacher"


def probabilities(work: Path, name: str, rows: dict[str, list[Row]], words: Vocabulary) -> dict[str, Floats]:
    """Calibrated as the model's own report says, by corpus."""
    report = json.loads((work / f"{name}.json").read_text("utf-8"))
    size = networks.TEACHER if name == TEACHER else networks.STUDENT
    model = load_trained(networks.EmotionNet(len(words), size), work / f"{name}.pt")
    return {
        corpus: softmax(outputs(model, own, words)["logits"] * report["factor"] + report["offset"])
        for corpus, own in rows.items()
    }


def kept(weights: Floats, student: NDArray[np.int64], teacher: NDArray[np.int64]) -> tuple[float, float]:
    """95 % interval of the student's macro-F1 over the teacher's; labels ``weights`` [N, E], decisions [N]."""
    random = np.random.default_rng(17)
    found = []
    for _ in range(DRAWS):
        drawn = random.integers(0, len(weights), len(weights))
        found.append(scores.macro_f1(weights[drawn], student[drawn]) / scores.macro_f1(weights[drawn], teacher[drawn]))
    low, high = np.percentile(found, (2.5, 97.5))
    return round(float(low), 3), round(float(high), 3)


def decided(work: Path, name: str, corpus: str, found: Floats) -> NDArray[np.int64]:
    report = json.loads((work / f"{name}.json").read_text("utf-8"))[corpus]
    return scores.balanced(found, np.array(report["prior"]), report["power"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, default=Path(".work/emotion"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    words = vocabulary(options.work)
    held = parts(load(options.work, "labelled"))
    rows = {corpus: own for (corpus, part), own in held.items() if part == TEST}
    found = {name: probabilities(options.work, name, rows, words) for name in (STUDENT, TEACHER)}
    report: dict[str, dict[str, object]] = {}
    for corpus, own in rows.items():
        weights = np.array([row.label.weights for row in own])
        decisions = [decided(options.work, name, corpus, found[name][corpus]) for name in (STUDENT, TEACHER)]
        report[corpus] = {
            "kept": kept(weights, *decisions),
            "as_large": round(scores.as_large(weights, found[STUDENT][corpus]), 3),
            "debiased": round(scores.debiased_calibration_error(weights, found[STUDENT][corpus]), 4),
        }
    (options.work / "certainty.json").write_text(json.dumps(report, indent=1), "utf-8")
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
