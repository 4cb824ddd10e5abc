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
        tilt, breath = self._tilt[part], self._breath[part]
        if not (tilt.any() or breath.any()):
            harmonics += hiss
            return harmonics
        # Real and imaginary parts alike, side by side: NumPy would make complex numbers of the gains.
        voiced, breathy = harmonics.view(np.float32), hiss.view(np.float32)
        before = _power((harmonics + hiss).view(np.float32))
        # Frames of a word have one colour, but for those where voicing sets in.
        kinds, kind = np.unique(tilt + 1j * breath, return_inverse=True)
        of_harmonics, of_noise = _gains(kinds, voiced.shape[1])
        voiced *= of_harmonics[kind]
        breathy *= of_noise[kind]
        voiced += breathy
        voiced *= np.sqrt((before + _SILENCE) / (_power(voiced) + _SILENCE))
        return harmonics


def colour_of(curves: Curves) -> Colour | None:
    """The colour that the curves ask for, None where they ask for none."""
    if curves.tilt is None or curves.breath is None:
        return None
    voiced = np.convolve(np.pad(curves.voicing, len(ONSET) // 2, mode="edge"), ONSET, "valid")
    return Colour(curves.tilt, curves.breath * voiced)


def _gains(kinds: Spectra, width: int) -> tuple[Array, Array]:
    """Of harmonics and noise ``[K, width]``, each bin twice, for tilts (real parts) and breaths (imaginary ones)."""
    tilt, breath = (NEPER * part[:, None] for part in (kinds.real, kinds.imag))
    octaves, ramp = _OCTAVES[:width] * tilt, _RAMP[:width] * breath
    noise = octaves + NOISE_GAINED_BELOW * breath + (NOISE_GAINED - NOISE_GAINED_BELOW) * ramp
    return np.exp(octaves - HARMONICS_LOST * ramp), np.exp(noise)


def _power(values: Array) -> Array:
    """Of each frame, ``[B, 1]``."""
    return np.asarray(np.einsum("ij,ij->i", values, values)[:, None], np.float32)


_SILENCE = np.float32(1e-12)
# Each bin twice; those of all signals lie as far apart.
_HERTZ = np.repeat(np.arange(WIDE.n_bins), 2) * (WIDE.sample_rate / WIDE.n_fft)
_OCTAVES = np.log2(np.maximum(_HERTZ, LOWEST) / PIVOT).astype(np.float32)
_RAMP = np.clip(
    np.log2(np.maximum(_HERTZ, LOWEST) / BREATH_FROM) / np.log2(BREATH_FULL / BREATH_FROM), 0.0, 1.0
).astype(np.float32)
