"""The small voice: learns from the large one as well as from the recordings.

``python -m models.recipes.qingsheng.distill --work .work/voice --part acoustic`` (then ``prosody`` and ``vocoder``)

Three terms (Hinton et al. 2015; Romero et al. 2015 for the second):
- recordings: the loss that the large model was trained with;
- answers: what the teacher says, on recordings and on sentences that nobody recorded (``pseudo.npz``); voicing, the
  only output with classes, softened with temperature 2;
- hidden: a linear image of the student's last layer follows the teacher's.

``--without answers`` (or ``hidden``) drops a term, for the ablation.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from py_engine.text.phones import PHONES

from .audio import Array
from .corpus import Corpus
from .finish_vocoder import made_mel
from .items import load_items
from .networks import TIMINGS, Acoustic, Prosody, Vocoder, build
from .pseudo import load_pseudo
from .train_acoustic import ROW, Rows, mel_losses
from .train_prosody import Batches, collate, losses
from .train_vocoder import batch_of, render, spectral_loss
from .training import Trainer, load_trained, stages

TEMPERATURE = 2.0
PSEUDO_ROWS = 4
LITE = "lite"
Losses = dict[str, Tensor]
Step = Callable[[np.random.Generator], Losses]
Row = dict[str, Array]


class Student(nn.Module):
    """The network that is kept, and the linear image that only training needs."""

    def __init__(self, network: nn.Module, width: int, target: int) -> None:
        super().__init__()
        self.network = network
        self.image = nn.Linear(width, target)


def pseudo_batches(rows: list[Row], random: np.random.Generator) -> dict[str, Tensor]:
    """``PSEUDO_ROWS`` rows of ``ROW`` frames, each out of sentences of one speaker."""
    pools = {int(s): [r for r in rows if int(r["speaker"]) == s] for s in {int(r["speaker"]) for r in rows}}
    shares = np.array([len(p) for p in pools.values()], float)
    out: list[Row] = []
    speakers = []
    for _ in range(PSEUDO_ROWS):
        speaker = int(random.choice(list(pools), p=shares / shares.sum()))
        chosen: list[Row] = []
        while sum(len(r["log_f0"]) for r in chosen) < ROW:
            chosen.append(pools[speaker][int(random.integers(len(pools[speaker])))])
        shift = np.cumsum([0] + [len(r["phones"]) for r in chosen])
        row = {k: np.concatenate([r[k] for r in chosen]) for k in ("phones", "tones")}
        row |= {
            k: np.concatenate([r[k] for r in chosen])[:ROW] for k in ("frame_position", "log_f0", "voicing", "energy")
        }
        owners = [r["frame_phone"] + s for r, s in zip(chosen, shift, strict=False)]
        row["frame_phone"] = np.concatenate(owners)[:ROW]
        out.append(row)
        speakers.append(speaker)
    width = max(len(r["phones"]) for r in out)
    for r in out:
        for k in ("phones", "tones"):
            r[k] = np.pad(r[k], (0, width - len(r[k])))
    return {**{k: torch.tensor(np.stack([r[k] for r in out])) for k in out[0]}, "speaker": torch.tensor(speakers)}


def acoustic_step(student: Student, work: Path, terms: set[str]) -> Step:
    corpus, items, stats = load_items(work)
    recorded, unrecorded = Rows(corpus, items, stats), load_pseudo(work)
    teacher = build("acoustic")
    load_trained(teacher, next(p for p in stages(work, "acoustic") if p.exists()))
    assert isinstance(teacher, Acoustic)
    assert isinstance(student.network, Acoustic)
    network = student.network

    def compare(batch: dict[str, Tensor], name: str) -> tuple[Tensor, Losses]:
        with torch.no_grad():
            goal = teacher.hidden(**batch)
            answer = teacher.outlet(goal) * 2.0 - 4.0
        seen = network.hidden(**batch)
        made = network.outlet(seen) * 2.0 - 4.0
        found = {}
        if "answers" in terms:
            found[f"answers {name}"] = 0.5 * torch.stack(list(mel_losses(made, answer).values())).sum()
        if "hidden" in terms:
            found[f"hidden {name}"] = 0.2 * (student.image(seen) - goal).abs().mean()
        return made, found

    def step(random: np.random.Generator) -> Losses:
        batch = recorded.batch(random)
        real = batch.pop("mel")
        made, found = compare(batch, "recorded")
        found |= mel_losses(made, real)
        if "unrecorded" in terms:
            found |= compare(pseudo_batches(unrecorded, random), "unrecorded")[1]
        return found

    return step


def prosody_step(student: Student, work: Path, terms: set[str]) -> Step:
    corpus, items, _ = load_items(work)
    recorded = Batches(corpus, items)
    rows = sorted(load_pseudo(work), key=lambda r: len(r["phones"]))
    teacher = build("prosody")
    load_trained(teacher, next(p for p in stages(work, "prosody") if p.exists()))
    assert isinstance(teacher, Prosody)
    assert isinstance(student.network, Prosody)
    network = student.network

    def unrecorded(random: np.random.Generator) -> list[Tensor]:
        middle = int(random.integers(len(rows)))
        near = [rows[int(n)] for n in np.clip(middle + random.integers(-60, 61, 16), 0, len(rows) - 1)]
        width = max(len(r["phones"]) for r in near)

        def pad(name: str) -> Tensor:
            edges = [[(0, width - len(r[name]))] + [(0, 0)] * (r[name].ndim - 1) for r in near]
            return torch.tensor(np.stack([np.pad(r[name], e) for r, e in zip(near, edges, strict=True)]))

        mask = torch.tensor(np.stack([np.arange(width) < len(r["phones"]) for r in near])).float().unsqueeze(-1)
        speaker = torch.tensor(random.integers(0, TIMINGS, len(near)))
        return [*(pad(k) for k in ("phones", "tones", "breaks", "positions")), speaker, mask]

    def step(random: np.random.Generator) -> Losses:
        found = losses(network, collate(recorded.draw(random)))
        if "answers" in terms:
            known = unrecorded(random)
            with torch.no_grad():
                goal = teacher.raw(*known)
            made, mask = network.raw(*known), known[-1]
            plain = [*range(6), 11]
            soft = torch.sigmoid(goal[..., 6:11] / TEMPERATURE)
            voicing = nn.functional.binary_cross_entropy_with_logits(
                made[..., 6:11] / TEMPERATURE, soft, reduction="none"
            )
            total = mask.sum()
            found["answers"] = ((made - goal)[..., plain].abs() * mask).sum() / total / 2
            found["soft voicing"] = TEMPERATURE**2 * (voicing * mask).sum() / total / 10
        return found

    return step


def vocoder_step(student: Student, work: Path, terms: set[str]) -> Step:
    corpus, items, stats = load_items(work)
    smooth = Corpus(work)
    smooth.mel = made_mel(corpus, items, stats, work)
    numbers = corpus.numbers("train")
    teacher = build("vocoder")
    load_trained(teacher, next(p for p in stages(work, "vocoder") if p.exists()))
    assert isinstance(student.network, Vocoder)
    network = student.network

    def logs(filters: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        re, im, rough = filters
        return torch.stack([0.5 * (re.square() + im.square() + 1e-9).log(), (rough + 1e-6).log()])

    def step(random: np.random.Generator) -> Losses:
        source = smooth if random.random() < 0.5 else corpus
        mel, f0, voicing, audio = batch_of(source, numbers, random)
        found = spectral_loss(render(network, mel, f0, voicing), audio)
        if "answers" in terms:
            with torch.no_grad():
                goal = logs(teacher(mel, f0.log(), voicing))
            found["answers"] = 0.2 * (logs(network(mel, f0.log(), voicing)) - goal).abs().mean()
        return found

    return step


def parts() -> Iterator[tuple[str, int, float, Callable[[Student, Path, set[str]], Step]]]:
    """Name, steps, rate and the making of one step of each part."""
    yield "acoustic", 1500, 2e-3, acoustic_step
    yield "prosody", 1000, 2e-3, prosody_step
    yield "vocoder", 2500, 1.5e-3, vocoder_step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(".work/voice"))
    parser.add_argument("--part", choices=[name for name, *_ in parts()], required=True)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--without", nargs="*", default=[], choices=("answers", "hidden", "unrecorded"))
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    _, steps, rate, making = next(p for p in parts() if p[0] == options.part)
    widths = {"acoustic": (160, 256), "prosody": (96, 192), "vocoder": (160, 256)}[options.part]
    network = build(options.part, LITE)
    student = Student(network, *widths)
    name = "_".join([LITE, options.part, *(f"no_{x}" for x in options.without)])
    print(f"{sum(p.numel() for p in network.parameters()) / 1e6:.2f} M parameters, {len(PHONES)} phones", flush=True)
    trainer = Trainer(student, options.work / f"{name}.pt", options.steps or steps, rate)
    step = making(student, options.work, {"answers", "hidden", "unrecorded"} - set(options.without))
    while trainer.step < trainer.steps:
        trainer.update(step(trainer.random))


if __name__ == "__main__":
    main()
