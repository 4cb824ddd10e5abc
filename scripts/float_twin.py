"""A float32 twin of an INT8 voice pack, to measure what INT8 brings: `python -m scripts.float_twin PACK OUT`.

Every quantised product (DynamicQuantizeLinear, MatMulInteger, Cast, two Mul; or QuantizeLinear, two DequantizeLinear,
MatMul) becomes one MatMul with the weights converted back, so that both packs compute the same network and differ in
nothing but the arithmetic.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from scripts.packs import read_manifest, write_file, write_manifest

QUANTISERS = ("DynamicQuantizeLinear", "QuantizeLinear", "DequantizeLinear")


class Graph:
    """Lookups over an ONNX graph that are needed to match the pattern."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self.graph = graph
        self.values = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
        # constants that are stored in half precision
        for node in graph.node:
            if node.op_type == "Cast" and node.input[0] in self.values:
                self.values[node.output[0]] = self.values[node.input[0]].astype(np.float32)
        self.maker = {output: node for node in graph.node for output in node.output}

    def users(self, name: str) -> list[onnx.NodeProto]:
        return [node for node in self.graph.node if name in node.input]


def float_product(graph: Graph, product: onnx.NodeProto) -> tuple[onnx.NodeProto, onnx.TensorProto, list[str]]:
    """The MatMul for one MatMulInteger, its weights, and the outputs that become unused."""
    quantised, weight, _, zero = product.input
    source = graph.maker[quantised]
    (cast,) = graph.users(product.output[0])
    (scaled,) = graph.users(cast.output[0])
    scales = graph.maker[next(name for name in scaled.input if name != cast.output[0])]
    weight_scale = next(graph.values[name] for name in scales.input if name in graph.values)
    values = (graph.values[weight].astype(np.float32) - graph.values[zero].astype(np.float32)) * weight_scale
    tensor = numpy_helper.from_array(values.astype(np.float32), f"{weight}_float")
    node = helper.make_node("MatMul", [source.input[0], tensor.name], [scaled.output[0]])
    return node, tensor, [product.output[0], cast.output[0], scaled.output[0], scales.output[0]]


def unquantised_product(graph: Graph, product: onnx.NodeProto) -> tuple[onnx.NodeProto, onnx.TensorProto]:
    """The MatMul of a product whose input is quantised in a fixed range, and its weights."""
    back, widen = (graph.maker[name] for name in product.input)
    weight, scale, zero = (graph.values[name] for name in widen.input)
    values = (weight.astype(np.float32) - zero.astype(np.float32)) * scale
    tensor = numpy_helper.from_array(values.astype(np.float32), f"{widen.input[0]}_float")
    source = graph.maker[back.input[0]].input[0]
    return helper.make_node("MatMul", [source, tensor.name], list(product.output)), tensor


def fixed_product(graph: Graph, node: onnx.NodeProto) -> bool:
    makers = [graph.maker.get(name) for name in node.input]
    return node.op_type == "MatMul" and all(made is not None and made.op_type == "DequantizeLinear" for made in makers)


def float_model(model: onnx.ModelProto) -> onnx.ModelProto:
    graph = Graph(model.graph)
    nodes: list[onnx.NodeProto] = []
    dead: set[str] = set()
    swapped: dict[str, onnx.NodeProto] = {}
    for node in model.graph.node:
        if node.op_type == "MatMulInteger":
            product, tensor, gone = float_product(graph, node)
            model.graph.initializer.append(tensor)
            dead |= set(gone)
            swapped[gone[2]] = product
        elif fixed_product(graph, node):
            product, tensor = unquantised_product(graph, node)
            model.graph.initializer.append(tensor)
            swapped[node.output[0]] = product
    for node in model.graph.node:
        if node.output[0] in swapped:
            nodes.append(swapped[node.output[0]])
        elif node.op_type not in QUANTISERS and node.output[0] not in dead:
            nodes.append(node)
    used = {name for node in nodes for name in node.input}
    kept = [i for i in model.graph.initializer if i.name in used]
    del model.graph.node[:], model.graph.initializer[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.extend(kept)
    onnx.checker.check_model(model)
    return model


def convert(pack: Path, out: Path) -> None:
    """Write ``out/<pack>/`` with the same voice.json but float32 models, and a catalogue is left to the caller."""
    manifest = read_manifest(pack)
    target = out / pack.name
    target.mkdir(parents=True, exist_ok=True)
    for file in manifest["files"].values():
        write_file(target, file, float_model(onnx.load(str(pack / file["path"]))).SerializeToString())
    write_manifest(target, manifest)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    convert(options.pack, options.out)


if __name__ == "__main__":
    main()
