"""Small random models with the signatures of public voices: icefall's Matcha-TTS, Vocos, HiFi-GAN, Piper's VITS.

They run under onnxruntime and give noise of the right length: every token lasts ``FRAMES`` frames (the pad, number 0,
``PAD_FRAMES``) times the length scale.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper

from models.import_voice.mapping import required
from models.import_voice.schemes import ESPEAK_TABLE
from models.import_voice.voices import read_matcha, read_vits
from models.import_voice.writing import About, build

HOP, N_FFT, N_MELS = 256, 1024, 80
FRAMES, PAD_FRAMES = 6, 2
OPSET, IR_VERSION = 14, 7
WIDTH, HIDDEN = 8, 256

Pack = tuple[dict[str, Any], dict[str, bytes]]
Value = tuple[str, int, Sequence[int | str]]
F32, I64 = TensorProto.FLOAT, TensorProto.INT64


def node(kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> NodeProto:  # noqa: ANN401 -- as the helper takes them
    return helper.make_node(kind, inputs, [output], **attributes)


def constant(name: str, value: object) -> NodeProto:
    array = np.asarray(value)
    array = array.astype(np.float32) if array.dtype.kind == "f" else array.astype(np.int64)
    return helper.make_node("Constant", [], [name], value=numpy_helper.from_array(array, name))


def random(name: str, *shape: int, scale: float = 0.3) -> tuple[str, NDArray[np.float32]]:
    seed = sum(name.encode())
    return name, (scale * np.random.default_rng(seed).standard_normal(shape)).astype(np.float32)


def model(
    nodes: Sequence[NodeProto],
    inputs: Sequence[Value],
    outputs: Sequence[Value],
    weights: Sequence[tuple[str, NDArray[np.float32]]],
    metadata: Mapping[str, object],
) -> ModelProto:
    graph = helper.make_graph(
        nodes,
        "voice",
        [helper.make_tensor_value_info(*value) for value in inputs],
        [helper.make_tensor_value_info(*value) for value in outputs],
        [numpy_helper.from_array(array, name) for name, array in weights],
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    helper.set_model_props(proto, {key: str(value) for key, value in metadata.items()})
    checker.check_model(proto)
    return proto


def frames(tokens: str, length_scale: str, vocabulary: int, rounding: str = "Ceil") -> list[NodeProto]:
    """``frame_token`` [T]: which token each frame belongs to."""
    logs = np.log([PAD_FRAMES - 0.5, *[FRAMES - 0.5] * (vocabulary - 1)])
    one_more = [] if rounding == "Ceil" else [constant("one_more", 1.0), node("Add", ["floored", "one_more"], "whole")]
    return [
        constant("log_durations", logs),
        node("Gather", ["log_durations", tokens], "log_duration"),
        node("Exp", ["log_duration"], "duration"),
        constant("middle", [1]),
        node("Unsqueeze", ["duration", "middle"], "raw"),
        node(rounding, ["raw"], "whole" if rounding == "Ceil" else "floored"),
        *one_more,
        node("Mul", ["whole", length_scale], "scaled"),
        constant("last", [-1]),
        node("Squeeze", ["scaled", "middle"], "row"),
        constant("axis_one", np.array(1)),
        node("CumSum", ["row", "axis_one"], "ends"),
        node("ReduceSum", ["row"], "total", keepdims=0),
        node("Cast", ["total"], "total_frames", to=I64),
        constant("zero", np.array(0)),
        constant("step", np.array(1)),
        node("Range", ["zero", "total_frames", "step"], "frame"),
        node("Cast", ["frame"], "time", to=F32),
        node("Unsqueeze", ["time", "last"], "time_column"),
        node("LessOrEqual", ["ends", "time_column"], "passed"),
        node("Cast", ["passed"], "passed_number", to=I64),
        node("ReduceSum", ["passed_number", "middle"], "frame_token", keepdims=0),
    ]


def matcha(vocabulary: int, gives_durations: bool = True, **metadata: object) -> ModelProto:
    """Tokens to mel, as icefall exports it."""
    rounding = "Ceil" if gives_durations else "Floor"
    nodes = [
        *frames("x", "length_scale", vocabulary, rounding),
        node("Gather", ["embedding", "x"], "embedded"),
        node("MatMul", ["embedded", "first"], "wide"),
        node("Relu", ["wide"], "hidden"),
        node("MatMul", ["hidden", "second"], "by_token"),
        node("Gather", ["by_token", "frame_token"], "by_frame", axis=1),
        node("Transpose", ["by_frame"], "plain", perm=[0, 2, 1]),
        node("RandomNormalLike", ["plain"], "noise", scale=0.01),
        node("Mul", ["noise", "noise_scale"], "scaled_noise"),
        node("Add", ["plain", "scaled_noise"], "mel"),
    ]
    inputs = [
        ("x", I64, ("N", "L")),
        ("x_length", I64, ("N",)),
        ("noise_scale", F32, (1,)),
        ("length_scale", F32, (1,)),
    ]
    weights = [random("embedding", vocabulary, WIDTH), random("first", WIDTH, HIDDEN), random("second", HIDDEN, N_MELS)]
    known = {"model_type": "matcha-tts", "sample_rate": 22050, "n_speakers": 1, "pad_id": 0, "use_eos_bos": 0}
    return model(nodes, inputs, [("mel", F32, ("N", N_MELS, "T"))], weights, {**known, **metadata})


def vocos(**metadata: object) -> ModelProto:
    """Mel to spectra, as exported for sherpa-onnx."""
    bins = N_FFT // 2 + 1
    nodes = [
        node("Transpose", ["mels"], "rows", perm=[0, 2, 1]),
        node("MatMul", ["rows", "magnitudes"], "log_rows"),
        node("Transpose", ["log_rows"], "log_mag", perm=[0, 2, 1]),
        node("Exp", ["log_mag"], "mag"),
        node("MatMul", ["rows", "phases"], "phase_rows"),
        node("Transpose", ["phase_rows"], "phase", perm=[0, 2, 1]),
        node("Cos", ["phase"], "x"),
        node("Sin", ["phase"], "y"),
    ]
    outputs = [(name, F32, ("N", bins, "T")) for name in ("mag", "x", "y")]
    weights = [random("magnitudes", N_MELS, bins, scale=0.05), random("phases", N_MELS, bins)]
    known = {"model_type": "vocos", "sample_rate": 22050, "n_fft": N_FFT, "hop_length": HOP, "win_length": N_FFT}
    return model(nodes, [("mels", F32, ("N", N_MELS, "T"))], outputs, weights, {**known, **metadata})


def hifigan(**metadata: object) -> ModelProto:
    """Mel to samples."""
    nodes = [
        node("ConvTranspose", ["mel", "kernel"], "raw", strides=[HOP], kernel_shape=[HOP]),
        node("Tanh", ["raw"], "audio"),
    ]
    weights = [random("kernel", N_MELS, 1, HOP, scale=0.05)]
    outputs = [("audio", F32, ("N", 1, "S"))]
    return model(nodes, [("mel", F32, ("N", N_MELS, "T"))], outputs, weights, {"sample_rate": 22050, **metadata})


def vits(vocabulary: int, speakers: int = 1, with_sid: bool | None = None) -> ModelProto:
    """Tokens to samples, as Piper exports it."""
    sid = speakers > 1 if with_sid is None else with_sid
    nodes = [
        constant("number_one", [1]),
        node("Gather", ["scales", "number_one"], "length_scale"),
        *frames("input", "length_scale", vocabulary),
        node("Gather", ["embedding", "input"], "embedded"),
        node("MatMul", ["embedded", "first"], "wide"),
        node("Relu", ["wide"], "hidden"),
        node("MatMul", ["hidden", "second"], "by_token"),
        node("Gather", ["by_token", "frame_token"], "by_frame", axis=1),
        constant("flat", [1, 1, -1]),
        node("Reshape", ["by_frame", "flat"], "raw_samples"),
        node("Tanh", ["raw_samples"], "tanh"),
        node("Gather", ["gains", "sid"], "gain") if sid else constant("gain", 1.0),
        node("Mul", ["tanh", "gain"], "output"),
    ]
    inputs: list[Value] = [("input", I64, ("N", "L")), ("input_lengths", I64, ("N",)), ("scales", F32, (3,))]
    weights = [random("embedding", vocabulary, WIDTH), random("first", WIDTH, HIDDEN), random("second", HIDDEN, HOP)]
    if sid:
        inputs.append(("sid", I64, ("N",)))
        weights.append(("gains", np.linspace(1.0, 0.1, speakers).astype(np.float32)))
    return model(nodes, inputs, [("output", F32, ("N", 1, "S"))], weights, {})


def piper_config(symbols: Sequence[str], rate: int = 22050, speakers: int = 1, **other: object) -> dict[str, object]:
    """The configuration beside a Piper model; symbols are numbered from 0 in the order given."""
    return {
        "audio": {"sample_rate": rate, "quality": "medium"},
        "espeak": {"voice": "cmn"},
        "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "phoneme_id_map": {symbol: [number] for number, symbol in enumerate(symbols)},
        "num_symbols": len(symbols),
        "num_speakers": speakers,
        "speaker_id_map": {f"person{index}": index for index in range(speakers)} if speakers > 1 else {},
        "language": {"code": "zh_CN", "family": "zh"},
        **other,
    }


def save(proto: ModelProto, path: Path) -> Path:
    path.write_bytes(proto.SerializeToString())
    return path


def save_tokens(tokens: Sequence[str], path: Path) -> Path:
    """``tokens.txt``: one token and its number a line."""
    path.write_text("".join(f"{token} {number}\n" for number, token in enumerate(tokens)), "utf-8")
    return path


def save_config(config: Mapping[str, object], path: Path) -> Path:
    path.write_text(json.dumps(config, ensure_ascii=False), "utf-8")
    return path


def whole_syllables() -> list[str]:
    """A vocabulary in which every syllable with its tone is a token."""
    return ["_", ",", *(f"{pinyin}{tone}" for pinyin, tone in required())]


def piper_symbols() -> list[str]:
    """Every code point that espeak-ng uses for Mandarin."""
    rows = (line.split("\t") for line in ESPEAK_TABLE.read_text("utf-8").splitlines() if not line.startswith("# "))
    return ["_", "^", "$", " ", *sorted({char for row in rows for char in unicodedata.normalize("NFD", row[2])})]


@cache
def matcha_pack(kind: str, gives_durations: bool, rate: int) -> Pack:
    """A pack out of generated models, by the import itself; ``kind`` of the vocoder: vocos or hifigan."""
    tokens = whole_syllables()
    sound = vocos(sample_rate=rate) if kind == "vocos" else hifigan(sample_rate=rate)
    with TemporaryDirectory() as folder:
        place = Path(folder)
        voice = read_matcha(
            save(matcha(len(tokens), gives_durations, sample_rate=rate), place / "acoustic.onnx"),
            save(sound, place / "vocoder.onnx"),
            save_tokens(tokens, place / "tokens.txt"),
            None, None, False, {},
        )  # fmt: skip
        built = build(voice, About("matcha", "Matcha", "CC0-1.0", ""), quantised=False)
    return built.manifest, built.files


@cache
def vits_pack(speakers: int) -> Pack:
    symbols = piper_symbols()
    with TemporaryDirectory() as folder:
        path = save(vits(len(symbols), speakers), Path(folder, "voice.onnx"))
        save_config(piper_config(symbols, speakers=speakers), Path(folder, "voice.onnx.json"))
        built = build(read_vits(path, None, None, False, {}), About("vits", "Vits", "CC0-1.0", ""), quantised=False)
    return built.manifest, built.files
