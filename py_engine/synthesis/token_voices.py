"""Public voices: their own tokens in, sound out, no F0 to steer. The models' signatures are in docs/architecture.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from . import level
from .models import batch
from .performance import tempo
from .stft import inverse_stft
from .synthesiser import Speech
from .tokens import to_tokens

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from numpy.typing import NDArray

    from .excitation import Array
    from .models import Models, Shape
    from .pack import TokenModel
    from .sentence import Sentence
    from .stft import Framing
    from .synthesiser import Stages, Task
    from .tokens import TokenSequence


class Matcha:
    """A `Synthesiser` of an acoustic model that plans its own durations (Mehta et al., "Matcha-TTS", 2024) and a
    vocoder: spectra for an inverse STFT (Vocos), or samples (HiFi-GAN)."""

    def __init__(self, models: Models, model: TokenModel, sample_rate: int) -> None:
        self._models, self._model, self._sample_rate = models, model, sample_rate

    async def speak(self, task: Task) -> Speech:
        stages, options = task.stages, task.options
        tokens = await _tokens(task.sentence, self._model, stages)
        scalars = self._model.inference
        feeds = {
            "x": batch(tokens.ids, np.int64),
            "x_length": np.array([len(tokens.ids)], np.int64),
            "noise_scale": np.array([scalars["noise_scale"]], np.float32),
            "length_scale": np.array(
                [scalars["length_scale"] / (options.speed * tempo(task.sentence.delivery))], np.float32
            ),
        }
        with stages("acoustic"):
            outputs = await self._models.run("acoustic", feeds, {"mel": (None, None), **self._durations(tokens)})
        await stages.breathe()
        samples = await self._sound(outputs["mel"], stages)
        return _speech(task, tokens, samples, outputs.get("durations"), self._sample_rate)

    def _durations(self, tokens: TokenSequence) -> dict[str, Shape]:
        return {"durations": (len(tokens.ids),)} if self._model.durations else {}

    async def _sound(self, mel: Array, stages: Stages) -> Array:
        """Samples of a mel spectrum ``[n_mels, T]``."""
        feeds = {"mel": batch(mel, np.float32)}
        framing = self._model.framing
        if framing is None:
            with stages("vocoder"):
                return (await self._models.run("vocoder", feeds, {"samples": (None,)}))["samples"]
        shape = (framing.n_fft // 2 + 1, mel.shape[1])
        with stages("vocoder"):
            outputs = await self._models.run("vocoder", feeds, dict.fromkeys(("mag", "x", "y"), shape))
        await stages.breathe()
        with stages("dsp"):
            return _from_spectra(outputs, framing)


def _from_spectra(outputs: dict[str, Array], framing: Framing) -> Array:
    """Magnitude, cosine and sine of the phase, ``[n_fft / 2 + 1, T]`` each."""
    spectra = outputs["mag"] * (outputs["x"] + 1j * outputs["y"])
    return inverse_stft(np.ascontiguousarray(spectra.T), framing)


class Vits:
    """A `Synthesiser` of one model from tokens to samples (Kim et al., "VITS", 2021)."""

    def __init__(self, models: Models, model: TokenModel, sample_rate: int, several: bool) -> None:
        self._models, self._model, self._sample_rate = models, model, sample_rate
        self._several = several

    async def speak(self, task: Task) -> Speech:
        stages, options = task.stages, task.options
        tokens = await _tokens(task.sentence, self._model, stages)
        scalars = self._model.inference
        scales = (
            scalars["noise_scale"],
            scalars["length_scale"] / (options.speed * tempo(task.sentence.delivery)),
            scalars["noise_w"],
        )
        feeds = {
            "input": batch(tokens.ids, np.int64),
            "input_lengths": np.array([len(tokens.ids)], np.int64),
            "scales": np.array(scales, np.float32),
        }
        if self._several:
            feeds["sid"] = np.array([task.speaker.index], np.int64)
        shapes: dict[str, Shape] = {"samples": (None,)}
        if self._model.durations:
            shapes["durations"] = (len(tokens.ids),)
        with stages("acoustic"):
            outputs = await self._models.run("acoustic", feeds, shapes)
        return _speech(task, tokens, outputs["samples"], outputs.get("durations"), self._sample_rate)


async def _tokens(sentence: Sentence, model: TokenModel, stages: Stages) -> TokenSequence:
    await stages.breathe()
    with stages("text"):
        return to_tokens(sentence, model.tokens)


def _speech(task: Task, tokens: TokenSequence, samples: Array, durations: Array | None, sample_rate: int) -> Speech:
    half = len(samples) // 2
    start, stop = 0, len(samples)
    if durations is None:
        start, stop = level.silence_at_ends(samples, sample_rate, half, half)
    shares = tokens.weights if durations is None else np.maximum(durations, 0.0).astype(np.float64)
    times = place_words(len(task.sentence.words), tokens.words, shares, start / sample_rate, stop / sample_rate)
    begin = min(round(times[task.word, 0] * sample_rate), len(samples)) if task.word else 0
    return Speech(
        parts=_one_part(samples[begin:]),
        length=len(samples),
        begin=begin,
        head=0 if begin else half,
        tail=min(half, len(samples) - begin),
        quiet=level.SILENCE * float(np.abs(samples).max(initial=0.0)),
        words=times,
        estimated=durations is None,
        notices=tokens.notices,
    )


async def _one_part(samples: Array) -> AsyncGenerator[Array, None]:
    """The models of these voices give their sound as a whole."""
    yield samples


def place_words(
    count: int, words: NDArray[np.int64], shares: NDArray[np.float64], begin: float, end: float
) -> NDArray[np.float64]:
    """Seconds of ``count`` words, ``[count, 2]``: the tokens fill ``begin`` to ``end`` in proportion to their shares.

    Args: ``words`` the word of each token [L], -1 for none; ``shares`` [L], not negative. A word without tokens gets
    no time of its own and stands where the one before it ends.
    """
    edges = np.concatenate(([0.0], np.cumsum(shares)))
    edges = begin + (end - begin) * edges / max(edges[-1], 1e-9)
    times, last = np.empty((count, 2)), begin
    for index in range(count):
        own = np.flatnonzero(words == index)
        times[index] = (edges[own[0]], edges[own[-1] + 1]) if len(own) else (last, last)
        last = times[index, 1]
    return times
