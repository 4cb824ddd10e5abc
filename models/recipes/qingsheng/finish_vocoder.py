"""Step 8: the vocoder learns the acoustic model's spectra, and from critics of its own.

``python -m models.recipes.qingsheng.finish_vocoder --work .work/voice``

Starts from ``vocoder.pt``, or from ``--start`` and the critics beside it; half of the batches hold real mel, half what
the acoustic model makes of the same recording with measured duration, F0 and energy. Critics see log spectra of short
crops at three resolutions; what a listener would hear of the difference (``loudness``) counts as much as a spectral
term. The result is ``vocoder_finished.pt``, which ``export`` prefers.
"""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from py_engine.text.phones import PHONES

from .adversarial import Critics, Duel
from .audio import HOP_LENGTH
from .corpus import Corpus
from .items import Item, load_items
from .loudness import loudness_loss
from .networks import Acoustic, Vocoder
from .train_acoustic import frame_inputs
from .train_vocoder import BATCH, balanced, batch_of, excite, spectral_loss
from .training import Trainer, load_trained, training_options

CROP_FRAMES = 32
LOUDNESS_WEIGHT, SUNG_WEIGHT = 0.3, 0.15
# bins up to 1.5 kHz, where a detector of pitch listens
LOW_BINS = 48
# frames that the pulses of a voiced one reach
EDGE = 2
FRAME_INPUTS = ("frame_phone", "frame_position", "log_f0", "voicing", "energy")


def made_mel(corpus: Corpus, items: list[Item], stats: dict[int, dict[str, float]], work: Path) -> NDArray[np.float16]:
    """The acoustic model's mel of every usable recording, laid out as ``corpus.mel``; kept in ``mel_made.npy``."""
    path = work / "mel_made.npy"
    if path.exists():
        return np.asarray(np.load(path))
    model = load_trained(Acoustic(len(PHONES), 3), work / "acoustic_sharp.pt")
    out = corpus.mel.copy()
    with torch.inference_mode():
        for number, item in enumerate(items):
            known = frame_inputs(item, corpus, stats[item.speaker], measured=True)
            frames = [torch.tensor(known[k])[None] for k in FRAME_INPUTS]
            phones = [torch.tensor(x)[None] for x in (item.phones, item.tones)]
            rows = slice(int(corpus.offset[item.number]), int(corpus.offset[item.number + 1]))
            out[rows] = model(*phones, *frames, torch.tensor([item.speaker]))[0].numpy()
            if number % 1000 == 0:
                print(f"{number} of {len(items)} recordings", flush=True)
    np.save(path, out)
    return out


def sung_unvoiced(filters: tuple[Tensor, Tensor, Tensor], voicing: Tensor) -> Tensor:
    """Share of the pulses in the low bins' power, mean over unvoiced frames beside voiced ones: filters [B, T, 257].

    There recordings are irregular; pulses that last longer than the voice are heard as voice.
    """
    re, im, noise = (x[..., :LOW_BINS].square() for x in filters)
    near = nn.functional.max_pool1d(voicing.unsqueeze(1), 2 * EDGE + 1, 1, EDGE).squeeze(1)
    edge = near * (1 - voicing)
    share = ((re + im) / (re + im + noise + 1e-12)).mean(-1)
    return (share * edge).sum() / edge.sum().clamp_min(1.0)


def views(samples: Tensor) -> list[Tensor]:
    """Log spectra [B, frames, bins] at three resolutions, the lowest bins first."""
    out = []
    for size, hop in ((320, 80), (640, 160), (1280, 160)):
        parts = torch.view_as_real(
            torch.stft(samples, size, hop, window=torch.hann_window(size), center=False, return_complex=True)
        )
        out.append(0.3 * ((parts.square().sum(-1) + 1e-6).log() * 0.5 + 2.0).transpose(1, 2))
    return out


def main() -> None:
    options = training_options(__doc__, steps=2500, rate=2.5e-4, loudness=LOUDNESS_WEIGHT, sung=SUNG_WEIGHT)
    corpus, items, stats = load_items(options.work)
    smooth = copy.copy(corpus)
    smooth.mel = made_mel(corpus, items, stats, options.work)
    numbers = balanced(corpus)
    model = Vocoder()
    start = options.start or options.work / "vocoder.pt"
    load_trained(model, start).train()
    trainer = Trainer(model, options.work / "vocoder_finished.pt", options.steps, rate=options.rate, seed=2, warmup=100)
    duel = Duel(trainer, Critics(3), start=options.start)
    length = CROP_FRAMES * HOP_LENGTH
    while trainer.step < trainer.steps:
        source = smooth if trainer.random.random() < 0.5 else corpus
        mel, f0, voicing, audio = batch_of(source, numbers, trainer.random)
        filters = model(mel, f0.log(), voicing)
        made = excite(filters, f0, voicing)
        first = int(trainer.random.integers(made.shape[1] - length + 1))
        part = (slice(None, BATCH // 2), slice(first, first + length))
        losses = {
            **spectral_loss(made, audio),
            "loudness": options.loudness * loudness_loss(made, audio),
            "sung": options.sung * sung_unvoiced(filters, voicing),
        }
        duel.update(losses, views(made[part]), views(audio[part]), score=0.1, match=0.2)


if __name__ == "__main__":
    main()
