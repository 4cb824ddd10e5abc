"""How the feeling of pasted texts is read: ``python -m tests.emotion.pasted [--each] [--model-alone]``."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from py_engine.emotion import mood
from py_engine.emotion.signs import Signs
from py_engine.emotion.values import EMOTIONS, NEUTRAL, Emotion
from py_engine.synthesis.pipeline import Engine
from tests.emotion.shipped import engine

FOLDER = Path(__file__).parent
# The weight of an emotion times the intensity: less is hardly heard (a quarter of 4.5 dB, of 9 % of pitch).
HEARD = 0.25


@dataclass(frozen=True)
class Read:
    """A sentence: what is right, how strong (0 to 3), and what was found."""

    lot: str
    kind: str
    text: str
    right: tuple[str, ...]
    level: int
    emotion: Emotion

    @property
    def loudest(self) -> tuple[float, str]:
        """The strongest emotion but neutral, and how strong it sounds."""
        strengths = [weight * self.emotion.intensity for weight in self.emotion.distribution[1:]]
        return max(zip(strengths, EMOTIONS[1:], strict=True))

    @property
    def heard(self) -> str:
        strength, name = self.loudest
        return name if strength >= HEARD else NEUTRAL

    @property
    def strength(self) -> float:
        """How far from neutral it sounds."""
        return (1 - self.emotion.distribution[0]) * self.emotion.intensity


def rows(name: str) -> Iterator[list[str]]:
    for line in (FOLDER / name).read_text("utf-8").splitlines():
        if not line.startswith("#"):
            yield line.split("\t")


async def read(loaded: Engine) -> list[Read]:
    made = []
    for lot, kind, text, wanted in rows("pasted.tsv"):
        found = await loaded.infer(text)
        parts = [part.split(":") for part in wanted.split(";")]
        assert len(parts) in (1, len(found)), text
        for (names, level), one in zip(parts * (len(found) if len(parts) == 1 else 1), found, strict=True):
            made.append(Read(lot, kind, one.text, tuple(names.split("/")), int(level), one.emotion))
    return made


async def climb(loaded: Engine) -> dict[str, list[bool]]:
    """For each lot, which steps of its ladders rise."""
    found: dict[str, list[bool]] = {}
    for lot, *texts, name in rows("ladders.tsv"):
        felt = [[one.emotion for one in await loaded.infer(text)] for text in texts]
        heights = [max(one.distribution[EMOTIONS.index(name)] * one.intensity for one in ones) for ones in felt]
        found.setdefault(lot, []).extend(low < high for low, high in pairwise(heights))
    return found


def right(found: list[Read]) -> float:
    return float(np.mean([one.heard in one.right for one in found]))


def falsely_felt(found: list[Read]) -> float:
    """The share of plain sentences that are heard with a feeling."""
    return float(np.mean([one.heard != NEUTRAL for one in found if one.right == (NEUTRAL,)]))


def felt_rightly(found: list[Read]) -> float:
    return float(np.mean([one.heard in one.right for one in found if NEUTRAL not in one.right]))


def felt_wrongly(found: list[Read]) -> float:
    """The share of sentences with a feeling that are heard with another one."""
    own = [one for one in found if NEUTRAL not in one.right]
    return float(np.mean([one.heard not in (*one.right, NEUTRAL) for one in own]))


def order(found: list[Read]) -> float:
    """Rank correlation of how strong it is meant and how far from neutral it sounds, ties shared."""
    meant = _ranks(np.array([float(one.level) for one in found]))
    sounding = _ranks(np.array([one.strength for one in found]))
    return float(np.corrcoef(meant, sounding)[0, 1])


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[places], np.float64)


def without_signs() -> None:
    mock.patch.object(mood, "read_signs", return_value=Signs()).start()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", action="store_true", help="every sentence too")
    parser.add_argument("--model-alone", action="store_true", help="as the model has it, without the signs of the text")
    options = parser.parse_args()
    if options.model_alone:
        without_signs()
    found, steps = asyncio.run(_all())
    for one in found if options.each else []:
        strength, _ = one.loudest
        mark = " " if one.heard in one.right else "!"
        print(f"{mark} {one.heard:8} {strength:.2f}  {one.kind}: {one.text} ({'/'.join(one.right)} {one.level})")
    for lot in (*dict.fromkeys(one.lot for one in found), ""):
        own = [one for one in found if lot in ("", one.lot)]
        rising = [step for name, made in steps.items() if lot in ("", name) for step in made]
        print(
            f"{lot or 'all':7} {len(own)} sentences, right {right(own):.3f}, plain ones felt {falsely_felt(own):.3f}, "
            f"felt ones right {felt_rightly(own):.3f}, with another feeling {felt_wrongly(own):.3f}, "
            f"order {order(own):.2f}, steps that rise {sum(rising)} of {len(rising)}"
        )


async def _all() -> tuple[list[Read], dict[str, list[bool]]]:
    loaded = await engine()
    return await read(loaded), await climb(loaded)


if __name__ == "__main__":
    main()
