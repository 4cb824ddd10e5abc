"""A voice pack of a few KB that needs no training: a buzz at a known pitch, or silence.

``python -m tests.packs.make_silent_pack OUTDIR [--mute]`` writes ``OUTDIR/catalog.json`` and ``OUTDIR/silent/``.

The two ONNX models have the exact inputs and outputs of docs/architecture.md, so the pipeline, the server and the
browser can be tested without a real voice. Every phone lasts 8 frames (a pause 10), F0 lies at the speaker's mean and
finals are voiced. The output is deterministic, byte for byte.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, checker, helper, numpy_helper

from py_engine.text.phones import CODA, FINALS, PAUSES, PHONES

VOICE = "silent"
FRAMES, PAUSE_FRAMES = 8.0, 10.0
HZ = {"low": 120.0, "high": 220.0}
# The filters' gain: an RMS near that of speech at the recipe's level (0.08).
LEVEL = 0.08
OPSET, IR_VERSION = 17, 9
POINTS, N_MELS, N_BINS = 5, 80, 257
# Of the decoder, in frames.
LOOKAHEAD = 2

Value = tuple[str, str, Sequence[int | str]]


def constant(name: str, value: NDArray[np.float32] | NDArray[np.int64]) -> NodeProto:
    return helper.make_node("Constant", [], [name], value=numpy_helper.from_array(value, name))


def info(value: Value) -> ValueInfoProto:
    name, kind, shape = value
    element = TensorProto.INT64 if kind == "i64" else TensorProto.FLOAT
    return helper.make_tensor_value_info(name, element, list(shape))


def model(name: str, nodes: Sequence[NodeProto], inputs: Sequence[Value], outputs: Sequence[Value]) -> bytes:
    graph = helper.make_graph(nodes, name, [info(v) for v in inputs], [info(v) for v in outputs])
    proto: ModelProto = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="make_silent_pack"
    )
    checker.check_model(proto, full_check=True)
    return bytes(proto.SerializeToString(deterministic=True))


def per_phone(pause: float, voiced: float, other: float) -> NDArray[np.float32]:
    """A table over phone ids ``[66]``."""
    voiced_phones = (*FINALS, CODA)
    values = [pause if s in PAUSES else voiced if s in voiced_phones else other for s in PHONES]
    return np.array(values, np.float32)


def repeated(source: str, width: int, target: str) -> list[NodeProto]:
    """``[1, X] -> [1, X, width]`` by a product with ones, so that X may be any length."""
    return [
        constant(f"{target}_axis", np.array([2], np.int64)),
        helper.make_node("Unsqueeze", [source, f"{target}_axis"], [f"{target}_column"]),
        constant(f"{target}_ones", np.ones((1, 1, width), np.float32)),
        helper.make_node("Mul", [f"{target}_column", f"{target}_ones"], [target]),
    ]


def scaled(source: str, factor: float, target: str) -> list[NodeProto]:
    return [
        constant(f"{target}_factor", np.array(factor, np.float32)),
        helper.make_node("Mul", [source, f"{target}_factor"], [target]),
    ]


def prosody() -> bytes:
    """Durations and voicing by table, F0 and energy at the mean."""
    nodes = [
        constant("duration_table", per_phone(PAUSE_FRAMES, FRAMES, FRAMES)),
        helper.make_node("Gather", ["duration_table", "phones"], ["duration"]),
        constant("voicing_table", per_phone(0.0, 1.0, 0.0)),
        helper.make_node("Gather", ["voicing_table", "phones"], ["voiced"]),
        *repeated("voiced", POINTS, "voicing"),
        *scaled("duration", 0.0, "energy"),
        *repeated("energy", POINTS, "f0"),
    ]
    inputs: list[Value] = [
        ("phones", "i64", (1, "N")), ("tones", "i64", (1, "N")), ("breaks", "i64", (1, "N")),
        ("positions", "f32", (1, "N", 4)), ("speaker", "i64", (1,)),
    ]  # fmt: skip
    outputs: list[Value] = [
        ("duration", "f32", (1, "N")), ("f0", "f32", (1, "N", POINTS)),
        ("voicing", "f32", (1, "N", POINTS)), ("energy", "f32", (1, "N")),
    ]  # fmt: skip
    return model("prosody", nodes, inputs, outputs)


def decoder(gain: float) -> bytes:
    """Flat filters: the pulses pass with ``gain``, the noise 60 dB below. Frames come out `LOOKAHEAD` later."""
    whole_numbers = {
        "one": [1], "reach": [LOOKAHEAD], "back": [-LOOKAHEAD], "last": [-2 * LOOKAHEAD], "most": [2**31],
        "column": [1, -1, 1], "pair": [1, 2, -1],
    }  # fmt: skip
    nodes = [
        *(constant(name, np.array(value, np.int64)) for name, value in whole_numbers.items()),
        *scaled("log_f0", 0.0, "zero"),
        constant("gain", np.array(gain, np.float32)),
        helper.make_node("Add", ["zero", "gain"], ["level"]),
        *repeated("level", 1, "rows"),
        helper.make_node("Mul", ["end", "reach"], ["missing"]),
        helper.make_node("Concat", ["one", "missing", "one"], ["shape"], axis=0),
        helper.make_node("ConstantOfShape", ["shape"], ["tail"]),
        helper.make_node("Reshape", ["state", "column"], ["memory"]),
        helper.make_node("Concat", ["memory", "rows", "tail"], ["whole"], axis=1),
        helper.make_node("Slice", ["whole", "last", "most", "one"], ["kept"]),
        helper.make_node("Reshape", ["kept", "pair"], ["next_state"]),
        helper.make_node("Slice", ["whole", "reach", "back", "one"], ["inner"]),
        constant("bins", np.ones((1, 1, N_BINS), np.float32)),
        helper.make_node("Mul", ["inner", "bins"], ["harmonic_re"]),
        *scaled("harmonic_re", 0.0, "harmonic_im"),
        *scaled("harmonic_re", 0.001, "noise"),
    ]
    inputs: list[Value] = [
        ("phones", "i64", (1, "N")), ("tones", "i64", (1, "N")), ("frame_phone", "i64", (1, "T")),
        ("frame_position", "f32", (1, "T")), ("log_f0", "f32", (1, "T")), ("voicing", "f32", (1, "T")),
        ("energy", "f32", (1, "T")), ("speaker", "i64", (1,)),
        ("state", "f32", (1, "K", LOOKAHEAD)), ("end", "i64", (1,)),
    ]  # fmt: skip
    outputs: list[Value] = [
        *((name, "f32", (1, "U", N_BINS)) for name in ("harmonic_re", "harmonic_im", "noise")),
        ("next_state", "f32", (1, 2, LOOKAHEAD)),
    ]
    return model("decoder", nodes, inputs, outputs)


def speaker(index: int, name: str) -> dict[str, object]:
    return {
        "id": name, "name": name.capitalize(), "index": index, "prosody_index": index,
        "log_f0_mean": math.log(HZ[name]), "log_f0_std": 0.2, "energy_mean": 0.0, "energy_std": 1.0,
        "duration_scale": 1.0,
    }  # fmt: skip


def described(path: str, content: bytes) -> dict[str, object]:
    return {"path": path, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def pack_files(mute: bool = False) -> tuple[dict[str, object], dict[str, bytes]]:
    """The manifest, and the models by path."""
    models = {"prosody": prosody(), "decoder": decoder(0.0 if mute else LEVEL)}
    manifest: dict[str, object] = {
        "format": 1, "id": VOICE, "name": "Silent", "language": "zh-CN",
        "sample_rate": 16000, "hop_length": 200, "n_fft": 512, "n_mels": N_MELS,
        "streaming": {"lookahead": LOOKAHEAD, "phones": 1, "state": LOOKAHEAD},
        "phones": PHONES, "speakers": [speaker(index, name) for index, name in enumerate(HZ)],
        "default_speaker": "low", "emotions": {"neutral": 0},
        "files": {name: described(f"{name}.onnx", content) for name, content in models.items()},
        "license": "CC0-1.0", "attribution": "", "data": "none: generated", "metrics": {}, "lufs": None,
    }  # fmt: skip
    return manifest, {f"{name}.onnx": content for name, content in models.items()}


def write(folder: Path, mute: bool = False) -> Path:
    """Write catalogue and pack under ``folder``; return the path of ``voice.json``."""
    manifest, files = pack_files(mute)
    place = folder / VOICE
    place.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        (place / path).write_bytes(content)
    text = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    (place / "voice.json").write_bytes(text)
    entry = {
        **{key: manifest[key] for key in ("id", "name", "language", "license", "sample_rate")},
        "controls": ["speed", "pitch"],
        "manifest": described(f"{VOICE}/voice.json", text),
        "files": [described(f"{VOICE}/{path}", content) for path, content in files.items()],
        "speakers": [{"id": name, "name": name.capitalize()} for name in HZ],
    }
    catalog = {"format": 1, "default": VOICE, "voices": [entry]}
    (folder / "catalog.json").write_text(json.dumps(catalog, ensure_ascii=False, indent=1), encoding="utf-8")
    return place / "voice.json"


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the test voice.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mute", action="store_true", help="silence instead of a buzz")
    options = parser.parse_args()
    path = write(options.folder, options.mute)
    print(f"{path}: {sum(file.stat().st_size for file in path.parent.iterdir())} bytes")


if __name__ == "__main__":
    main()
