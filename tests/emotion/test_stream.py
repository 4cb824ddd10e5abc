"""Chunks carry the emotion they are spoken with."""

from __future__ import annotations

import asyncio
import json

import pytest

from py_engine.emotion.values import EMOTIONS, given
from py_engine.synthesis.pipeline import Engine
from py_engine.synthesis.values import Chunk, Options
from py_engine.text import ReaderModel
from tests.emotion.shipped import FOLDER, engine, needs_model
from tests.packs.make_silent_pack import pack_files

pytestmark = needs_model
JOY = EMOTIONS.index("joy")
READER = FOLDER.parent / "reader"


async def speaking() -> Engine:
    made = await engine()
    await made.load_voice(*pack_files())
    return made


def speak(text: str, options: Options | None = None) -> list[Chunk]:
    async def run() -> list[Chunk]:
        return [chunk async for chunk in (await speaking()).stream(text, options)]

    return asyncio.run(run())


def test_infer_does_without_the_reader_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tones that taught the emotion model are those of the rules, and reading costs as much as feeling."""

    async def asked(*_: object) -> None:
        raise AssertionError("infer asked the reader model")

    async def run() -> int:
        made = await engine()
        manifest = json.loads((READER / "reader.json").read_text("utf-8"))
        await made.load_model("reader", manifest, (READER / "reader.onnx").read_bytes())
        monkeypatch.setattr(ReaderModel, "hints", asked)
        return len(await made.infer("太好了！他明天来。"))

    assert asyncio.run(run()) == 2


def test_what_is_inferred_is_what_infer_says() -> None:
    text = "太好了！他明天来。"
    inferred = asyncio.run(asyncio.wait_for(infer(text), 60))
    spoken = {chunk.start: chunk.emotion for chunk in speak(text)}
    assert [spoken[start] for start, _ in inferred] == [emotion for _, emotion in inferred]
    first = spoken[0]
    assert first is not None
    assert first.distribution[JOY] == max(first.distribution)


async def infer(text: str) -> list[tuple[int, object]]:
    return [(found.start, found.emotion) for found in await (await engine()).infer(text)]


def test_what_is_given_is_what_is_spoken() -> None:
    for chunk in speak("太好了！他明天来。", Options(emotion={"fear": 0.5}, intensity=0.8)):
        assert chunk.emotion == given({"fear": 0.5}, 0.8)


def test_intensity_zero_is_the_voice_as_it_is() -> None:
    plain = speak("太好了！", Options(emotion="neutral"))
    silent = speak("太好了！", Options(intensity=0))
    assert [len(chunk.samples) for chunk in plain] == [len(chunk.samples) for chunk in silent]
    loud = speak("太好了！", Options(emotion="joy", intensity=1.2))
    assert sum(len(chunk.samples) for chunk in loud) != sum(len(chunk.samples) for chunk in plain)


def test_speech_from_the_middle_has_the_mood_of_the_whole() -> None:
    text = "太好了！我们赢了！他明天来。"
    whole = speak(text)

    async def rest() -> list[Chunk]:
        return [chunk async for chunk in (await speaking()).stream(text, start=9)]

    last = asyncio.run(rest())[-1]
    assert last.emotion is not None
    assert whole[-1].emotion is not None
    assert last.emotion.distribution == pytest.approx(whole[-1].emotion.distribution)
