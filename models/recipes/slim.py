"""A model file without what a browser need not fetch: single precision beside INT8, and long names.

``python -m models.recipes.slim FOLDER`` rewrites the models of a pack and their entries in ``voice.json``.

Constants in float32 (biases, norms, depthwise kernels, scales, embeddings) are stored as float16 and cast; the runtime
folds the cast when it makes the session, so that nothing is computed otherwise at run time. An interpolation between
0 and 1 is stored in 8 bits. Inner names become numbers.
"""

from __future__ import annotations

import argparse
from collections.abc import Collection
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import ModelProto, helper, numpy_helper

from models.recipes.decoder import SEAMS
from scripts.packs import described, read_manifest, write_manifest

LEAST = 48


def halved(model: ModelProto) -> ModelProto:
    """Float32 constants of at least ``LEAST`` values as float16 with a ``Cast`` behind them."""
    graph = model.graph
    casts = []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < LEAST:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}_half"))
        casts.append(helper.make_node("Cast", [f"{name}_half"], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    return model


def in_eight_bits(model: ModelProto) -> ModelProto:
    """A stored float16 matrix that interpolates (all of it between 0 and 1, mostly 0) as bytes and one factor."""
    graph = model.graph
    factor = numpy_helper.from_array(np.array(1 / 255, np.float32), "of_a_byte")
    nodes = []
    for node in graph.node:
        tensor = next((t for t in graph.initializer if node.op_type == "Cast" and t.name == node.input[0]), None)
        values = None if tensor is None else numpy_helper.to_array(tensor)
        if values is None or values.dtype != np.float16 or not _interpolates(values):
            nodes.append(node)
            continue
        bytes_ = np.rint(values.astype(np.float32) * 255).astype(np.uint8)
        tensor.CopyFrom(numpy_helper.from_array(bytes_, tensor.name))
        whole = f"{node.output[0]}_bytes"
        nodes.append(helper.make_node("Cast", [tensor.name], [whole], to=onnx.TensorProto.FLOAT))
        nodes.append(helper.make_node("Mul", [whole, factor.name], [node.output[0]]))
        if not any(t.name == factor.name for t in graph.initializer):
            graph.initializer.append(factor)
    del graph.node[:]
    graph.node.extend(nodes)
    return model


def _interpolates(values: NDArray[np.float16]) -> bool:
    inside = values.ndim == 2 and values.min() >= 0 and values.max() <= 1
    return bool(inside and np.mean(values == 0) > 0.9 and np.allclose(values.sum(0), 1, atol=2e-3))


def renamed(model: ModelProto) -> ModelProto:
    """Inner values and nodes under short names; inputs and outputs keep theirs, and so do the seams of a decoder."""
    graph = model.graph
    kept = {x.name for x in (*graph.input, *graph.output)} | {"", *SEAMS}
    short: dict[str, str] = {}

    def name(old: str) -> str:
        return old if old in kept else short.setdefault(old, f"{len(short):x}_")

    for tensor in graph.initializer:
        tensor.name = name(tensor.name)
    for node in graph.node:
        node.name = node.doc_string = ""
        node.input[:] = [name(x) for x in node.input]
        node.output[:] = [name(x) for x in node.output]
    del graph.value_info[:]
    return model


def slim(path: Path) -> None:
    """Rewrite the model at ``path``."""
    model = renamed(in_eight_bits(halved(onnx.load(str(path)))))
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def slim_pack(folder: Path, parts: Collection[str] = ()) -> None:
    """Rewrite all models of the pack in ``folder``, or ``parts`` of them, and their entries in its manifest."""
    manifest = read_manifest(folder)
    for name, entry in manifest["files"].items():
        if parts and name not in parts:
            continue
        path = folder / entry["path"]
        slim(path)
        data = path.read_bytes()
        print(f"{path.name}: {entry['bytes']:,} bytes, now {len(data):,}")
        entry.update(described(entry["path"], data))
    write_manifest(folder, manifest)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    slim_pack(parser.parse_args().folder)


if __name__ == "__main__":
    main()
