from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from py_engine.synthesis import excitation
from py_engine.synthesis.excitation import NARROW, WIDE, Array, ExcitationFilter, Signal, Workspace

SIGNALS = pytest.mark.parametrize("signal", [NARROW, WIDE], ids=["narrow", "wide"])


def measured_f0(samples: Array, expected: float, rate: int = NARROW.sample_rate) -> float:
    """F0 in Hz from the autocorrelation's peak near the expected period, refined by a parabola."""
    spectrum = np.abs(np.fft.rfft(samples, 2 * len(samples))) ** 2
    correlation = np.fft.irfft(spectrum)[: len(samples) // 2]
    period = rate / expected
    low, high = int(period * 0.7), int(period * 1.4) + 2
    peak = low + int(np.argmax(correlation[low:high]))
    before, at, after = correlation[peak - 1 : peak + 2]
    return float(rate / (peak + 0.5 * (before - after) / (before - 2 * at + after)))


def flat(frames: int, level: float = 1.0, signal: Signal = NARROW) -> Array:
    return np.full((frames, signal.n_bins), level, np.float32)


def below(samples: Array, rate: int, hertz: float = 8000.0) -> Array:
    """What sounds below a frequency."""
    spectrum = np.fft.rfft(samples)
    spectrum[np.fft.rfftfreq(len(samples), 1 / rate) >= hertz] = 0
    return np.fft.irfft(spectrum, len(samples)).astype(np.float32)


def summed_cosines(frames: NDArray[np.float64], signal: Signal) -> NDArray[np.float64]:
    """The pulse train by its definition, harmonic by harmonic."""
    rate, hop, ends = signal.sample_rate, signal.hop_length, np.pad(frames, 1, "edge")
    place = np.arange(len(frames) * hop) + hop // 2
    f0 = np.interp(place / hop, np.arange(len(ends)), ends)
    greater = np.maximum(ends[:-1], ends[1:])[place // hop]
    phase = 2 * np.pi * (np.cumsum(f0) - f0[0]) / rate
    count = np.floor(rate / 2 / greater)
    total = sum(np.where(k <= count, np.cos(k * phase), 0.0) for k in range(1, int(count.max()) + 1))
    return np.asarray(total * np.sqrt(2 / np.floor(8000 / greater)))


@SIGNALS
@pytest.mark.parametrize("hertz", [60.0, 97.3, 120.0, 220.0, 333.3, 599.0])
def test_pulses_have_the_requested_pitch_and_unit_rms_below_8_khz(hertz: float, signal: Signal) -> None:
    pulses = excitation.pulse_train(np.full(160, hertz), np.ones(160), signal)
    assert pulses.dtype == np.float32
    assert len(pulses) == 160 * signal.hop_length
    assert measured_f0(pulses, hertz, signal.sample_rate) == pytest.approx(hertz, rel=0.01)
    assert np.sqrt(np.mean(below(pulses, signal.sample_rate) ** 2)) == pytest.approx(1.0, rel=0.02)


@SIGNALS
def test_the_closed_form_equals_the_sum_of_cosines(signal: Signal) -> None:
    glide = np.geomspace(90.0, 400.0, 80)
    expected = summed_cosines(glide, signal)
    np.testing.assert_allclose(excitation.pulse_train(glide, np.ones(80), signal), expected, atol=3e-3)


@SIGNALS
def test_any_stretch_of_pulses_and_noise_is_that_of_the_whole(signal: Signal) -> None:
    glide, gate = np.geomspace(90.0, 400.0, 80), np.repeat([0.0, 1.0, 1.0, 0.0], 20)
    for source, whole in (
        (excitation.Pulses(glide, gate, signal), excitation.pulse_train(glide, gate, signal)),
        (excitation.Hiss(3, signal), excitation.noise_excitation(80, 3, signal)),
    ):
        for start, stop in ((0, 1), (1, 2), (149, 150), (150, 451), (777, 9000), (len(whole) - 1, len(whole))):
            np.testing.assert_array_equal(source.samples(start, stop), whole[start:stop])


@SIGNALS
def test_nothing_sounds_above_the_nyquist_frequency_or_below_the_fundamental(signal: Signal) -> None:
    pulses = excitation.pulse_train(np.full(160, 250.0), np.ones(160), signal) * np.hanning(160 * signal.hop_length)
    power = np.abs(np.fft.rfft(pulses)) ** 2
    frequency = np.fft.rfftfreq(len(pulses), 1 / signal.sample_rate)
    off = np.abs(frequency / 250.0 - np.rint(frequency / 250.0)) > 0.05
    assert power[off | (frequency < 200)].sum() < 1e-6 * power.sum()


def test_unvoiced_frames_are_silent_and_fades_do_not_click() -> None:
    voicing = np.repeat([0.0, 1.0, 0.0], 20)
    pulses = excitation.pulse_train(np.full(60, 200.0), voicing)
    assert not pulses[: 19 * NARROW.hop_length].any()
    assert not pulses[41 * NARROW.hop_length :].any()
    middle = pulses[22 * NARROW.hop_length : 38 * NARROW.hop_length]
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(1.0, rel=0.03)
    # the first voiced frame's pulses rise over the 12.5 ms around the boundary
    onset = np.abs(pulses[19 * NARROW.hop_length : 21 * NARROW.hop_length]).reshape(-1, 80).max(1)
    assert onset[0] < onset[-1]


def test_wide_noise_is_as_dense_below_8_khz() -> None:
    noise = excitation.noise_excitation(1000, 7, WIDE)
    assert noise.var() == pytest.approx(1.5, abs=0.015)
    assert below(noise, WIDE.sample_rate).var() == pytest.approx(1.0, abs=0.01)


def test_noise_is_white_and_repeatable_and_its_spectra_gaussian() -> None:
    noise = excitation.noise_excitation(1000, 7)
    assert noise.dtype == np.float32
    assert noise.mean() == pytest.approx(0.0, abs=0.01)
    assert noise.var() == pytest.approx(1.0, abs=0.01)
    spectra = np.fft.rfft(excitation.frame(noise))[:, 2:-2]
    for part in (spectra.real, spectra.imag):
        assert np.mean(part**4) / np.mean(part**2) ** 2 == pytest.approx(3.0, abs=0.05)
    assert np.abs(np.diff(np.mean(np.abs(spectra[:, :500].reshape(-1, 10, 50)) ** 2, (0, 2)))).max() < 30
    np.testing.assert_array_equal(noise, excitation.noise_excitation(1000, 7))
    other = excitation.noise_excitation(1000, 8)
    assert abs(np.mean(noise * other)) < 0.01
    for lag in (1, 2, NARROW.hop_length, 1024):
        assert abs(np.mean(noise[lag:] * noise[:-lag])) < 0.01


@pytest.mark.parametrize("frames", [1, 2, 5, 12, 13, 127, 128, 129, 300])
def test_flat_filters_give_the_excitation_back(frames: int) -> None:
    log_f0, voicing = np.log(np.linspace(100, 300, frames)), np.ones(frames)
    zero = flat(frames, 0.0)
    pulses = excitation.synthesise(flat(frames), zero, zero, log_f0, voicing, seed=1)
    np.testing.assert_allclose(pulses, excitation.pulse_train(np.exp(log_f0), voicing), atol=1e-4)
    hiss = excitation.synthesise(zero, zero, flat(frames), log_f0, voicing, seed=1)
    np.testing.assert_allclose(hiss, excitation.noise_excitation(frames, 1), atol=1e-4)


def test_the_same_filters_make_the_same_sound_below_8_khz_at_both_rates() -> None:
    frames, random = 120, np.random.default_rng(5)
    log_f0, voicing = np.full(frames, np.log(200.0)), (np.arange(frames) % 40 < 30).astype(np.float32)
    shape = random.uniform(0.2, 1.0, NARROW.n_bins)
    narrow = np.tile(shape, (frames, 1)).astype(np.float32)
    wide = np.pad(narrow, ((0, 0), (0, WIDE.n_bins - NARROW.n_bins)))
    sounds = {}
    for signal, gains in ((NARROW, narrow), (WIDE, wide)):
        zero = np.zeros_like(gains)
        made = excitation.synthesise(gains, zero, zero, log_f0, voicing, 1, signal)
        sounds[signal.sample_rate] = np.fft.rfft(made)[:8000] / signal.sample_rate
    difference = np.abs(sounds[16_000] - sounds[24_000]).max()
    # Only how the voicing fades in between samples differs.
    assert difference < 0.01 * np.abs(sounds[16_000]).max()
    # And next to nothing sounds where there is no filter: what the cut at 8 kHz smears.
    power = np.abs(np.fft.rfft(made)) ** 2
    hertz = np.fft.rfftfreq(len(made), 1 / WIDE.sample_rate)
    assert power[hertz > 8100].sum() < 1e-3 * power.sum()


@SIGNALS
@pytest.mark.parametrize("frames", [1, 11, 12, 13, 100])
def test_window_weight_is_the_sum_of_the_windows(frames: int, signal: Signal) -> None:
    shifted = np.broadcast_to(excitation.window(signal.n_fft) ** 2, (frames, signal.n_fft))
    weight = excitation.window_weight(frames, signal=signal)
    np.testing.assert_allclose(weight, excitation.overlap_add(shifted, signal), rtol=1e-6)
    assert weight.min() > 0.4


@SIGNALS
def test_framing_and_overlap_add_are_inverse(signal: Signal) -> None:
    samples = excitation.noise_excitation(40, 3, signal)
    framed = excitation.frame(samples, signal) * excitation.window(signal.n_fft)
    back = excitation.overlap_add(framed, signal) / excitation.window_weight(40, signal=signal)
    np.testing.assert_allclose(back, samples, atol=1e-5)


def test_the_same_seed_gives_the_same_sound() -> None:
    arguments = (flat(30), flat(30, 0.0), flat(30), np.full(30, 5.0), np.ones(30))
    first, again, other = (excitation.synthesise(*arguments, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_no_frames_give_no_samples() -> None:
    empty = flat(0)
    assert len(excitation.synthesise(empty, empty, empty, [], [], seed=0)) == 0


@SIGNALS
def test_blocks_of_any_size_give_the_same_sound(signal: Signal) -> None:
    random = np.random.default_rng(1)
    filters = random.uniform(-1, 1, (3, 300, signal.n_bins)).astype(np.float32)
    log_f0, voicing = np.full(300, 5.0), np.ones(300)
    blockwise = ExcitationFilter(log_f0, voicing, seed=4, workspace=Workspace(signal))
    for part in (slice(0, 1), slice(1, 140), slice(140, 300)):
        blockwise.add(*filters[:, part])
    re, im, noise = filters
    expected = excitation.synthesise(re, im, noise, log_f0, voicing, 4, signal)
    np.testing.assert_allclose(blockwise.samples(), expected, atol=1e-4)


def test_missing_and_surplus_frames_are_refused() -> None:
    synthesiser = ExcitationFilter(np.full(3, 5.0), np.ones(3), seed=0)
    synthesiser.add(flat(2), flat(2), flat(2))
    with pytest.raises(ValueError, match="2 of 3 frames"):
        synthesiser.samples()
    with pytest.raises(ValueError, match="at most 1"):
        synthesiser.add(flat(2), flat(2), flat(2))


def test_disagreeing_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="B at most 3"):
        excitation.synthesise(flat(3), flat(3), flat(4), np.zeros(3), np.zeros(3), seed=0)
