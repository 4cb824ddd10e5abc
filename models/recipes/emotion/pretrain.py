"""Step 2: the encoder learns to fill in masked characters (Devlin et al., NAACL 2019) on all the text, without the
held-out lines. Its token table starts from the co-occurrence of characters."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from models.recipes.emotion import networks
from models.recipes.emotion.batches import collate, endless, load, vocabulary
from models.recipes.emotion.rows import TRAIN
from models.recipes.qingsheng.training import Trainer
from py_engine.emotion.features import MASK, SPECIAL, Inputs, assemble

WINDOW, SHIFT = 4, 2.0
CHOSEN, SHOWN_MASK, SHOWN_OTHER = 0.15, 0.8, 0.1
SYMBOLS_PER_BATCH = 3000


def token_table(rows: Sequence[NDArray[np.int64]], symbols: int, width: int) -> NDArray[np.float32]:
    """Positive pointwise mutual information within `WINDOW` symbols, factored (Levy and Goldberg, NIPS 2014)."""
    counts = np.zeros(symbols * symbols, np.float32)
    for distance in range(1, WINDOW + 1):
        pairs = np.concatenate([row[:-distance] * symbols + row[distance:] for row in rows if len(row) > distance])
        counts += np.bincount(pairs, minlength=symbols * symbols).astype(np.float32) / distance
    joint = counts.reshape(symbols, symbols)
    joint = joint + joint.T
    joint[:SPECIAL] = joint[:, :SPECIAL] = 0
    own = joint.sum(1) + 1.0
    information = np.log(np.maximum(joint * own.sum() / (own[:, None] * (own[None] ** 0.75 * own.sum() ** 0.25)), 1e-9))
    positive = torch.from_numpy(np.maximum(information, 0.0).astype(np.float32))
    left, scale, _ = torch.svd_lowrank(positive, q=width, niter=3)
    table = (left * scale.sqrt()).numpy()
    return (0.05 * table / table.std()).astype(np.float32)


class Filler(nn.Module):
    """The encoder with an output tied to its token table."""

    def __init__(self, symbols: int, size: networks.Size) -> None:
        super().__init__()
        self.encoder = networks.Encoder(symbols, size, dropout=0.0)
        self.out, self.bias = nn.Linear(size.width, size.width), nn.Parameter(torch.zeros(symbols))

    def forward(self, batch: dict[str, torch.Tensor], chosen: torch.Tensor) -> torch.Tensor:
        x, _ = self.encoder(batch["symbols"], batch["tones"], batch["segments"], batch["places"])
        return functional.linear(functional.gelu(self.out(x[chosen])), self.encoder.token.weight, self.bias)


def masked(
    batch: dict[str, torch.Tensor], symbols: int, random: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Hides symbols of the batch, with their tones, in place; which (bool [B, L]), and what they were [M]."""
    shape = batch["symbols"].shape
    chosen = torch.from_numpy(random.random(shape) < CHOSEN) & (batch["symbols"] >= SPECIAL)
    truth = batch["symbols"][chosen]
    draw = torch.from_numpy(random.random(shape))
    other = torch.from_numpy(random.integers(SPECIAL, symbols, shape))
    hidden = chosen & (draw < SHOWN_MASK)
    batch["symbols"][hidden] = MASK
    replaced = chosen & (draw > 1 - SHOWN_OTHER)
    batch["symbols"][replaced] = other[replaced]
    # The tone often gives the character away: half of the hidden ones lose it.
    batch["tones"][hidden & torch.from_numpy(random.random(shape) < 0.5)] = 0
    return chosen, truth


def read_inputs(work: Path) -> list[Inputs]:
    words = vocabulary(work)
    own = [(row.line, row.context) for row in load(work, "labelled") if row.part == TRAIN]
    lines = [*own, *own, *((line, ()) for line in load(work, "unlabelled"))]
    return [assemble(line, context, words, 2) for line, context in lines]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(".work/emotion"))
    parser.add_argument("--size", choices=("teacher", "student"), default="teacher")
    parser.add_argument("--steps", type=int, default=1000)
    options = parser.parse_args()
    torch.set_num_threads(1)
    size = networks.TEACHER if options.size == "teacher" else networks.STUDENT
    symbols = len(vocabulary(options.work))
    inputs = read_inputs(options.work)
    torch.manual_seed(1)
    model = Filler(symbols, size)
    table = token_table([one.symbols for one in inputs], symbols, size.width)
    model.encoder.token.weight.data.copy_(torch.from_numpy(table))
    counts = np.bincount(np.concatenate([one.symbols for one in inputs]), minlength=symbols)
    model.bias.data.copy_(torch.from_numpy(np.log((counts + 1.0) / counts.sum())).float())
    path = options.work / f"pretrained-{options.size}.pt"
    trainer = Trainer(model, path, options.steps, rate=1e-3, warmup=150)
    lengths = [len(one.symbols) for one in inputs]
    print(f"{len(inputs)} lines, {sum(lengths)} symbols", flush=True)
    order = endless(lengths, SYMBOLS_PER_BATCH, trainer.step)
    while trainer.step < options.steps:
        batch = collate([inputs[index] for index in next(order)])
        chosen, truth = masked(batch, symbols, trainer.random)
        trainer.update(
            {"fill": functional.cross_entropy(model(batch, chosen), truth, reduction="sum") / max(1, len(truth))}
        )


if __name__ == "__main__":
    main()
