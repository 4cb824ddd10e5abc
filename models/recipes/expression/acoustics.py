"""What is measured of a recording, from its samples alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from swift_f0 import SwiftF0

from models.recipes.qingsheng.audio import HOP_LENGTH, SAMPLE_RATE, Array, frames_of
from models.recipes.qingsheng.prepare import pitch

from .rows import SEMITONE, Measures

Floats = NDArray[np.float64]
# A frame counts as speech down to 35 dB below the loud ones.
SPEECH = -35.0
# Slope of the long-term spectrum: third octaves from 315 Hz, above every F0 here of interest, to 6.3 kHz.
BANDS = 1000.0 * 2.0 ** (np.arange(-5, 9) / 3.0)
# Cepstral peak prominence (Hillenbrand & Houde 1996): quefrencies of 80 to 500 Hz.
QUEFRENCIES = (1 / 500.0, 1 / 80.0)
# The last stretch of voice, in which the end of the melody lies.
ENDING = 0.2


def measure(samples: Array, syllables: int, detector: SwiftF0) -> Measures:
    """Measures of one utterance of ``syllables``. Raises: ValueError where nothing is voiced."""
    samples = samples[: len(samples) // HOP_LENGTH * HOP_LENGTH]
    f0, voicing = pitch(detector, samples)
    frames = frames_of(samples)
    spectra = np.abs(np.fft.rfft(frames * np.hanning(frames.shape[1]), axis=1)) ** 2
    power = 10 * np.log10(spectra.sum(1) + 1e-12)
    speech = np.flatnonzero(power > np.percentile(power, 95) + SPEECH)
    voiced = (voicing > 0.5) & (power > np.percentile(power, 95) + SPEECH)
    if voiced.sum() < 10:
        raise ValueError("nothing is voiced")
    log_f0 = SEMITONE * np.log(f0[voiced])
    ending = round(ENDING * SAMPLE_RATE / HOP_LENGTH)
    return Measures(
        f0=float(np.exp(log_f0.mean() / SEMITONE)),
        range=float(np.percentile(log_f0, 95) - np.percentile(log_f0, 5)),
        final=float(log_f0[-ending:].mean() - log_f0.mean()),
        rate=syllables * SAMPLE_RATE / HOP_LENGTH / float(speech[-1] - speech[0] + 1),
        energy=float(10 * np.log10((frames[voiced] ** 2).mean() + 1e-12)),
        tilt=spectral_slope(spectra[voiced].mean(0)),
        prominence=float(np.mean(prominences(spectra[voiced]))),
    )


def spectral_slope(spectrum: Floats) -> float:
    """dB per octave of a power spectrum [513], a straight line through its third octaves."""
    hertz = np.fft.rfftfreq(2 * (len(spectrum) - 1), 1 / SAMPLE_RATE)
    edges = BANDS[:, None] * 2.0 ** (np.array((-1, 1)) / 6)
    levels = [10 * np.log10(spectrum[(hertz >= low) & (hertz < high)].mean() + 1e-15) for low, high in edges]
    return float(np.polyfit(np.log2(BANDS), levels, 1)[0])


def prominences(spectra: Floats) -> Floats:
    """Height of the cepstral peak over the line through its surroundings, dB, [B, 513] -> [B]."""
    cepstra = np.fft.irfft(10 * np.log10(spectra + 1e-15), axis=1)
    levels = 20 * np.log10(np.abs(cepstra) + 1e-12)
    low, high = (round(q * SAMPLE_RATE) for q in QUEFRENCIES)
    part = levels[:, low:high]
    places = np.arange(low, high)
    slope, level = np.polyfit(places, part.T, 1)
    peak = part.argmax(1)
    rows = np.arange(len(part))
    return np.asarray(part[rows, peak] - (slope * places[peak] + level), np.float64)
