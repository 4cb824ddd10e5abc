"""The prosody networks that are shipped: what decision 0007 says of their shape."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import onnx
import pytest

from scripts.float_twin import Graph

MODELS = Path(__file__).resolve().parents[2] / "models"
# Width of the vector per phone.
WIDTHS = {"qingsheng": 192, "qingsheng-lite": 96}
DILATIONS = [1, 2, 1, 4, 1, 8]


@pytest.mark.parametrize("voice", WIDTHS)
def test_it_is_a_depthwise_separable_convolutional_network_in_int8(voice: str) -> None:
    path = MODELS / voice / "prosody.onnx"
    if not path.exists():
        pytest.skip(f"models/{voice} is not there")
    graph = onnx.load(str(path)).graph
    stored = Graph(graph).values
    convolutions = []
    for node in graph.node:
        if node.op_type == "Conv":
            found = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            convolutions.append((found["group"], list(stored[node.input[1]].shape), found["dilations"]))
    width = WIDTHS[voice]
    # One filter per channel over time; what joins the channels are the products of 8-bit integers.
    assert convolutions == [(width, [width, 1, 5], [dilation]) for dilation in DILATIONS]
    assert Counter(node.op_type for node in graph.node)["MatMulInteger"] == 2 * len(DILATIONS)
    assert [output.name for output in graph.output] == ["duration", "f0", "voicing", "energy"]
