"""Goals of the vocoder that is to add less noise to recordings. Needs the `train` extra."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from torch import Tensor

torch = pytest.importorskip("torch", reason="the train extra (torch) is not installed")

from models.recipes.qingsheng.networks import Vocoder  # noqa: E402 -- only where torch is
from models.recipes.qingsheng.quieten_vocoder import AS_IT_IS, LOUD, SOFT, Crop, Gains, changed, losses  # noqa: E402

FRAMES = 4


def mel_at(decibels: list[float]) -> Tensor:
    """Flat spectra of this mean power, [1, T, 80]."""
    return torch.tensor(decibels)[None, :, None].expand(1, -1, 80) * math.log(10) / 20


def test_noise_goes_by_level_pulses_by_voicing_and_phases_stay() -> None:
    mel = mel_at([LOUD, LOUD + 5, SOFT - 20, (LOUD + SOFT) / 2]).repeat(2, 1, 1)
    voicing = torch.tensor([[1.0, 0.0, 0.0, 0.0]]).repeat(2, 1)
    raw = torch.randn(2, FRAMES, 3 * 257)
    gains = Gains(voiced_noise=0.9, soft_noise=0.25, loud_noise=0.64, unvoiced_pulses=0.5)
    pulses, phase, noise = (changed(raw, mel, voicing, [gains, AS_IT_IS]) - raw).split(257, -1)
    assert phase.abs().max() == 0
    torch.testing.assert_close(pulses[0, :, 7].exp(), torch.tensor([1.0, 0.5, 0.5, 0.5]))
    torch.testing.assert_close(noise[0, :, 200].exp(), torch.tensor([0.9, 0.64, 0.25, 0.4]))
    assert pulses[1].abs().max() == noise[1].abs().max() == 0


def crop(gains: Gains) -> Crop:
    voicing = np.array([1, 1, 0, 0], np.float32)
    return Crop(np.full((FRAMES, 80), -20, np.float32), np.full(FRAMES, 5.2, np.float32), voicing, gains)


def test_the_teacher_is_at_its_goal_only_where_nothing_changes() -> None:
    torch.manual_seed(2)
    teacher = Vocoder(width=16, hidden=16, blocks=1).eval()
    kept, softer = (
        {name: value.item() for name, value in losses(teacher, teacher, [crop(gains)]).items()}
        for gains in (AS_IT_IS, Gains(soft_noise=0.5))
    )
    assert set(kept.values()) == {0.0}
    assert softer["noise"] == pytest.approx(math.log(2) / 2, rel=1e-4)
    assert softer["pulses"] == softer["phase"] == 0
