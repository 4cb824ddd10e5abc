"""The recipe's training loop: a resumed run repeats an unbroken one, bit for bit. Needs the `train` extra."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the train extra (torch) is not installed")

from models.recipes.qingsheng.adversarial import Critics, Duel  # noqa: E402 -- only where torch is
from models.recipes.qingsheng.blend import blend  # noqa: E402
from models.recipes.qingsheng.training import Trainer, load_trained  # noqa: E402


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


def one_duel(duel: Duel) -> None:
    x = torch.tensor(duel.trainer.random.normal(size=(2, 16, 24)), dtype=torch.float32)
    made = duel.trainer.model(x)
    duel.update({"error": (made - 1).square().mean()}, [made], [x + 1], score=0.1, match=0.1)


def duel_steps(trainer: Trainer, count: int) -> None:
    duel = Duel(trainer, Critics(1))
    for _ in range(count):
        one_duel(duel)


def fresh_duel(path: Path) -> Trainer:
    torch.manual_seed(7)
    return Trainer(torch.nn.Linear(24, 24), path, steps=6, rate=0.01, warmup=2)


def test_critics_of_an_earlier_training_go_on(tmp_path: Path) -> None:
    first = fresh_duel(tmp_path / "first.pt")
    earlier = Duel(first, Critics(1))
    one_duel(earlier)
    earlier.save()
    second = Duel(fresh_duel(tmp_path / "second.pt"), Critics(1), start=tmp_path / "first.pt")
    for mine, theirs in zip(earlier.critics.parameters(), second.critics.parameters(), strict=True):
        assert torch.equal(mine, theirs)
    unknown = Duel(fresh_duel(tmp_path / "third.pt"), Critics(1), start=tmp_path / "no.pt")
    assert not torch.equal(next(unknown.critics.parameters()), next(earlier.critics.parameters()))


def test_critics_resume_with_the_model_they_judge(tmp_path: Path) -> None:
    whole = fresh_duel(tmp_path / "whole.pt")
    duel_steps(whole, 6)
    broken = fresh_duel(tmp_path / "broken.pt")
    duel = Duel(broken, Critics(1))
    for _ in range(3):
        one_duel(duel)
    broken.save()
    duel.save()
    again = fresh_duel(tmp_path / "broken.pt")
    second = Duel(again, Critics(1))
    for _ in range(3):
        one_duel(second)
    for mine, theirs in zip(whole.model.parameters(), again.model.parameters(), strict=True):
        assert torch.equal(mine, theirs)


def test_a_blend_lies_between_two_checkpoints(tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.pt" for name in ("first", "second", "out")]
    for count, path in zip((3, 6), paths[:2], strict=True):
        trainer = fresh(path)
        steps(trainer, count)
        trainer.save()
    blend(paths[0], paths[1], paths[2], share=0.25)
    first, second, out = (load_trained(torch.nn.Linear(3, 2), path).weight for path in paths)
    assert torch.allclose(out, 0.75 * first + 0.25 * second)
    assert not torch.allclose(first, second)
