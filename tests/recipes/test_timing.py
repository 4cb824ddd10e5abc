"""Trees put into a prosody model say what they say outside. Needs the `train` extra."""

from __future__ import annotations

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="onnx is not installed")
onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
pytest.importorskip("sklearn", reason="the train extra (scikit-learn) is not installed")
pytest.importorskip("torch", reason="the train extra (torch) is not installed")

from onnx import ModelProto, TensorProto, helper, numpy_helper  # noqa: E402 -- only where onnx is

from models.recipes.qingsheng.durations import ANY_READER, READERS, Durations  # noqa: E402
from models.recipes.qingsheng.items import Item  # noqa: E402
from models.recipes.qingsheng.timing import PACE, timed  # noqa: E402
from py_engine.synthesis.sentence import read_sentences  # noqa: E402
from py_engine.text.phones import PHONES  # noqa: E402

TEXTS = (
    "从前有一座山，山上有一座庙，庙里有一位老和尚，正在给小和尚讲故事。",
    "小孩儿在这儿玩儿，一点儿也不累！",
    "昂贵的皮袄和欧洲的鹅，二儿子都爱。",
    "春天来了，院子里的老梅树开了花，风一吹，花瓣轻轻落在石阶上，像是谁在悄悄说话。",
    "爸爸妈妈，哥哥姐姐，爷爷奶奶，全家人围着桌子包饺子，热热闹闹。",
)


def items(speaker: int) -> list[Item]:
    """Sentences whose syllables are as long as their tone and their place say, and a little by chance."""
    random = np.random.default_rng(speaker)
    found = []
    for text in TEXTS * 4:
        for sentence in read_sentences(text):
            p = sentence.phones
            frames = 4 + p.tones + 3 * speaker * (p.breaks > 2) + random.integers(0, 3, len(p))
            nothing = np.zeros((len(p), 5), np.float32)
            rest = (p.syllable_index, frames, nothing, nothing, nothing[:, 0])
            found.append(Item(-1, speaker, p.phones, p.tones, p.breaks, p.positions, *rest))
    return found


@pytest.fixture(scope="module")
def teacher() -> Durations:
    return Durations([item for speaker in READERS for item in items(speaker)], steps=20)


def network() -> ModelProto:
    """A prosody model that gives every phone its own length whatever stands around it."""
    table = numpy_helper.from_array(np.linspace(3, 9, len(PHONES)).astype(np.float32), "table")
    kinds = dict.fromkeys(("phones", "tones", "breaks"), TensorProto.INT64) | {"positions": TensorProto.FLOAT}
    given = [
        helper.make_tensor_value_info(name, kind, [1, "N"] if kind == TensorProto.INT64 else [1, "N", 6])
        for name, kind in kinds.items()
    ]
    given.append(helper.make_tensor_value_info("speaker", TensorProto.INT64, [1]))
    graph = helper.make_graph(
        [helper.make_node("Gather", ["table", "phones"], ["duration"])], "prosody",
        given,
        [helper.make_tensor_value_info("duration", TensorProto.FLOAT, [1, "N"])],
        [table],
    )  # fmt: skip
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def test_the_graph_says_what_the_trees_say(teacher: Durations) -> None:
    model = timed(network(), teacher)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    for item in items(1)[: len(TEXTS)]:
        feeds = {k: getattr(item, k)[None] for k in ("phones", "tones", "breaks", "positions")}
        for speaker in (*READERS, ANY_READER):
            (frames,) = session.run(["duration"], {**feeds, "speaker": np.array([speaker])})
            speech = item.tokens >= 0
            made = np.log(np.bincount(item.tokens[speech], frames[0][speech]))
            assert made == pytest.approx(teacher.predict(item, speaker) + PACE, abs=1e-4)
            assert made.std() > 0.05


def test_a_model_that_has_trees_is_left_as_it_is(teacher: Durations) -> None:
    model = timed(network(), teacher)
    before = model.SerializeToString()
    assert timed(model, teacher).SerializeToString() == before
