"""The decoder's two halves, taken apart again. That its runs join is tested with the engine (`test_streaming`)."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime  # type: ignore[import-untyped]
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

from models.recipes.decoder import OUTPUTS, SEAMS, VocoderAlone, carrying
from scripts.packs import read_manifest
from scripts.paths import ROOT

VOICES = ("qingsheng", "qingsheng-lite")
PHONES, FRAMES = 12, 70


def feeds(columns: int) -> dict[str, NDArray[Any]]:
    draw = np.random.default_rng(2)
    by_frame = {
        "frame_position": draw.random(FRAMES),
        "log_f0": draw.normal(5.2, 0.1, FRAMES),
        "voicing": (draw.random(FRAMES) > 0.3).astype(float),
        "energy": draw.normal(size=FRAMES),
    }
    return {
        "phones": draw.integers(1, 60, (1, PHONES)),
        "tones": draw.integers(0, 6, (1, PHONES)),
        "frame_phone": np.sort(draw.integers(0, PHONES, (1, FRAMES))),
        **{name: values[np.newaxis].astype(np.float32) for name, values in by_frame.items()},
        "speaker": np.zeros(1, np.int64),
        "state": np.zeros((1, 1, columns), np.float32),
        "end": np.ones(1, np.int64),
    }


@pytest.mark.parametrize("voice", VOICES)
def test_the_vocoder_alone_makes_of_the_mel_what_the_decoder_makes(voice: str) -> None:
    folder = ROOT / "models" / voice
    model = onnx.load(str(folder / "decoder.onnx"))
    alone = VocoderAlone(model)
    model.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in SEAMS)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    found = session.run([*OUTPUTS, *SEAMS], feeds(read_manifest(folder)["streaming"]["state"]))
    expected, seams = found[: len(OUTPUTS)], [values[0] for values in found[len(OUTPUTS) :]]
    assert [len(values) for values in seams] == [FRAMES] * len(SEAMS)
    for got, want in zip(alone(*seams), expected, strict=True):
        np.testing.assert_allclose(got, want[0], atol=1e-6)


def test_a_graph_of_another_kind_is_refused() -> None:
    weights = helper.make_tensor("w", TensorProto.FLOAT, [2, 1, 3], [1.0] * 6)
    node = helper.make_node("Conv", ["log_f0", "w"], ["y"], group=2, kernel_shape=[3], pads=[1, 1])
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 2, "T"]) for name in ("log_f0", "y")]
    before = helper.make_node("Identity", ["log_f0"], ["x"])
    node.input[0] = "x"
    graph = helper.make_graph([before, node], "g", values[:1], values[1:], [weights])
    with pytest.raises(ValueError, match="Identity before a convolution"):
        carrying(helper.make_model(graph), {})
    node.attribute[2].ints[:] = [2, 0]
    graph = helper.make_graph([before, node], "g", values[:1], values[1:], [weights])
    with pytest.raises(ValueError, match="pads"):
        carrying(helper.make_model(graph), {})
