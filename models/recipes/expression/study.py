"""Synthesis of every sentence in every emotion and intensity, and what is measured of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from swift_f0 import SwiftF0

from models.recipes.evaluate import expected, load_engine, narrowed
from models.recipes.front_end import sentences_of
from models.recipes.instruments import WINDOW, Dnsmos, Ear
from models.recipes.qingsheng.audio import HOP_LENGTH, Array, log_mel
from models.recipes.qingsheng.prepare import match_level, pitch
from models.recipes.qingsheng.recogniser import decode, edits, features
from py_engine.emotion.values import NEUTRAL
from py_engine.synthesis.pipeline import Engine
from py_engine.synthesis.values import Options

from .acoustics import measure
from .rows import EXPRESSED, FULL, INTENSITIES, Row


class RegisterEar(Ear):
    """The recogniser, also with pitch heard as a listener hears tones: relative to the register of the utterance.

    It was trained on readers at their usual pitch and takes ln F0 as it is, so that it fails on any voice that is as a
    whole a third higher, also on recordings that are shifted by a vocoder.
    """

    def in_register(self, samples: Array, usual: float) -> list[str]:
        """What is heard when the mean of ln F0 is moved to ``usual``."""
        samples = match_level(samples[: len(samples) // HOP_LENGTH * HOP_LENGTH])
        f0, voiced = pitch(self.detector, samples)
        shifted = f0 * np.exp(usual - np.log(f0[voiced > 0.5]).mean())
        with torch.no_grad():
            ctc, _ = self.model(torch.tensor(features(log_mel(samples), shifted.astype(np.float32), voiced))[None])
        return decode(ctc[0].numpy(), self.loop)


@dataclass
class Study:
    """The engine and the instruments; those that are missing measure nothing.

    ``register``: mean of ln F0 of the voice's neutral speech.
    """

    engine: Engine
    detector: SwiftF0 = field(default_factory=lambda: SwiftF0(threads=1))
    ear: RegisterEar | None = None
    dnsmos: Dnsmos | None = None
    voice: str | None = None
    register: float = 0.0

    def speak(self, text: str, **options: object) -> Array:
        async def collect() -> Array:
            made = self.engine.stream(text, Options(voice=self.voice, markup="none", **cast(dict[str, Any], options)))
            chunks = [chunk async for chunk in made]
            return narrowed(np.concatenate([chunk.samples for chunk in chunks]), chunks[0].sample_rate)

        return asyncio.run(collect())

    def row(self, number: int, text: str, emotion: str, intensity: float, judged: bool, **options: object) -> Row:
        said = expected(partial(sentences_of, self.engine), text)
        samples = self.speak(text, emotion=emotion, intensity=intensity, **options)
        heard = self.ear(samples) if self.ear and judged else None
        level = one_window(match_level(samples))
        bare = [[x[:-1] for x in syllables] for syllables in (heard or [], said)]
        return Row(
            number, text, emotion, intensity, len(said), measure(samples, len(said), self.detector).as_dict(),
            None if heard is None else edits(heard, said), None if heard is None else edits(*bare),
            self.dnsmos(level)["ovr"] if self.dnsmos and judged else None, options.get("style"),
            edits(self.ear.in_register(samples, self.register), said) if self.ear and judged else None,
        )  # fmt: skip

    def sentence(
        self,
        number: int,
        text: str,
        emotions: tuple[str, ...] = EXPRESSED,
        intensities: tuple[float, ...] = INTENSITIES[1:],
    ) -> Iterator[Row]:
        """Neutral once, every emotion at every intensity."""
        yield self.row(number, text, NEUTRAL, 0.0, True)
        for emotion in emotions:
            for intensity in intensities:
                yield self.row(number, text, emotion, intensity, intensity == FULL)

    def styled(self, number: int, text: str, styles: Path) -> Iterator[Row]:
        """In every style of the folder, without emotion."""
        for path in sorted(styles.glob("*.py")):
            # Loaded anew, so that a sentence has none of the others in its memory.
            info = self.engine.styles.load({}, path.read_text("utf-8"))
            yield self.row(number, text, NEUTRAL, 0.0, True, style=info.id)


def prepared(model: Path, work: Path, dnsmos: Path, voice: str | None = None) -> Study:
    """A study of the pack in the folder ``model``."""
    study = Study(load_engine(model), voice=voice)
    if (work / "recogniser.pt").exists():
        study.ear = RegisterEar(work, study.detector)
    if dnsmos.exists():
        study.dnsmos = Dnsmos(dnsmos)
    study.register = neutral_register(study)
    return study


def one_window(samples: Array) -> Array:
    """Repeated up to the length that DNSMOS hears at once, so that a short clip is heard once and not five times."""
    return samples if len(samples) >= WINDOW else np.resize(samples, WINDOW)


def neutral_register(study: Study) -> float:
    """Mean ln F0 of a sentence with all tones."""
    samples = study.speak("今天天气很好，我们一起去公园看花。", emotion=NEUTRAL)
    f0, voiced = pitch(study.detector, samples[: len(samples) // HOP_LENGTH * HOP_LENGTH])
    return float(np.log(f0[voiced > 0.5]).mean())
