"""Emotion, intensity and style on their way from the options and the mark-up to the sentence."""

from __future__ import annotations

import asyncio

import pytest

from py_engine.emotion.values import EMOTIONS, given
from py_engine.errors import OptionInvalid
from py_engine.synthesis.feeling import Feeling
from py_engine.synthesis.sentence import Sentence, read_sentences
from py_engine.synthesis.values import Options


def feel(sentence: Sentence, options: Options) -> Sentence:
    return asyncio.run(Feeling(options, None).of(sentence))


@pytest.mark.parametrize("emotion", ["auto", *EMOTIONS, {"joy": 0.7, "surprise": 0.3}, {}])
def test_good_emotions(emotion: object) -> None:
    assert Options.from_mapping({"emotion": emotion, "intensity": 1.2, "style": "news"}).emotion == emotion


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"emotion": "happy"}, "happy"),
        ({"emotion": None}, "None"),
        ({"emotion": ["joy"]}, "joy"),
        ({"emotion": {"happy": 1}}, "happy"),
        ({"emotion": {"joy": 1.5}}, "weight of joy"),
        ({"emotion": {"joy": "much"}}, "weight of joy"),
        ({"emotion": {"joy": float("nan")}}, "weight of joy"),
        ({"emotion": {"joy": 10**400}}, "weight of joy"),
        ({"intensity": 1.3}, "intensity"),
        ({"speed": 10**400}, "speed"),
        ({"pitch": -(10**400)}, "pitch"),
        ({"pitch": float("-inf")}, "pitch"),
        ({"intensity": -0.1}, "intensity"),
        ({"intensity": True}, "intensity"),
        ({"style": ""}, "style"),
        ({"style": 3}, "style"),
    ],
)
def test_bad_options_say_what_was_got(options: dict[str, object], named: str) -> None:
    with pytest.raises(OptionInvalid, match=named):
        Options.from_mapping(options)


def test_a_given_emotion_reaches_the_sentence_with_its_intensity() -> None:
    (sentence,) = read_sentences("太好了！")
    assert feel(sentence, Options(emotion="joy", intensity=0.4)).emotion == given("joy", 0.4)
    assert feel(sentence, Options()).emotion is None


def test_mark_up_overrides_syllable_by_syllable() -> None:
    text = '<speak>我<emotion name="joy" intensity="0.5">很高兴</emotion>，你呢</speak>'
    (sentence,) = read_sentences(text)
    sentence = feel(sentence, Options(emotion="sadness", intensity=0.5))
    assert sentence.phone_emotions[0] == sentence.emotion == given("sadness", 0.5)
    assert len(sentence.phone_emotions) == len(sentence.phones)
    own = [emotion for emotion in sentence.own_emotions if emotion]
    assert len(own) == 3
    assert all(emotion.intensity == 0.25 and emotion.distribution == given("joy").distribution for emotion in own)
    inside = {emotion.intensity for emotion in sentence.phone_emotions if emotion and emotion.distribution[1] == 1}
    assert inside == {0.25}


def test_plain_text_has_no_own_emotions() -> None:
    (sentence,) = read_sentences("今天星期三。")
    assert sentence.own_emotions == ()
    assert set(sentence.phone_emotions) == {None}
