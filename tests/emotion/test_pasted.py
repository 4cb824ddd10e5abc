"""Pasted texts of everyday kinds: what is heard in them with the shipped model and the signs of the text."""

from __future__ import annotations

import asyncio

import pytest

from py_engine.emotion.values import NEUTRAL
from tests.emotion import pasted
from tests.emotion.shipped import engine, needs_model

pytestmark = needs_model


@pytest.fixture(scope="module")
def found() -> list[pasted.Read]:
    async def run() -> list[pasted.Read]:
        return await pasted.read(await engine())

    return asyncio.run(run())


# Some sentences fewer than are right; other processors round other probabilities of INT8.
def test_most_are_heard_as_a_reader_would_voice_them(found: list[pasted.Read]) -> None:
    assert pasted.right(found) > 0.9
    assert pasted.felt_rightly(found) > 0.76
    assert pasted.felt_wrongly(found) < 0.08


def test_plain_text_stays_plain(found: list[pasted.Read]) -> None:
    assert pasted.falsely_felt(found) < 0.035
    news = [one for one in found if one.kind == "news" and one.right == (NEUTRAL,)]
    assert sum(one.heard != NEUTRAL for one in news) <= 2
    assert max(one.loudest[0] for one in news) < 0.5


def test_stronger_words_sound_stronger(found: list[pasted.Read]) -> None:
    async def run() -> dict[str, list[bool]]:
        return await pasted.climb(await engine())

    rising = [step for steps in asyncio.run(run()).values() for step in steps]
    assert sum(rising) >= len(rising) - 5
    assert pasted.order(found) > 0.72
