"""Step 5: the student learns from the teacher's answers, from where it looks, and from the labels.

Per line: Kullback-Leibler divergence of the softened answers at temperature 3, times its square (Hinton et al., 2015);
that of the attention of the last layers, both averaged over their heads (TinyBERT, Findings of EMNLP 2020, matches
attention too); the distance of the summed-up lines under a learned projection; and the losses of `train`. A third of
the lines are unlabelled sentences on which only the teacher is heard.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.recipes.emotion import networks
from models.recipes.emotion.batches import endless, load, vocabulary
from models.recipes.emotion.labels import Label
from models.recipes.emotion.lessons import Lessons
from models.recipes.emotion.rows import TRAIN, UNLABELLED, Row
from models.recipes.emotion.train import SYMBOLS_PER_BATCH, fresh, losses
from models.recipes.qingsheng.training import Trainer, load_trained

TEMPERATURE = 3.0
ANSWERS, ATTENTION, SUMMARY, LABELS = 1.0, 1.0, 0.5, 0.5
HEARD = 15_000  # Unlabelled sentences, drawn once.
LONGEST = 60
KEPT = 250  # Steps between the students that `finish` chooses from.


class Pupil(nn.Module):
    """The student, and the projection that is only needed while it learns."""

    def __init__(self, student: networks.EmotionNet, teacher_width: int) -> None:
        super().__init__()
        self.student = student
        self.project = nn.Linear(student.pool.in_features * 2, teacher_width * 2)


def attention_gap(student: Tensor, teacher: Tensor, symbols: Tensor) -> Tensor:
    """Divergence of where the networks look, scores [B, H, L, L], means over heads and over real positions."""
    real = (symbols != 0).float()
    hidden = torch.where(symbols == 0, -1e4, 0.0)[:, None, None, :]
    looks = torch.softmax(teacher + hidden, -1).mean(1)
    own = torch.softmax(student + hidden, -1).mean(1)
    gap = (looks * (torch.log(looks + 1e-6) - torch.log(own + 1e-6))).sum(-1)
    return (gap * real).sum() / real.sum()


def heard(out: dict[str, Tensor], said: dict[str, Tensor], projected: Tensor, symbols: Tensor) -> dict[str, Tensor]:
    """What the student takes from the teacher."""
    soft = torch.log_softmax(said["logits"] / TEMPERATURE, -1)
    own = torch.log_softmax(out["logits"] / TEMPERATURE, -1)
    values = (out["valence"] - said["valence"]) ** 2 + (out["intensity"] - said["intensity"]) ** 2
    return {
        "answers": ANSWERS * TEMPERATURE**2 * functional.kl_div(own, soft, reduction="batchmean", log_target=True),
        "attention": ATTENTION * attention_gap(out["scores"][-1], said["scores"][-1], symbols),
        "summary": SUMMARY * functional.mse_loss(projected, said["pooled"]),
        "values": values.mean(),
    }


def save_student(trainer: Trainer, path: Path) -> None:
    """Its averaged weights, without the projection."""
    averaged = trainer.average.state_dict()
    torch.save(
        {"model": {k.removeprefix("student."): v for k, v in averaged.items() if k.startswith("student.")}}, path
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(".work/emotion"))
    parser.add_argument("--steps", type=int, default=1200)
    options = parser.parse_args()
    torch.set_num_threads(1)
    words = vocabulary(options.work)
    teacher = load_trained(networks.EmotionNet(len(words), networks.TEACHER), options.work / "teacher.pt")
    pupil = Pupil(fresh(options.work, "student", len(words)), networks.TEACHER.width)
    rows = [row for row in load(options.work, "labelled") if row.part == TRAIN]
    lines = [line for line in load(options.work, "unlabelled") if len(line.symbols) <= LONGEST]
    drawn = np.random.default_rng(5).choice(len(lines), HEARD, replace=False)
    rows += [Row(UNLABELLED, TRAIN, lines[index], (), Label(None, 0.0)) for index in drawn]
    lessons = Lessons(rows, words, networks.STUDENT.buckets)
    trainer = Trainer(pupil, options.work / "pupil.pt", options.steps, rate=1e-3, warmup=80, weight_decay=0.02)
    order = endless(lessons.lengths, SYMBOLS_PER_BATCH, trainer.step)
    pupil.train()
    while trainer.step < options.steps:
        if trainer.step % KEPT == 0:
            save_student(trainer, options.work / f"student-{trainer.step}.pt")
        batch, target = lessons.batch(next(order), trainer.random)
        with torch.no_grad():
            said = teacher(**batch)
        out = pupil.student(**batch)
        own = {name: LABELS * loss for name, loss in losses(out, target, lessons.class_weights).items()}
        trainer.update({**heard(out, said, pupil.project(out["pooled"]), batch["symbols"]), **own})
    save_student(trainer, options.work / "student.pt")


if __name__ == "__main__":
    main()
