"""Step 5: the prosody model. ``python -m models.recipes.qingsheng.train_prosody --work .work/voice``"""

from __future__ import annotations

from typing import cast

import numpy as np
import torch
from torch import Tensor

from py_engine.text.phones import INITIALS, PAUSES, PHONES

from .corpus import Corpus
from .items import Item, load_items
from .networks import Prosody
from .training import Trainer, training_options

PHONES_PER_BATCH = 1200
UNVOICED = {PHONES[p] for p in PAUSES} | {PHONES[p] for p in INITIALS if p not in ("m", "n", "l", "r")}


def collate(items: list[Item]) -> dict[str, Tensor]:
    """Pad to the longest; ``mask`` [B, N, 1] is 1 on real phones."""
    width = max(len(i.phones) for i in items)

    def pad(values: list[np.ndarray]) -> Tensor:
        return torch.tensor(np.stack([np.pad(v, [(0, width - len(v))] + [(0, 0)] * (v.ndim - 1)) for v in values]))

    return {
        "phones": pad([i.phones for i in items]), "tones": pad([i.tones for i in items]),
        "breaks": pad([i.breaks for i in items]), "positions": pad([i.positions for i in items]),
        "speaker": torch.tensor([i.speaker for i in items]), "tokens": pad([i.tokens + 1 for i in items]),
        "frames": pad([i.frames for i in items]).float(), "f0": pad([i.f0 for i in items]),
        "voicing": pad([i.voicing for i in items]), "energy": pad([i.energy for i in items]),
        "mask": pad([np.ones((len(i.phones), 1), np.float32) for i in items]),
    }  # fmt: skip


def syllable_error(log_frames: Tensor, batch: dict[str, Tensor]) -> Tensor:
    """Mean L1 of log syllable duration: where a syllable's own borders lie is heard less than how long it is."""
    tokens = batch["tokens"]
    empty = torch.zeros(len(tokens), int(tokens.max()) + 1)
    speech = batch["mask"][..., 0]
    made = empty.scatter_add(1, tokens, torch.exp(log_frames) * speech)[:, 1:]
    real = empty.scatter_add(1, tokens, batch["frames"] * speech)[:, 1:]
    known = (real > 0).float()
    return ((made.clamp_min(0.5).log() - real.clamp_min(0.5).log()).abs() * known).sum() / known.sum()


def losses(model: Prosody, batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """L1 on log duration, on F0 where voiced and its slope, cross-entropy on voicing, L1 on energy."""
    known = ("phones", "tones", "breaks", "positions", "speaker", "mask")
    out = model.raw(*(batch[k] for k in known))
    mask = batch["mask"][..., 0]
    pauses = (batch["phones"] == PHONES["sil"]).float()
    speech = mask * (1 - pauses)
    quiet = torch.tensor([p in UNVOICED for p in range(len(PHONES))])[batch["phones"]].float()
    sung = batch["voicing"] * (mask * (1 - quiet)).unsqueeze(-1)
    total = mask.sum()
    duration = (out[..., 0] - torch.log(batch["frames"].clamp_min(0.7))).abs()
    # ends are cut by the trimming of the recordings, so their length says little
    error = out[..., 1:6] - batch["f0"]
    slope = (error[..., 1:] - error[..., :-1]).abs() * sung[..., 1:] * sung[..., :-1]
    voicing = torch.nn.functional.binary_cross_entropy_with_logits(out[..., 6:11], batch["voicing"], reduction="none")
    return {
        "duration": (duration * speech).sum() / speech.sum() + 0.05 * (duration * mask * pauses).sum() / total,
        "syllable": 0.5 * syllable_error(out[..., 0], batch),
        "f0": (error.abs() * sung).sum() / sung.sum(),
        "slope": slope.sum() / sung.sum(),
        "voicing": 0.5 * (voicing * mask.unsqueeze(-1)).sum() / total / 5,
        "energy": 0.5 * ((out[..., 11] - batch["energy"]).abs() * mask).sum() / total,
    }


class Batches:
    """Drawn by speaker, then by length, so that little is padding."""

    def __init__(self, corpus: Corpus, items: list[Item]) -> None:
        train = sorted((i for i in items if corpus.splits[i.number] == "train"), key=lambda i: len(i.phones))
        self.pools = {s: [i for i in train if i.speaker == s] for s in range(3)}

    def draw(self, random: np.random.Generator) -> list[Item]:
        pool = self.pools[int(random.choice(3, p=(0.3, 0.35, 0.35)))]
        middle = int(random.integers(len(pool)))
        count = max(4, min(120, PHONES_PER_BATCH // len(pool[middle].phones)))
        near = np.clip(middle + random.integers(-3 * count, 3 * count + 1, count), 0, len(pool) - 1)
        return [pool[int(n)] for n in near]


def main() -> None:
    options = training_options(__doc__, steps=1200)
    corpus, items, _ = load_items(options.work)
    batches = Batches(corpus, items)
    held = {s: collate([i for i in items if corpus.splits[i.number] == "test" and i.speaker == s]) for s in range(3)}
    model = Prosody(len(PHONES), 3)
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters", flush=True)
    trainer = Trainer(model, options.work / "prosody.pt", options.steps, rate=1.5e-3, weight_decay=0.1)
    while trainer.step < trainer.steps:
        trainer.update(losses(model, collate(batches.draw(trainer.random))))
        if trainer.step % 500 == 0:
            with torch.no_grad():
                for speaker, batch in held.items():
                    figures = {k: round(v.item(), 4) for k, v in losses(cast(Prosody, trainer.average), batch).items()}
                    print("  held out", speaker, figures, flush=True)


if __name__ == "__main__":
    main()
