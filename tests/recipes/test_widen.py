"""The band above 8 kHz: learned beside a vocoder that stays as it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the recipes need the train extra")

from models.recipes.instruments import UpperBand  # noqa: E402 -- only where torch is
from models.recipes.qingsheng.networks import (  # noqa: E402
    N_BINS,
    UPPER_BIN,
    UPPER_POINTS,
    Vocoder,
    build,
    pulse_train,
    shape_excitation,
)
from models.recipes.qingsheng.prepare_wide import widened as widened_recording  # noqa: E402
from models.recipes.qingsheng.widen_vocoder import upper_loss, widened  # noqa: E402
from py_engine.synthesis import excitation  # noqa: E402
from py_engine.synthesis.excitation import NARROW, WIDE, Array  # noqa: E402

FRAMES = 40


def made(size: str = "") -> tuple[Vocoder, Vocoder]:
    """A narrow vocoder and the same widened, its new layers not at rest."""
    torch.manual_seed(0)
    narrow = build("vocoder", size).eval()
    assert isinstance(narrow, Vocoder)
    wide = widened(narrow, size)
    assert isinstance(wide.upper, torch.nn.Sequential)
    torch.nn.init.normal_(wide.upper[-1].weight)
    return narrow, wide.eval()


def inputs() -> Any:  # noqa: ANN401 -- tensors, whose types are not known without torch
    torch.manual_seed(1)
    return torch.randn(1, FRAMES, 80) - 4, torch.full((1, FRAMES), 5.3), torch.ones(1, FRAMES)


@pytest.mark.parametrize("size", ["", "lite"])
def test_below_the_band_nothing_changes_and_only_new_weights_learn(size: str) -> None:
    narrow, wide = made(size)
    for before, after in zip(narrow(*inputs()), wide(*inputs()), strict=True):
        assert after.shape[-1] == WIDE.n_bins
        torch.testing.assert_close(after[..., :UPPER_BIN], before[..., :UPPER_BIN])
    learning = [name for name, weight in wide.named_parameters() if weight.requires_grad]
    assert learning
    assert all(name.startswith("upper.") for name in learning)


def test_before_it_learned_the_band_goes_on_as_the_mel_ends() -> None:
    mel, *rest = inputs()
    with torch.no_grad():
        _, wide = made()
        torch.nn.init.zeros_(wide.upper[-1].weight)  # type: ignore[index]
        _, _, noise = wide(mel, *rest)
    slope = (noise[..., UPPER_BIN:].log() - mel[..., -1:]).flatten()
    assert float(slope.std()) < 1e-4


def test_what_is_exported_computes_the_same() -> None:
    _, wide = made()
    pruned = wide.pruned()
    assert sum(p.numel() for p in pruned.parameters()) < sum(p.numel() for p in wide.parameters())
    for whole, part in zip(wide(*inputs()), pruned(*inputs()), strict=True):
        torch.testing.assert_close(part, whole)


def test_a_narrow_one_is_exported_as_it_is() -> None:
    narrow, _ = made()
    for whole, part in zip(narrow(*inputs()), narrow.pruned()(*inputs()), strict=True):
        assert whole.shape[-1] == N_BINS
        torch.testing.assert_close(part, whole)


@pytest.mark.parametrize("signal", [NARROW, WIDE], ids=["narrow", "wide"])
def test_training_hears_what_the_engine_makes(signal: excitation.Signal) -> None:
    random = np.random.default_rng(2)
    filters = random.uniform(-1, 1, (3, FRAMES, signal.n_bins)).astype(np.float32)
    log_f0, voicing = np.full(FRAMES, 5.3, np.float32), np.ones(FRAMES, np.float32)
    f0 = torch.tensor(log_f0)[None].exp()
    # The first sample's step of the phase is in the sum there, and not here.
    pulses = pulse_train(f0, torch.tensor(voicing)[None], -f0[:, 0] / signal.sample_rate, signal)
    noise = torch.tensor(excitation.noise_excitation(FRAMES, 1, signal) / np.float32(signal.noise_gain))[None]
    told = shape_excitation(tuple(torch.tensor(x)[None] for x in filters), pulses, noise, signal)
    re, im, hiss = filters
    heard = excitation.synthesise(re, im, hiss, log_f0, voicing, 1, signal)
    np.testing.assert_allclose(told[0].numpy(), heard, atol=2e-2)
    assert np.corrcoef(told[0].numpy(), heard)[0, 1] > 0.9999


def test_the_loss_is_of_the_band_alone() -> None:
    torch.manual_seed(3)
    real = torch.randn(2, 24_000) * 0.05
    spectrum = torch.fft.rfft(real)
    low, high = spectrum.clone(), spectrum.clone()
    low[:, :6000] *= 0.1
    high[:, 7500:10_000] *= 0.5
    unheard, heard = (sum(upper_loss(torch.fft.irfft(x), real).values()) for x in (low, high))
    assert float(unheard) < 0.01
    assert float(heard) > 0.5


def test_points_reach_from_the_seam_to_the_end() -> None:
    spacing = WIDE.sample_rate / WIDE.n_fft
    assert UPPER_POINTS[0] == UPPER_BIN * spacing
    assert UPPER_POINTS[-1] == (WIDE.n_bins - 1) * spacing


def tone(hertz: float, seconds: float, rate: int) -> Array:
    return np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate).astype(np.float32)


def test_a_recording_keeps_what_was_above_8_khz() -> None:
    rate = 22_050
    sound = 0.1 * (tone(500, 1, rate) + tone(9000, 1, rate))
    wide = widened_recording(sound, rate)
    assert len(wide) % WIDE.hop_length == 0
    power = np.abs(np.fft.rfft(wide)) ** 2
    hertz = np.fft.rfftfreq(len(wide), 1 / WIDE.sample_rate)
    assert power[hertz > 8000].sum() == pytest.approx(power[hertz < 8000].sum(), rel=0.05)


def test_the_instrument_tells_levels_of_the_band() -> None:
    random = np.random.default_rng(4)
    real = random.normal(0, 0.1, 24_000).astype(np.float32)
    spectrum = np.fft.rfft(real)
    spectrum[7900:10_100] *= 0.5
    band = UpperBand()
    band.add({"real": real, "copy": np.fft.irfft(spectrum).astype(np.float32)}, 24_000)
    figures = band.figures()
    assert figures["upper_band_error_db"] == pytest.approx(6.0, abs=0.3)
    levels = figures["upper_band_level_db"]
    assert isinstance(levels, dict)
    assert levels["real"] - levels["copy"] == pytest.approx(6.0, abs=0.3)
    assert UpperBand().figures() == {}
