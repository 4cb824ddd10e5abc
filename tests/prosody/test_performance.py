"""Emotion and style through the whole engine, with the silent voice and one that plans its own pitch."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from numpy.typing import NDArray

from py_engine.errors import OPTION_UNSUPPORTED
from py_engine.runtime.native import NativeRuntime
from py_engine.synthesis.pipeline import Engine
from py_engine.synthesis.values import Chunk, Options
from tests.engine.speech import utterances
from tests.engine.test_excitation import measured_f0
from tests.packs.make_public_voices import matcha_pack

TEXT = "啊啊啊啊，啊啊啊啊。"


def spoken(engine: Engine, text: str = TEXT, **options: object) -> Chunk:
    return utterances(engine, text, Options.from_mapping(options))[0]


def seconds(chunk: Chunk) -> float:
    return chunk.words[-1].end_s - chunk.words[0].begin_s


def level(samples: NDArray[np.float32]) -> float:
    return float(20 * np.log10(np.sqrt((samples**2).mean())))


@pytest.fixture(scope="module")
def public_voice() -> Engine:
    made = Engine(NativeRuntime())
    asyncio.run(made.load_voice(*matcha_pack("vocos", True, 16_000)))
    return made


@pytest.mark.parametrize("emotion", ["joy", "sadness", "anger", "fear", "surprise"])
def test_intensity_0_is_neutral_sample_by_sample(engine: Engine, emotion: str) -> None:
    neutral = spoken(engine, emotion="neutral")
    assert (spoken(engine, emotion=emotion, intensity=0).samples == neutral.samples).all()
    assert (spoken(engine, emotion={emotion: 0.0}).samples == neutral.samples).all()
    felt = spoken(engine, emotion=emotion)
    assert len(felt.samples) != len(neutral.samples) or (felt.samples != neutral.samples).any()


def test_sadness_is_slower_softer_and_lower_the_more_of_it(engine: Engine) -> None:
    made = [spoken(engine, emotion="sadness", intensity=intensity) for intensity in (0, 0.4, 0.8, 1.2)]
    assert (np.diff([seconds(chunk) for chunk in made]) > 0).all()
    assert (np.diff([level(chunk.samples) for chunk in made]) < -1).all()
    first = [chunk.samples[: round(chunk.words[0].end_s * chunk.sample_rate)] for chunk in made]
    assert (np.diff([measured_f0(samples, 115.0) for samples in first]) < 0).all()


def test_joy_asks_35_percent_of_an_exclamation(engine: Engine) -> None:
    plain, glad = (spoken(engine, "太好了！", emotion=emotion) for emotion in ("neutral", "joy"))
    assert seconds(glad) / seconds(plain) == pytest.approx(0.88, abs=0.03)
    middle = [
        chunk.samples[
            slice(*(round(edge * chunk.sample_rate) for edge in (chunk.words[0].begin_s, chunk.words[0].end_s)))
        ]
        for chunk in (plain, glad)
    ]
    pitch = [measured_f0(samples, expected) for samples, expected in zip(middle, (127.0, 170.0), strict=True)]
    assert pitch[1] / pitch[0] == pytest.approx(1.35, abs=0.04)


def test_the_pause_after_a_sentence_is_felt_too_unless_it_is_exact(engine: Engine) -> None:
    def rest(text: str, **options: object) -> float:
        chunk = utterances(engine, text, Options.from_mapping(options))[0]
        return len(chunk.samples) / chunk.sample_rate - chunk.words[-1].end_s

    assert rest("好。好。", emotion="sadness") > 1.15 * rest("好。好。")
    exact = '<speak>好<break time="1500ms"/>好</speak>'
    assert rest(exact, emotion="sadness") == pytest.approx(rest(exact), abs=0.03)


def test_a_span_of_the_mark_up_is_felt_alone(engine: Engine) -> None:
    plain = spoken(engine, "<speak>啊啊啊啊，啊啊啊啊</speak>")
    sad = spoken(engine, '<speak>啊啊啊啊，<emotion name="sadness">啊啊啊啊</emotion></speak>')

    def half(chunk: Chunk, first: bool) -> NDArray[np.float32]:
        middle = round((chunk.words[0].end_s if first else chunk.words[-1].begin_s) * chunk.sample_rate)
        return chunk.samples[:middle] if first else chunk.samples[middle:]

    assert level(half(sad, True)) == pytest.approx(level(half(plain, True)), abs=1.0)
    assert level(half(sad, False)) < level(half(plain, False)) - 2.5


def test_a_public_voice_follows_tempo_and_loudness_and_says_once_what_it_does_not(public_voice: Engine) -> None:
    plain = spoken(public_voice)
    assert plain.notices == ()
    chunks = utterances(public_voice, TEXT * 3, Options(emotion="sadness"))
    assert [notice.code for chunk in chunks for notice in chunk.notices] == [OPTION_UNSUPPORTED]
    assert seconds(chunks[0]) > 1.08 * seconds(plain)
    assert level(chunks[0].samples) < level(plain.samples) - 2
    zero = spoken(public_voice, emotion="sadness", intensity=0)
    # the pack draws noise of its own, so that only its tempo repeats
    assert len(zero.samples) == len(plain.samples)
