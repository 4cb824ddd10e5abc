from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from py_engine.synthesis import excitation
from py_engine.synthesis.excitation import HOP_LENGTH, N_BINS, SAMPLE_RATE, Array


def measured_f0(samples: Array, expected: float) -> float:
    """F0 in Hz from the autocorrelation's peak near the expected period, refined by a parabola."""
    spectrum = np.abs(np.fft.rfft(samples, 2 * len(samples))) ** 2
    correlation = np.fft.irfft(spectrum)[: len(samples) // 2]
    period = SAMPLE_RATE / expected
    low, high = int(period * 0.7), int(period * 1.4) + 2
    peak = low + int(np.argmax(correlation[low:high]))
    before, at, after = correlation[peak - 1 : peak + 2]
    return float(SAMPLE_RATE / (peak + 0.5 * (before - after) / (before - 2 * at + after)))


def flat(frames: int, level: float = 1.0) -> Array:
    return np.full((frames, N_BINS), level, np.float32)


def summed_cosines(f0: NDArray[np.float64]) -> NDArray[np.float64]:
    """The pulse train by its definition, harmonic by harmonic."""
    phase = 2 * np.pi * (np.cumsum(f0) - f0[0]) / SAMPLE_RATE
    count = np.floor(SAMPLE_RATE / 2 / f0)
    total = sum(np.where(k <= count, np.cos(k * phase), 0.0) for k in range(1, int(count.max()) + 1))
    return np.asarray(total * np.sqrt(2 / count))


@pytest.mark.parametrize("hertz", [60.0, 97.3, 120.0, 220.0, 333.3, 599.0])
def test_pulses_have_the_requested_pitch_and_unit_rms(hertz: float) -> None:
    pulses = excitation.pulse_train(np.full(160, hertz), np.ones(160))
    assert pulses.dtype == np.float32
    assert len(pulses) == 160 * HOP_LENGTH
    assert measured_f0(pulses, hertz) == pytest.approx(hertz, rel=0.01)
    assert np.sqrt(np.mean(pulses**2)) == pytest.approx(1.0, rel=0.02)


def test_the_closed_form_equals_the_sum_of_cosines() -> None:
    glide = np.geomspace(90.0, 400.0, 80)
    expected = summed_cosines(excitation.frames_to_samples(glide))
    np.testing.assert_allclose(excitation.pulse_train(glide, np.ones(80)), expected, atol=2e-3)


def test_nothing_sounds_above_the_nyquist_frequency_or_below_the_fundamental() -> None:
    pulses = excitation.pulse_train(np.full(160, 250.0), np.ones(160)) * np.hanning(160 * HOP_LENGTH)
    power = np.abs(np.fft.rfft(pulses)) ** 2
    frequency = np.fft.rfftfreq(len(pulses), 1 / SAMPLE_RATE)
    off = np.abs(frequency / 250.0 - np.rint(frequency / 250.0)) > 0.05
    assert power[off | (frequency < 200)].sum() < 1e-6 * power.sum()


def test_unvoiced_frames_are_silent_and_fades_do_not_click() -> None:
    voicing = np.repeat([0.0, 1.0, 0.0], 20)
    pulses = excitation.pulse_train(np.full(60, 200.0), voicing)
    assert not pulses[: 19 * HOP_LENGTH].any()
    assert not pulses[41 * HOP_LENGTH :].any()
    middle = pulses[22 * HOP_LENGTH : 38 * HOP_LENGTH]
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(1.0, rel=0.03)
    # the first voiced frame's pulses rise over the 12.5 ms around the boundary
    onset = np.abs(pulses[19 * HOP_LENGTH : 21 * HOP_LENGTH]).reshape(-1, 80).max(1)
    assert onset[0] < onset[-1]


def test_interpolation_passes_through_the_frame_centres() -> None:
    values = np.array([1.0, 3.0, 2.0])
    line = excitation.frames_to_samples(values)
    np.testing.assert_allclose(line[HOP_LENGTH // 2 :: HOP_LENGTH], values)
    assert line[0] == 1.0
    assert line[-1] == pytest.approx(2.0)


def test_noise_is_gaussian_white_and_repeatable() -> None:
    noise = excitation.noise_excitation(1000, 7)
    assert noise.dtype == np.float32
    assert noise.mean() == pytest.approx(0.0, abs=0.01)
    assert noise.var() == pytest.approx(1.0, abs=0.01)
    assert np.mean(noise**4) == pytest.approx(3.0, abs=0.05)
    np.testing.assert_array_equal(noise, excitation.noise_excitation(1000, 7))
    other = excitation.noise_excitation(1000, 8)
    assert abs(np.mean(noise * other)) < 0.01
    for lag in (1, 2, HOP_LENGTH, 1024):
        assert abs(np.mean(noise[lag:] * noise[:-lag])) < 0.01


@pytest.mark.parametrize("frames", [1, 2, 5, 12, 13, 127, 128, 129, 300])
def test_flat_filters_give_the_excitation_back(frames: int) -> None:
    log_f0, voicing = np.log(np.linspace(100, 300, frames)), np.ones(frames)
    zero = flat(frames, 0.0)
    pulses = excitation.synthesise(flat(frames), zero, zero, log_f0, voicing, seed=1)
    np.testing.assert_allclose(pulses, excitation.pulse_train(np.exp(log_f0), voicing), atol=1e-4)
    hiss = excitation.synthesise(zero, zero, flat(frames), log_f0, voicing, seed=1)
    np.testing.assert_allclose(hiss, excitation.noise_excitation(frames, 1), atol=1e-4)


@pytest.mark.parametrize("frames", [1, 11, 12, 13, 100])
def test_window_weight_is_the_sum_of_the_windows(frames: int) -> None:
    shifted = np.broadcast_to(excitation.window() ** 2, (frames, excitation.N_FFT))
    np.testing.assert_allclose(excitation.window_weight(frames), excitation.overlap_add(shifted), rtol=1e-6)
    assert excitation.window_weight(frames).min() > 0.8


def test_framing_and_overlap_add_are_inverse() -> None:
    samples = excitation.noise_excitation(40, 3)
    back = excitation.overlap_add(excitation.frame(samples) * excitation.window()) / excitation.window_weight(40)
    np.testing.assert_allclose(back, samples, atol=1e-5)


def test_the_same_seed_gives_the_same_sound() -> None:
    arguments = (flat(30), flat(30, 0.0), flat(30), np.full(30, 5.0), np.ones(30))
    first, again, other = (excitation.synthesise(*arguments, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_no_frames_give_no_samples() -> None:
    empty = flat(0)
    assert len(excitation.synthesise(empty, empty, empty, [], [], seed=0)) == 0


def test_blocks_of_any_size_give_the_same_sound() -> None:
    random = np.random.default_rng(1)
    filters = random.uniform(-1, 1, (3, 300, N_BINS)).astype(np.float32)
    log_f0, voicing = np.full(300, 5.0), np.ones(300)
    blockwise = excitation.ExcitationFilter(log_f0, voicing, seed=4)
    for part in (slice(0, 1), slice(1, 140), slice(140, 300)):
        blockwise.add(*filters[:, part])
    re, im, noise = filters
    expected = excitation.synthesise(re, im, noise, log_f0, voicing, seed=4)
    np.testing.assert_allclose(blockwise.samples(), expected, atol=1e-4)


def test_missing_and_surplus_frames_are_refused() -> None:
    synthesiser = excitation.ExcitationFilter(np.full(3, 5.0), np.ones(3), seed=0)
    synthesiser.add(flat(2), flat(2), flat(2))
    with pytest.raises(ValueError, match="2 of 3 frames"):
        synthesiser.samples()
    with pytest.raises(ValueError, match="at most 1"):
        synthesiser.add(flat(2), flat(2), flat(2))


def test_disagreeing_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="B at most 3"):
        excitation.synthesise(flat(3), flat(3), flat(4), np.zeros(3), np.zeros(3), seed=0)
