"""Other ways to write the same network, to see which the runtime computes fastest; each changes the model in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from .quantisation import replaced

Rewrite = Callable[[ModelProto], ModelProto]


class Network:
    """Lookups over a graph, and the constants that a rewriting adds."""

    def __init__(self, model: ModelProto) -> None:
        self.model = model
        self.values = {i.name: numpy_helper.to_array(i) for i in model.graph.initializer}
        self.maker = {output: node for node in model.graph.node for output in node.output}
        self.constants: list[TensorProto] = []

    def only_user(self, name: str) -> NodeProto:
        (node,) = (node for node in self.model.graph.node if name in node.input)
        return node

    def constant(self, name: str, value: NDArray[Any] | list[int] | float) -> str:
        array = np.asarray(value)
        self.constants.append(
            numpy_helper.from_array(array.astype(np.float32) if array.dtype == float else array, name)
        )
        return name


def attributes(node: NodeProto) -> dict[str, Any]:
    return {a.name: helper.get_attribute_value(a) for a in node.attribute}


def shifted_sums(model: ModelProto) -> ModelProto:
    """Depthwise convolutions without Transpose: shifted copies of [B, T, C], weighted and summed."""
    network, swap = Network(model), {}
    for conv in [n for n in model.graph.node if n.op_type == "Conv"]:
        before, after = network.maker[conv.input[0]], network.only_user(conv.output[0])
        known, (weight, bias) = attributes(conv), (network.values[name] for name in conv.input[1:])
        margin, step, name = known["pads"][0], known["dilations"][0], conv.output[0]
        padding = network.constant(f"{name}_margin", [0, margin, 0, 0, margin, 0])
        axis = network.constant(f"{name}_axis", [1])
        nodes = [helper.make_node("Pad", [before.input[0], padding], [f"{name}_padded"])]
        total = network.constant(f"{name}_bias", bias)
        for tap in range(weight.shape[2]):
            shift, end = step * tap, step * tap - 2 * margin
            edges = [
                network.constant(f"{name}_start{tap}", [shift]), network.constant(f"{name}_stop{tap}", [end or 2**31])
            ]  # fmt: skip
            column = network.constant(f"{name}_weight{tap}", weight[:, 0, tap])
            following = after.output[0] if tap + 1 == weight.shape[2] else f"{name}_sum{tap}"
            nodes += [
                helper.make_node("Slice", [f"{name}_padded", *edges, axis], [f"{name}_shifted{tap}"]),
                helper.make_node("Mul", [f"{name}_shifted{tap}", column], [f"{name}_weighted{tap}"]),
                helper.make_node("Add", [f"{name}_weighted{tap}", total], [following]),
            ]
            total = following
        swap |= {before.output[0]: [], conv.output[0]: [], after.output[0]: nodes}
    return replaced(model, swap, network.constants)


def spelled_norm(model: ModelProto) -> ModelProto:
    """LayerNormalization as means, a difference and products, written so that the runtime does not fuse it again."""
    network, swap = Network(model), {}
    for norm in [n for n in model.graph.node if n.op_type == "LayerNormalization"]:
        (x, scale, bias), y = norm.input, norm.output[0]
        epsilon = network.constant(f"{y}_epsilon", attributes(norm).get("epsilon", 1e-5))
        mean, centred, square, variance, safe, root, inverse, whole, scaled = (
            f"{y}_{part}" for part in "mean centred square variance safe root inverse whole scaled".split()
        )
        make = helper.make_node
        swap[y] = [
            make("ReduceMean", [x], [mean], axes=[-1]),
            make("Sub", [x, mean], [centred]),
            make("Mul", [centred, centred], [square]),
            make("ReduceMean", [square], [variance], axes=[-1]),
            make("Add", [variance, epsilon], [safe]),
            make("Sqrt", [safe], [root]),
            make("Reciprocal", [root], [inverse]),
            make("Mul", [centred, inverse], [whole]),
            make("Mul", [whole, scale], [scaled]),
            make("Add", [scaled, bias], [y]),
        ]
    return replaced(model, swap, network.constants)


def folded_scale(model: ModelProto) -> ModelProto:
    """The scale of a residual branch inside the weights of the layer before it."""
    network, swap = Network(model), {}
    for node in [n for n in model.graph.node if n.op_type == "Mul"]:
        scale = network.values.get(node.input[1])
        add = network.maker.get(node.input[0])
        if scale is None or scale.ndim != 1 or add is None or add.op_type != "Add":
            continue
        bias, wide = sorted(add.input, key=lambda name: name not in network.values)
        product = network.maker.get(wide)
        if product is None or product.op_type != "MatMul" or bias not in network.values:
            continue
        weight = network.constant(f"{wide}_weight", network.values[product.input[1]] * scale)
        offset = network.constant(f"{wide}_bias", network.values[bias] * scale)
        swap |= {
            wide: [helper.make_node("MatMul", [product.input[0], weight], [wide], product.name)],
            add.output[0]: [],
            node.output[0]: [helper.make_node("Add", [offset, wide], [node.output[0]], add.name)],
        }
    return replaced(model, swap, network.constants)
