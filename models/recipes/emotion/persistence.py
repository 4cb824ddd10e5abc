"""How long an emotion lasts: what of it is left in the same speaker's later lines of a dialogue, beyond chance.

For each emotion, the regression of a later line's indicator on that of the present line, averaged over emotions by
their frequency, at one to four lines' distance (CPED, training dialogues; lines of others in between are skipped).
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from pathlib import Path

import numpy as np

from models.recipes.emotion.labels import CPED
from models.recipes.emotion.prepare import part_of
from models.recipes.emotion.rows import TRAIN
from py_engine.emotion.values import EMOTIONS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    said: dict[tuple[str, str], list[int]] = defaultdict(list)
    for name in ("test", "valid"):
        with (options.data / f"emotion/cped/{name}_split.csv").open(encoding="utf-8-sig") as file:
            for entry in csv.DictReader(file):
                if part_of(entry["Dialogue_ID"]) == TRAIN and entry["Emotion"] in CPED:
                    emotion = EMOTIONS.index(CPED[entry["Emotion"]])
                    said[entry["Dialogue_ID"], entry["Speaker"]].append(emotion)
    for distance in range(1, 5):
        pairs = np.array([pair for lines in said.values() for pair in zip(lines, lines[distance:], strict=False)])
        slopes, weights = [], []
        for emotion in range(1, len(EMOTIONS)):
            now, later = pairs[:, 0] == emotion, pairs[:, 1] == emotion
            slopes.append(later[now].mean() - later[~now].mean())
            weights.append(now.sum())
        line = "  ".join(f"{name} {slope:.2f}" for name, slope in zip(EMOTIONS[1:], slopes, strict=True))
        print(f"{distance} lines on: {np.average(slopes, weights=weights):.3f}   {line}   ({len(pairs)} pairs)")


if __name__ == "__main__":
    main()
