"""The losses of hearing: what is heard of a difference, and which way it pushes. Needs the `train` extra."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from torch import Tensor

torch = pytest.importorskip("torch", reason="the train extra (torch) is not installed")

from models.recipes.qingsheng.finish_vocoder import sung_unvoiced  # noqa: E402 -- only where torch is
from models.recipes.qingsheng.loudness import (  # noqa: E402 -- only where torch is
    FULL_SCALE,
    band_power,
    bands,
    disturbances,
    loudness,
    loudness_loss,
)  # fmt: skip

RATE, LENGTH = 16_000, 12_800


def tone(hertz: float, level: float) -> Tensor:
    """[1, n], of this sound pressure level in dB where the input filter passes it whole."""
    amplitude = 29.54 * 10 ** ((level - 40) / 20) / FULL_SCALE
    return torch.tensor(amplitude * np.sin(2 * np.pi * hertz * np.arange(LENGTH) / RATE), dtype=torch.float32)[None]


def vowel() -> Tensor:
    """Harmonics of 200 Hz that fall by 6 dB an octave, at the corpus's level, with a pause every 0.4 s."""
    time = np.arange(LENGTH) / RATE
    x = np.sum([np.cos(2 * np.pi * 200 * k * time + k * k) / k for k in range(1, 39)], axis=0) * (
        np.sin(2 * np.pi * 2.5 * time) > -0.8
    )
    return torch.tensor(0.08 * x / np.std(x), dtype=torch.float32)[None]


def noise(seed: int = 0) -> Tensor:
    return torch.tensor(np.random.default_rng(seed).normal(size=(1, LENGTH)), dtype=torch.float32)


def sone(samples: Tensor) -> float:
    return float((loudness(band_power(samples)) * bands()[3]).sum(-1).mean())


def test_loudness_grows_as_hearing_does() -> None:
    # the input filter of P.862.2 gives 9 dB
    quiet, louder, loudest = (sone(tone(1000, level - 9)) for level in (40, 60, 70))
    assert 0.6 < quiet < 1.6
    # twice as loud for 10 dB (Stevens 1955); 10 ** 0.23 is 1.7
    assert 1.55 < loudest / louder < 2.1


def test_what_lies_below_the_threshold_is_not_heard() -> None:
    assert sone(tone(1000, -15)) == 0
    assert sone(tone(100, 5)) == 0
    assert sone(tone(1000, 5)) > 0


def test_equal_sounds_cost_nothing_and_have_a_slope() -> None:
    made = vowel().requires_grad_()
    loss = loudness_loss(made, vowel())
    loss.backward()
    assert abs(loss.item()) < 1e-3
    assert torch.isfinite(made.grad).all()


def test_silence_has_a_finite_slope() -> None:
    made = torch.zeros(1, LENGTH, requires_grad=True)
    loudness_loss(made, torch.zeros(1, LENGTH)).backward()
    assert torch.isfinite(made.grad).all()


def test_the_loss_grows_with_the_noise() -> None:
    losses = [float(loudness_loss(vowel() + gain * noise(), vowel())) for gain in (1e-5, 1e-3, 4e-3, 1.6e-2)]
    assert losses == sorted(losses)
    assert losses[0] < 0.1 < 0.5 < losses[3] - losses[0]


def test_a_small_difference_is_masked() -> None:
    tilted = torch.fft.irfft(torch.fft.rfft(vowel()) * torch.linspace(0.95, 1.05, LENGTH // 2 + 1), LENGTH)
    assert float(loudness_loss(tilted, vowel())) < 1e-3


def test_a_change_of_level_is_forgiven_and_a_change_of_colour_is_not() -> None:
    cut = torch.fft.rfft(vowel())
    cut[:, LENGTH // 8 :] *= 0.25
    level, colour = (float(loudness_loss(x, vowel())) for x in (0.5 * vowel(), torch.fft.irfft(cut, LENGTH)))
    assert level < 0.1 * colour


def test_what_is_added_weighs_more_than_what_is_missing() -> None:
    rich = vowel() + 0.01 * noise()
    added, missing = disturbances(rich, vowel())[1].mean(), disturbances(vowel(), rich)[1].mean()
    assert float(added) > 3 * float(missing)


@pytest.mark.parametrize(("gain", "sign"), [(3.0, 1), (0.2, -1)])
def test_the_slope_points_from_too_much_noise_and_from_too_little(gain: float, sign: int) -> None:
    real = vowel() + 0.01 * noise(1)
    level = torch.tensor(gain, requires_grad=True)
    loudness_loss(vowel() + 0.01 * level * noise(2), real).backward()
    assert np.sign(float(level.grad)) == sign


def filters(pulses: float, noise: float) -> tuple[Tensor, Tensor, Tensor]:
    shape = (1, 12, 257)
    return torch.full(shape, pulses), torch.zeros(shape), torch.full(shape, noise)


def test_pulses_in_unvoiced_frames_count_where_they_sound() -> None:
    voicing = torch.tensor([[0.0] * 6 + [1.0] * 6])
    assert float(sung_unvoiced(filters(0.0, 1.0), voicing)) == 0
    assert float(sung_unvoiced(filters(1.0, 1.0), voicing)) == pytest.approx(0.5)
    assert float(sung_unvoiced(filters(1.0, 1.0), torch.ones(1, 12))) == 0
    far, near = (torch.ones(1, 12, 1) for _ in range(2))
    far[:, 4:] = 0
    near[:, :4] = 0
    one, two = (tuple(x * part for x in filters(1.0, 1.0)) for part in (far, near))
    assert float(sung_unvoiced(one, voicing)) == 0
    assert float(sung_unvoiced(two, voicing)) == pytest.approx(0.5)
