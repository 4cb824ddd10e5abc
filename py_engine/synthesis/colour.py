"""The colour of a voice: spectral tilt and breathiness, laid over the vocoder's filters frame by frame.

Vocal effort tilts the spectrum of the voice source (Traunmueller & Eriksson, JASA 107, 2000) and that of fricatives
alike (Jesus & Shadle, Journal of Phonetics 30, 2002), so that tilt acts on every frame. Tilting the voiced ones alone
was tried, and cost the recogniser up to five points more. A breathy voice has noise in place of the upper harmonics
(Klatt & Klatt, JASA 87, 1990); that belongs to the glottis and acts where there is voice. The level of each frame is
kept; loudness has its own control.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .excitation import WIDE

if TYPE_CHECKING:
    from py_engine.prosody.curves import Curves

    from .excitation import Array, Spectra

# Tilt turns around this frequency and acts on the octaves from 100 Hz to the top.
PIVOT, LOWEST = 1000.0, 100.0
# Breath replaces harmonics by noise from 1 kHz on, in full from 4 kHz (Klatt & Klatt 1990). Decibels at breath 1.
BREATH_FROM, BREATH_FULL = 1000.0, 4000.0
HARMONICS_LOST, NOISE_GAINED, NOISE_GAINED_BELOW = 6.0, 8.0, 3.0
NEPER = float(np.log(10.0) / 20.0)
# Frames over which the breath sets in where voicing does.
ONSET = np.array((0.1, 0.2, 0.4, 0.2, 0.1), np.float32)


class Colour:
    """``tilt`` dB per octave and ``breath`` -1..1 of an utterance, per frame ``[T]``; 0 is the voice's own."""

    def __init__(self, tilt: Array, breath: Array) -> None:
        self._tilt, self._breath = np.asarray(tilt, np.float32), np.asarray(breath, np.float32)

    def mix(self, harmonics: Spectra, hiss: Spectra, part: slice) -> Spectra:
        """Sum of the two, coloured: spectra of the frames ``part``, ``[B, bins]`` each. May change what it is given."""
        tilt, breath = self._tilt[part, None], self._breath[part, None]
        if not (tilt.any() or breath.any()):
            harmonics += hiss
            return harmonics
        before = _power(harmonics + hiss)
        octaves, ramp = (band[: harmonics.shape[1]] for band in (_OCTAVES, _RAMP))
        harmonics *= np.exp(NEPER * (tilt * octaves - breath * (HARMONICS_LOST * ramp)))
        below = np.float32(NOISE_GAINED_BELOW)
        hiss *= np.exp(NEPER * (tilt * octaves + breath * (below + (NOISE_GAINED - below) * ramp)))
        harmonics += hiss
        harmonics *= np.sqrt((before + _SILENCE) / (_power(harmonics) + _SILENCE))
        return harmonics


def colour_of(curves: Curves) -> Colour | None:
    """The colour that the curves ask for, None where they ask for none."""
    if curves.tilt is None or curves.breath is None:
        return None
    voiced = np.convolve(np.pad(curves.voicing, len(ONSET) // 2, mode="edge"), ONSET, "valid")
    return Colour(curves.tilt, curves.breath * voiced)


def _power(spectra: Spectra) -> Array:
    """Of each frame, ``[B, 1]``."""
    return np.asarray((spectra.real**2 + spectra.imag**2).sum(axis=1, keepdims=True), np.float32)


_SILENCE = np.float32(1e-12)
# Bins of all signals lie as far apart.
_HERTZ = np.arange(WIDE.n_bins) * (WIDE.sample_rate / WIDE.n_fft)
_OCTAVES = np.log2(np.maximum(_HERTZ, LOWEST) / PIVOT).astype(np.float32)
_RAMP = np.clip(
    np.log2(np.maximum(_HERTZ, LOWEST) / BREATH_FROM) / np.log2(BREATH_FULL / BREATH_FROM), 0.0, 1.0
).astype(np.float32)
