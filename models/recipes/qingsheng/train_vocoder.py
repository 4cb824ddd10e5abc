"""Step 2: the vocoder, on real features. ``python -m models.recipes.qingsheng.train_vocoder --work .work/voice``"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from py_engine.synthesis.excitation import NARROW, Signal

from .audio import HOP_LENGTH, SAMPLE_RATE, mel_filters
from .corpus import Corpus
from .networks import Vocoder, pulse_train, shape_excitation
from .training import Trainer, load_released, training_options

CROP, BATCH = 64, 12
MEL_BANDS = (0, 40, 80, 120)
RESOLUTIONS = ((256, 64), (512, 128), (1024, 256), (2048, 512))
ALL = tuple(range(len(RESOLUTIONS)))


def batch_of(corpus: Corpus, numbers: list[int], random: np.random.Generator) -> tuple[Tensor, ...]:
    """Crops of ``CROP`` frames; recordings are drawn in proportion to their length."""
    mels, f0s, voicings, audio = [], [], [], []
    while len(mels) < BATCH:
        n = numbers[int(random.integers(len(numbers)))]
        a, b = int(corpus.offset[n]), int(corpus.offset[n + 1])
        if b - a < CROP or random.random() * 500 > b - a:
            continue
        a += int(random.integers(b - a - CROP + 1))
        mels.append(corpus.mel[a : a + CROP])
        f0s.append(corpus.f0[a : a + CROP])
        voicings.append(corpus.voiced[a : a + CROP])
        audio.append(corpus.audio[a * HOP_LENGTH : (a + CROP) * HOP_LENGTH])
    return (
        torch.tensor(np.stack(mels).astype(np.float32)), torch.tensor(np.stack(f0s)), torch.tensor(np.stack(voicings)),
        torch.tensor(np.stack(audio).astype(np.float32) / 32767.0),
    )  # fmt: skip


def drawn_rows(corpus: Corpus, numbers: list[int], random: np.random.Generator) -> tuple[int, slice]:
    """A recording out of ``numbers`` that is long enough, and ``CROP`` of its frames."""
    while True:
        number = numbers[int(random.integers(len(numbers)))]
        first, stop = int(corpus.offset[number]), int(corpus.offset[number + 1])
        if stop - first >= CROP:
            first += int(random.integers(stop - first - CROP + 1))
            return number, slice(first, first + CROP)


def balanced(corpus: Corpus) -> list[int]:
    """The training recordings, the readers' twice: running speech is a third of the sound, and the harder part."""
    numbers = corpus.numbers("train")
    return [*numbers, *(n for n in numbers if corpus.speakers[n] > 0)]


def magnitudes(x: Tensor, which: tuple[int, ...]) -> list[Tensor]:
    """STFT magnitude per resolution, each [B, bins, frames], scaled so that noise is about as strong in all."""
    out = []
    for size, hop in (RESOLUTIONS[n] for n in which):
        parts = torch.view_as_real(torch.stft(x, size, hop, window=torch.hann_window(size), return_complex=True))
        out.append((parts.square().sum(-1) + 1e-9).sqrt() / size**0.5)
    return out


def spectral_loss(made: Tensor, real: Tensor, which: tuple[int, ...] = ALL) -> dict[str, Tensor]:
    """Mean over resolutions of the L1 distance of log magnitude and of compressed magnitude, and on the mel scale.

    ``which`` of the resolutions, not the first alone: it has no mel scale.
    Linear bins spend half of their weight above 4 kHz; the mel term moves it to where hearing resolves more.
    """
    logs, roots, mels = [], [], []
    with torch.no_grad():
        goal = magnitudes(real, which)
    for n, a, b in zip(which, magnitudes(made, which), goal, strict=True):
        (size, _), bands = RESOLUTIONS[n], MEL_BANDS[n]
        logs.append((torch.log(a + 1e-3) - torch.log(b + 1e-3)).abs().mean())
        roots.append(((a + 1e-6).sqrt() - (b + 1e-6).sqrt()).abs().mean() / (b + 1e-6).sqrt().mean())
        if bands:
            filters = torch.tensor(mel_filters(bands, size) * (SAMPLE_RATE / size))
            mels.append((torch.log(filters @ a + 1e-3) - torch.log(filters @ b + 1e-3)).abs().mean())
    return {"log": torch.stack(logs).mean(), "root": torch.stack(roots).mean(), "mel": torch.stack(mels).mean()}


def excitation(f0: Tensor, voicing: Tensor, signal: Signal = NARROW) -> tuple[Tensor, Tensor]:
    """Pulses of any phase, and noise: [B, T] x 2 -> [B, hop T] x 2."""
    pulses = pulse_train(f0, voicing, torch.rand(len(f0)), signal)
    return pulses, torch.randn_like(pulses)


def excite(
    filters: tuple[Tensor, Tensor, Tensor], f0: Tensor, voicing: Tensor, signal: Signal = NARROW
) -> Tensor:  # fmt: skip
    """Sound [B, hop T] of the vocoder's filters, with an excitation of its own."""
    return shape_excitation(filters, *excitation(f0, voicing, signal), signal)


def render(model: nn.Module, mel: Tensor, f0: Tensor, voicing: Tensor) -> Tensor:
    return excite(model(mel, f0.log(), voicing), f0, voicing)


def main() -> None:
    options = training_options(__doc__, steps=3000)
    corpus = Corpus(options.work)
    numbers = balanced(corpus)
    model = Vocoder()
    load_released(model, options.start, "vocoder")
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters", flush=True)
    trainer = Trainer(model, options.work / "vocoder.pt", options.steps, rate=1e-3 if options.start is None else 6e-4)
    while trainer.step < trainer.steps:
        mel, f0, voicing, audio = batch_of(corpus, numbers, trainer.random)
        trainer.update(spectral_loss(render(model, mel, f0, voicing), audio))


if __name__ == "__main__":
    main()
