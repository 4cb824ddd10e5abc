"""The small voice: learns from the large one as well as from the recordings.

``python -m models.recipes.qingsheng.distill --work .work/voice --part acoustic`` (then ``prosody`` and ``vocoder``)

Terms (Hinton et al. 2015; Romero et al. 2015 for the third):
- recordings: the loss that the large model was trained with;
- answers: what the teacher says, on recordings and on texts that nobody recorded (``pseudo.npz``); voicing, the
  only output with classes, softened with temperature 2; the vocoder's answer is its sound, made of the same pulses and
  the same noise, so that nothing is left to chance;
- trees: of syllable lengths in sentences the teacher is the large voice's exported prosody model (``export``), whose
  trees time them, not its network;
- hidden: a linear image of the student's last layer follows the teacher's;
- critics: what tells the student's spectra from the teacher's (acoustic model and vocoder).

``--without answers`` (or another) drops a term, for the ablation. ``--start models/qingsheng-lite/weights-fp16.npz``
(or a checkpoint) goes on from trained weights, at a lower rate.
"""

from __future__ import annotations

import argparse
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.recipes.melody import predictor
from py_engine.text.phones import PHONES

from . import finish_vocoder, sharpen_acoustic
from .adversarial import Critics, Duel
from .audio import HOP_LENGTH, Array
from .finish_vocoder import CROP_FRAMES, LOUDNESS_WEIGHT, made_mel
from .items import load_items
from .loudness import loudness_loss
from .networks import N_BINS, TIMINGS, Acoustic, Prosody, Vocoder, build, shape_excitation
from .pseudo import load_pseudo
from .train_acoustic import ROW, Rows, mel_losses
from .train_prosody import Batches, collate, losses
from .train_vocoder import ALL, BATCH, CROP, balanced, batch_of, excitation, spectral_loss
from .training import Trainer, load_released, load_trained, stages

TEMPERATURE = 2.0
PSEUDO_ROWS = 4
LITE = "lite"
TERMS = ("recordings", "answers", "trees", "hidden", "unrecorded", "critics")
# the recordings' share once the student goes on from what they taught it
RECORDINGS_AFTER = 0.2
Losses = dict[str, Tensor]
Row = dict[str, Array]


@dataclass
class Lesson:
    """What one step found: losses, and views of the student's and of the teacher's spectra for critics, if any."""

    losses: Losses
    made: list[Tensor] = field(default_factory=list)
    real: list[Tensor] = field(default_factory=list)


Step = Callable[[np.random.Generator], Lesson]


class Student(nn.Module):
    """The network that is kept, and the linear image that only training needs."""

    def __init__(self, network: nn.Module, width: int, target: int) -> None:
        super().__init__()
        self.network = network
        self.image = nn.Linear(width, target)


class Unrecorded:
    """What nobody recorded, speaker by speaker."""

    def __init__(self, rows: list[Row]) -> None:
        self.pools = {s: [r for r in rows if int(r["speaker"]) == s] for s in {int(r["speaker"]) for r in rows}}
        frames = np.array([sum(len(r["log_f0"]) for r in p) for p in self.pools.values()], float)
        self.shares = frames / frames.sum()

    def batch(self, random: np.random.Generator) -> dict[str, Tensor]:
        """``PSEUDO_ROWS`` rows of ``ROW`` frames, each of one speaker, who is heard as long as there is of him."""
        drawn = [int(random.choice(list(self.pools), p=self.shares)) for _ in range(PSEUDO_ROWS)]
        rows = [packed(self.pools[speaker], random) for speaker in drawn]
        width = max(len(r["phones"]) for r in rows)
        for r in rows:
            for k in ("phones", "tones"):
                r[k] = np.pad(r[k], (0, width - len(r[k])))
        return {**{k: torch.tensor(np.stack([r[k] for r in rows])) for k in rows[0]}, "speaker": torch.tensor(drawn)}


def packed(pool: list[Row], random: np.random.Generator) -> Row:
    """Utterances one after the other, ``ROW`` frames of them."""
    chosen: list[Row] = []
    while sum(len(r["log_f0"]) for r in chosen) < ROW:
        chosen.append(pool[int(random.integers(len(pool)))])
    shift = np.cumsum([0] + [len(r["phones"]) for r in chosen])
    owners = [r["frame_phone"] + s for r, s in zip(chosen, shift, strict=False)]
    per_frame = ("frame_position", "log_f0", "voicing", "energy")
    return {
        **{k: np.concatenate([r[k] for r in chosen]) for k in ("phones", "tones")},
        **{k: np.concatenate([r[k] for r in chosen])[:ROW] for k in per_frame},
        "frame_phone": np.concatenate(owners)[:ROW],
    }


def go_on(student: Student, start: Path | None, part: str) -> None:
    """Take trained weights: a checkpoint of ``distill`` whole, of a ``weights-fp16.npz`` the network."""
    whole = start is not None and start.suffix == ".pt"
    load_released(student if whole else student.network, start, part)


def acoustic_step(student: Student, work: Path, terms: set[str], share: float) -> Step:
    corpus, items, stats = load_items(work)
    recorded, unrecorded = Rows(corpus, items, stats), Unrecorded(load_pseudo(work))
    teacher = build("acoustic")
    load_trained(teacher, next(p for p in stages(work, "acoustic") if p.exists()))
    assert isinstance(teacher, Acoustic)
    assert isinstance(student.network, Acoustic)
    network = student.network

    def compare(batch: dict[str, Tensor], name: str) -> tuple[Tensor, Tensor, Losses]:
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
        return made, answer, found

    def step(random: np.random.Generator) -> Lesson:
        found: Losses = {}
        if "recordings" in terms:
            batch = recorded.batch(random)
            real = batch.pop("mel")
            made, answer, found = compare(batch, "recorded")
            found |= {name: share * loss for name, loss in mel_losses(made, real).items()}
        if "unrecorded" in terms:
            made, answer, more = compare(unrecorded.batch(random), "unrecorded")
            found |= more
        if "critics" not in terms:
            return Lesson(found)
        return Lesson(found, *(sharpen_acoustic.views(x) for x in sharpen_acoustic.crops(made, answer, random)))

    return step


def times_told(rows: list[Row], path: Path) -> list[NDArray[np.float32]]:
    """Ln frames of each phone by every timing [4, N], as the exported prosody model at ``path`` says."""
    predict = predictor(path)

    def told(row: Row, timing: int) -> NDArray[np.float32]:
        known = [row[k][None].astype(np.int64) for k in ("phones", "tones", "breaks")]
        positions = row["positions"][None].astype(np.float32)
        return np.log(predict(*known, positions, np.array([timing]))[0][0]).astype(np.float32)

    return [np.stack([told(row, timing) for timing in range(TIMINGS)]) for row in rows]


def prosody_step(student: Student, work: Path, terms: set[str], share: float) -> Step:
    corpus, items, _ = load_items(work)
    recorded = Batches(corpus, items)
    rows = sorted(load_pseudo(work), key=lambda r: len(r["phones"]))
    teacher = build("prosody")
    load_trained(teacher, next(p for p in stages(work, "prosody") if p.exists()))
    assert isinstance(teacher, Prosody)
    assert isinstance(student.network, Prosody)
    network = student.network
    times = times_told(rows, work / "float" / "qingsheng" / "prosody.onnx") if "trees" in terms else []

    def unrecorded(random: np.random.Generator) -> tuple[list[Tensor], Tensor | None]:
        middle = int(random.integers(len(rows)))
        drawn = np.clip(middle + random.integers(-60, 61, 16), 0, len(rows) - 1)
        near = [rows[int(n)] for n in drawn]
        width = max(len(r["phones"]) for r in near)

        def pad(name: str) -> Tensor:
            edges = [[(0, width - len(r[name]))] + [(0, 0)] * (r[name].ndim - 1) for r in near]
            return torch.tensor(np.stack([np.pad(r[name], e) for r, e in zip(near, edges, strict=True)]))

        mask = torch.tensor(np.stack([np.arange(width) < len(r["phones"]) for r in near])).float().unsqueeze(-1)
        timings = random.integers(0, TIMINGS, len(near))
        known = [*(pad(k) for k in ("phones", "tones", "breaks", "positions")), torch.tensor(timings), mask]
        if not times:
            return known, None
        told = [times[int(n)][timing] for n, timing in zip(drawn, timings, strict=True)]
        return known, torch.tensor(np.stack([np.pad(t, (0, width - len(t))) for t in told]))

    def step(random: np.random.Generator) -> Lesson:
        found: Losses = {}
        if "recordings" in terms:
            taught = losses(network, collate(recorded.draw(random)))
            found |= {name: share * loss for name, loss in taught.items()}
        if "answers" in terms:
            known, told = unrecorded(random)
            with torch.no_grad():
                goal = teacher.raw(*known)
            if told is not None:
                goal[..., 0] = told
            made, mask = network.raw(*known), known[-1]
            plain = [*range(6), 11]
            soft = torch.sigmoid(goal[..., 6:11] / TEMPERATURE)
            voicing = nn.functional.binary_cross_entropy_with_logits(
                made[..., 6:11] / TEMPERATURE, soft, reduction="none"
            )
            total = mask.sum()
            found["answers"] = ((made - goal)[..., plain].abs() * mask).sum() / total / 2
            found["soft voicing"] = TEMPERATURE**2 * (voicing * mask).sum() / total / 10
        return Lesson(found)

    return step


def planned_frames(
    acoustic: Callable[..., Tensor], unrecorded: Unrecorded, random: np.random.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """``BATCH`` crops of what nobody recorded, as the voice plans it: mel, F0 in Hz, voicing."""
    batch = unrecorded.batch(random)
    with torch.no_grad():
        known = acoustic(**batch), batch["log_f0"].exp(), batch["voicing"]
    each = BATCH // PSEUDO_ROWS
    places = [(row, int(random.integers(ROW - CROP + 1))) for row in range(PSEUDO_ROWS) for _ in range(each)]
    mel, f0, voicing = (torch.stack([x[row, first : first + CROP] for row, first in places]) for x in known)
    return mel, f0, voicing


def raw_distance(made: Tensor, goal: Tensor) -> Tensor:
    """L1 of the vocoder's raw filters [B, T, 3 x 257]: both ln gains and, with half the weight, phase."""
    pulses, phase, noise = (made - goal).abs().split(N_BINS, -1)
    return pulses.mean() + 0.5 * phase.mean() + noise.mean()


def vocoder_step(student: Student, work: Path, terms: set[str], share: float) -> Step:
    """Hears recorded spectra, the large acoustic model's, and the small one's of what nobody recorded."""
    corpus, items, stats = load_items(work)
    smooth = copy.copy(corpus)
    smooth.mel = made_mel(corpus, items, stats, work)
    numbers, unrecorded = balanced(corpus), Unrecorded(load_pseudo(work))
    teacher = build("vocoder")
    load_trained(teacher, next(p for p in stages(work, "vocoder") if p.exists()))
    acoustic = trained_student("acoustic", work)
    network = student.network
    assert isinstance(teacher, Vocoder)
    assert isinstance(network, Vocoder)

    def step(random: np.random.Generator) -> Lesson:
        lot, audio = random.random(), None
        if "unrecorded" in terms and lot < 0.5:
            mel, f0, voicing = planned_frames(acoustic, unrecorded, random)
        else:
            mel, f0, voicing, audio = batch_of(smooth if lot < 0.75 else corpus, numbers, random)
        excited = excitation(f0, voicing)
        told = network.raw(mel, f0.log(), voicing)
        made = shape_excitation(network.filters(mel, told), *excited)
        with torch.no_grad():
            goal = teacher.raw(mel, f0.log(), voicing)
            answer = shape_excitation(teacher.filters(mel, goal), *excited)
        found: Losses = {}
        if "answers" in terms:
            # the excitation is the same, so that two resolutions tell as much as all
            which = tuple(random.choice(ALL, 2, replace=False).tolist())
            found = {f"answers {name}": loss for name, loss in spectral_loss(made, answer, which).items()}
            found["answers loudness"] = LOUDNESS_WEIGHT * loudness_loss(made, answer)
            found["answers raw"] = 0.2 * raw_distance(told, goal)
        if "recordings" in terms and audio is not None:
            found |= {name: share * loss for name, loss in spectral_loss(made, audio).items()}
        if "critics" not in terms:
            return Lesson(found)
        length = CROP_FRAMES * HOP_LENGTH
        first = int(random.integers(made.shape[1] - length + 1))
        part = (slice(None, None, 2), slice(first, first + length))
        return Lesson(found, finish_vocoder.views(made[part]), finish_vocoder.views(answer[part]))

    return step


def trained_student(part: str, work: Path) -> nn.Module:
    """The small network as ``distill`` left it, ready for inference."""
    state = torch.load(work / f"{LITE}_{part}.pt", weights_only=False)["average"]
    network = build(part, LITE)
    network.load_state_dict({k.removeprefix("network."): v for k, v in state.items() if k.startswith("network.")})
    return network.eval().requires_grad_(False)


@dataclass(frozen=True)
class Part:
    """``rate_after``: where training goes on from trained weights; ``views``: how many critics there are."""

    name: str
    steps: int
    rate: float
    rate_after: float
    widths: tuple[int, int]
    views: int
    making: Callable[[Student, Path, set[str], float], Step]


def parts() -> Iterator[Part]:
    yield Part("acoustic", 1500, 2e-3, 1e-3, (160, 256), 2, acoustic_step)
    yield Part("prosody", 1000, 2e-3, 1e-3, (96, 192), 0, prosody_step)
    yield Part("vocoder", 2500, 1.5e-3, 8e-4, (160, 256), 3, vocoder_step)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(".work/voice"))
    parser.add_argument("--part", choices=[part.name for part in parts()], required=True)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--start", type=Path, help="weights-fp16.npz or a checkpoint to go on from")
    parser.add_argument("--without", nargs="*", default=[], choices=TERMS)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    part = next(p for p in parts() if p.name == options.part)
    terms = set(TERMS) - set(options.without)
    student = Student(build(part.name, LITE), *part.widths)
    go_on(student, options.start, part.name)
    name = "_".join([LITE, part.name, *(f"no_{x}" for x in options.without)])
    count = sum(p.numel() for p in student.network.parameters())
    print(f"{count / 1e6:.2f} M parameters, {len(PHONES)} phones", flush=True)
    rate, share = (part.rate, 1.0) if options.start is None else (part.rate_after, RECORDINGS_AFTER)
    trainer = Trainer(student, options.work / f"{name}.pt", options.steps or part.steps, rate)
    duel = Duel(trainer, Critics(part.views), start=options.start) if part.views and "critics" in terms else None
    step = part.making(student, options.work, terms, share)
    while trainer.step < trainer.steps:
        lesson = step(trainer.random)
        if duel is None:
            trainer.update(lesson.losses)
        else:
            duel.update(lesson.losses, lesson.made, lesson.real, score=0.1, match=0.3)


if __name__ == "__main__":
    main()
