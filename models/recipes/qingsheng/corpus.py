"""The packed features, as written by ``prepare``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .audio import HOP_LENGTH, Array


@dataclass(frozen=True)
class Recording:
    """One utterance: ``mel`` [T, 80], ``f0`` Hz [T], ``voiced`` 0/1 [T], ``audio`` int16 [200 T]."""

    id: str
    text: str
    speaker: int
    split: str
    mel: NDArray[np.float16]
    f0: Array
    voiced: Array
    audio: NDArray[np.int16]


class Corpus:
    def __init__(self, work: Path) -> None:
        pack = np.load(work / "features.npz")
        self.ids, self.texts, self.splits = (pack[k].tolist() for k in ("id", "text", "split"))
        self.speakers: list[int] = pack["speaker"].tolist()
        self.offset = pack["offset"]
        self.mel, self.f0, self.voiced, self.audio = (pack[k] for k in ("mel", "f0", "voiced", "audio"))

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, number: int) -> Recording:
        a, b = int(self.offset[number]), int(self.offset[number + 1])
        return Recording(
            self.ids[number], self.texts[number], self.speakers[number], self.splits[number],
            self.mel[a:b], self.f0[a:b], self.voiced[a:b], self.audio[a * HOP_LENGTH : b * HOP_LENGTH],
        )  # fmt: skip

    def numbers(self, split: str) -> list[int]:
        return [n for n, s in enumerate(self.splits) if s == split]
