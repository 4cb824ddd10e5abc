"""Synthesis of every sentence in every emotion and intensity, and what is measured of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from swift_f0 import SwiftF0

from models.recipes.evaluate import expected, load_engine
from models.recipes.instruments import Dnsmos, Ear
from models.recipes.qingsheng.audio import Array
from models.recipes.qingsheng.recogniser import edits
from py_engine.emotion.values import EMOTIONS, NEUTRAL
from py_engine.synthesis.pipeline import Engine
from py_engine.synthesis.values import Options

from .acoustics import measure

INTENSITIES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2)
FULL = 1.0
EXPRESSED = tuple(name for name in EMOTIONS if name != NEUTRAL)


@dataclass(frozen=True)
class Row:
    """One synthesis. ``errors`` edits of the recogniser and ``quality`` of DNSMOS, at full intensity and neutral only."""

    sentence: int
    text: str
    emotion: str
    intensity: float
    syllables: int
    measures: dict[str, float]
    errors: int | None = None
    errors_toneless: int | None = None
    quality: float | None = None
    style: str | None = None


@dataclass
class Study:
    """The engine and the instruments; those that are missing measure nothing."""

    engine: Engine
    detector: SwiftF0 = field(default_factory=lambda: SwiftF0(threads=1))
    ear: Ear | None = None
    dnsmos: Dnsmos | None = None
    voice: str | None = None

    def speak(self, text: str, **options: Any) -> Array:
        async def collect() -> Array:
            made = self.engine.stream(text, Options(voice=self.voice, markup="none", **options))
            return np.concatenate([chunk.samples async for chunk in made])

        return asyncio.run(collect())

    def row(self, number: int, text: str, emotion: str, intensity: float, judged: bool, **options: Any) -> Row:
        said = expected(text)
        samples = self.speak(text, emotion=emotion, intensity=intensity, **options)
        heard = self.ear(samples) if self.ear and judged else None
        bare = [[x[:-1] for x in syllables] for syllables in (heard or [], said)]
        return Row(
            number, text, emotion, intensity, len(said), measure(samples, len(said), self.detector).as_dict(),
            None if heard is None else edits(heard, said), None if heard is None else edits(*bare),
            self.dnsmos(samples)["ovr"] if self.dnsmos and judged else None, options.get("style"),
        )  # fmt: skip

    def sentence(self, number: int, text: str, emotions: tuple[str, ...] = EXPRESSED) -> Iterator[Row]:
        """Neutral once, every emotion at every intensity above 0."""
        yield self.row(number, text, NEUTRAL, 0.0, True)
        for emotion in emotions:
            for intensity in INTENSITIES[1:]:
                yield self.row(number, text, emotion, intensity, intensity == FULL)


def prepared(model: Path, work: Path, dnsmos: Path, voice: str | None = None) -> Study:
    """A study of the pack in the folder ``model``."""
    study = Study(load_engine(model), voice=voice)
    if (work / "recogniser.pt").exists():
        study.ear = Ear(work, study.detector)
    if dnsmos.exists():
        study.dnsmos = Dnsmos(dnsmos)
    return study


def save(rows: list[Row], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row.__dict__, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def load(path: Path) -> list[Row]:
    return [Row(**json.loads(line)) for line in path.read_text("utf-8").splitlines()]
