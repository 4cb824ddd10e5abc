"""Step 7: the acoustic model learns detail from critics. ``python -m models.recipes.qingsheng.sharpen_acoustic``

L1 alone makes the mean of all that a speaker might do, which sounds dull; critics of mel patches, at full and at half
time resolution, put the texture back. Starts from ``acoustic.pt``; the result, ``acoustic_sharp.pt``, is what
``export`` prefers.
"""

from __future__ import annotations

import numpy as np
from torch import Tensor, nn

from py_engine.text.phones import PHONES

from .adversarial import Critics, Duel
from .items import load_items
from .networks import Acoustic
from .train_acoustic import Rows, mel_losses
from .training import Trainer, load_trained, training_options

CROP = 192


def views(mel: Tensor) -> list[Tensor]:
    """Mel [B, T, 80], roughly centred, at full and at half frame rate."""
    x = mel * 0.4 + 1.6
    return [x, nn.functional.avg_pool1d(x.transpose(1, 2), 2).transpose(1, 2)]


def crops(made: Tensor, real: Tensor, random: np.random.Generator) -> tuple[Tensor, Tensor]:
    start = int(random.integers(made.shape[1] - CROP + 1))
    return made[:, start : start + CROP], real[:, start : start + CROP]


def main() -> None:
    options = training_options(__doc__, steps=1500)
    corpus, items, stats = load_items(options.work)
    rows = Rows(corpus, items, stats)
    model = Acoustic(len(PHONES), 3)
    load_trained(model, options.work / "acoustic.pt").train()
    trainer = Trainer(model, options.work / "acoustic_sharp.pt", options.steps, rate=3e-4, seed=2, warmup=300)
    duel = Duel(trainer, Critics(2))
    while trainer.step < trainer.steps:
        batch = rows.batch(trainer.random)
        real = batch.pop("mel")
        made = model(**batch)
        part = crops(made, real, trainer.random)
        duel.update(mel_losses(made, real), views(part[0]), views(part[1]), score=0.1, match=0.3)


if __name__ == "__main__":
    main()
