"""Step 9: the vocoder learns to leave out noise that it would add to a recording.

``python -m models.recipes.qingsheng.quieten_vocoder --work .work/voice``

Copies of recordings have too much noise in unvoiced frames: what the recording holds softly and by chance is made anew
on top of what leaks out of neighbouring frames. Spectra of the acoustic model, which is what the voice speaks from, are
smoother and have none to spare. So the vocoder is its own teacher: with recorded spectra its goal is its own filters
at lower gain, with made ones its filters as they are. The result is ``vocoder_quiet.pt``, which ``export`` prefers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from py_engine.text.phones import PHONES

from .corpus import Corpus
from .distill import Unrecorded
from .finish_vocoder import made_mel
from .items import load_items
from .networks import N_BINS, Acoustic, Vocoder
from .pseudo import load_pseudo
from .train_vocoder import CROP, balanced, drawn_rows
from .training import Trainer, load_trained, training_options

RECORDED, MADE = 6, 3
# weight of an utterance whose filters are to stay
STAY = 2.5
# mean power of a mel frame, dB: soft and loud
SOFT, LOUD = -39.0, -19.0


@dataclass(frozen=True)
class Gains:
    """Amplitudes in recorded spectra; 1 leaves what the vocoder does."""

    voiced_noise: float = 1.0
    soft_noise: float = 1.0
    loud_noise: float = 1.0
    unvoiced_pulses: float = 1.0


AS_IT_IS = Gains()
# the words were recorded in a quiet room, the readers were not
WORDS, SENTENCES = Gains(0.92, 0.5, 0.8, 0.75), Gains(0.96, 0.74, 0.8, 0.8)


@dataclass(frozen=True)
class Crop:
    """``CROP`` frames of ``mel``, ``f0`` in ln Hz and ``voicing``, and what is to become of the filters."""

    mel: NDArray[np.float32]
    log_f0: NDArray[np.float32]
    voicing: NDArray[np.float32]
    gains: Gains


def crops(
    corpus: Corpus, mel: NDArray[np.float16], numbers: list[int], count: int, random: np.random.Generator, change: bool
) -> list[Crop]:
    """Out of recordings; ``mel`` is theirs or what the acoustic model makes of them."""
    out: list[Crop] = []
    for _ in range(count):
        number, rows = drawn_rows(corpus, numbers, random)
        gains = (SENTENCES if corpus.speakers[number] else WORDS) if change else AS_IT_IS
        out.append(Crop(mel[rows].astype(np.float32), np.log(corpus.f0[rows]), corpus.voiced[rows], gains))
    return out


def spoken_crops(acoustic: Acoustic, batch: dict[str, Tensor], random: np.random.Generator) -> list[Crop]:
    """Out of sentences that nobody recorded, as the voice plans them."""
    with torch.inference_mode():
        mels = acoustic(**batch).numpy()
    out = []
    for mel, log_f0, voicing in zip(mels, batch["log_f0"].numpy(), batch["voicing"].numpy(), strict=True):
        first = int(random.integers(len(mel) - CROP + 1))
        rows = slice(first, first + CROP)
        out.append(Crop(mel[rows], log_f0[rows], voicing[rows], AS_IT_IS))
    return out


def changed(raw: Tensor, mel: Tensor, voicing: Tensor, gains: list[Gains]) -> Tensor:
    """The vocoder's raw filters [B, T, 3 x 257] at these gains, one for each utterance; phases stay."""
    told = torch.tensor([[g.voiced_noise, g.soft_noise, g.loud_noise, g.unvoiced_pulses] for g in gains]).log()
    sung, soft, loud, pulses = told.unsqueeze(-1).unbind(1)
    level = 10 * torch.log10(torch.exp(2 * mel).mean(-1) + 1e-12)
    share = ((level - SOFT) / (LOUD - SOFT)).clamp(0, 1)
    out = raw.clone()
    out[..., :N_BINS] += ((1 - voicing) * pulses).unsqueeze(-1)
    noise = voicing * sung + (1 - voicing) * ((1 - share) * soft + share * loud)
    out[..., 2 * N_BINS :] += noise.unsqueeze(-1)
    return out


def losses(model: Vocoder, teacher: Vocoder, drawn: list[Crop]) -> dict[str, Tensor]:
    """L1 on both ln gains and, with half the weight, on phase."""
    mel, log_f0, voicing = (
        torch.tensor(np.stack([getattr(crop, name) for crop in drawn])) for name in ("mel", "log_f0", "voicing")
    )
    inputs = mel, log_f0, voicing
    gains = [crop.gains for crop in drawn]
    with torch.no_grad():
        goal = changed(teacher.raw(*inputs), mel, voicing, gains)
    weight = torch.tensor([STAY if own == AS_IT_IS else 1.0 for own in gains])[:, None, None]
    pulses, phase, noise = ((model.raw(*inputs) - goal).abs() * weight).split(N_BINS, -1)
    return {"pulses": pulses.mean(), "phase": 0.5 * phase.mean(), "noise": noise.mean()}


def main() -> None:
    options = training_options(__doc__, steps=1500)
    corpus, items, stats = load_items(options.work)
    made = made_mel(corpus, items, stats, options.work)
    numbers, unrecorded = balanced(corpus), Unrecorded(load_pseudo(options.work))
    acoustic = Acoustic(len(PHONES), 3)
    load_trained(acoustic, options.work / "acoustic_sharp.pt")
    teacher, model = Vocoder(), Vocoder()
    finished = options.work / "vocoder_finished.pt"
    load_trained(teacher, finished)
    load_trained(model, options.start or finished).train()
    trainer = Trainer(model, options.work / "vocoder_quiet.pt", options.steps, rate=2.5e-4, seed=3, warmup=50)
    while trainer.step < trainer.steps:
        random = trainer.random
        drawn = crops(corpus, corpus.mel, numbers, RECORDED, random, change=True)
        drawn += crops(corpus, made, numbers, MADE, random, change=False)
        drawn += spoken_crops(acoustic, unrecorded.batch(random), random)
        trainer.update(losses(model, teacher, drawn))


if __name__ == "__main__":
    main()
