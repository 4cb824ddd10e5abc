"""What was spoken, and voices that were exchanged, leave nothing behind."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import sys
from pathlib import Path

import numpy as np
import pytest

from py_engine.runtime.native import NativeRuntime
from py_engine.synthesis.library import CATALOG, read_catalog, read_models, read_pack
from py_engine.synthesis.pipeline import Engine
from py_engine.synthesis.values import Options
from scripts.paths import MODELS

TEXTS = ("你好！", "3.5公里？", "<speak>一<mark name='a'/>二</speak>")


async def speak(engine: Engine, times: int) -> None:
    for number in range(times):
        async for _ in engine.stream(TEXTS[number % len(TEXTS)], Options()):
            pass


def test_three_hundred_utterances_leave_no_object_behind(engine: Engine) -> None:
    blocks = []

    async def go() -> None:
        # NumPy and Python keep small pieces of memory to use again, up to some hundreds of each size.
        await speak(engine, 300)
        for _ in range(16):
            await speak(engine, 20)
            gc.collect()
            blocks.append(sys.getallocatedblocks())

    asyncio.run(go())
    # What is kept to be used again is still filling up in the first half.
    later = blocks[8:]
    slope = float(np.polyfit(20 * np.arange(len(later)), later, 1)[0])
    # One object kept of each utterance would make it 1 or more.
    assert abs(slope) < 0.6, blocks


def resident() -> int:
    """Bytes, once free memory has gone back to the system."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * 4096


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux")
def test_ten_changes_of_voice_do_not_grow() -> None:
    """The released voices, and the models of the front end beside them."""
    if not (MODELS / CATALOG).exists() or len(read_catalog(MODELS).voices) < 2:
        pytest.skip("needs two voices")
    sizes = []

    async def go() -> None:
        engine, catalog = Engine(NativeRuntime(arena=False)), read_catalog(MODELS)
        for name, manifest, model in read_models(MODELS):
            await engine.load_model(name, manifest, model)
        for number in range(12):
            entry = catalog.voices[number % 2]
            held = {info.id.split("/")[0] for info in engine.voices()}
            for other in held:
                engine.release_voice(other)
            await engine.load_voice(*read_pack(MODELS, entry))
            await speak(engine, 4)
            sizes.append(resident())

    asyncio.run(go())
    # The same voice, first and last of ten changes; a pack is 2 to 6 MB as a file, and twice that in memory.
    assert sizes[11] - sizes[1] < 2_500_000, sizes
    assert sizes[10] - sizes[0] < 2_500_000, sizes
