"""Packs of the kinds matcha and vits through the engine; the models are generated."""

from __future__ import annotations

import asyncio
import copy
import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from py_engine.errors import OPTION_UNSUPPORTED, PHONE_UNMAPPED, RuntimeFailed, VoiceFormat
from py_engine.runtime.native import NativeRuntime
from py_engine.synthesis.level import CEILING
from py_engine.synthesis.pack import read_manifest
from py_engine.synthesis.pipeline import Engine
from py_engine.synthesis.sentence import read_sentences
from py_engine.synthesis.stft import Framing, inverse_stft, window
from py_engine.synthesis.token_voices import place_words
from py_engine.synthesis.tokens import read_tokens, to_tokens
from py_engine.synthesis.values import Chunk, Options
from tests.engine.speech import speak
from tests.packs.make_public_voices import FRAMES, HOP, PAD_FRAMES, Pack, matcha_pack, vits_pack

TEXT = "今天天气真好。我们去公园，好吗？"


def engine_of(pack: Pack) -> Engine:
    engine = Engine(NativeRuntime())
    asyncio.run(engine.load_voice(*pack))
    return engine


def table(**changes: object) -> dict[str, object]:
    empty: dict[str, list[int]] = {"statement": [], "question": [9], "exclamation": []}
    plain: dict[str, object] = {
        "begin": [1, 0], "end": [2], "pad": [0], "pad_after": "token", "between": [], "pause": [8], "erhua": [7],
        "marks": empty, "syllables": {"ni2": [3, 4], "hao3": [5, 6], "hua1": [10]},
    }  # fmt: skip
    return {**plain, **changes}


def ids(text: str, **changes: object) -> list[int]:
    (sentence,) = read_sentences(text)
    return list(to_tokens(sentence, read_tokens(table(**changes))).ids)


def test_tokens_are_padded_as_the_voice_wants_it() -> None:
    assert ids("你好") == [1, 0, 3, 0, 4, 0, 5, 0, 6, 0, 2]
    assert ids("你好", pad_after="unit") == [1, 0, 3, 4, 0, 5, 6, 0, 2]
    assert ids("你好", pad_after="none", between=[11]) == [1, 0, 3, 4, 11, 5, 6, 2]


def test_pauses_marks_and_erhua_have_their_tokens() -> None:
    bare: dict[str, object] = {"pad_after": "none", "begin": [], "end": []}
    assert ids("你好，你好？", **bare) == [3, 4, 5, 6, 8, 3, 4, 5, 6, 9]
    assert ids("花儿", **bare) == [10, 7]


def test_a_syllable_without_tokens_is_reported_with_its_span() -> None:
    (sentence,) = read_sentences("你好吗")
    tokens = to_tokens(sentence, read_tokens(table()))
    assert [(notice.code, notice.start, notice.stop) for notice in tokens.notices] == [(PHONE_UNMAPPED, 2, 3)]
    assert "ma5" in tokens.notices[0].message


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("pad_after", "word", "'word'; expected one of token, unit, none"),
        ("pad", None, "tokens.pad is None"),
        ("begin", [True], "tokens.begin"),
        ("syllables", {"a1": [-1]}, "tokens.a1"),
        ("marks", {}, "tokens.marks.statement is None"),
        ("syllables", [], "syllables"),
    ],
)
def test_a_wrong_table_is_named(field: str, value: object, said: str) -> None:
    with pytest.raises(VoiceFormat, match=said):
        read_tokens(table(**{field: value}))


@pytest.mark.parametrize(("n_fft", "hop", "win"), [(1024, 256, 1024), (512, 128, 400), (16, 4, 16)])
@pytest.mark.parametrize("normalized", [False, True])
def test_the_inverse_transform_gives_the_signal_back(n_fft: int, hop: int, win: int, normalized: bool) -> None:
    framing = Framing(n_fft, hop, win, center=True, normalized=normalized)
    signal = np.random.default_rng(1).standard_normal(hop * 300).astype(np.float32)
    padded = np.pad(signal, n_fft // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop] * window(framing)
    spectra = np.fft.rfft(frames, axis=1) / (np.sqrt(n_fft) if normalized else 1.0)
    np.testing.assert_allclose(inverse_stft(spectra, framing), signal, atol=1e-5)


def test_the_inverse_transform_without_centring_keeps_all_samples() -> None:
    assert len(inverse_stft(np.zeros((5, 9), np.complex64), Framing(16, 4, 16, center=False))) == 4 * 4 + 16
    assert len(inverse_stft(np.zeros((0, 9), np.complex64), Framing(16, 4, 16))) == 0
    with pytest.raises(ValueError, match="8 bins, expected 9"):
        inverse_stft(np.zeros((5, 8), np.complex64), Framing(16, 4, 16))


def test_words_lie_where_their_tokens_do() -> None:
    words, shares = np.array([-1, 0, 0, -1, 2]), np.array([1.0, 1.0, 2.0, 0.0, 4.0])
    times = place_words(3, words, shares, 0.5, 4.5)
    np.testing.assert_allclose(times, [[1.0, 2.5], [2.5, 2.5], [2.5, 4.5]])
    np.testing.assert_allclose(place_words(1, np.array([-1]), np.zeros(1), 0.5, 4.5), [[0.5, 0.5]])


def check_chunks(chunks: list[Chunk], rate: int, estimated: bool) -> None:
    assert [TEXT[chunk.start : chunk.stop] for chunk in chunks] == ["今天天气真好。", "我们去公园，好吗？"]
    for chunk in chunks:
        assert chunk.sample_rate == rate
        assert chunk.samples.dtype == np.float32
        assert 0 < np.abs(chunk.samples).max() <= CEILING
        edges = [edge for word in chunk.words for edge in (word.begin_s, word.end_s)]
        assert edges == sorted(edges)
        assert 0 <= edges[0] < edges[-1] <= len(chunk.samples) / rate
        assert all(word.estimated is estimated for word in chunk.words)


@pytest.mark.parametrize(("vocoder", "rate"), [("vocos", 22050), ("hifigan", 24000)])
@pytest.mark.parametrize("durations", [True, False])
def test_a_matcha_voice_speaks_at_its_own_rate(vocoder: str, rate: int, durations: bool) -> None:
    chunks = speak(engine_of(matcha_pack(vocoder, durations, rate)), TEXT)
    check_chunks(chunks, rate, estimated=not durations)
    stages = {"text", "emotion", "acoustic", "vocoder", "dsp"}
    assert all(set(chunk.timings) == stages for chunk in chunks)


def test_the_models_durations_place_the_words() -> None:
    (chunk,) = speak(engine_of(matcha_pack("hifigan", True, 22050)), "今天")
    # pad, then twice token and pad
    tokens = [PAD_FRAMES, *[FRAMES, PAD_FRAMES] * 2]
    whole = sum(tokens) * HOP / 22050
    begin = PAD_FRAMES * HOP / 22050
    (word,) = chunk.words
    assert (word.begin_s, word.end_s) == pytest.approx((begin, whole), abs=1e-3)
    assert len(chunk.samples) == sum(tokens) * HOP


def test_speed_becomes_the_length_scale() -> None:
    engine = engine_of(matcha_pack("hifigan", True, 22050))
    normal, fast = (speak(engine, "今天天气好", Options(speed=speed))[0] for speed in (1.0, 2.0))
    assert len(fast.samples) == pytest.approx(len(normal.samples) / 2, rel=0.02)
    assert fast.notices == ()


@pytest.mark.parametrize("speakers", [1, 2])
def test_a_vits_voice_speaks_with_each_of_its_speakers(speakers: int) -> None:
    engine = engine_of(vits_pack(speakers))
    infos = engine.voices()
    assert [info.id for info in infos] == ["vits", "vits/person1"][:speakers]
    assert all(info.sample_rate == 22050 and info.controls == ("speed",) for info in infos)
    loudness = [float(np.abs(speak(engine, TEXT, Options(voice=info.id))[0].samples).mean()) for info in infos]
    assert loudness == sorted(set(loudness), reverse=True)
    check_chunks(speak(engine, TEXT), 22050, estimated=False)


def test_a_control_that_the_voice_lacks_is_reported_once() -> None:
    first, second = speak(engine_of(vits_pack(1)), TEXT, Options(pitch=3.0, speed=1.5))
    assert [(notice.code, notice.start, notice.stop) for notice in first.notices] == [(OPTION_UNSUPPORTED, 0, 7)]
    assert "no control of pitch" in first.notices[0].message
    assert second.notices == ()


def test_a_model_whose_durations_do_not_fit_is_reported() -> None:
    manifest, files = matcha_pack("hifigan", False, 22050)
    with pytest.raises(RuntimeFailed, match="gave nothing for durations"):
        speak(engine_of(({**manifest, "durations": True}, files)), "你好")


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("kind",), "kokoro", "of kind 'kokoro'; this engine speaks the kinds source-filter, matcha, vits"),
        (("sample_rate",), 7000, "sample_rate 7000; expected 8000 to 96000"),
        (("sample_rate",), 22050.5, "sample_rate"),
        (("controls",), ["volume"], r"controls are \['volume'\]"),
        (("durations",), None, "durations"),
        (("tokens",), None, "tokens"),
        (("inference", "noise_scale"), "loud", "noise_scale"),
        (("framing",), 5, "framing is 5"),
        (("framing", "hop_length"), 0, "hop_length"),
        (("framing", "win_length"), 2048, "hop_length <= win_length <= n_fft"),
        (("speakers",), [], "default_speaker is 'default'"),
        (("files",), {}, "acoustic"),
    ],
)
def test_a_wrong_manifest_is_named(path: tuple[str, ...], value: object, said: str) -> None:
    manifest = copy.deepcopy(matcha_pack("vocos", True, 22050)[0])
    place: Any = manifest
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(VoiceFormat, match=said):
        read_manifest(manifest)


def test_files_are_verified_as_ever() -> None:
    manifest, files = vits_pack(1)
    described: Mapping[str, object] = manifest["files"]["acoustic"]
    assert described["sha256"] == hashlib.sha256(files["acoustic.onnx"]).hexdigest()
    with pytest.raises(Exception, match=r"voice\.corrupt"):
        engine_of((manifest, {"acoustic.onnx": files["acoustic.onnx"] + b"\0"}))
