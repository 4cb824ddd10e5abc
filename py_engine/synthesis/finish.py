"""From the raw sound of an utterance, part by part, to what is played: loudness, limiter, trimmed ends, fades."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from . import level

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .excitation import Array
    from .synthesiser import Speech


class Finisher:
    """The same samples come out however the utterance was cut into parts.

    Only the silences at its ends (`Speech.head`, `Speech.tail`) are held back until it is known how much of them stays.

    Args: ``decibels`` of each word of the utterance [W], None where mark-up asks for none.
    """

    def __init__(self, speech: Speech, sample_rate: int, decibels: NDArray[np.float64] | None) -> None:
        self._speech, self._rate, self._decibels = speech, sample_rate, decibels
        self._fade = round(level.FADE * sample_rate)
        self._received = speech.begin
        self._held: list[Array] = []
        # Samples that are held, limited, from here on.
        self._given = speech.begin
        self._start: int | None = None
        self._loud_first: int | None = None
        self._loud_last = -1

    @property
    def start(self) -> int:
        """Where in the utterance the sound that is kept begins, once some of it was given."""
        return self._start or 0

    def add(self, raw: Array) -> Array:
        """The next part of the utterance. Returns: what is sure by now; nothing at the last, which waits for `end`."""
        self._listen(raw)
        gained = self._amplified(raw)
        self._received += len(raw)
        self._held.append(level.limit(gained))
        head = self._speech.begin + self._speech.head
        if self._start is None and self._received >= min(head, self._speech.length):
            self._start = self._speech.begin + self._cut_before()
            self._take(self._start)
        sure = min(self._received, self._speech.length - max(self._speech.tail, self._fade))
        complete = self._received >= self._speech.length
        if complete or self._start is None or sure - self._start < 2 * self._fade or sure <= self._given:
            return np.zeros(0, np.float32)
        first = self._given == self._start
        piece = self._take(sure)
        return self._faded_in(piece) if first else piece

    def end(self, pause: float) -> Array:
        """What was still held, and ``pause`` seconds of silence.

        What is kept of the silences at the ends counts as part of the pauses before and after.
        """
        stop = self._stop()
        first = self._given == self._start
        piece = self._take(stop)
        fade = min(self._fade, (stop - self.start) // 2)
        if first:
            piece = self._faded_in(piece, fade)
        silence = level.silence(pause - level.KEEP_AFTER - level.KEEP_BEFORE, self._rate)
        return np.concatenate((_faded_out(piece, fade), silence))

    def _listen(self, raw: Array) -> None:
        """Notes the first and the last sample that is not quiet."""
        loud = np.flatnonzero(np.abs(raw) > self._speech.quiet)
        if len(loud):
            if self._loud_first is None:
                self._loud_first = self._received + int(loud[0])
            self._loud_last = self._received + int(loud[-1])

    def _amplified(self, raw: Array) -> Array:
        if self._decibels is None:
            return raw
        return level.amplify(raw, self._rate, self._speech.words, self._decibels, self._received)

    def _cut_before(self) -> int:
        """Samples to leave out before the sound."""
        head = min(self._speech.head, self._received - self._speech.begin)
        loud = self._speech.begin + head if self._loud_first is None else self._loud_first
        quiet = min(head, loud - self._speech.begin)
        return max(0, quiet - round(level.KEEP_BEFORE * self._rate))

    def _stop(self) -> int:
        """The utterance's end without the silence that is cut."""
        quiet = min(self._speech.tail, self._received - 1 - self._loud_last, self._received - self.start)
        return self._received - max(0, quiet - round(level.KEEP_AFTER * self._rate))

    def _take(self, stop: int) -> Array:
        """What is held up to sample ``stop`` of the utterance."""
        held = np.concatenate(self._held) if self._held else np.zeros(0, np.float32)
        count = max(0, stop - self._given)
        self._held = [held[count:]]
        self._given += count
        return held[:count]

    def _faded_in(self, piece: Array, fade: int | None = None) -> Array:
        # Backwards in memory it would cross to JavaScript sample by sample.
        return np.ascontiguousarray(_faded_out(piece[::-1], self._fade if fade is None else fade)[::-1])


def _faded_out(piece: Array, fade: int) -> Array:
    """A linear ramp down over the last ``fade`` samples, so that the end does not click."""
    if fade <= 0 or len(piece) == 0:
        return piece
    faded = piece.copy()
    ramp = (np.arange(fade, dtype=np.float32)[::-1] + 0.5) / np.float32(fade)
    count = min(fade, len(piece))
    faded[len(faded) - count :] *= ramp[fade - count :]
    return faded
