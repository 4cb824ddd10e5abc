"""Step 7: the vocoder learns the acoustic model's spectra, which are smoother than real ones.

``python -m models.recipes.qingsheng.adapt_vocoder --work .work/voice``

Starts from ``vocoder.pt``; half of the batches hold real mel, half what the acoustic model makes of the same recording
with measured duration, F0 and energy. The result is ``vocoder_adapted.pt``, which ``export`` prefers.
"""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from py_engine.text.phones import PHONES

from .corpus import Corpus
from .items import Item, load_items
from .networks import Acoustic, Vocoder
from .train_acoustic import frame_inputs
from .train_vocoder import batch_of, render, spectral_loss
from .training import Trainer, training_options

FRAME_INPUTS = ("frame_phone", "frame_position", "log_f0", "voicing", "energy")


def made_mel(corpus: Corpus, items: list[Item], stats: dict[int, dict[str, float]], work: Path) -> NDArray[np.float16]:
    """The acoustic model's mel of every usable recording, laid out as ``corpus.mel``; kept in ``mel_made.npy``."""
    path = work / "mel_made.npy"
    if path.exists():
        return np.asarray(np.load(path))
    model = Acoustic(len(PHONES), 3).eval()
    model.load_state_dict(torch.load(work / "acoustic.pt", weights_only=False)["model"])
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


def main() -> None:
    options = training_options(__doc__, steps=1000)
    corpus, items, stats = load_items(options.work)
    smooth = copy.copy(corpus)
    smooth.mel = made_mel(corpus, items, stats, options.work)
    numbers = corpus.numbers("train")
    model = Vocoder()
    model.load_state_dict(torch.load(options.work / "vocoder.pt", weights_only=False)["model"])
    trainer = Trainer(model, options.work / "vocoder_adapted.pt", options.steps, rate=4e-4, seed=2, warmup=50)
    while trainer.step < trainer.steps:
        source = smooth if trainer.random.random() < 0.5 else corpus
        mel, f0, voicing, audio = batch_of(source, numbers, trainer.random)
        trainer.update(spectral_loss(render(model, mel, f0, voicing), audio))


if __name__ == "__main__":
    main()
