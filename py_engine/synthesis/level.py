"""Measures on an utterance's samples: silence at the ends, loudness of words, and a ceiling on the level."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .excitation import Array

# Nothing goes above the ceiling (-0.26 dB); below the knee the signal is untouched.
CEILING, KNEE = 0.97, 0.80
# Silence kept before the first and after the last sound, and the length of the fades, in seconds.
KEEP_BEFORE, KEEP_AFTER, FADE = 0.03, 0.06, 0.005
# -46 dB below the peak counts as silence. Where the peak is not known yet, that of a usual sentence is taken: soft
# beginnings and ends (f, h, a breathy third tone) must not be cut.
SILENCE = 0.005
QUIET = 0.25 * SILENCE
# Seconds in which the loudness passes from one word to the next.
SLOPE = 0.04
# Samples from one computed gain to the next; straight between them.
STEP = 16


def limit(samples: Array) -> Array:
    """Soft limiter without memory: identity below the knee, tanh above, always within the ceiling."""
    size = np.abs(samples)
    loud = np.flatnonzero(size > KNEE)
    if len(loud) == 0:
        return samples
    limited = samples.copy()
    bent = KNEE + (CEILING - KNEE) * np.tanh((size[loud] - KNEE) / (CEILING - KNEE))
    # The clip guards against rounding: tanh reaches 1 in float32.
    limited[loud] = np.sign(samples[loud]) * np.minimum(bent, np.float32(CEILING))
    return limited


def amplify(
    samples: Array, sample_rate: int, words: NDArray[np.float64], decibels: NDArray[np.float64], first: int = 0
) -> Array:
    """Each word at its own gain, sloping from one to the next within `SLOPE` seconds.

    Args: ``words`` begin and end in seconds of the utterance [W, 2]; ``decibels`` [W]; ``first``: which sample of the
    utterance the first of ``samples`` is.
    """
    if not decibels.any():
        return samples
    edges = words + np.array((SLOPE, -SLOPE)) / 2
    times = np.maximum.accumulate(edges.ravel())
    low, high = first // STEP, -(-(first + len(samples)) // STEP)
    seconds = np.arange(low, high + 1) * (STEP / sample_rate)
    gain = (10.0 ** (np.interp(seconds, times, np.repeat(decibels, 2)) / 20.0)).astype(np.float32)
    between = np.arange(STEP, dtype=np.float32) / STEP
    curve = (gain[:-1, None] + np.diff(gain)[:, None] * between).reshape(-1)
    return np.asarray(samples * curve[first - low * STEP :][: len(samples)], np.float32)


def silence_at_ends(samples: Array, sample_rate: int, head: int, tail: int) -> tuple[int, int]:
    """How much to keep: ``(start, stop)`` in samples.

    Only the ``head`` first and ``tail`` last samples, which belong to the silences around the utterance, may be cut,
    and only as far as they are quiet.
    """
    threshold = SILENCE * float(np.abs(samples).max(initial=0.0))
    start = _quiet_length(samples[:head], threshold) - round(KEEP_BEFORE * sample_rate)
    stop = _quiet_length(samples[len(samples) - tail :][::-1], threshold) - round(KEEP_AFTER * sample_rate)
    return max(0, start), len(samples) - max(0, stop)


def _quiet_length(samples: Array, threshold: float) -> int:
    loud = np.abs(samples) > threshold
    return int(np.argmax(loud)) if loud.any() else len(samples)


def silence(seconds: float, sample_rate: int) -> Array:
    """Zeros, float32."""
    return np.zeros(max(0, round(seconds * sample_rate)), np.float32)
