"""A model file made smaller says the same: what is stored in half precision or in bytes, and short names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="onnx is not installed")
onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402 -- only where onnx is

from models.recipes.slim import slim  # noqa: E402
from scripts.float_twin import Graph  # noqa: E402

WIDE, NARROW = 96, 24


def interpolation() -> np.ndarray:
    """[NARROW, WIDE]: each column weighs two neighbouring rows."""
    at = np.linspace(0, NARROW - 1, WIDE)
    return np.asarray(np.maximum(0, 1 - np.abs(at[None] - np.arange(NARROW)[:, None])), np.float16)


def write_model(path: Path) -> None:
    random = np.random.default_rng(3)
    layer = random.normal(size=(NARROW, NARROW)).astype(np.float32)
    bias = random.normal(size=NARROW).astype(np.float32)
    nodes = [
        helper.make_node("MatMul", ["mel", "encoder.layers.0.weight"], ["/encoder/layers.0/MatMul_output_0"]),
        helper.make_node("Add", ["/encoder/layers.0/MatMul_output_0", "encoder.layers.0.bias"], ["/encoder/Add"]),
        helper.make_node("Cast", ["envelope_stored"], ["envelope"], to=TensorProto.FLOAT),
        helper.make_node("MatMul", ["/encoder/Add", "envelope"], ["filters"]),
    ]
    stored = {"encoder.layers.0.weight": layer, "encoder.layers.0.bias": bias, "envelope_stored": interpolation()}
    graph = helper.make_graph(
        nodes, "small",
        [helper.make_tensor_value_info("mel", TensorProto.FLOAT, [None, NARROW])],
        [helper.make_tensor_value_info("filters", TensorProto.FLOAT, [None, WIDE])],
        [numpy_helper.from_array(v, k) for k, v in stored.items()],
    )  # fmt: skip
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), str(path))


def run(path: Path, mel: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(["filters"], {"mel": mel})[0])


def test_a_slim_model_is_smaller_and_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "vocoder.onnx"
    write_model(path)
    mel = np.random.default_rng(4).normal(size=(50, NARROW)).astype(np.float32)
    before, size = run(path, mel), path.stat().st_size
    slim(path)
    after = run(path, mel)
    assert path.stat().st_size < 0.65 * size
    assert np.abs(after - before).max() < 0.01 * np.abs(before).max()
    assert not np.array_equal(after, before)


def test_weights_of_the_neighbours_still_add_up_to_one(tmp_path: Path) -> None:
    path = tmp_path / "vocoder.onnx"
    write_model(path)
    slim(path)
    (stored,) = (v for v in Graph(onnx.load(str(path)).graph).values.values() if v.dtype == np.uint8)
    assert stored.shape == (NARROW, WIDE)
    assert np.abs(stored.sum(0, dtype=int) - 255).max() <= 1


def test_half_precision_constants_are_found_where_they_are_used(tmp_path: Path) -> None:
    path = tmp_path / "vocoder.onnx"
    write_model(path)
    wide = {v.shape for v in Graph(onnx.load(str(path)).graph).values.values()}
    slim(path)
    model = onnx.load(str(path))
    values = Graph(model.graph).values
    product = next(n for n in model.graph.node if n.op_type == "MatMul")
    assert values[product.input[1]].dtype == np.float32
    assert {v.shape for v in values.values()} >= wide
