"""What the shipped model makes of 48 sentences that were written for this test and are in no training set.

`python -m tests.emotion.test_sentences` prints the table.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from py_engine.emotion.values import EMOTIONS, Emotion
from tests.emotion.shipped import engine, needs_model

pytestmark = needs_model
SENTENCES = Path(__file__).with_name("sentences.tsv")
# Two in three; chance is one in six.
LEAST = 32


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


def test_most_are_heard_as_they_are_meant() -> None:
    wanted = cases()
    found = [likeliest(emotion) for emotion in asyncio.run(read([text for text, _ in wanted]))]
    right = [name in names for name, (_, names) in zip(found, wanted, strict=True)]
    assert sum(right) >= LEAST


def test_every_emotion_is_found() -> None:
    wanted = cases()
    found = asyncio.run(read([text for text, _ in wanted]))
    hits = {
        likeliest(emotion) for emotion, (_, names) in zip(found, wanted, strict=True) if likeliest(emotion) in names
    }
    assert hits == set(EMOTIONS)


def test_plain_statements_sound_plainer_than_feeling() -> None:
    wanted = cases()
    found = [strength(emotion) for emotion in asyncio.run(read([text for text, _ in wanted]))]
    plain = [value for value, (_, names) in zip(found, wanted, strict=True) if names == ("neutral",)]
    felt = [value for value, (_, names) in zip(found, wanted, strict=True) if "neutral" not in names]
    assert sum(plain) / len(plain) < 0.5 * sum(felt) / len(felt)


def main() -> None:
    wanted = cases()
    found = asyncio.run(read([text for text, _ in wanted]))
    right = 0
    for emotion, (text, names) in zip(found, wanted, strict=True):
        right += likeliest(emotion) in names
        weights = " ".join(f"{weight:.2f}" for weight in emotion.distribution)
        mark = " " if likeliest(emotion) in names else "!"
        print(f"{mark} {likeliest(emotion):9} {weights}  strength {strength(emotion):.2f}  {text} ({'/'.join(names)})")
    print(f"{right} of {len(wanted)}")


if __name__ == "__main__":
    main()
