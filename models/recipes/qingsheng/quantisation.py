"""Ways to make a network smaller or faster, each float32 ONNX -> ONNX; ``quantise_trial`` compares them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, NodeProto, helper, numpy_helper
from onnxruntime.quantization import (  # type: ignore[import-untyped]
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_dynamic,
    quantize_static,
)

Feeds = dict[str, NDArray[Any]]
Make = Callable[[Path, Path, list[Feeds]], None]
BLOCK = 32
NARROW = 96


class Inputs(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, rows: list[Feeds]) -> None:
        self._rows = iter(rows)

    def get_next(self) -> Feeds | None:
        return next(self._rows, None)


def dynamic(
    source: Path, target: Path, _: list[Feeds], weights: QuantType = QuantType.QInt8, per_channel: bool = True,
    operators: tuple[str, ...] = ("MatMul",),
) -> None:  # fmt: skip
    """Activations are quantised as they come."""
    quantize_dynamic(
        str(source), str(target), op_types_to_quantize=list(operators), per_channel=per_channel, weight_type=weights,
        extra_options={"MatMulConstBOnly": True},
    )  # fmt: skip


def static(
    source: Path, target: Path, rows: list[Feeds], method: CalibrationMethod = CalibrationMethod.MinMax,
    form: QuantFormat = QuantFormat.QDQ, everything: bool = False, outputs: bool = True,
) -> None:  # fmt: skip
    """Ranges of the activations measured beforehand. Without ``outputs`` a product stays float and only its input is
    quantised, as in the dynamic scheme."""
    graph = onnx.load(str(source)).graph
    constant = {node.name for node, _ in products(graph)}
    quantize_static(
        str(source), str(target), Inputs(rows), quant_format=form, per_channel=True, calibrate_method=method,
        op_types_to_quantize=None if everything else ["MatMul"],
        nodes_to_exclude=[n.name for n in graph.node if n.op_type == "MatMul" and n.name not in constant],
        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
        extra_options={
            "MatMulConstBOnly": True, "OpTypesToExcludeOutputQuantization": [] if outputs else ["MatMul"],
        },
    )  # fmt: skip


def products(graph: GraphProto) -> Iterator[tuple[NodeProto, NDArray[Any]]]:
    """Every MatMul by a constant, and that constant [K, N]."""
    values = {i.name: i for i in graph.initializer}
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in values:
            yield node, numpy_helper.to_array(values[node.input[1]])


def replaced(model: ModelProto, swap: dict[str, list[NodeProto]], constants: list[onnx.TensorProto]) -> ModelProto:
    """Nodes, named by their first output, swapped for others; constants that are no longer used disappear."""
    graph = model.graph
    nodes = [new for node in graph.node for new in swap.get(node.output[0], [node])]
    used = {name for node in nodes for name in node.input}
    kept = [i for i in [*graph.initializer, *constants] if i.name in used]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(kept)
    return model


def blocks_of(weight: NDArray[Any], bits: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """[K, N] -> symmetric integers [N, blocks, bytes] and scales [N, blocks]."""
    inner, columns = weight.shape
    count = -(-inner // BLOCK)
    groups = np.zeros((columns, count * BLOCK), np.float32)
    groups[:, :inner] = weight.T
    groups = groups.reshape(columns, count, BLOCK)
    half = 2 ** (bits - 1)
    scales = np.maximum(np.abs(groups).max(-1) / (half - 1), 1e-9).astype(np.float32)
    whole = (np.rint(groups / scales[..., None]) + half).astype(np.uint8)
    return (whole if bits == 8 else whole[..., ::2] | whole[..., 1::2] << 4), scales


def block_weights(source: Path, target: Path, _: list[Feeds], bits: int) -> None:
    """onnxruntime's MatMulNBits; where its kernel can, activations become INT8 too (accuracy level 4)."""
    model = onnx.load(str(source))
    swap, constants = {}, []
    for node, weight in products(model.graph):
        whole, scales = blocks_of(weight, bits)
        names = [f"{node.output[0]}_{part}" for part in ("whole", "scales")]
        constants += [numpy_helper.from_array(x, n) for x, n in zip((whole, scales), names, strict=True)]
        swap[node.output[0]] = [helper.make_node(
            "MatMulNBits", [node.input[0], *names], node.output, domain="com.microsoft",
            K=weight.shape[0], N=weight.shape[1], bits=bits, block_size=BLOCK, accuracy_level=4,
        )]  # fmt: skip
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    onnx.save(replaced(model, swap, constants), str(target))


def stored_weights(
    source: Path, target: Path, _: list[Feeds], half: bool = False, narrower_than: float = np.inf
) -> None:  # fmt: skip
    """Weights stored small, as INT8 per channel or float16, and widened by a node before a float32 product."""
    model = onnx.load(str(source))
    swap, constants = {}, []
    for node, weight in products(model.graph):
        if min(weight.shape) >= narrower_than:
            continue
        stored, scale, wide = (f"{node.output[0]}_{part}" for part in ("stored", "scale", "wide"))
        if half:
            constants.append(numpy_helper.from_array(weight.astype(np.float16), stored))
            widen = helper.make_node("Cast", [stored], [wide], to=onnx.TensorProto.FLOAT)
        else:
            scales = (np.abs(weight).max(0) / 127).astype(np.float32)
            constants += [
                numpy_helper.from_array(np.rint(weight / scales).astype(np.int8), stored),
                numpy_helper.from_array(scales, scale),
            ]
            widen = helper.make_node("DequantizeLinear", [stored, scale], [wide], axis=1)
        swap[node.output[0]] = [widen, helper.make_node("MatMul", [node.input[0], wide], node.output, node.name)]
    onnx.save(replaced(model, swap, constants), str(target))


def wide(source: Path, target: Path, rows: list[Feeds], scheme: Make = dynamic) -> None:
    """``scheme`` for the wide layers. The narrow ones, at the edges of a network, only store their weights as float16:
    they do a fiftieth of the arithmetic and would make most of the error, for their activations mix units."""
    between = target.with_suffix(".between.onnx")
    stored_weights(source, between, rows, half=True, narrower_than=NARROW)
    scheme(between, target, rows)
    between.unlink()


def all_half(source: Path, target: Path, _: list[Feeds]) -> None:
    from onnxruntime.transformers.float16 import convert_float_to_float16  # type: ignore[import-untyped]

    model = convert_float_to_float16(onnx.load(str(source)), keep_io_types=True, disable_shape_infer=True)
    onnx.save(model, str(target))
