"""Step 10: checkpoints -> ONNX, float32 and INT8, and the voice pack.

``python -m models.recipes.qingsheng.export --work .work/voice --models models``, with ``--part`` for one model of a
pack that is there already, whose other files stay as they are. A pack has two: ``prosody``, and ``decoder``, which is
acoustic model and vocoder in one (`models.recipes.decoder`).

Weights of every wide MatMul become INT8 per output channel; activations are quantised as they come (dynamic
quantisation). The narrow ones at the edges keep their weights as float16 and compute in float32 (see README.md).
Depthwise convolutions, normalisation and the exponentials stay float32: they hold 1 % of the weights. In the end
``models.recipes.slim`` makes the files smaller, and the full voice gets the trees that time its syllables (`timing`).
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import nn

from models.recipes import fixed_ranges
from models.recipes.decoder import carrying, joined
from models.recipes.slim import slim_pack
from py_engine.synthesis.excitation import NARROW, WIDE, Signal
from py_engine.text.phones import PHONES
from scripts.packs import described, read_manifest, write_manifest

from .audio import N_MELS
from .durations import Durations
from .items import load_items
from .networks import POSITIONS, Vocoder, build, build_wide
from .quantisation import wide
from .timing import add_timing
from .training import load_trained, stages, wide_vocoder

NAMES = {"": ("qingsheng", "轻声"), "lite": ("qingsheng-lite", "轻声（小）")}
PARTS = {"prosody": ("prosody",), "decoder": ("acoustic", "vocoder")}
NETWORKS = ("prosody", "acoustic", "vocoder")
OPSET = 17
SENTENCE_RANGE = 0.9
N, T = 7, 50


def examples() -> dict[str, tuple[tuple[torch.Tensor, ...], dict[str, dict[int, str]], list[str]]]:
    """Per model: example inputs, dynamic axes of the inputs, names of the outputs."""
    phones = torch.randint(1, len(PHONES), (1, N))
    tones = torch.randint(0, 6, (1, N))
    speaker = torch.zeros(1, dtype=torch.long)
    frames = torch.rand(1, T)
    index = torch.sort(torch.randint(0, N, (1, T)))[0]
    by_phone = {"phones": {1: "N"}, "tones": {1: "N"}}
    by_frame = {k: {1: "T"} for k in ("frame_phone", "frame_position", "log_f0", "voicing", "energy")}
    return {
        "prosody": (
            (phones, tones, torch.randint(0, 5, (1, N)), torch.rand(1, N, POSITIONS), speaker),
            {**by_phone, "breaks": {1: "N"}, "positions": {1: "N"}, "speaker": {}},
            ["duration", "f0", "voicing", "energy"],
        ),
        "acoustic": (
            (phones, tones, index, frames, frames + 5, frames.round(), frames, speaker),
            {**by_phone, **by_frame, "speaker": {}},
            ["mel"],
        ),
        "vocoder": (
            (torch.randn(1, T, N_MELS) - 4, frames + 5, frames.round()),
            {"mel": {1: "T"}, "log_f0": {1: "T"}, "voicing": {1: "T"}},
            ["harmonic_re", "harmonic_im", "noise"],
        ),
    }


def trained_network(name: str, size: str, work: Path) -> nn.Module:
    """The network as its last stage of training left it."""
    if name == "vocoder" and wide_vocoder(work, size).exists():
        return load_trained(build_wide(size), wide_vocoder(work, size))
    network = build(name, size)
    if size:
        state = torch.load(work / f"{size}_{name}.pt", weights_only=False)["average"]
        own = {k.removeprefix("network."): v for k, v in state.items() if k.startswith("network.")}
        network.load_state_dict(own)
        return network.eval()
    return load_trained(network, next(p for p in stages(work, name) if p.exists()))


def export_float(name: str, model: nn.Module, path: Path) -> None:
    inputs, axes, outputs = examples()[name]
    axis = "N" if name == "prosody" else "T"
    dynamic = {**axes, **{o: {1: axis} for o in outputs}}
    torch.onnx.export(
        model.eval(), inputs, str(path), input_names=list(axes), output_names=outputs,
        dynamic_axes={k: v for k, v in dynamic.items() if v}, opset_version=OPSET, dynamo=False,
    )  # fmt: skip
    onnx.checker.check_model(str(path))


def quantise(source: Path, target: Path) -> None:
    prepared = source.with_suffix(".prepared.onnx")
    quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
    wide(prepared, target, [])
    prepared.unlink()


def speakers(stats: dict[int, dict[str, float]]) -> list[dict[str, Any]]:
    """The default joins Yue Tan's timbre with the sentence prosody of any reader, moved into her range."""
    yue, woman, man = (stats[s] for s in range(3))
    # predictions spread less than what they predict (``f0_spread_ratio`` of ``evaluate``): about three quarters of the
    # citation range of single words are left, as the readers' declination allows
    sentence = {**yue, "log_f0_mean": yue["log_f0_mean"] - 0.06, "log_f0_std": yue["log_f0_std"] * SENTENCE_RANGE}
    return [
        {"id": "yue", "name": "悦", "index": 0, "prosody_index": 3, **sentence, "duration_scale": 1.03},
        {"id": "yue-word", "name": "悦（字词）", "index": 0, "prosody_index": 0, **yue, "duration_scale": 1.0},
        {"id": "reader-f", "name": "朗读女声", "index": 1, "prosody_index": 1, **woman, "duration_scale": 1.0},
        {"id": "reader-m", "name": "朗读男声", "index": 2, "prosody_index": 2, **man, "duration_scale": 1.0},
    ]  # fmt: skip


def signal_of(vocoder: nn.Module) -> Signal:
    """What the filters of this vocoder are for."""
    return WIDE if isinstance(vocoder, Vocoder) and vocoder.upper is not None else NARROW


def save_float_weights(models: dict[str, nn.Module], path: Path) -> None:
    """Half precision, for whoever trains on; weights of other models that are there stay."""
    arrays = dict(np.load(path)) if path.exists() else {}
    arrays = {k: v for k, v in arrays.items() if k.partition("/")[0] not in models}
    arrays |= {f"{n}/{k}": v.half().numpy() for n, m in models.items() for k, v in m.state_dict().items()}
    np.savez_compressed(
        path, **{k: arrays[k] for k in sorted(arrays, key=lambda k: NETWORKS.index(k.partition("/")[0]))}
    )


def figures(work: Path, voice: str) -> dict[str, Any]:
    """What ``evaluate`` measured, if it did."""
    path = work / "metrics" / f"{voice}.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def decoder(folder: Path, target: Path) -> dict[str, int]:
    """Acoustic model and vocoder of ``folder`` as one model; what a manifest says of it."""
    model, streaming = carrying(*joined(*(onnx.load(str(folder / f"{name}.onnx")) for name in PARTS["decoder"])))
    target.write_bytes(model.SerializeToString())
    return streaming


def replace_part(name: str, of_decoder: dict[str, Any], folder: Path, work: Path) -> None:
    """Takes the exported model into the pack that is there, and what was measured of it."""
    manifest = read_manifest(folder)
    manifest["metrics"] = figures(work, folder.name)
    manifest |= of_decoder
    manifest["files"][name] = described(f"{name}.onnx", (folder / f"{name}.onnx").read_bytes())
    write_manifest(folder, manifest)
    fixed_ranges.fix(folder)
    slim_pack(folder, (name,))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(".work/voice"))
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--size", choices=tuple(NAMES), default="")
    parser.add_argument("--part", choices=tuple(PARTS), help="this model only, into a pack that is there")
    options = parser.parse_args()
    if options.part == "prosody" and not options.size:
        parser.error("the full voice's prosody model has trees beside it: export the whole pack")
    voice, title = NAMES[options.size]
    folder = options.models / voice
    folder.mkdir(parents=True, exist_ok=True)
    floats = options.work / "float" / voice
    floats.mkdir(exist_ok=True, parents=True)
    whole = options.work / "int8" / voice
    whole.mkdir(exist_ok=True, parents=True)
    trained = {}
    parts = (options.part,) if options.part else tuple(PARTS)
    for name in (name for part in parts for name in PARTS[part]):
        model = trained_network(name, options.size, options.work)
        export_float(name, model.pruned() if isinstance(model, Vocoder) else model, floats / f"{name}.onnx")
        quantise(floats / f"{name}.onnx", whole / f"{name}.onnx")
        trained[name] = model
        sizes = [(p / f"{name}.onnx").stat().st_size for p in (floats, whole)]
        print(f"{name}: float32 {sizes[0]:,} bytes, INT8 {sizes[1]:,} bytes")
    save_float_weights(trained, folder / "weights-fp16.npz")
    of_decoder: dict[str, Any] = {}
    if "decoder" in parts:
        decoder(floats, floats / "decoder.onnx")
        signal = dataclasses.asdict(signal_of(trained["vocoder"]))
        of_decoder = {**signal, "n_mels": N_MELS, "streaming": decoder(whole, folder / "decoder.onnx")}
    if "prosody" in parts:
        shutil.copyfile(whole / "prosody.onnx", folder / "prosody.onnx")
    if options.part:
        replace_part(options.part, of_decoder, folder, options.work)
        return
    corpus, items, stats = load_items(options.work)
    manifest = {
        "format": 1, "id": voice, "name": title, "language": "zh-CN",
        **of_decoder, "phones": PHONES,
        "speakers": speakers(stats), "default_speaker": "yue",
        "positions": POSITIONS, "emotions": {"neutral": 0},
        "files": {n: described(f"{n}.onnx", (folder / f"{n}.onnx").read_bytes()) for n in PARTS},
        "license": "CC-BY-SA-4.0",
        "attribution": "Audio-cmn / Shtooka cmn-caen-tan, speaker Yue Tan, recorded at PLIDAM-INALCO (CC BY-SA); "
        "AISHELL-1 (Apache-2.0)",
        "data": [
            "Audio-cmn cmn-caen-tan: 8,396 words", "AISHELL-1 sample, S0150 and S0252: 700 sentences",
            "Common Voice: 3,000 sentences, text only (CC0)",
        ],
        "metrics": figures(options.work, voice),
    }  # fmt: skip
    write_manifest(folder, manifest)
    fixed_ranges.fix(folder)
    slim_pack(folder)
    if not options.size:
        add_timing(folder, floats, Durations([i for i in items if corpus.splits[i.number] == "train"]))


if __name__ == "__main__":
    main()
