"""Weights to INT8, model by model, where it makes the file smaller and the model still runs."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import onnx
import onnxruntime  # type: ignore[import-untyped]


@dataclass(frozen=True)
class Packed:
    """A model as it goes into the pack. Sizes in bytes; ``note`` says why it stayed float32, or is empty."""

    data: bytes
    float_bytes: int
    note: str = ""

    @property
    def precision(self) -> str:
        return "float32" if self.note else "INT8"


def pack(model: onnx.ModelProto, quantised: bool) -> Packed:
    """The model with its MatMul in INT8 per output channel, activations quantised as they come; else as it is."""
    plain = model.SerializeToString()
    if not quantised:
        return Packed(plain, len(plain), "asked for")
    try:
        small = _quantise(plain)
        onnxruntime.InferenceSession(small, providers=["CPUExecutionProvider"])
    except Exception as error:  # whatever the quantiser or the runtime makes of a graph it does not know
        return Packed(plain, len(plain), f"INT8 failed: {str(error).splitlines()[0]:.120}")
    if len(small) >= len(plain):
        return Packed(plain, len(plain), f"INT8 would take {len(small):,} bytes")
    return Packed(small, len(plain))


def _quantise(plain: bytes) -> bytes:
    from onnxruntime.quantization import QuantType, quantize_dynamic  # type: ignore[import-untyped]
    from onnxruntime.quantization.shape_inference import quant_pre_process  # type: ignore[import-untyped]

    with tempfile.TemporaryDirectory() as folder:
        source, prepared, target = (Path(folder, f"{name}.onnx") for name in ("float", "prepared", "int8"))
        source.write_bytes(plain)
        quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
        quantize_dynamic(
            str(prepared),
            str(target),
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            weight_type=QuantType.QInt8,
            extra_options={"MatMulConstBOnly": True},
        )
        return target.read_bytes()
