"""Tilt and breath on the vocoder's filters: heard where there is voice, level kept, nothing at 0."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from py_engine.synthesis.colour import Colour
from py_engine.synthesis.excitation import NARROW, ExcitationFilter

FRAMES = 80
Array = NDArray[np.float32]


def filters(harmonic: float = 0.1, noise: float = 0.003) -> tuple[Array, Array, Array]:
    flat = np.full((FRAMES, NARROW.n_bins), harmonic, np.float32)
    return flat, np.zeros_like(flat), np.full_like(flat, noise)


def sound(colour: Colour | None = None) -> Array:
    made = ExcitationFilter(np.full(FRAMES, np.log(200.0)), np.ones(FRAMES, np.float32), 1, colour=colour)
    made.add(*filters())
    return made.samples()


def coloured(tilt: float = 0.0, breath: float = 0.0) -> Array:
    return sound(Colour(np.full(FRAMES, tilt, np.float32), np.full(FRAMES, breath, np.float32)))


def band(samples: Array, low: float, high: float) -> float:
    """dB between two frequencies."""
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    hertz = np.fft.rfftfreq(len(samples), 1 / NARROW.sample_rate)
    return float(10 * np.log10(power[(hertz >= low) & (hertz < high)].mean()))


def between_harmonics(samples: Array) -> float:
    """dB of what lies between the harmonics of 200 Hz against all, above 3 kHz."""
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    hertz = np.fft.rfftfreq(len(samples), 1 / NARROW.sample_rate)
    high = hertz > 3000
    gap = high & (np.abs((hertz + 100) % 200 - 100) > 60)
    return float(10 * np.log10(power[gap].sum() / power[high].sum()))


def test_no_colour_is_bit_for_bit_the_plain_sound() -> None:
    assert (coloured() == sound()).all()


@pytest.mark.parametrize("tilt", [-3.0, -1.0, 1.0, 2.5])
def test_tilt_is_decibels_per_octave_and_keeps_the_level(tilt: float) -> None:
    plain, tilted = sound(), coloured(tilt=tilt)

    def rise(samples: Array) -> float:
        return band(samples, 3700, 4300) - band(samples, 930, 1070)

    assert rise(tilted) - rise(plain) == pytest.approx(2 * tilt, abs=0.3)
    assert np.sqrt((tilted**2).mean() / (plain**2).mean()) == pytest.approx(1, abs=0.05)


def test_breath_is_noise_in_place_of_upper_harmonics() -> None:
    noisy = [between_harmonics(coloured(breath=breath)) for breath in (-1.0, -0.5, 0.0, 0.5, 1.0)]
    assert np.diff(noisy).min() > 2


def test_colour_moves_without_jumps() -> None:
    sounds = [coloured(tilt=float(tilt), breath=float(tilt) / 4) for tilt in np.linspace(0, 0.1, 6)]
    steps = [float(np.abs(b - a).max()) for a, b in pairwise(sounds)]
    assert max(steps) < 0.02 * float(np.abs(sounds[0]).max())
    assert max(steps) < 2 * min(steps)
