"""What ``quantise_trial`` compares: names as they stand in its table, and how each is made."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import onnx
import onnxruntime  # type: ignore[import-untyped]
from onnx import ModelProto
from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType  # type: ignore[import-untyped]

from .formulations import folded_scale, shifted_sums, spelled_norm
from .quantisation import Feeds, Make, all_half, block_weights, dynamic, static, stored_weights, wide


def ranged(name: str, outputs: bool) -> dict[str, Make]:
    """A static scheme with each way to choose the ranges."""
    methods = (CalibrationMethod.MinMax, CalibrationMethod.Percentile, CalibrationMethod.Entropy)
    return {f"{name}, {m.name}": partial(static, method=m, outputs=outputs) for m in methods}


def rewritten(source: Path, target: Path, rows: list[Feeds], rewrite: Callable[[ModelProto], ModelProto]) -> None:
    """Another formulation of the network, then the scheme that ships."""
    between = target.with_suffix(".plain.onnx")
    onnx.save(rewrite(onnx.load(str(source))), str(between))
    wide(between, target, rows)
    between.unlink()


def optimised(source: Path, target: Path, rows: list[Feeds], form: str) -> None:
    """The scheme that ships after onnxruntime's own optimisation (all levels), saved as ``ONNX`` or ``ORT`` format."""
    between = target.with_suffix(".plain.onnx")
    wide(source, between, rows)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.optimized_model_filepath = str(target)
    options.add_session_config_entry("session.save_model_format", form)
    options.log_severity_level = 4
    onnxruntime.InferenceSession(str(between), options, providers=["CPUExecutionProvider"])
    between.unlink()


UNSIGNED = QuantType.QUInt8
VARIANTS: dict[str, Make] = {
    "dynamic INT8": dynamic,
    "dynamic INT8, wide layers": wide,
    "dynamic INT8, per tensor": partial(dynamic, per_channel=False),
    "dynamic UINT8": partial(dynamic, weights=UNSIGNED),
    "dynamic UINT8, Conv too, per tensor": partial(
        dynamic, weights=UNSIGNED, per_channel=False, operators=("MatMul", "Conv")
    ),
    **ranged("static QDQ, inputs", outputs=False),
    "static QDQ, inputs, wide layers, MinMax": partial(wide, scheme=partial(static, outputs=False)),
    "static QDQ, inputs, wide layers, Percentile": partial(
        wide, scheme=partial(static, outputs=False, method=CalibrationMethod.Percentile)
    ),
    **ranged("static QDQ, inputs and outputs", outputs=True),
    "static QDQ, all operators, MinMax": partial(static, everything=True),
    "static QOperator, MatMul, MinMax": partial(static, form=QuantFormat.QOperator),
    "static QOperator, all operators, MinMax": partial(static, form=QuantFormat.QOperator, everything=True),
    "MatMulNBits, 8 bits": partial(block_weights, bits=8),
    "MatMulNBits, 4 bits": partial(block_weights, bits=4),
    "INT8 weights, DequantizeLinear": stored_weights,
    "float16 weights, Cast": partial(stored_weights, half=True),
    "float16": all_half,
    "wide layers; depthwise as shifted sums": partial(rewritten, rewrite=shifted_sums),
    "wide layers; norm spelled out": partial(rewritten, rewrite=spelled_norm),
    "wide layers; scale folded in": partial(rewritten, rewrite=folded_scale),
    "wide layers; optimised ONNX": partial(optimised, form="ONNX"),
    "wide layers; optimised ORT": partial(optimised, form="ORT"),
}
