"""Inverse short-time Fourier transform, for vocoders whose network ends in spectra (Siuzdak, "Vocos", 2023)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .excitation import Array

# Frames transformed at once: bounds the working memory to a few MB.
BLOCK = 256
# Where the summed squared windows are below this, the signal is not defined.
LEAST_WEIGHT = 1e-8


@dataclass(frozen=True)
class Framing:
    """``n_fft``, ``hop_length``, ``win_length`` in samples. ``center``: frame t is centred on sample ``hop_length t``,
    and half a frame is cut off both ends. ``normalized``: the forward transform was divided by ``sqrt(n_fft)``."""

    n_fft: int
    hop_length: int
    win_length: int
    center: bool = True
    normalized: bool = False


def window(framing: Framing) -> Array:
    """Periodic Hann window in the middle of the frame, float32 ``[n_fft]``."""
    phase = 2.0 * np.pi * np.arange(framing.win_length) / framing.win_length
    left = (framing.n_fft - framing.win_length) // 2
    padded = np.zeros(framing.n_fft, np.float32)
    padded[left : left + framing.win_length] = 0.5 - 0.5 * np.cos(phase)
    return padded


def inverse_stft(spectra: NDArray[np.complexfloating], framing: Framing) -> Array:
    """Least-squares inverse (Griffin and Lim 1984): overlap-add, divided by the summed squared windows.

    Args: ``spectra`` ``[T, n_fft / 2 + 1]``.
    Returns: float32 ``[hop_length (T - 1)]`` with ``center``, else ``[hop_length (T - 1) + n_fft]``.
    Raises: ValueError for another number of bins.
    """
    frames, bins = spectra.shape
    n_fft, hop = framing.n_fft, framing.hop_length
    if bins != n_fft // 2 + 1:
        raise ValueError(f"spectra have {bins} bins, expected {n_fft // 2 + 1}")
    if frames == 0:
        return np.zeros(0, np.float32)
    shape = window(framing)
    scale = np.sqrt(n_fft) if framing.normalized else 1.0
    samples = np.zeros(hop * (frames - 1) + n_fft, np.float32)
    weight = np.zeros_like(samples)
    squared = shape**2
    for first in range(0, frames, BLOCK):
        block = np.fft.irfft(spectra[first : first + BLOCK], n_fft, axis=1) * (shape * scale)
        for index, part in enumerate(block, first):
            samples[index * hop : index * hop + n_fft] += part.astype(np.float32)
            weight[index * hop : index * hop + n_fft] += squared
    samples[weight > LEAST_WEIGHT] /= weight[weight > LEAST_WEIGHT]
    return samples[n_fft // 2 : len(samples) - n_fft // 2] if framing.center else samples
