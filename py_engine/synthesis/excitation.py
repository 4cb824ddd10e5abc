"""Sound from the vocoder's filters: a pulse train and noise, shaped frame by frame, overlapped and added.

The network predicts, every 12.5 ms, a complex filter for the harmonic part and a magnitude filter for the noise part
(the source-filter idea of Fant 1960; neural form as in Wang et al., "Neural source-filter waveform models", 2019).
Frame t is centred on sample ``200 t + 100``. Everything is deterministic: the phase starts at zero, noise is seeded.

The recipe of the voice trains against these very functions, so a change here is a change of the pack format.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from collections.abc import Callable

    from .colour import Colour

SAMPLE_RATE = 16_000
HOP_LENGTH = 200
N_FFT = 1024
N_BINS = N_FFT // 2 + 1
F0_FLOOR, F0_CEILING = 20.0, 2000.0
# Zeros on both sides, so that the first and the last frame are whole: N_FFT / 2 - HOP_LENGTH / 2.
MARGIN = (N_FFT - HOP_LENGTH) // 2
# Rows of one hop that a frame reaches behind its own first, and frames before a sample that it still depends on.
CARRIED_ROWS = N_FFT // HOP_LENGTH
REACH = 3
# Frames handled at once: bounds the working memory to a few MB however long the utterance is.
BLOCK = 128

Array = NDArray[np.float32]
Spectra = NDArray[np.complex64]


@lru_cache(maxsize=1)
def window() -> Array:
    """Periodic Hann window, float32 ``[1024]``."""
    phase = 2.0 * np.pi * np.arange(N_FFT) / N_FFT
    return (0.5 - 0.5 * np.cos(phase)).astype(np.float32)


def frames_to_samples(values: ArrayLike) -> NDArray[np.float64]:
    """Linear interpolation between frame centres, held at the ends: ``[T] -> [200 T]``."""
    frames = np.asarray(values, np.float64)
    padded = np.concatenate((frames[:1], frames, frames[-1:]))
    # sample n = 200 t + 100 + m lies between frames t and t + 1; pad by one frame and cut half a hop off each end
    fraction = np.arange(HOP_LENGTH) / HOP_LENGTH
    line = padded[:-1, None] + (padded[1:] - padded[:-1])[:, None] * fraction
    return np.ascontiguousarray(line.reshape(-1)[HOP_LENGTH // 2 : HOP_LENGTH // 2 + len(frames) * HOP_LENGTH])


def pulse_train(f0_frames: ArrayLike, voicing: ArrayLike) -> Array:
    """Band-limited pulses at the fundamental, unit RMS where voiced, zero where not.

    ``x[n] = g[n] sqrt(2 / K) sum_{k=1..K} cos(k phi[n])``, ``K = floor(sr / 2 / f0[n])``, ``phi`` the running sum of
    ``2 pi f0 / sr`` from 0, and ``g`` the voicing, which fades linearly between frame centres so that a boundary cannot
    click. The sum is evaluated in closed form (Dirichlet kernel): ``sin((K + 1/2) phi) / (2 sin(phi / 2)) - 1/2``.

    Args: ``f0_frames`` Hz ``[T]``, positive in unvoiced frames too; ``voicing`` 0..1 ``[T]``.
    Returns: float32 ``[200 T]``.
    """
    if np.size(f0_frames) == 0:
        return np.zeros(0, np.float32)
    f0 = frames_to_samples(np.clip(f0_frames, F0_FLOOR, F0_CEILING))
    return _pulses(_phase(f0), f0.astype(np.float32), frames_to_samples(voicing).astype(np.float32))


def _phase(f0: NDArray[np.float64]) -> Array:
    """Running phase in radians, within -pi..pi, from 0: ``[n] -> [n]``."""
    cycles = np.cumsum(f0 / SAMPLE_RATE)
    cycles -= f0[0] / SAMPLE_RATE
    # Wrap in float64 to [-pi, pi): after that float32 is exact enough for K up to 400.
    cycles -= np.rint(cycles)
    return (2.0 * np.pi * cycles).astype(np.float32)


def _pulses(phase: Array, f0: Array, gate: Array) -> Array:
    """The closed form of `pulse_train`, sample by sample."""
    harmonics = np.floor(SAMPLE_RATE / 2 / f0)
    denominator = 2.0 * np.sin(0.5 * phase)
    peaks = np.flatnonzero(np.abs(denominator) < 1e-5)
    denominator[peaks] = 1.0
    pulses = np.sin((harmonics + 0.5) * phase) / denominator - np.float32(0.5)
    pulses[peaks] = harmonics[peaks]
    pulses *= np.sqrt(np.float32(2.0) / harmonics)
    pulses *= gate
    return np.asarray(pulses, np.float32)


def _scramble(x: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """A bijective hash of 32 bits, in place (Wellons, "Prospecting for hash functions", 2018: lowbias32)."""
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x7FEB352D)
    x ^= x >> np.uint32(15)
    x *= np.uint32(0x846CA68B)
    x ^= x >> np.uint32(16)
    return x


def noise_excitation(frames: int, seed: int) -> Array:
    """Gaussian noise of unit variance, float32 ``[200 T]``; the same seed gives the same noise everywhere.

    Hashed counters through the transform of Box and Muller (1958). Not ``numpy.random``: importing that costs the
    browser up to 0.7 s and seven more modules in memory.
    """
    return _noise(frames * HOP_LENGTH, seed, 0, frames * HOP_LENGTH)


def _noise(count: int, seed: int, start: int, stop: int) -> Array:
    """Samples ``start`` to ``stop`` of a noise of ``count`` samples: any stretch can be had without those before.

    Sample i of the first half and sample i of the second make one pair of the transform.
    """
    half = count // 2
    key = _scramble(np.array([seed & 0xFFFFFFFF], np.uint32))
    parts = []
    for first, last, wave in ((start, min(stop, half), np.cos), (max(start, half) - half, stop - half, np.sin)):
        index = np.arange(first, last, dtype=np.uint32)
        radius = np.sqrt(np.float32(-2.0) * np.log(_uniform(index, key)))
        parts.append(radius * wave(np.float32(2.0 * np.pi) * _uniform(index + np.uint32(half), key)))
    return np.concatenate(parts)


def _uniform(index: NDArray[np.uint32], key: NDArray[np.uint32]) -> Array:
    bits = _scramble(index * np.uint32(0x9E3779B9) + key)
    return ((bits >> np.uint32(8)).astype(np.float32) + np.float32(0.5)) * np.float32(2.0**-24)


def frame(samples: Array) -> Array:
    """Windowed frames centred on ``200 t + 100``, zeros beyond the ends: ``[200 T] -> [T, 1024]``."""
    padded = np.pad(samples, MARGIN)
    view = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP_LENGTH]
    return np.asarray(view * window(), np.float32)


def _add_overlapping(target: Array, frames: Array, first: int) -> None:
    """Add ``[B, 1024]`` frames into ``target`` (``[(T + 5), 200]`` rows of one hop), frame 0 going to row ``first``."""
    rows = -(-N_FFT // HOP_LENGTH)
    count = len(frames)
    for row in range(rows):
        part = frames[:, row * HOP_LENGTH : (row + 1) * HOP_LENGTH]
        target[first + row : first + row + count, : part.shape[1]] += part


def overlap_add(frames: Array) -> Array:
    """Inverse of `frame` up to the windows' weight: ``[T, 1024] -> [200 T]``, no normalisation."""
    target = np.zeros((len(frames) + N_FFT // HOP_LENGTH, HOP_LENGTH), np.float32)
    _add_overlapping(target, frames, 0)
    return target.reshape(-1)[MARGIN : MARGIN + len(frames) * HOP_LENGTH]


@lru_cache(maxsize=16)
def _short_weight(frames: int) -> Array:
    """Summed squared windows, ``[200 T]``. Away from the ends it repeats every hop."""
    return overlap_add(np.broadcast_to(window() ** 2, (frames, N_FFT)))


def window_weight(frames: int, start: int = 0, stop: int | None = None) -> Array:
    """Summed squared windows for T frames, all above 0.8: float32, samples ``start`` to ``stop`` of ``[200 T]``."""
    stop = frames * HOP_LENGTH if stop is None else stop
    ends = 2 * (N_FFT // HOP_LENGTH + 1)
    if frames <= ends:
        return _short_weight(frames)[start:stop]
    half = ends // 2 * HOP_LENGTH
    short, behind = _short_weight(ends), frames * HOP_LENGTH - half
    middle = short[half : half + HOP_LENGTH]
    low, high = min(max(start, half), behind), min(max(stop, half), behind)
    turned = np.roll(middle, -((low - half) % HOP_LENGTH))
    repeated = np.tile(turned, -(-(high - low) // HOP_LENGTH))[: high - low]
    tail = short[half + max(start - behind, 0) : half + max(stop - behind, 0)]
    return np.concatenate((short[min(start, half) : min(stop, half)], repeated, tail))


class Excitation:
    """Pulses and noise of one utterance, made stretch by stretch.

    Args: ``log_f0`` ln Hz ``[T]``; ``voicing`` 0..1 ``[T]``; ``seed`` of the noise.
    """

    def __init__(self, log_f0: NDArray[np.float64], voicing: Array, seed: int) -> None:
        self._count, self._seed = len(log_f0) * HOP_LENGTH, seed
        f0 = frames_to_samples(np.clip(np.exp(log_f0), F0_FLOOR, F0_CEILING))
        self._phase, self._f0 = _phase(f0), f0.astype(np.float32)
        self._gate = frames_to_samples(voicing).astype(np.float32)

    def pulses(self, start: int, stop: int) -> Array:
        """Samples ``start`` to ``stop``, zeros beyond the ends."""
        return self._padded(start, stop, lambda own: _pulses(self._phase[own], self._f0[own], self._gate[own]))

    def noise(self, start: int, stop: int) -> Array:
        """Samples ``start`` to ``stop``, zeros beyond the ends."""
        return self._padded(start, stop, lambda own: _noise(self._count, self._seed, own.start, own.stop))

    def _padded(self, start: int, stop: int, make: Callable[[slice], Array]) -> Array:
        own = slice(max(start, 0), min(stop, self._count))
        return np.pad(make(own), (own.start - start, stop - own.stop))


class Workspace:
    """Buffers for one block of frames, used again for every block of every utterance of a voice: 2.7 MB.

    Not for two threads at once.
    """

    def __init__(self) -> None:
        self.frames = np.empty((BLOCK, N_FFT), np.float32)
        self.spectrum, self.hiss, self.filters = (np.empty((BLOCK, N_BINS), np.complex64) for _ in range(3))
        self.rows = np.empty((BLOCK + CARRIED_ROWS, HOP_LENGTH), np.float32)

    def spectra(self, samples: Array, into: Spectra) -> Spectra:
        """Spectra of the windowed frames that a stretch of sound holds: ``[200 (B - 1) + 1024] -> [B, 513]``."""
        view = np.lib.stride_tricks.sliding_window_view(samples, N_FFT)[::HOP_LENGTH]
        count = len(view)
        np.multiply(view, window(), out=self.frames[:count])
        # NumPy's declarations know `out` in double precision only.
        return cast(Any, np.fft.rfft)(self.frames[:count], axis=1, out=into[:count])  # type: ignore[no-any-return]

    def sound(self, spectra: Spectra) -> Array:
        """The windowed frames of these spectra: ``[B, 513] -> [B, 1024]``."""
        frames = self.frames[: len(spectra)]
        cast(Any, np.fft.irfft)(spectra, N_FFT, axis=1, out=frames)
        frames *= window()
        return frames


class ExcitationFilter:
    """Filters one utterance's excitation, block by block, and gives the sound as it becomes final: neither the filters
    nor the sound of all frames need ever be in memory.

    Args: ``log_f0`` ln Hz ``[T]``; ``voicing`` 0..1 ``[T]``; ``seed`` of the noise; ``begin``: the frame from whose
    first sample (200 ``begin``) on the sound is wanted; ``colour`` of the voice, if it is to differ from the
    filters' own; ``workspace`` to use in place of one of its own.
    """

    def __init__(
        self,
        log_f0: ArrayLike,
        voicing: ArrayLike,
        seed: int,
        begin: int = 0,
        colour: Colour | None = None,
        workspace: Workspace | None = None,
    ) -> None:
        pitch, voiced = np.asarray(log_f0, np.float64), np.asarray(voicing, np.float32)
        if pitch.ndim != 1 or pitch.shape != voiced.shape:
            raise ValueError(f"log_f0 and voicing must be [T] with one T, got {pitch.shape} and {voiced.shape}")
        self.frames = len(pitch)
        self._colour = colour
        self._workspace = workspace or Workspace()
        self.next_frame = max(0, begin - REACH)
        self._begin = begin * HOP_LENGTH
        self._source = Excitation(pitch, voiced, seed) if self.frames else None
        self._carry = np.zeros((CARRIED_ROWS, HOP_LENGTH), np.float32)
        self._ready: list[Array] = []

    def add(self, re: ArrayLike, im: ArrayLike, noise: ArrayLike) -> None:
        """Filters of the next frames, from `next_frame` on, ``[B, 513]`` each.

        Raises: ValueError for other shapes or too many frames.
        """
        real, imaginary, breath = (np.asarray(part, np.float32) for part in (re, im, noise))
        count = len(real)
        expected = (min(count, self.frames - self.next_frame), N_BINS)
        if not real.shape == imaginary.shape == breath.shape == expected:
            shapes = [part.shape for part in (real, imaginary, breath)]
            raise ValueError(f"filters must be [B, {N_BINS}], B at most {self.frames - self.next_frame}, got {shapes}")
        for first in range(0, count, BLOCK):
            part = slice(first, min(first + BLOCK, count))
            self._add(real[part], imaginary[part], breath[part])

    def _add(self, real: Array, imaginary: Array, breath: Array) -> None:
        if self._source is None:
            return
        work = self._workspace
        count, first = len(breath), self.next_frame
        start, stop = first * HOP_LENGTH - MARGIN, (first + count - 1) * HOP_LENGTH - MARGIN + N_FFT
        spectrum = work.spectra(self._source.pulses(start, stop), work.spectrum)
        filters = work.filters[:count]
        filters.real, filters.imag = real, imaginary
        spectrum *= filters
        hiss = work.spectra(self._source.noise(start, stop), work.hiss)
        hiss *= breath
        if self._colour is None:
            spectrum += hiss
        else:
            spectrum = self._colour.mix(spectrum, hiss, slice(first, first + count))
        rows = work.rows[: count + CARRIED_ROWS]
        rows[:CARRIED_ROWS], rows[CARRIED_ROWS:] = self._carry, 0.0
        _add_overlapping(rows, work.sound(spectrum), 0)
        self.next_frame += count
        final = len(rows) if self.next_frame == self.frames else count
        self._finish(rows[:final].reshape(-1), start)
        self._carry = rows[count:].copy()

    def _finish(self, summed: Array, start: int) -> None:
        """Keeps what no later frame reaches, from sample ``start`` on, inside the wanted range."""
        low, high = max(start, self._begin), min(start + len(summed), self.frames * HOP_LENGTH)
        if high > low:
            self._ready.append(summed[low - start : high - start] / window_weight(self.frames, low, high))

    def take(self) -> Array:
        """The sound that became final since the last call, float32, not limited."""
        ready, self._ready = self._ready, []
        return np.concatenate(ready) if ready else np.zeros(0, np.float32)

    def samples(self) -> Array:
        """The sound of all frames, float32 ``[200 T]``, not limited. Raises: ValueError while frames are missing."""
        if self.next_frame != self.frames:
            raise ValueError(f"{self.next_frame} of {self.frames} frames have filters")
        return self.take()


def synthesise(
    re: ArrayLike, im: ArrayLike, noise: ArrayLike, log_f0: ArrayLike, voicing: ArrayLike, seed: int
) -> Array:
    """Filter the excitation and return samples: `ExcitationFilter` in one step.

    Args: ``re``, ``im``, ``noise`` filters ``[T, 513]``; the others as for `ExcitationFilter`.
    Returns: float32 ``[200 T]``, not limited. Raises: ValueError where the shapes disagree.
    """
    sound = ExcitationFilter(log_f0, voicing, seed)
    sound.add(re, im, noise)
    return sound.samples()
