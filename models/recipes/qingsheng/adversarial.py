"""Small discriminators for the last part of training: patches of log spectra, least squares, feature matching.

Least-squares objective: Mao et al. 2017. Feature matching: Kumar et al. 2019. Several resolutions: Jang et al. 2021.
All sizes are chosen so that a step costs about half of the generator's own.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from .training import Trainer


class Patches(nn.Module):
    """[B, T, F] -> a score for every patch, and what each layer saw."""

    def __init__(self, channels: int = 16, layers: int = 4) -> None:
        super().__init__()
        widths = [1, *(min(64, channels * 2 ** (n // 2)) for n in range(layers))]
        self.layers = nn.ModuleList(
            nn.utils.parametrizations.weight_norm(
                nn.Conv2d(a, b, (3, 5), stride=(1 if n % 2 else 2, 2), padding=(1, 2))
            )
            for n, (a, b) in enumerate(itertools.pairwise(widths))
        )
        self.outlet = nn.Conv2d(widths[-1], 1, 3, padding=1)

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        x, seen = x.unsqueeze(1), []
        for layer in self.layers:
            x = nn.functional.leaky_relu(layer(x), 0.2)
            seen.append(x)
        return self.outlet(x), seen


class Critics(nn.Module):
    """One ``Patches`` per view; a view is a [B, T, F] picture of the same signal."""

    def __init__(self, views: int) -> None:
        super().__init__()
        self.critics = nn.ModuleList(Patches() for _ in range(views))

    def own_loss(self, made: list[Tensor], real: list[Tensor]) -> Tensor:
        """What the critics minimise: 1 on real, 0 on made."""
        losses = []
        for critic, a, b in zip(self.critics, made, real, strict=True):
            losses.append(critic(a.detach())[0].square().mean() + (critic(b)[0] - 1).square().mean())
        return torch.stack(losses).mean()

    def judge(self, made: list[Tensor], real: list[Tensor]) -> tuple[Tensor, Tensor]:
        """For the generator: distance of the scores from 1, and of what the layers saw from what they saw of real."""
        scores, matches = [], []
        for critic, a, b in zip(self.critics, made, real, strict=True):
            score, seen = critic(a)
            with torch.no_grad():
                _, goal = critic(b)
            scores.append((score - 1).square().mean())
            matches += [(x - y).abs().mean() / (y.abs().mean() + 1e-3) for x, y in zip(seen, goal, strict=True)]
        return torch.stack(scores).mean(), torch.stack(matches).mean()


def critics_of(path: Path) -> Path:
    """Where the critics of a checkpoint are."""
    return path.with_suffix(".critics.pt")


class Duel:
    """A ``Trainer`` with critics beside it; both are in the checkpoint, so that resuming stays exact.

    ``start``: a checkpoint of an earlier training whose critics go on; without them they start from nothing.
    """

    def __init__(self, trainer: Trainer, critics: Critics, rate: float = 4e-4, start: Path | None = None) -> None:
        self.trainer, self.critics = trainer, critics
        self.optimiser = torch.optim.AdamW(critics.parameters(), lr=rate, betas=(0.8, 0.99))
        self.path = critics_of(trainer.path)
        if trainer.step:
            self._restore(self.path)
        elif start and critics_of(start).exists():
            self._restore(critics_of(start))

    def _restore(self, path: Path) -> None:
        state: dict[str, Any] = torch.load(path, weights_only=False)
        self.critics.load_state_dict(state["critics"])
        self.optimiser.load_state_dict(state["optimiser"])

    def save(self) -> None:
        torch.save({"critics": self.critics.state_dict(), "optimiser": self.optimiser.state_dict()}, self.path)

    def update(
        self, losses: dict[str, Tensor], made: list[Tensor], real: list[Tensor], score: float, match: float
    ) -> None:
        """One step of the critics, then one of the generator, to whose ``losses`` the weighted two are added."""
        own = self.critics.own_loss(made, real)
        self.optimiser.zero_grad(set_to_none=True)
        own.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        self.critics.requires_grad_(False)
        adversarial, matching = self.critics.judge(made, real)
        self.critics.requires_grad_(True)
        self.trainer.averages["critics"] = 0.98 * self.trainer.averages.get("critics", own.item()) + 0.02 * own.item()
        last = self.trainer.step + 1
        if last % 500 == 0 or last == self.trainer.steps:
            self.save()
        self.trainer.update({**losses, "score": score * adversarial, "match": match * matching})
