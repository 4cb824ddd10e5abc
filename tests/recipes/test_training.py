"""The recipe's training loop: a resumed run repeats an unbroken one, bit for bit. Needs the `train` extra."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the train extra (torch) is not installed")

from models.recipes.qingsheng.training import Trainer  # noqa: E402 -- only where torch is


def steps(trainer: Trainer, count: int) -> None:
    for _ in range(count):
        x = torch.tensor(trainer.random.normal(size=(4, 3)), dtype=torch.float32)
        y = trainer.model(torch.nn.functional.dropout(x, 0.5))
        trainer.update({"error": (y - 1).square().mean()})


def fresh(path: Path) -> Trainer:
    torch.manual_seed(7)
    return Trainer(torch.nn.Linear(3, 2), path, steps=20, rate=0.1, warmup=3)


def test_a_resumed_run_repeats_an_unbroken_one(tmp_path: Path) -> None:
    whole = fresh(tmp_path / "whole.pt")
    steps(whole, 9)
    first = fresh(tmp_path / "broken.pt")
    steps(first, 4)
    first.save()
    second = fresh(tmp_path / "broken.pt")
    assert second.step == 4
    steps(second, 5)
    for mine, theirs in zip(whole.model.parameters(), second.model.parameters(), strict=True):
        assert torch.equal(mine, theirs)
    assert whole.optimiser.param_groups[0]["lr"] == second.optimiser.param_groups[0]["lr"]
