"""Where an utterance is cut, so that its beginning can be heard while its end is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# An utterance of up to 1.6 s is made at once: cutting it would save less time than the parts' common frames cost.
WHOLE = 128
# Frames of the first part of a stream (0.4 s), and at most (5 s: the vocoder's outputs are 6 KB a frame).
FIRST, MOST = 32, 400
# Each part may be twice as long as the one before: it must be ready before that one has been heard.
GROWTH = 2
# A cut at the beginning of a word is looked for from this share of the wanted length on, up to this multiple of it.
NEAR = (0.6, 1.75)


class PartSizes:
    """The lengths of the parts of one stream, growing from utterance to utterance."""

    def __init__(self) -> None:
        self._wanted = FIRST

    def cut(self, begin: int, frames: int, words: Sequence[int] | NDArray[np.intp]) -> list[int]:
        """The ends of the parts of frames ``begin`` to ``frames``, the last of them ``frames``.

        Args: ``words``: frames at which words begin, increasing. The first part is counted from the first of them.
        """
        begins = np.asarray(words, np.intp)
        if frames - begin <= max(WHOLE, self._wanted):
            self._wanted = max(self._wanted, min(MOST, GROWTH * (frames - begin)))
            return [frames]
        heard = begins[begins >= begin]
        start = int(heard[0]) if len(heard) and heard[0] - begin < FIRST else begin
        ends: list[int] = []
        # A last part shorter than the first would cost its neighbours' frames for nothing.
        while frames - start > self._wanted + FIRST:
            start = _near(start, self._wanted, begins[begins <= frames - FIRST // 2])
            ends.append(start)
            self._wanted = min(MOST, GROWTH * self._wanted)
        return [*ends, frames]


def _near(start: int, wanted: int, begins: NDArray[np.intp]) -> int:
    """The beginning of a word nearest to ``wanted`` frames after ``start``, just there where there is none."""
    low, high = (start + int(wanted * share) for share in NEAR)
    near = begins[(begins >= low) & (begins <= min(high, start + MOST))]
    return int(near[np.argmin(np.abs(near - start - wanted))]) if len(near) else start + wanted
