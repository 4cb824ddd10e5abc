"""Running the engine from a test."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np

from py_engine.synthesis.pipeline import Engine
from py_engine.synthesis.values import Cancellation, Chunk, Options, WordTiming


def speak(
    engine: Engine, text: str, options: Options | None = None, cancellation: Cancellation | None = None
) -> list[Chunk]:
    """All chunks of a text."""

    async def collect() -> list[Chunk]:
        return [chunk async for chunk in engine.stream(text, options, cancellation)]

    return asyncio.run(collect())


def utterances(
    engine: Engine, text: str, options: Options | None = None, cancellation: Cancellation | None = None
) -> list[Chunk]:
    """As `speak`, the chunks of each utterance joined into one."""
    made: list[Chunk] = []
    for chunk in speak(engine, text, options, cancellation):
        if made and made[-1].sentence == chunk.sentence:
            made[-1] = joined(made[-1], chunk)
        else:
            made.append(chunk)
    return made


def joined(one: Chunk, next_one: Chunk) -> Chunk:
    """Two chunks of an utterance as one."""
    at = len(one.samples) / one.sample_rate

    def moved(word: WordTiming) -> WordTiming:
        return replace(word, begin_s=word.begin_s + at, end_s=word.end_s + at)

    return replace(
        one,
        samples=np.concatenate((one.samples, next_one.samples)),
        stop=next_one.stop,
        words=(*one.words, *(moved(word) for word in next_one.words)),
        marks=(*one.marks, *(replace(mark, at_s=mark.at_s + at) for mark in next_one.marks)),
        notices=(*one.notices, *next_one.notices),
        last=next_one.last,
    )
