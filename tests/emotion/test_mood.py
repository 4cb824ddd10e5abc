"""Carry-over from sentence to sentence, with a session whose answers are known."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import numpy as np
import pytest

from py_engine.emotion.model import CACHED, EmotionModel
from py_engine.emotion.mood import Mood, blend, lingering
from py_engine.emotion.signs import UNSHOWN
from py_engine.emotion.values import EMOTIONS, Emotion, given
from py_engine.errors import EMOTION_FAILED, RuntimeFailed
from py_engine.runtime.base import Tensors
from py_engine.synthesis.feeling import Feeling
from py_engine.synthesis.sentence import read_sentences
from py_engine.synthesis.values import Options

JOY, ANGER = EMOTIONS.index("joy"), EMOTIONS.index("anger")
SYMBOLS = "喜怒平。“”"
ANSWERS = {"喜": "joy", "怒": "anger"}


class Session:
    """Feels what the first symbol says."""

    def __init__(self) -> None:
        self.asked: list[dict[str, list[int]]] = []

    async def run(self, feeds: Tensors) -> Mapping[str, np.ndarray]:
        self.asked.append({name: list(array[0]) for name, array in feeds.items()})
        index = int(feeds["symbols"][0, 1]) - 5
        name = ANSWERS.get(SYMBOLS[index], "neutral")
        weights = np.full((1, 6), 0.02, np.float32)
        weights[0, EMOTIONS.index(name)] = 0.9
        strength = np.array([1.0 if name != "neutral" else 0.02], np.float32)
        return {"distribution": weights, "valence": np.array([0.5], np.float32), "intensity": strength}

    def release(self) -> None:
        pass


class Broken(Session):
    async def run(self, feeds: Tensors) -> Mapping[str, np.ndarray]:
        raise RuntimeFailed(f"it broke at {list(feeds)}")


def model(session: Session | None = None) -> EmotionModel:
    return EmotionModel({"symbols": SYMBOLS, "buckets": 64, "emotions": list(EMOTIONS)}, session or Session())  # type: ignore[arg-type]


def felt(text: str) -> list[Emotion]:
    """Of every part of the text."""

    async def read() -> list[Emotion]:
        mood = Mood(model())
        return [await mood.feel(part) for sentence in read_sentences(text) for part in sentence.parts]

    return asyncio.run(read())


def test_an_emotion_lingers_and_fades() -> None:
    joy = [emotion.distribution[JOY] for emotion in felt("喜。平。平。平。平。")]
    assert joy == sorted(joy, reverse=True)
    assert joy[0] > 0.9 - 1e-6
    assert 0.3 < joy[1] < 0.75
    assert joy[4] < 0.3
    strength = [emotion.distribution[JOY] * emotion.intensity for emotion in felt("喜。平。平。平。平。")]
    assert strength == sorted(strength, reverse=True)


def test_one_neutral_sentence_does_not_make_a_paragraph_flicker() -> None:
    steady = [emotion.distribution[JOY] for emotion in felt("喜。平。喜。平。喜。")]
    assert min(steady) > 0.4


def test_a_strong_emotion_of_its_own_goes_before_what_lingers() -> None:
    _, anger = felt("喜。怒。")
    assert anger.distribution[ANGER] > 0.8
    assert anger.distribution[JOY] < 0.1


def test_a_paragraph_begins_anew() -> None:
    assert felt("喜。\n平。")[1] == felt("平。")[0]


def test_narrator_and_characters_keep_their_emotions() -> None:
    alone = felt("平。")[0]
    narrator, character = felt("喜。“平。”")
    assert narrator.distribution[JOY] > 0.8
    assert character == alone
    angry, narrator = felt("“怒。”平。")
    assert angry.distribution[ANGER] > 0.8
    assert narrator == alone
    assert felt("喜。“怒。”平。")[2].distribution[JOY] == felt("喜。平。")[1].distribution[JOY]


def test_a_narrator_announces_how_something_is_said() -> None:
    angry, plain = (felt(f"{said}：“平。”“平。”") for said in ("他怒吼道", "他小声说"))
    assert angry[1].distribution[ANGER] > 2 * plain[1].distribution[ANGER]
    # What comes after it has only what lingers.
    assert angry[2].distribution[ANGER] < angry[1].distribution[ANGER]


def test_the_context_is_that_of_the_same_world() -> None:
    session = Session()

    async def read() -> None:
        mood = Mood(model(session))
        for sentence in read_sentences("平。“喜。”怒。“平。”"):
            for part in sentence.parts:
                await mood.feel(part)

    asyncio.run(read())
    # [CLS] 怒。 [SEP] 平。 [SEP]: the narrator before, as the same voice; then the quotations, as another.
    assert session.asked[2]["segments"] == [0, 0, 0, 0, 1, 1, 1]
    assert session.asked[3]["segments"] == [0, 0, 0, 0, 2, 2, 2]


def test_estimates_are_kept_within_bounds() -> None:
    session = Session()
    kept = model(session)

    async def read(text: str) -> None:
        mood = Mood(kept)
        for sentence in read_sentences(text):
            for part in sentence.parts:
                await mood.feel(part)

    asyncio.run(read("喜。"))
    asyncio.run(read("喜。"))
    assert len(session.asked) == 1
    for number in range(CACHED + 5):
        asyncio.run(read("平" * (number + 1) + "。" if number < 40 else chr(0x4E00 + number) + "。"))
    asyncio.run(read("喜。"))
    assert len(kept._known) == CACHED
    assert session.asked[-1]["symbols"][1] == 5


def test_intensity_of_the_options_scales_what_is_inferred() -> None:
    (sentence,) = read_sentences("喜。")

    def strength(intensity: float) -> float:
        emotion = asyncio.run(Feeling(Options(intensity=intensity), model()).of(sentence)).emotion
        assert emotion is not None
        return emotion.intensity

    # Nothing in the words shows the feeling, so that it is voiced less.
    assert strength(1.0) == pytest.approx(UNSHOWN)
    assert strength(0.25) == pytest.approx(0.25 * UNSHOWN)
    assert strength(1.2) == pytest.approx(1.2 * UNSHOWN)


def test_a_given_emotion_asks_no_model() -> None:
    session = Session()
    (sentence,) = read_sentences("喜。")
    assert asyncio.run(Feeling(Options(emotion="anger"), model(session)).of(sentence)).emotion == given("anger")
    assert session.asked == []


def test_a_sentence_with_a_quotation_has_an_emotion_per_syllable() -> None:
    (sentence,) = read_sentences("平平：“怒。")
    done = asyncio.run(Feeling(Options(), model()).of(sentence))
    assert [emotion and emotion.distribution[ANGER] > 0.5 for emotion in done.own_emotions] == [False, False, True]
    assert done.emotion is not None
    assert 0.2 < done.emotion.distribution[ANGER] < 0.4


def test_a_model_that_fails_leaves_neutral_speech_and_a_notice() -> None:
    (sentence,) = read_sentences("喜。")
    done = asyncio.run(Feeling(Options(), model(Broken())).of(sentence))
    assert done.emotion is None
    assert [notice.code for notice in done.notices] == [EMOTION_FAILED]


def test_blending_keeps_the_sum() -> None:
    mixed = blend((given("joy"), given("anger", 0.5)), (3, 1))
    assert mixed.distribution[JOY] == pytest.approx(0.75)
    assert mixed.intensity == pytest.approx(0.875)
    assert lingering(given("joy"), None) == given("joy")
    assert lingering(given("joy"), given("neutral")) == given("joy")


def test_a_manifest_of_another_engine_is_refused() -> None:
    with pytest.raises(RuntimeFailed, match="other emotions"):
        EmotionModel({"symbols": SYMBOLS, "buckets": 64, "emotions": ["happy"]}, Session())  # type: ignore[arg-type]
