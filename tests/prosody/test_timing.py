"""The trees inside the shipped prosody model: they time the syllables, the network shares that among their phones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime  # type: ignore[import-untyped]
import pytest
from numpy.typing import NDArray

from py_engine.synthesis.sentence import read_sentences
from py_engine.text import PhoneSequence

PACK = Path(__file__).resolve().parents[2] / "models/qingsheng/prosody.onnx"
TEXTS = (
    "从前有一座山，山上有一座庙，庙里有一位老和尚，正在给小和尚讲故事。",
    "小孩儿在这儿玩儿，一点儿也不累！",
    "昂贵的皮袄和欧洲的鹅，二儿子都爱。",
    "根据统计去年全国粮食总产量达到六亿九千五百四十一万吨比上年增长百分之一点三。",
)
WORDS, WOMAN, MAN, ANYBODY = range(4)


@pytest.fixture(scope="module")
def session() -> onnxruntime.InferenceSession:
    if not PACK.exists():
        pytest.skip("models/qingsheng is not there")
    model = onnx.load(str(PACK))
    model.graph.output.append(
        onnx.helper.make_tensor_value_info("network_duration", onnx.TensorProto.FLOAT, ("batch", "phones"))
    )
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def lengths(
    session: onnxruntime.InferenceSession, phones: PhoneSequence, timing: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Frames of each phone, timed by the trees and as the network alone has them."""
    feeds = {name: getattr(phones, name)[None] for name in ("phones", "tones", "breaks", "positions")}
    out = session.run(["duration", "network_duration"], {**feeds, "speaker": np.array([timing])})
    return out[0][0].astype(np.float64), out[1][0].astype(np.float64)


def totals(frames: NDArray[np.float64], owner: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(np.bincount(owner[owner >= 0], frames[owner >= 0]), np.float64)


def sequences() -> list[PhoneSequence]:
    return [sentence.phones for text in TEXTS for sentence in read_sentences(text)]


@pytest.mark.parametrize("timing", [WOMAN, MAN, ANYBODY])
def test_all_phones_of_a_syllable_are_stretched_alike_and_pauses_are_not(
    session: onnxruntime.InferenceSession, timing: int
) -> None:
    changed = 0.0
    for phones in sequences():
        timed, alone = lengths(session, phones, timing)
        owner = phones.syllable_index
        factor = timed / alone
        assert factor[owner < 0] == pytest.approx(1.0)
        whole = totals(timed, owner) / totals(alone, owner)
        assert factor[owner >= 0] == pytest.approx(whole[owner[owner >= 0]], rel=1e-4)
        changed = max(changed, float(np.abs(np.log(whole)).max()))
    assert 0.05 < changed < 1.0


@pytest.mark.parametrize("text", ["嗯。", "太好了！", "北京大学"])
def test_what_is_shorter_than_a_sentence_keeps_the_networks_lengths(
    session: onnxruntime.InferenceSession, text: str
) -> None:
    for sentence in read_sentences(text):
        timed, alone = lengths(session, sentence.phones, ANYBODY)
        assert np.array_equal(timed, alone)


def test_single_words_keep_the_networks_lengths(session: onnxruntime.InferenceSession) -> None:
    for phones in sequences():
        timed, alone = lengths(session, phones, WORDS)
        assert np.array_equal(timed, alone)


def test_any_reader_is_the_mean_of_both(session: onnxruntime.InferenceSession) -> None:
    apart = 0.0
    for phones in sequences():
        woman, man, anybody = (
            np.log(totals(lengths(session, phones, timing)[0], phones.syllable_index))
            for timing in (WOMAN, MAN, ANYBODY)
        )
        assert anybody == pytest.approx((woman + man) / 2, abs=1e-4)
        apart = max(apart, float(np.abs(woman - man).max()))
    assert apart > 0.1


def test_the_end_of_a_sentence_is_slower_than_the_same_syllable_inside(session: onnxruntime.InferenceSession) -> None:
    (phones,) = (sentence.phones for sentence in read_sentences("我们去看山然后回到了那座山"))
    whole = totals(lengths(session, phones, ANYBODY)[0], phones.syllable_index)
    assert whole[-1] > 1.1 * whole[4]


@pytest.mark.parametrize("count", [1, 2, 40])
def test_phones_that_make_no_syllable_are_no_error(session: onnxruntime.InferenceSession, count: int) -> None:
    feeds = {name: np.zeros((1, count), np.int64) for name in ("phones", "tones", "breaks")}
    feeds |= {"positions": np.zeros((1, count, 6), np.float32), "speaker": np.array([ANYBODY])}
    timed, alone = session.run(["duration", "network_duration"], feeds)
    assert np.array_equal(timed, alone)
