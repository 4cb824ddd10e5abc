"""Running the engine from a test."""

from __future__ import annotations

import asyncio

from py_engine.synthesis.pipeline import Engine
from py_engine.synthesis.values import Cancellation, Chunk, Options


def speak(
    engine: Engine, text: str, options: Options | None = None, cancellation: Cancellation | None = None
) -> list[Chunk]:
    """All chunks of a text."""

    async def collect() -> list[Chunk]:
        return [chunk async for chunk in engine.stream(text, options, cancellation)]

    return asyncio.run(collect())
