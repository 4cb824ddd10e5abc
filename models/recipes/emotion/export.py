"""Step 7: the student as ONNX, INT8, with its manifest, and both networks' weights in half precision.

Weights of the MatMul layers are INT8 per output channel with activations quantised as they come; the tables of tokens
and of hashed runs are INT8 too and widened after the look-up. The calibration is part of the graph.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import helper, numpy_helper
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import Tensor, nn

from models.recipes.emotion import networks, scores
from models.recipes.emotion.batches import load, vocabulary
from models.recipes.emotion.evaluate import outputs, parts, softmax
from models.recipes.emotion.rows import MEASURED, TEST, Row
from models.recipes.qingsheng.quantisation import dynamic, replaced
from models.recipes.qingsheng.training import load_trained
from py_engine.emotion.features import Vocabulary, assemble
from py_engine.emotion.values import EMOTIONS
from scripts.packs import described

OPSET = 17
LARGE = 1000
INPUTS = ("symbols", "tones", "segments", "places", "runs")
OUTPUTS = ("distribution", "valence", "intensity")


class Calibrated(nn.Module):
    """Probabilities scaled per class, intensity in terms of what counts as full."""

    def __init__(self, model: networks.EmotionNet, factor: list[float], offset: list[float], full: float) -> None:
        super().__init__()
        self.model, self.full = model, full
        self.factor, self.offset = nn.Parameter(torch.tensor(factor)), nn.Parameter(torch.tensor(offset))

    def forward(
        self, symbols: Tensor, tones: Tensor, segments: Tensor, places: Tensor, runs: Tensor
    ) -> tuple[Tensor, ...]:
        out = self.model(symbols, tones, segments, places, runs)
        return (
            torch.softmax(out["logits"] * self.factor + self.offset, -1),
            out["valence"],
            (out["intensity"] / self.full).clamp(max=1),
        )


def export_float(model: nn.Module, path: Path) -> None:
    example = tuple(torch.ones(1, 7, dtype=torch.long) for _ in INPUTS)
    axes = {**{name: {1: "L"} for name in INPUTS[:-1]}, "runs": {1: "R"}}
    torch.onnx.export(
        model.eval(), example, str(path), input_names=list(INPUTS), output_names=list(OUTPUTS),
        dynamic_axes=axes, opset_version=OPSET, dynamo=False,
    )  # fmt: skip
    onnx.checker.check_model(str(path))


def small_tables(source: Path, target: Path) -> None:
    """Look-up tables as INT8: a scale per row where rows are wide, else per column."""
    model = onnx.load(str(source))
    values = {i.name: i for i in model.graph.initializer}
    swap: dict[str, list[Any]] = {}
    constants = []
    for node in model.graph.node:
        if node.op_type != "Gather" or node.input[0] not in values:
            continue
        table = numpy_helper.to_array(values[node.input[0]])
        if table.ndim != 2 or len(table) < LARGE:
            continue
        by_row = table.shape[1] >= 64
        scale = np.maximum(np.abs(table).max(1 if by_row else 0, keepdims=True) / 127, 1e-9).astype(np.float32)
        out = node.output[0]
        stored, scales, rows, wide = (f"{out}_{part}" for part in ("stored", "scales", "rows", "wide"))
        constants += [
            numpy_helper.from_array(np.rint(table / scale).astype(np.int8), stored),
            numpy_helper.from_array(scale, scales),
        ]
        factor = f"{out}_factor" if by_row else scales
        swap[out] = [
            helper.make_node("Gather", [stored, node.input[1]], [rows]),
            helper.make_node("Cast", [rows], [wide], to=onnx.TensorProto.FLOAT),
            *([helper.make_node("Gather", [scales, node.input[1]], [factor])] if by_row else []),
            helper.make_node("Mul", [wide, factor], [out]),
        ]
    onnx.save(replaced(model, swap, constants), str(target))


def quantise(source: Path, target: Path) -> None:
    prepared, between = source.with_suffix(".prepared.onnx"), source.with_suffix(".between.onnx")
    quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
    small_tables(prepared, between)
    dynamic(between, target, [])
    prepared.unlink()
    between.unlink()


def run(path: Path, rows: list[Row], words: Vocabulary) -> np.ndarray:
    """Distributions [N, E] of the exported model."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    found = []
    for row in rows:
        inputs = assemble(row.line, row.context, words, networks.STUDENT.buckets)
        found.append(session.run(["distribution"], {name: getattr(inputs, name)[None] for name in INPUTS})[0][0])
    return np.array(found, np.float64)


def check(
    path: Path, model: networks.EmotionNet, report: dict[str, Any], work: Path, words: Vocabulary
) -> dict[str, Any]:
    """INT8 against float32 on the held-out lines: macro-F1, calibration error, greatest difference."""
    found: dict[str, Any] = {}
    for (corpus, part), rows in parts(load(work, "labelled")).items():
        if part != TEST:
            continue
        weights = np.array([row.label.weights for row in rows])
        small = run(path, rows, words)
        full = softmax(outputs(model, rows, words)["logits"] * report["factor"] + report["offset"])
        prior, power = np.array(report[corpus]["prior"]), report[corpus]["power"]
        found[corpus] = {
            "macro_f1": round(scores.macro_f1(weights, scores.balanced(small, prior, power)), 4),
            "macro_f1_float": round(scores.macro_f1(weights, scores.balanced(full, prior, power)), 4),
            "calibration_error": round(scores.calibration_error(weights, small), 4),
            "mean_difference": round(float(np.abs(small - full).mean()), 5),
        }
    return found


def halves(models: dict[str, nn.Module], path: Path) -> None:
    tensors = {
        f"{name}/{key}": value.half().numpy()
        for name, model in models.items()
        for key, value in model.state_dict().items()
    }
    np.savez_compressed(path, **tensors)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(".work/emotion"))
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--model", default="student-finished")
    options = parser.parse_args()
    torch.set_num_threads(1)
    words = vocabulary(options.work)
    model = load_trained(networks.EmotionNet(len(words), networks.STUDENT), options.work / f"{options.model}.pt")
    report = json.loads((options.work / f"{options.model}.json").read_text("utf-8"))
    folder = options.models / "emotion"
    folder.mkdir(parents=True, exist_ok=True)
    full, target = options.work / "student.onnx", folder / "emotion.onnx"
    export_float(Calibrated(model, report["factor"], report["offset"], report["full_intensity"]), full)
    quantise(full, target)
    data = target.read_bytes()
    manifest = {
        "format": 1, "id": "emotion", **described(target.name, data),
        "emotions": list(EMOTIONS), "buckets": networks.STUDENT.buckets, "symbols": "".join(words.symbols),
        "license": "CC-BY-4.0",
        "data": [
            "lines of these and of our own, labelled with what a reader would voice (CC BY 4.0)",
            "CPED (Apache-2.0)", "SemEval-2025 Task 11, Chinese, track B (CC BY 4.0)", "XED (CC BY 4.0)",
            "Mozilla Common Voice sentences (CC0)", "g2pL and CPP sentences (Apache-2.0)",
        ],
        "metrics": {
            "float": {corpus: report[corpus] for corpus in MEASURED},
            "int8": check(target, model, report, options.work, words),
        },
    }  # fmt: skip
    (folder / "emotion.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", "utf-8")
    halves({"student": model}, folder / "weights-fp16.npz")
    print(len(data), json.dumps(manifest["metrics"]["int8"], indent=1))


if __name__ == "__main__":
    main()
