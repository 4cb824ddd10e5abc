"""What mark-up does to the sound."""

from __future__ import annotations

import numpy as np
import pytest

from py_engine.errors import EMOTION_UNSUPPORTED, LanguageUnsupported, LexiconEntryInvalid, MarkupError, OptionInvalid
from py_engine.synthesis.pipeline import Engine
from py_engine.synthesis.values import Options
from tests.engine.speech import speak, utterances
from tests.engine.test_excitation import measured_f0


def length(engine: Engine, text: str) -> float:
    (chunk,) = utterances(engine, text)
    return chunk.words[-1].end_s - chunk.words[0].begin_s


def test_rate_changes_only_what_it_is_about(engine: Engine) -> None:
    (plain,) = utterances(engine, "今天天气很好")
    (slow,) = utterances(engine, '<speak>今天<prosody rate="50%">天气</prosody>很好</speak>')
    before = [word.end_s - word.begin_s for word in plain.words]
    after = [word.end_s - word.begin_s for word in slow.words]
    assert after[1] == pytest.approx(2 * before[1], abs=0.02)
    assert after[0] == pytest.approx(before[0], abs=0.02)
    assert after[2] == pytest.approx(before[2], abs=0.02)


def test_pitch_moves_by_semitones(engine: Engine) -> None:
    def pitch(text: str, expected: float) -> float:
        (chunk,) = utterances(engine, text)
        word = chunk.words[0]
        first, last = (round(edge * chunk.sample_rate) for edge in (word.begin_s, word.end_s))
        return measured_f0(chunk.samples[first:last], expected)

    plain, high = pitch("啊", 120.0), pitch('<speak><prosody pitch="+7st">啊</prosody></speak>', 180.0)
    assert 12 * np.log2(high / plain) == pytest.approx(7, abs=0.3)


def test_volume(engine: Engine) -> None:
    (plain,) = utterances(engine, "啊")
    (soft,) = utterances(engine, '<speak><prosody volume="-20dB">啊</prosody></speak>')
    (silent,) = utterances(engine, '<speak><prosody volume="silent">啊</prosody></speak>')
    assert np.abs(soft.samples).max() == pytest.approx(np.abs(plain.samples).max() / 10, rel=0.1)
    assert np.abs(silent.samples).max() < 1e-4


def test_breaks_have_their_length_at_any_speed(engine: Engine) -> None:
    for speed in (0.5, 1.0, 2.0):
        (chunk,) = utterances(engine, '<speak>你好<break time="400ms"/>世界</speak>', Options(speed=speed))
        gap = chunk.words[1].begin_s - chunk.words[0].end_s
        assert gap == pytest.approx(0.4, abs=0.02)
        first, _ = utterances(engine, '<speak>你好<break time="1500ms"/>世界</speak>', Options(speed=speed))
        rest = len(first.samples) / first.sample_rate - first.words[-1].end_s
        assert rest == pytest.approx(1.5, abs=0.15)


def test_a_break_before_the_first_sound_is_silence(engine: Engine) -> None:
    silence, *rest = speak(engine, '<speak><break time="600ms"/>你好</speak>')
    spoken = rest[0]
    assert len(silence.samples) == round(0.6 * silence.sample_rate)
    assert not silence.samples.any()
    assert (silence.index, spoken.index) == (0, 1)
    assert silence.start == silence.stop == spoken.start
    assert [word.text for word in spoken.words] == ["你好"]
    assert rest[-1].last
    assert not silence.last
    assert speak(engine, '<speak><break strength="none"/>你好</speak>')[0].words


def test_marks_come_with_times(engine: Engine) -> None:
    text = '<speak>你好<mark name="a"/>，世界<mark name="b"/>真<mark name="c"/>大。</speak>'
    (chunk,) = utterances(engine, text)
    assert [mark.name for mark in chunk.marks] == ["a", "b", "c"]
    assert chunk.marks[0].at_s == pytest.approx(chunk.words[0].end_s)
    assert chunk.marks[1].at_s == pytest.approx(chunk.words[2].begin_s)
    assert text[chunk.marks[2].start : chunk.marks[2].stop] == '<mark name="c"/>'
    assert all(text[word.start : word.stop] == word.text for word in chunk.words)


def test_emphasis_takes_longer(engine: Engine) -> None:
    plain = length(engine, "天气")
    assert length(engine, '<speak><emphasis level="strong">天气</emphasis></speak>') > 1.1 * plain
    assert length(engine, '<speak><emphasis level="reduced">天气</emphasis></speak>') < plain


def test_an_unknown_emotion_is_reported(engine: Engine) -> None:
    (chunk,) = utterances(engine, '<speak><emotion name="happy">天气</emotion><emotion name="joy">好</emotion></speak>')
    assert [(notice.code, notice.text) for notice in chunk.notices] == [(EMOTION_UNSUPPORTED, "天")]


def test_the_option(engine: Engine) -> None:
    with pytest.raises(MarkupError):
        utterances(engine, "<speak>你好")
    assert len(utterances(engine, "<speak>你好", Options(markup="none"))) == 1
    with pytest.raises(OptionInvalid):
        Options(markup="xml")


def test_words_of_the_session_and_of_the_call(engine: Engine) -> None:
    (usual,) = utterances(engine, "WHO")
    engine.lexicon.add("WHO", "世界卫生组织")
    (longer,) = utterances(engine, "WHO")
    (shorter,) = utterances(engine, "WHO", Options(lexicon={"WHO": "hu2"}))
    assert len(longer.samples) > len(usual.samples) > len(shorter.samples)
    assert (longer.words[0].text, longer.words[0].start, longer.words[0].stop) == ("WHO", 0, 3)
    with pytest.raises(LexiconEntryInvalid):
        Options(lexicon={"WHO": "hu"})


def test_emoji_and_languages_are_options(engine: Engine) -> None:
    assert utterances(engine, "好👍", Options(emoji="name"))[0].words[-1].text == "👍"
    spelt = utterances(engine, "you", Options.from_mapping({"languages": ["zh-CN"]}))[0]
    assert len(spelt.samples) > len(utterances(engine, "you")[0].samples)
    with pytest.raises(LanguageUnsupported):
        Options(languages=("fr",))
    for wrong in ({"emoji": "draw"}, {"languages": "zh"}, {"languages": [1]}):
        with pytest.raises(OptionInvalid):
            Options.from_mapping(wrong)
