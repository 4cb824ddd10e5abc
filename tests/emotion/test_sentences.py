"""What the shipped model makes of 48 sentences that were written for this test and are in no training set.

`python -m tests.emotion.test_sentences` prints the table.
"""

from __future__ import annotations

from pathlib import Path

from py_engine.emotion.values import EMOTIONS, Emotion
from tests.emotion.shipped import engine, needs_model

pytestmark = needs_model
SENTENCES = Path(__file__).with_name("sentences.tsv")


def cases() -> list[tuple[str, tuple[str, ...]]]:
    """Sentences, and what may be heard in them."""
    rows = (line.split("\t") for line in SENTENCES.read_text("utf-8").splitlines())
    return [(text, tuple(names.split())) for text, names in rows]


async def read(texts: list[str]) -> list[Emotion]:
    loaded = await engine()
    return [(await loaded.infer(text))[0].emotion for text in texts]


def likeliest(emotion: Emotion) -> str:
    return max(zip(emotion.distribution, EMOTIONS, strict=True))[1]


def strength(emotion: Emotion) -> float:
    """How far from neutral it sounds."""
    return (1 - emotion.distribution[0]) * emotion.intensity
