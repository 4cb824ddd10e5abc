"""Sound from the vocoder's filters: a pulse train and noise, shaped frame by frame, overlapped and added.

The network predicts, every 12.5 ms, a complex filter for the harmonic part and a magnitude filter for the noise part
(the source-filter idea of Fant 1960; neural form as in Wang et al., "Neural source-filter waveform models", 2019).
Frame t is centred on sample ``hop (t + 1/2)``. Everything is deterministic: the phase starts at zero, noise is seeded.

The recipe of the voice trains against these very functions, so a change here is a change of the pack format.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from .colour import Colour

F0_FLOOR, F0_CEILING = 20.0, 2000.0
# Frames handled at once: bounds the working memory to a few MB however long the utterance is.
BLOCK = 64


@dataclass(frozen=True)
class Signal:
    """Sample rate in Hz, samples from frame to frame and in a frame, and how many bins a filter has; those above are
    silent. Frames of all signals last 32 ms and begin every 12.5 ms, so that bins lie 31.25 Hz apart, and the same
    filters make the same sound below 8 kHz."""

    sample_rate: int
    hop_length: int
    n_fft: int
    n_bins: int

    @property
    def margin(self) -> int:
        """Zeros on both sides, so that the first and the last frame are whole."""
        return (self.n_fft - self.hop_length) // 2

    @property
    def carried_rows(self) -> int:
        """Rows of one hop that a frame reaches behind its own first."""
        return self.n_fft // self.hop_length

    @property
    def noise_gain(self) -> float:
        """Standard deviation of noise that is as dense in frequency as that of unit variance is at 16 kHz."""
        return float(np.sqrt(self.sample_rate / NARROW.sample_rate))


NARROW = Signal(16_000, 200, 512, 257)
# Filters end at 10 kHz, where the recordings do.
WIDE = Signal(24_000, 300, 768, 321)
# Frames before a sample that it still depends on: those whose middle lies within half a frame of it.
REACH = (NARROW.n_fft + NARROW.hop_length) // (2 * NARROW.hop_length)

Array = NDArray[np.float32]
Spectra = NDArray[np.complex64]


@lru_cache(maxsize=2)
def window(n_fft: int) -> Array:
    """Periodic Hann window, float32 ``[n_fft]``."""
    phase = 2.0 * np.pi * np.arange(n_fft) / n_fft
    return (0.5 - 0.5 * np.cos(phase)).astype(np.float32)


class Pulses:
    """Band-limited pulses at the fundamental, unit RMS below 8 kHz where voiced, zero where not; any stretch can be had
    alone, and nothing is kept but the frames.

    ``x[n] = g[n] sqrt(2 / L) sum_{k=1..K} cos(k phi[n])``, ``phi`` the running sum of ``2 pi f0 / sr`` from 0, ``f0``
    and the voicing ``g`` linear between frame centres and held at the ends, so that a boundary cannot click. From one
    centre to the next ``K = floor(sr / 2 / f0)`` for the greater of both, ``L`` how many of the K lie below 8 kHz. The
    sum is evaluated in closed form (Dirichlet kernel): ``sin((K + 1/2) phi) / (2 sin(phi / 2)) - 1/2``.

    Args: ``f0_frames`` Hz ``[T]``, positive in unvoiced frames too; ``voicing`` 0..1 ``[T]``; T at least 1.
    """

    def __init__(self, f0_frames: ArrayLike, voicing: ArrayLike, signal: Signal) -> None:
        self._signal = signal
        # Line j leads from frame j - 1 to frame j; sample n lies n + hop / 2 samples behind the beginning of line 0.
        self._f0, self._gate = (_held(x) for x in (np.clip(f0_frames, F0_FLOOR, F0_CEILING), voicing))

    def samples(self, start: int, stop: int) -> Array:
        """Samples ``start`` to ``stop`` of ``[hop T]``, float32."""
        hop, rate = self._signal.hop_length, self._signal.sample_rate
        first, last = (start + hop // 2) // hop, -(-(stop + hop // 2) // hop)
        lines, ends, place = slice(first, last), slice(first, last + 1), np.arange(hop)
        f0, further = self._f0[lines], np.diff(self._f0[ends])
        # Whole cycles do not count; those of one line float32 holds exactly enough for K up to 600.
        cycles = _straight(f0 / rate, self._before[lines], place + 1)
        cycles += _column(further / (2 * hop * rate)) * (place * (place + 1)).astype(np.float32)
        cycles -= np.rint(cycles)
        half_phase = np.multiply(cycles, np.float32(np.pi), out=cycles)
        greater = np.maximum(f0, f0 + further)
        harmonics, low = (np.floor(x / 2 / greater) for x in (rate, NARROW.sample_rate))
        gate, opening = self._gate[lines], np.diff(self._gate[ends])
        gain = np.sqrt(0.5 / low)
        pulses = _dirichlet(half_phase, harmonics) * _straight(gain * opening / hop, gain * gate, place)
        behind = start + hop // 2 - first * hop
        return np.asarray(pulses.reshape(-1)[behind : behind + stop - start], np.float32)

    @cached_property
    def _before(self) -> NDArray[np.float64]:
        """Cycles before each line, without the whole ones; the first sample has none."""
        hop, ends = self._signal.hop_length, self._f0
        sums = np.cumsum(hop * ends[:-1] + (hop - 1) / 2 * np.diff(ends))
        # What lies before the first sample, and that itself: line 0 is level.
        cycles = (np.concatenate((np.zeros(1), sums[:-1])) - (hop // 2 + 1) * ends[0]) / self._signal.sample_rate
        return np.asarray(cycles - np.rint(cycles))


def _held(frames: ArrayLike) -> NDArray[np.float64]:
    """The ends of the lines through the frames, level at both ends: ``[T] -> [T + 2]``."""
    return np.pad(np.asarray(frames, np.float64), 1, "edge")


def _column(values: NDArray[np.float64]) -> Array:
    return values.astype(np.float32)[:, None]


def _straight(slope: NDArray[np.float64], offset: NDArray[np.float64], place: NDArray[np.intp]) -> Array:
    """One line each: ``[B], [B], [hop] -> [B, hop]``."""
    lines = _column(slope) * place.astype(np.float32)
    lines += _column(offset)
    return np.asarray(lines, np.float32)


def _dirichlet(half_phase: Array, harmonics: NDArray[np.float64]) -> Array:
    """Twice the sum of so many cosines of a phase [B, hop], given its half, which lies between -pi / 2 and pi / 2."""
    below = np.sin(half_phase)
    peaks = np.flatnonzero(np.abs(below) < 5e-6)
    below.reshape(-1)[peaks] = 1.0
    half_phase *= _column(2 * harmonics + 1)
    total = np.sin(half_phase, out=half_phase)
    total /= below
    total -= np.float32(1.0)
    total.reshape(-1)[peaks] = 2 * harmonics[peaks // total.shape[1]]
    return total


def pulse_train(f0_frames: ArrayLike, voicing: ArrayLike, signal: Signal = NARROW) -> Array:
    """All samples of `Pulses`: ``[T], [T] -> [hop T]``, float32."""
    count = np.size(f0_frames) * signal.hop_length
    return Pulses(f0_frames, voicing, signal).samples(0, count) if count else np.zeros(0, np.float32)


def _scramble(x: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """A bijective hash of 32 bits, in place (Wellons, "Prospecting for hash functions", 2018: lowbias32)."""
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x7FEB352D)
    x ^= x >> np.uint32(15)
    x *= np.uint32(0x846CA68B)
    x ^= x >> np.uint32(16)
    return x


def noise_excitation(frames: int, seed: int, signal: Signal = NARROW) -> Array:
    """White noise, float32 ``[hop T]``, of unit variance below 8 kHz; the same seed gives the same noise everywhere."""
    return Hiss(seed, signal).samples(0, frames * signal.hop_length)


class Hiss:
    """White noise; any stretch can be had alone. Not ``numpy.random``: importing that costs the browser up to 0.7 s and
    seven more modules in memory.

    Two samples are the halves of one hashed counter. They are spread evenly, not normally, which costs a sixth of the
    time; the spectrum of a frame, a sum over 512 of them or more, is normally distributed nevertheless.
    """

    def __init__(self, seed: int, signal: Signal) -> None:
        self._key = _scramble(np.array([seed & 0xFFFFFFFF], np.uint32))
        # The variance of whole numbers below m is (m^2 - 1) / 12.
        self._step = np.float32(signal.noise_gain * np.sqrt(12.0 / (2.0**32 - 1.0)))

    def samples(self, start: int, stop: int) -> Array:
        """Samples ``start`` to ``stop``, float32."""
        counters = np.arange(start // 2, -(-stop // 2), dtype=np.uint32)
        counters *= np.uint32(0x9E3779B9)
        counters += self._key
        noise = _scramble(counters).view(np.int16)[start % 2 :][: stop - start].astype(np.float32)
        noise += np.float32(0.5)
        noise *= self._step
        return noise


def frame(samples: Array, signal: Signal = NARROW) -> Array:
    """Windowed frames centred on ``hop (t + 1/2)``, zeros beyond the ends: ``[hop T] -> [T, n_fft]``."""
    padded = np.pad(samples, signal.margin)
    view = np.lib.stride_tricks.sliding_window_view(padded, signal.n_fft)[:: signal.hop_length]
    return np.asarray(view * window(signal.n_fft), np.float32)


def _add_overlapping(target: Array, frames: Array, first: int) -> None:
    """Add ``[B, n_fft]`` frames into ``target`` (``[T + 5, hop]``, rows of one hop), frame 0 going to row ``first``."""
    (count, n_fft), hop = frames.shape, target.shape[1]
    for row in range(-(-n_fft // hop)):
        part = frames[:, row * hop : (row + 1) * hop]
        target[first + row : first + row + count, : part.shape[1]] += part


def overlap_add(frames: Array, signal: Signal = NARROW) -> Array:
    """Inverse of `frame` up to the windows' weight: ``[T, n_fft] -> [hop T]``, no normalisation."""
    hop = signal.hop_length
    target = np.zeros((len(frames) + signal.carried_rows, hop), np.float32)
    _add_overlapping(target, frames, 0)
    return target.reshape(-1)[signal.margin : signal.margin + len(frames) * hop]


@lru_cache(maxsize=32)
def _short_weight(frames: int, signal: Signal) -> Array:
    """Summed squared windows, ``[hop T]``. Away from the ends it repeats every hop."""
    return overlap_add(np.broadcast_to(window(signal.n_fft) ** 2, (frames, signal.n_fft)), signal)


def window_weight(frames: int, start: int = 0, stop: int | None = None, signal: Signal = NARROW) -> Array:
    """Summed squared windows for T frames, all above 0.4: float32, samples ``start`` to ``stop`` of ``[hop T]``."""
    hop = signal.hop_length
    stop = frames * hop if stop is None else stop
    ends = 2 * (signal.carried_rows + 1)
    if frames <= ends:
        return _short_weight(frames, signal)[start:stop]
    half = ends // 2 * hop
    short, behind = _short_weight(ends, signal), frames * hop - half
    middle = short[half : half + hop]
    low, high = min(max(start, half), behind), min(max(stop, half), behind)
    turned = np.roll(middle, -((low - half) % hop))
    repeated = np.tile(turned, -(-(high - low) // hop))[: high - low]
    tail = short[half + max(start - behind, 0) : half + max(stop - behind, 0)]
    return np.concatenate((short[min(start, half) : min(stop, half)], repeated, tail))


class Excitation:
    """Pulses and noise of one utterance, made stretch by stretch.

    Args: ``log_f0`` ln Hz ``[T]``; ``voicing`` 0..1 ``[T]``; ``seed`` of the noise.
    """

    def __init__(self, log_f0: NDArray[np.float64], voicing: Array, seed: int, signal: Signal = NARROW) -> None:
        self._count = len(log_f0) * signal.hop_length
        self._pulses, self._noise = Pulses(np.exp(log_f0), voicing, signal), Hiss(seed, signal)

    def pulses(self, start: int, stop: int) -> Array:
        """Samples ``start`` to ``stop``, zeros beyond the ends."""
        return self._padded(start, stop, self._pulses)

    def noise(self, start: int, stop: int) -> Array:
        """Samples ``start`` to ``stop``, zeros beyond the ends."""
        return self._padded(start, stop, self._noise)

    def _padded(self, start: int, stop: int, source: Pulses | Hiss) -> Array:
        first, last = max(start, 0), min(stop, self._count)
        samples = source.samples(first, last)
        return samples if (first, last) == (start, stop) else np.pad(samples, (first - start, stop - last))


class Workspace:
    """Buffers for one block of frames, used again for every block of every utterance of a voice: 0.5 MB, 0.8 MB of a
    wide one.

    Not for two threads at once.
    """

    def __init__(self, signal: Signal = NARROW) -> None:
        self.signal = signal
        n_fft, whole = signal.n_fft, signal.n_fft // 2 + 1
        self.frames = np.empty((BLOCK, n_fft), np.float32)
        self.spectrum, self.hiss = (np.empty((BLOCK, whole), np.complex64) for _ in range(2))
        self.filters = np.empty((BLOCK, signal.n_bins), np.complex64)
        self.rows = np.empty((BLOCK + signal.carried_rows, signal.hop_length), np.float32)

    def spectra(self, samples: Array, into: Spectra) -> Spectra:
        """Spectra of the windowed frames that a stretch of sound holds: ``[hop (B - 1) + n_fft] -> [B, bins]``."""
        n_fft, hop, n_bins = self.signal.n_fft, self.signal.hop_length, self.signal.n_bins
        view = np.lib.stride_tricks.sliding_window_view(samples, n_fft)[::hop]
        count = len(view)
        np.multiply(view, window(n_fft), out=self.frames[:count])
        # NumPy's declarations know `out` in double precision only.
        cast(Any, np.fft.rfft)(self.frames[:count], axis=1, out=into[:count])
        return into[:count, :n_bins]

    def sound(self, spectra: Spectra) -> Array:
        """The windowed frames of these spectra: ``[B, bins] -> [B, n_fft]``."""
        frames = self.frames[: len(spectra)]
        cast(Any, np.fft.irfft)(spectra, self.signal.n_fft, axis=1, out=frames)
        frames *= window(self.signal.n_fft)
        return frames


class ExcitationFilter:
    """Filters one utterance's excitation, block by block, and gives the sound as it becomes final: neither the filters
    nor the sound of all frames need ever be in memory.

    Args: ``log_f0`` ln Hz ``[T]``; ``voicing`` 0..1 ``[T]``; ``seed`` of the noise; ``begin``: the frame from whose
    first sample (hop ``begin``) on the sound is wanted; ``colour`` of the voice, if it is to differ from the
    filters' own; ``workspace`` to use in place of one of its own, with its signal.
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
        self._signal = self._workspace.signal
        self.next_frame = max(0, begin - REACH)
        self._begin = begin * self._signal.hop_length
        self._source = Excitation(pitch, voiced, seed, self._signal) if self.frames else None
        self._carry = np.zeros((self._signal.carried_rows, self._signal.hop_length), np.float32)
        self._ready: list[Array] = []

    def add(self, re: ArrayLike, im: ArrayLike, noise: ArrayLike) -> None:
        """Filters of the next frames, from `next_frame` on, ``[B, bins]`` each.

        Raises: ValueError for other shapes or too many frames.
        """
        real, imaginary, breath = (np.asarray(part, np.float32) for part in (re, im, noise))
        count = len(real)
        bins = self._signal.n_bins
        expected = (min(count, self.frames - self.next_frame), bins)
        if not real.shape == imaginary.shape == breath.shape == expected:
            shapes = [part.shape for part in (real, imaginary, breath)]
            raise ValueError(f"filters must be [B, {bins}], B at most {self.frames - self.next_frame}, got {shapes}")
        for first in range(0, count, BLOCK):
            part = slice(first, min(first + BLOCK, count))
            self._add(real[part], imaginary[part], breath[part])

    def _add(self, real: Array, imaginary: Array, breath: Array) -> None:
        if self._source is None:
            return
        work, signal = self._workspace, self._signal
        count, first = len(breath), self.next_frame
        start = first * signal.hop_length - signal.margin
        stop = start + (count - 1) * signal.hop_length + signal.n_fft
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
        carried = signal.carried_rows
        rows = work.rows[: count + carried]
        rows[:carried], rows[carried:] = self._carry, 0.0
        _add_overlapping(rows, work.sound(spectrum), 0)
        self.next_frame += count
        final = len(rows) if self.next_frame == self.frames else count
        self._finish(rows[:final].reshape(-1), start)
        self._carry = rows[count:].copy()

    def _finish(self, summed: Array, start: int) -> None:
        """Keeps what no later frame reaches, from sample ``start`` on, inside the wanted range."""
        low, high = max(start, self._begin), min(start + len(summed), self.frames * self._signal.hop_length)
        if high > low:
            weight = window_weight(self.frames, low, high, self._signal)
            self._ready.append(summed[low - start : high - start] / weight)

    def take(self) -> Array:
        """The sound that became final since the last call, float32, not limited."""
        ready, self._ready = self._ready, []
        return np.concatenate(ready) if ready else np.zeros(0, np.float32)

    def samples(self) -> Array:
        """The sound of all frames, float32 ``[hop T]``, not limited. Raises: ValueError while frames are missing."""
        if self.next_frame != self.frames:
            raise ValueError(f"{self.next_frame} of {self.frames} frames have filters")
        return self.take()


def synthesise(
    re: ArrayLike, im: ArrayLike, noise: ArrayLike, log_f0: ArrayLike, voicing: ArrayLike, seed: int,
    signal: Signal = NARROW,
) -> Array:  # fmt: skip
    """Filter the excitation and return samples: `ExcitationFilter` in one step.

    Args: ``re``, ``im``, ``noise`` filters ``[T, bins]``; the others as for `ExcitationFilter`.
    Returns: float32 ``[hop T]``, not limited. Raises: ValueError where the shapes disagree.
    """
    sound = ExcitationFilter(log_f0, voicing, seed, workspace=Workspace(signal))
    sound.add(re, im, noise)
    return sound.samples()
