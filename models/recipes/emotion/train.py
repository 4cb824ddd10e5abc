"""Step 4: an emotion network from its pretrained encoder and the labels alone: the teacher, or a student to compare."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from models.recipes.emotion import networks
from models.recipes.emotion.batches import endless, load, vocabulary
from models.recipes.emotion.lessons import Lessons
from models.recipes.emotion.rows import TRAIN
from models.recipes.qingsheng.training import Trainer
from py_engine.emotion.values import EMOTIONS

SYMBOLS_PER_BATCH = 2500


def losses(out: dict[str, Tensor], target: dict[str, Tensor], class_weights: Tensor) -> dict[str, Tensor]:
    """Cross-entropy with soft labels, rarer classes weighing more; valence and intensity by squared error."""
    each = -(target["weights"] * class_weights * torch.log_softmax(out["logits"], -1)).sum(-1)
    share = (target["weights"] * class_weights).sum(-1) * target["known"]
    valence = (out["valence"] - target["valence"]) ** 2 * target["rated"]
    intensity = (out["intensity"] - target["intensity"]) ** 2 * target["told"]
    return {
        "emotion": (each * target["known"]).sum() / share.sum().clamp(min=1),
        "valence": 0.5 * valence.sum() / target["rated"].sum().clamp(min=1),
        "intensity": 2.0 * intensity.sum() / target["told"].sum().clamp(min=1),
    }


def fresh(work: Path, name: str, symbols: int) -> networks.EmotionNet:
    """A network with its pretrained encoder and the log-odds of the runs."""
    size = networks.TEACHER if name.startswith("teacher") else networks.STUDENT
    torch.manual_seed(2)
    model = networks.EmotionNet(symbols, size, dropout=0.15)
    filler = torch.load(work / f"pretrained-{name.split('-', maxsplit=1)[0]}.pt", weights_only=False)["model"]
    model.encoder.load_state_dict(
        {k.removeprefix("encoder."): v for k, v in filler.items() if k.startswith("encoder.")}
    )
    with np.load(work / "runs.npz") as runs:
        model.runs.weight.data[:, : len(EMOTIONS)] = torch.from_numpy(runs["weights"])
        model.head.bias.data[: len(EMOTIONS)] = torch.from_numpy(runs["offsets"]).float()
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(".work/emotion"))
    parser.add_argument("--model", choices=("teacher", "student-alone"), default="teacher")
    parser.add_argument("--steps", type=int, default=1600)
    options = parser.parse_args()
    torch.set_num_threads(1)
    words = vocabulary(options.work)
    model = fresh(options.work, options.model, len(words))
    rows = [row for row in load(options.work, "labelled") if row.part == TRAIN]
    lessons = Lessons(rows, words, model.runs.num_embeddings)
    trainer = Trainer(
        model, options.work / f"{options.model}.pt", options.steps, rate=6e-4, warmup=100, weight_decay=0.05
    )
    order = endless(lessons.lengths, SYMBOLS_PER_BATCH, trainer.step)
    model.train()
    while trainer.step < options.steps:
        batch, target = lessons.batch(next(order), trainer.random)
        trainer.update(losses(model(**batch), target, lessons.class_weights))


if __name__ == "__main__":
    main()
