"""Signal parameters and analysis shared by every step of the recipe."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
HOP_LENGTH = 200
N_FFT = 1024
WIN_LENGTH = 640
N_MELS = 80
FRAME_RATE = SAMPLE_RATE / HOP_LENGTH
LOG_FLOOR = 1e-5
F0_MIN, F0_MAX = 60.0, 600.0

Array = NDArray[np.float32]


@lru_cache(maxsize=4)
def mel_filters(bands: int = N_MELS, size: int = N_FFT) -> Array:
    """Triangular filters, area-normalised, on the HTK mel scale.

    Returns: float32 ``[bands, size // 2 + 1]``. Scale: 2595 log10(1 + f / 700) (O'Shaughnessy 1987).
    """
    top = 2595.0 * np.log10(1.0 + SAMPLE_RATE / 2 / 700.0)
    edges = 700.0 * (10.0 ** (np.linspace(0.0, top, bands + 2) / 2595.0) - 1.0)
    bins = np.fft.rfftfreq(size, 1.0 / SAMPLE_RATE)
    rise = (bins[None] - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - bins[None]) / (edges[2:] - edges[1:-1])[:, None]
    area = 2.0 / (edges[2:] - edges[:-2])
    return (np.maximum(0.0, np.minimum(rise, fall)) * area[:, None]).astype(np.float32)


@lru_cache(maxsize=1)
def analysis_window() -> Array:
    window = np.zeros(N_FFT, np.float32)
    left = (N_FFT - WIN_LENGTH) // 2
    window[left : left + WIN_LENGTH] = np.hanning(WIN_LENGTH + 1)[:-1]
    return window


def frames_of(samples: Array) -> Array:
    """Split into frames centred on each hop: ``[n] -> [n // HOP_LENGTH, N_FFT]``."""
    count = len(samples) // HOP_LENGTH
    margin = (N_FFT - HOP_LENGTH) // 2
    padded = np.pad(samples[: count * HOP_LENGTH], margin, mode="reflect" if len(samples) > margin else "constant")
    view = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP_LENGTH]
    return np.ascontiguousarray(view[:count])


def log_mel(samples: Array) -> Array:
    """Natural-log mel magnitude: ``[n] -> [n // HOP_LENGTH, N_MELS]``; frame t is centred on sample 200 t + 100."""
    spectrum = np.abs(np.fft.rfft(frames_of(samples) * analysis_window(), axis=1)).astype(np.float32)
    return np.log(np.maximum(spectrum @ mel_filters().T, LOG_FLOOR)).astype(np.float32)
