"""Step 9b: the band from 7.5 to 10 kHz. ``python -m models.recipes.qingsheng.widen_vocoder --work .work/voice``

The mel ends at 8 kHz, but what stands above follows from it: fricatives and aspiration, mostly. A small layer beside
the vocoder's last one says how strong pulses and noise are there (`Vocoder.upper`); nothing else of the network
changes, nor does the sound below. It learns from the words, which were recorded up to 10 kHz, half of the time with
the mel that the acoustic model makes of them. The result is ``vocoder_wide.pt``, which ``export`` prefers. The small
voice's vocoder (``--size lite --start models/qingsheng-lite/weights-fp16.npz``) learns the same, from the large
acoustic model's mel.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from py_engine.synthesis.excitation import WIDE

from .corpus import Corpus
from .finish_vocoder import made_mel
from .items import load_items
from .networks import Vocoder, build, build_wide
from .prepare_wide import load_wide
from .train_vocoder import drawn_rows, excite
from .training import Trainer, load_released, load_trained, stages, training_options, wide_vocoder

BATCH = 16
# Short frames hear the pulses one by one.
RESOLUTIONS = ((192, 48), (384, 96), (768, 192), (1536, 384))
# Hz that are compared; and what is too soft to be heard, as a magnitude.
COMPARED = (7_500, 10_000)
FLOOR = 1e-4
# Parts of the band whose power is compared as well.
PARTS = 5


def batch_of(
    corpus: Corpus, wide: NDArray[np.int16], mels: NDArray[np.float16], numbers: list[int], random: np.random.Generator
) -> tuple[Tensor, ...]:
    """Crops of ``CROP`` frames out of words: mel, F0 in Hz, voicing, sound ``[B, 300 T]``."""
    rows = [drawn_rows(corpus, numbers, random)[1] for _ in range(BATCH)]
    sounds = [wide[row.start * WIDE.hop_length : row.stop * WIDE.hop_length] for row in rows]
    mel, f0, voicing = (torch.tensor(np.stack([x[r] for r in rows]).astype(np.float32)) for x in
                        (mels, corpus.f0, corpus.voiced))  # fmt: skip
    return mel, f0, voicing, torch.tensor(np.stack(sounds).astype(np.float32) / 32767)


def upper_magnitudes(x: Tensor) -> list[Tensor]:
    """STFT magnitudes of the compared bins per resolution, each [B, bins, frames]; noise is as strong in all."""
    out = []
    for size, hop in RESOLUTIONS:
        low, high = (round(f * size / WIDE.sample_rate) for f in COMPARED)
        spectrum = torch.stft(x, size, hop, window=torch.hann_window(size), return_complex=True)[:, low : high + 1]
        parts = torch.view_as_real(spectrum)
        out.append((parts.square().sum(-1) + 1e-10).sqrt() / size**0.5)
    return out


def upper_loss(made: Tensor, real: Tensor) -> dict[str, Tensor]:
    """L1 of log magnitudes, of their square roots and of the log power of parts of the band, means over resolutions."""
    logs, roots, levels = [], [], []
    with torch.no_grad():
        goal = upper_magnitudes(real)
    for a, b in zip(upper_magnitudes(made), goal, strict=True):
        logs.append((torch.log(a + FLOOR) - torch.log(b + FLOOR)).abs().mean())
        roots.append(((a + 1e-7).sqrt() - (b + 1e-7).sqrt()).abs().mean() / (b + 1e-7).sqrt().mean())
        levels.append((_part_levels(a) - _part_levels(b)).abs().mean())
    return {name: torch.stack(parts).mean() for name, parts in (("log", logs), ("root", roots), ("level", levels))}


def _part_levels(magnitudes: Tensor) -> Tensor:
    """Log of the root mean square of each part of the band: [B, bins, frames] -> [B, 5, frames]."""
    power = nn.functional.adaptive_avg_pool1d(magnitudes.square().transpose(1, 2).flatten(0, 1), PARTS)
    return 0.5 * torch.log(power + FLOOR**2)


def widened(narrow: Vocoder, size: str = "") -> Vocoder:
    """A vocoder that was trained up to 8 kHz with new layers, which alone learn."""
    model = build_wide(size)
    model.load_state_dict(narrow.state_dict(), strict=False)
    model.requires_grad_(False)
    assert isinstance(model.upper, nn.Sequential)
    model.upper.requires_grad_(True)
    nn.init.zeros_(model.upper[-1].weight)
    nn.init.zeros_(model.upper[-1].bias)
    return model


def main() -> None:
    options = training_options(__doc__, steps=2000, sizes=True)
    corpus, items, stats = load_items(options.work)
    made, wide = made_mel(corpus, items, stats, options.work), load_wide(options.work)
    numbers = [n for n in corpus.numbers("train") if corpus.speakers[n] == 0]
    narrow = build("vocoder", options.size)
    if options.start:
        load_released(narrow, options.start, "vocoder")
    else:
        load_trained(narrow, next(p for p in stages(options.work, "vocoder") if p.exists()))
    model, path = widened(narrow, options.size), wide_vocoder(options.work, options.size)
    print(f"{sum(p.numel() for p in model.parameters() if p.requires_grad):,} new weights", flush=True)
    trainer = Trainer(model, path, options.steps, rate=2e-3, seed=4, warmup=50)
    while trainer.step < trainer.steps:
        mels = made if trainer.random.random() < 0.5 else corpus.mel
        mel, f0, voicing, sound = batch_of(corpus, wide, mels, numbers, trainer.random)
        filters = trainer.model(mel, f0.log(), voicing)
        trainer.update(upper_loss(excite(filters, f0, voicing, WIDE), sound))


if __name__ == "__main__":
    main()
