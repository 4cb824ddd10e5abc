"""Checkpoint to ``models/reader``: ``python -m models.recipes.reader.export --name shipped``.

INT8: every wide product by dynamic quantisation, as in the voices; embeddings by row, widened after the look-up. The
narrow layers store float16. ``reader.json`` describes the file; ``weights-fp16.npz`` is for whoever trains on.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from onnxruntime.quantization.shape_inference import quant_pre_process

from models.recipes.qingsheng.quantisation import wide
from models.recipes.reader.data import plain
from models.recipes.reader.network import Reader
from models.recipes.reader.train import TAUGHT, Corpus, vocabulary
from models.recipes.reader.usual import corrections, read_by_rule
from py_engine.text.lexicon import lexicon
from py_engine.text.reader import CANDIDATES, PATTERN, candidates_of
from scripts.packs import described

OPSET = 17
SETS = "g2pl_train,g2pl_dev,cpp_even,cpp_even,cpp_odd,cpp_odd,written,written,written"
OUTPUTS = ("tags", "transitions", "readings", "pauses")
DATA = (
    "g2pL (whzikaros/g2pL, Apache-2.0): 45,600 sentences, one labelled polyphone each",
    "CPP, development part (kakaobrain/g2pM, Apache-2.0): 9,893 sentences, one labelled polyphone each",
    "Universal Dependencies Chinese GSD, simplified, training part (CC BY-SA 4.0): 3,997 sentences",
    "Common Voice sentences (CC0) and CPED lines (Apache-2.0), without labels: 91,690",
    "of these sets 17,622 sentences judged for their phrases, and 9,600 written for it (own, Apache-2.0)",
    "written for a polyphone each (own, Apache-2.0): 8,588 sentences",
)


def trained(work: Path, name: str) -> Reader:
    """The averaged weights of a checkpoint."""
    sets = work / "sets"
    corpora = [Corpus(sets / f"{one}.npz") for one in ("treebank_train", "plain", "g2pl_train")]
    model = Reader(*vocabulary(corpora))
    model.load_state_dict(torch.load(work / f"{name}.pt", weights_only=False)["average"])
    return model.eval()


def label_counts(sets: Path, names: Sequence[str]) -> dict[str, Counter[str]]:
    """By character how often each reading is labelled in these sets, of which one may be named more than once."""
    words = lexicon()
    counts: dict[str, Counter[str]] = {}
    for name, times in Counter(names).items():
        corpus = Corpus(sets / f"{name}.npz")
        own = np.flatnonzero(corpus.target >= 0)
        rows = corpus.offsets[own] + corpus.place[own]
        for row, target in zip(rows.tolist(), corpus.target[own].tolist(), strict=True):
            char = chr(int(corpus.characters[row]))
            codes, readings = candidates_of(char, words)
            code = int(corpus.candidates[row, target])
            if code in codes:
                counts.setdefault(char, Counter())[str(readings[codes.index(code)])] += times
    return counts


def taught_readings(sets: Path, names: Sequence[str], lines: Iterable[str]) -> dict[str, str]:
    """The readings that the labels of these sets have, by character with `TAUGHT` labels, separated by spaces, each
    with what its score is corrected by."""
    taught = {char: own for char, own in label_counts(sets, names).items() if own.total() >= TAUGHT}
    labelled = label_counts(sets, sorted(set(names) - {"written"}))
    found = corrections(taught, labelled, read_by_rule(lines))
    return {
        char: " ".join(f"{one}:{value:.2f}" if value else one for one, value in sorted(own.items()))
        for char, own in sorted(found.items())
    }


def export_float(model: Reader, path: Path) -> None:
    size = 9
    example = (
        torch.randint(0x4E00, 0x9FA0, (1, size)), torch.rand(1, size, PATTERN).round(),
        torch.zeros(1, size, dtype=torch.long), torch.zeros(1, size, CANDIDATES, dtype=torch.long),
    )  # fmt: skip
    inputs = ["characters", "pattern", "known", "candidates"]
    axes = {name: {1: "N"} for name in (*inputs, *OUTPUTS) if name != "transitions"}
    torch.onnx.export(
        model, example, str(path), input_names=inputs, output_names=list(OUTPUTS), dynamic_axes=axes,
        opset_version=OPSET, dynamo=False,
    )  # fmt: skip


def quantise(source: Path, target: Path) -> None:
    prepared = source.with_suffix(".prepared.onnx")
    quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
    rows = source.with_suffix(".rows.onnx")
    onnx.save(embeddings_by_row(onnx.load(str(prepared))), str(rows))
    wide(rows, target, [])
    prepared.unlink()
    rows.unlink()


def embeddings_by_row(model: onnx.ModelProto) -> onnx.ModelProto:
    """Look-ups in tables of floats become look-ups in small integers with a scale per row: of 4 bits in the table of
    pairs, of 8 in the others."""
    tables = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    nodes: list[onnx.NodeProto] = []
    made: dict[str, NDArray[Any]] = {}
    for node in model.graph.node:
        table = tables.get(node.input[0]) if node.op_type == "Gather" else None
        if table is None or table.dtype != np.float32 or table.ndim != 2 or table.size < 10_000:
            nodes.append(node)
            continue
        name, where, out = node.input[0], node.input[1], node.output[0]
        largest = 7 if name == "pair.weight" else 127
        scales = np.maximum(np.abs(table).max(1, keepdims=True), 1e-6) / largest
        whole = np.rint(table / scales).astype(np.int8)
        made[f"{name}_scale"] = scales.astype(np.float16)
        nodes += [
            helper.make_node("Gather", [f"{name}_whole", where], [f"{out}_whole"]),
            helper.make_node("Cast", [f"{out}_whole"], [f"{out}_wide"], to=onnx.TensorProto.FLOAT),
            helper.make_node("Gather", [f"{name}_scale", where], [f"{out}_half"]),
            helper.make_node("Cast", [f"{out}_half"], [f"{out}_scale"], to=onnx.TensorProto.FLOAT),
        ]
        if largest == 7:
            # two columns in a byte: the first half of them in its low part
            low, high = np.split(whole.astype(np.int16) + 8, 2, axis=1)
            made[f"{name}_whole"] = (low + 16 * high).astype(np.uint8)
            made |= {"sixteen": np.float32(16), "eight": np.float32(8)}
            nodes += [
                helper.make_node("Div", [f"{out}_wide", "sixteen"], [f"{out}_shifted"]),
                helper.make_node("Floor", [f"{out}_shifted"], [f"{out}_high"]),
                helper.make_node("Mul", [f"{out}_high", "sixteen"], [f"{out}_above"]),
                helper.make_node("Sub", [f"{out}_wide", f"{out}_above"], [f"{out}_low"]),
                helper.make_node("Concat", [f"{out}_low", f"{out}_high"], [f"{out}_both"], axis=-1),
                helper.make_node("Sub", [f"{out}_both", "eight"], [f"{out}_signed"]),
            ]
        else:
            made[f"{name}_whole"] = whole
        nodes.append(
            helper.make_node("Mul", [f"{out}_signed" if largest == 7 else f"{out}_wide", f"{out}_scale"], [out])
        )
    used = {name for node in nodes for name in node.input} | {one.name for one in model.graph.output}
    kept = [one for one in model.graph.initializer if one.name in used]
    kept += [numpy_helper.from_array(np.asarray(value), name) for name, value in made.items()]
    del model.graph.node[:], model.graph.initializer[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.extend(kept)
    return model


def description(folder: Path, metrics: dict[str, Any], readings: dict[str, str]) -> dict[str, Any]:
    data = (folder / "reader.onnx").read_bytes()
    return {
        "format": 1, "id": "reader", **described("reader.onnx", data), "license": "CC-BY-SA-4.0",
        "attribution": "g2pL, CPP (g2pM), CPED (Apache-2.0); Universal Dependencies Chinese GSD (CC BY-SA 4.0); "
        "Common Voice (CC0)",
        "pattern": PATTERN, "candidates": CANDIDATES, "data": list(DATA), "metrics": metrics,
        "readings": readings,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, default=Path(".work/reader"))
    parser.add_argument("--name", default="shipped", help="of the checkpoint")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--polyphones", default=SETS, help="the sets it was taught by, with commas, as in its training")
    parser.add_argument("--folder", type=Path, default=Path("models/reader"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    folder = options.folder
    folder.mkdir(parents=True, exist_ok=True)
    model = trained(options.work, options.name)
    floats = options.work / f"{options.name}.onnx"
    export_float(model, floats)
    quantise(floats, folder / "reader.onnx")
    np.savez_compressed(folder / "weights-fp16.npz", **{
        name: value.half().numpy() if value.is_floating_point() else value.numpy()
        for name, value in model.state_dict().items()
    })  # fmt: skip
    known = folder / "reader.json"
    metrics = json.loads(known.read_text("utf-8"))["metrics"] if known.exists() else {}
    lines = [line.text for line in plain(options.data)][::2]
    readings = taught_readings(options.work / "sets", options.polyphones.split(","), lines)
    known.write_text(json.dumps(description(folder, metrics, readings), ensure_ascii=False, indent=1) + "\n", "utf-8")
    for path in (floats, folder / "reader.onnx", folder / "weights-fp16.npz"):
        print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
