from __future__ import annotations

import asyncio
import math

import numpy as np
import pytest

from py_engine.errors import Cancelled, OptionInvalid, RuntimeFailed, TextEmpty, TextTooLong, VoiceNotFound
from py_engine.runtime.native import NativeRuntime
from py_engine.synthesis.level import CEILING, KEEP_BEFORE
from py_engine.synthesis.pipeline import Engine
from py_engine.synthesis.values import Cancellation, Options
from tests.engine.conftest import Pack
from tests.engine.speech import utterances
from tests.engine.test_excitation import measured_f0

TEXT = "今天天气真好。我们去公园吧！你说，好不好？"
SYLLABLE_S = 16 * 0.0125  # initial and final, 8 frames each


def test_one_chunk_per_utterance_spans_in_order(engine: Engine) -> None:
    chunks = utterances(engine, TEXT)
    assert [chunk.index for chunk in chunks] == [0, 1, 2]
    assert [chunk.last for chunk in chunks] == [False, False, True]
    assert [TEXT[chunk.start : chunk.stop] for chunk in chunks] == [
        "今天天气真好。",
        "我们去公园吧！",
        "你说，好不好？",
    ]
    for chunk in chunks:
        assert chunk.samples.dtype == np.float32
        assert chunk.sample_rate == 16000
        assert np.abs(chunk.samples).max() <= CEILING
        assert set(chunk.timings) == {"text", "emotion", "prosody", "decoder", "dsp"}
        assert all(seconds >= 0 for seconds in chunk.timings.values())


def test_word_timings_follow_the_durations(engine: Engine) -> None:
    (chunk,) = utterances(engine, "今天天气很好。")
    assert [(word.text, word.start, word.stop) for word in chunk.words][:2] == [("今天", 0, 2), ("天气", 2, 4)]
    assert chunk.words[0].begin_s == pytest.approx(KEEP_BEFORE, abs=0.005)
    first = chunk.words[0]
    assert first.end_s - first.begin_s == pytest.approx(2 * SYLLABLE_S)


def test_timings_are_monotone_and_inside_the_sound(engine: Engine) -> None:
    for chunk in utterances(engine, TEXT):
        edges = [edge for word in chunk.words for edge in (word.begin_s, word.end_s)]
        assert edges == sorted(edges)
        assert edges[0] >= 0
        assert edges[-1] <= len(chunk.samples) / chunk.sample_rate
        assert all(TEXT[word.start : word.stop] == word.text for word in chunk.words)


def test_the_sound_has_the_speakers_pitch(engine: Engine) -> None:
    for voice, hertz in (("silent", 120.0), ("silent/low", 120.0), ("silent/high", 220.0)):
        (chunk,) = utterances(engine, "啊", Options(voice=voice))
        word = chunk.words[0]
        start, stop = (int(chunk.sample_rate * second) for second in (word.begin_s, word.end_s))
        assert measured_f0(chunk.samples[start:stop], hertz) == pytest.approx(hertz, rel=0.01)


def test_pitch_moves_what_is_heard(engine: Engine) -> None:
    (chunk,) = utterances(engine, "啊", Options(pitch=12.0))
    assert measured_f0(chunk.samples, 240.0) == pytest.approx(240.0, rel=0.01)


def test_speed_changes_the_length(engine: Engine) -> None:
    normal, fast, slow = (
        utterances(engine, "今天天气很好。", Options(speed=speed))[0].words for speed in (1.0, 2.0, 0.5)
    )
    span = normal[-1].end_s - normal[0].begin_s
    # pauses at the ends take a little more of the change than the speech between them
    assert fast[-1].end_s - fast[0].begin_s == pytest.approx(span / 2, rel=0.08)
    assert slow[-1].end_s - slow[0].begin_s == pytest.approx(span * 2, rel=0.08)


def test_the_pause_of_the_text_follows_the_sentence(engine: Engine) -> None:
    first, last = utterances(engine, "你好。你好。")
    assert len(first.samples) > len(last.samples)
    assert not first.samples[len(last.samples) + 100 :].any()


def test_the_same_text_sounds_the_same(engine: Engine) -> None:
    for one, two in zip(utterances(engine, TEXT), utterances(engine, TEXT), strict=True):
        np.testing.assert_array_equal(one.samples, two.samples)


def test_notices_come_with_their_sentence(engine: Engine) -> None:
    chunks = utterances(engine, "你好。\u13a0再见。")
    assert [notice.start for chunk in chunks for notice in chunk.notices] == [3]
    assert chunks[1].notices[0].code == "text.unknown_character"


@pytest.mark.parametrize("text", ["", "   ", "。，！"])
def test_a_text_without_speech_is_refused(engine: Engine, text: str) -> None:
    with pytest.raises(TextEmpty):
        utterances(engine, text)


def test_a_text_that_is_too_long_is_refused(engine: Engine) -> None:
    with pytest.raises(TextTooLong, match="5001"):
        utterances(engine, "好" * 5001)


def test_an_unknown_voice_is_refused_with_the_known_ones(engine: Engine) -> None:
    with pytest.raises(VoiceNotFound, match=r"'loud'.*silent, silent/high"):
        utterances(engine, "你好", Options(voice="loud"))
    with pytest.raises(VoiceNotFound, match="no voice is loaded"):
        utterances(Engine(NativeRuntime()), "你好")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"speed": 0.49}, "speed is 0.49, expected a number from 0.5 to 2"),
        ({"speed": 2.01}, "speed"),
        ({"speed": "fast"}, "'fast'"),
        ({"speed": True}, "True"),
        ({"speed": math.nan}, "nan"),
        ({"pitch": -13}, "pitch is -13, expected a number from -12 to 12"),
        ({"pitch": None}, "None"),
        ({"voice": 3}, "voice is 3"),
        ({"volume": 1}, "volume"),
        ("loud", "'loud', expected an object"),
    ],
)
def test_wrong_options_name_what_was_got_and_expected(given: object, said: str) -> None:
    with pytest.raises(OptionInvalid, match=said) as caught:
        Options.from_mapping(given)
    assert caught.value.code == "option.invalid"


def test_a_cancelled_request_stops(engine: Engine) -> None:
    cancellation = Cancellation()

    async def run() -> int:
        count = 0
        async for _ in engine.stream(TEXT, cancellation=cancellation):
            count += 1
            cancellation.cancel()
        return count

    with pytest.raises(Cancelled):
        asyncio.run(run())
    with pytest.raises(Cancelled):
        utterances(engine, TEXT, cancellation=cancellation)


def test_closing_early_and_releasing_meanwhile_are_clean(engine: Engine) -> None:
    async def run() -> None:
        chunks = engine.stream(TEXT)
        await anext(chunks)
        engine.release_voice("silent")  # the stream still holds it
        await anext(chunks)
        await chunks.aclose()

    asyncio.run(run())
    assert engine.voices() == []


def test_a_cancelled_task_lets_go_of_the_voice(engine: Engine) -> None:
    async def run() -> None:
        async def forever() -> None:
            while True:
                async for _ in engine.stream(TEXT):
                    pass

        task = asyncio.create_task(forever())
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert len(utterances(engine, "你好。")) == 1


def test_streams_may_overlap(engine: Engine) -> None:
    async def collect(text: str) -> int:
        return len([chunk async for chunk in engine.stream(text)])

    async def run() -> list[int]:
        return list(await asyncio.gather(collect(TEXT), collect("你好。"), collect("早。晚。")))

    assert asyncio.run(run()) == [3, 1, 2]


def test_a_model_that_breaks_the_agreement_is_reported(silent_pack: Pack) -> None:
    manifest, files = silent_pack
    engine = Engine(NativeRuntime())
    # the acoustic model's file in the prosody model's place: inputs that do not fit
    swapped = {**manifest, "files": {**_files(manifest), "prosody": _files(manifest)["decoder"]}}
    asyncio.run(engine.load_voice(swapped, files))
    with pytest.raises(RuntimeFailed, match=r"silent/decoder\.onnx"):
        utterances(engine, "你好")


def _files(manifest: dict[str, object]) -> dict[str, object]:
    files = manifest["files"]
    assert isinstance(files, dict)
    return files


def test_a_released_model_says_so(silent_pack: Pack) -> None:
    async def run() -> None:
        session = await NativeRuntime().load("prosody", silent_pack[1]["prosody.onnx"])
        session.release()
        session.release()
        await session.run({})

    with pytest.raises(RuntimeFailed, match="released"):
        asyncio.run(run())
