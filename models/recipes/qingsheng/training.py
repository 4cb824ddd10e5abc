"""What every training loop shares: exact resume, a warm-up and cosine schedule, a log line."""

from __future__ import annotations

import argparse
import copy
import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

AVERAGE_DECAY = 0.995


def training_options(
    description: str | None, steps: int, sentences: bool = False, sizes: bool = False, **numbers: float
) -> argparse.Namespace:
    """The command line of a training step: ``work``, ``steps``, ``start``, ``threads``, the last set at once.

    ``sentences``: also the folder of the unrecorded ones. ``sizes``: also the size of the voice. ``numbers``: further
    options by name, with their defaults.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--work", type=Path, default=Path(".work/voice"))
    parser.add_argument("--steps", type=int, default=steps)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--start", type=Path, help="weights-fp16.npz or a checkpoint to go on from")
    if sentences:
        parser.add_argument("--sentences", type=Path, default=Path("../shared/data/sentences"))
    if sizes:
        parser.add_argument("--size", choices=("", "lite"), default="")
    for name, usual in numbers.items():
        parser.add_argument(f"--{name}", type=float, default=usual)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    return options


def released(path: Path, name: str) -> dict[str, torch.Tensor]:
    """The weights called ``name/...`` in a ``weights-fp16.npz``."""
    with np.load(path) as pack:
        return {k.removeprefix(f"{name}/"): torch.tensor(pack[k]).float() for k in pack if k.startswith(f"{name}/")}


def load_released(model: nn.Module, path: Path | None, name: str) -> None:
    """Take the weights called ``name/...`` in a ``weights-fp16.npz``, or a checkpoint's; without a path, nothing."""
    if path is None:
        return
    if path.suffix == ".pt":
        load_trained(model, path).train()
        return
    state = released(path, name)
    model.load_state_dict(state)
    print(f"{name}: {len(state)} released tensors loaded", flush=True)


def load_trained(model: nn.Module, path: Path) -> nn.Module:
    """The averaged weights of a checkpoint (the plain ones where it has none), ready for inference."""
    state = torch.load(path, weights_only=False)
    model.load_state_dict(state.get("average", state["model"]))
    return model.eval()


def stages(work: Path, name: str) -> list[Path]:
    """The checkpoints of a model, the last stage of its training first."""
    return [work / f"{name}{stage}.pt" for stage in ("_quiet", "_finished", "_sharp", "")]


def wide_vocoder(work: Path, size: str = "") -> Path:
    """The checkpoint of a vocoder with a band above 8 kHz."""
    return work / f"{size and f'{size}_'}vocoder_wide.pt"


class Trainer:
    """Model, optimiser and random state; a checkpoint restores all of them, so a resumed run repeats a whole one.

    ``average`` is a running mean of the weights (decay ``AVERAGE_DECAY``), what is exported in the end.
    """

    def __init__(
        self, model: nn.Module, path: Path, steps: int, rate: float, seed: int = 1, warmup: int = 200,
        weight_decay: float = 0.01,
    ) -> None:  # fmt: skip
        self.model, self.path, self.steps, self.rate, self.warmup = model, path, steps, rate, warmup
        self.average = copy.deepcopy(model).eval().requires_grad_(False)
        decay = [p for p in model.parameters() if p.dim() > 1]
        rest = [p for p in model.parameters() if p.dim() <= 1]
        self.optimiser = torch.optim.AdamW(
            [{"params": decay, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}],
            lr=rate,
            betas=(0.9, 0.98),
        )
        self.step = 0
        self.random = np.random.default_rng(seed)
        self.averages: dict[str, float] = {}
        self.began = time.monotonic()
        torch.manual_seed(seed)
        if path.exists():
            self._restore(torch.load(path, weights_only=False))

    def _restore(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step = state["step"]
        self.random.bit_generator.state = state["random"]
        torch.set_rng_state(state["torch"])
        print(f"resumed {self.path} at step {self.step}", flush=True)

    def save(self) -> None:
        state = {
            "model": self.model.state_dict(), "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(), "step": self.step,
            "random": self.random.bit_generator.state, "torch": torch.get_rng_state(),
        }  # fmt: skip
        partial = self.path.with_suffix(".part")
        torch.save(state, partial)
        partial.replace(self.path)

    def update(self, losses: dict[str, torch.Tensor]) -> None:
        """One optimiser step on the sum of ``losses``."""
        progress = self.step / self.steps
        scale = min(1.0, (self.step + 1) / self.warmup) * (
            0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))
        )
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate * scale
        self.optimiser.zero_grad(set_to_none=True)
        torch.stack(list(losses.values())).sum().backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.step += 1
        decay = min(AVERAGE_DECAY, self.step / (self.step + 10))
        with torch.no_grad():
            for mean, value in zip(self.average.parameters(), self.model.parameters(), strict=True):
                mean.lerp_(value, 1 - decay)
        for name, value in losses.items():
            self.averages[name] = 0.98 * self.averages.get(name, value.item()) + 0.02 * value.item()
        if self.step % 100 == 0:
            line = "  ".join(f"{k} {v:.4f}" for k, v in self.averages.items())
            print(f"{self.step:6d}/{self.steps}  {line}  {time.monotonic() - self.began:.0f} s", flush=True)
        if self.step % 500 == 0 or self.step == self.steps:
            self.save()
