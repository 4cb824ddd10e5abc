"""Step 10: the figures of the model card, always beside those of the real recordings.

``python -m models.recipes.qingsheng.evaluate --work .work/voice --models models --dnsmos PATH``

Held-out recordings only: wide-band PESQ of copy synthesis, tonal-syllable error of the recogniser, DNSMOS P.835, and
how duration and F0 of the synthesis agree with the readers'.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import soundfile
import torch
from pesq import PesqError, pesq
from swift_f0 import SwiftF0

from py_engine.runtime.native import NativeRuntime
from py_engine.synthesis.excitation import synthesise
from py_engine.synthesis.pipeline import Engine
from py_engine.synthesis.values import Options

from .audio import SAMPLE_RATE, Array, log_mel
from .corpus import Corpus, Recording
from .items import Item, load_items
from .prepare import match_level, pitch
from .training import load_trained
from .recogniser import Recogniser, decode, edits, features, inventory_of, syllable_loop

WINDOW = 144_160
# P.835 polynomials published with the model (Reddy et al. 2022): raw score -> mean opinion score
POLYNOMIALS = {
    "sig": (-0.08397278, 1.22083953, 0.0052439),
    "bak": (-0.13166888, 1.60915514, -0.39604546),
    "ovr": (-0.06766283, 1.11546468, 0.04602535),
}


class Dnsmos:
    def __init__(self, path: Path) -> None:
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(path), settings, providers=["CPUExecutionProvider"])

    def __call__(self, samples: Array) -> dict[str, float]:
        """Mean over windows of 9.01 s, one each second; a shorter recording is repeated."""
        while len(samples) < WINDOW:
            samples = np.concatenate([samples, samples])
        rows = []
        for start in range(0, len(samples) - WINDOW + 1, SAMPLE_RATE):
            piece = samples[start : start + WINDOW].astype(np.float32)[None]
            rows.append(self.session.run(None, {self.session.get_inputs()[0].name: piece})[0][0])
        raw = np.mean(rows, 0)
        return {k: float(np.polyval(c, v)) for (k, c), v in zip(POLYNOMIALS.items(), raw, strict=True)}


class Ear:
    """The recogniser, from samples to tonal syllables."""

    def __init__(self, work: Path) -> None:
        rows = [json.loads(line) for line in (work / "alignment.jsonl").read_text("utf-8").splitlines()]
        self.loop = syllable_loop(inventory_of(rows))
        self.model = load_trained(Recogniser(), work / "recogniser.pt")
        self.detector = SwiftF0(threads=1)

    def __call__(self, samples: Array) -> list[str]:
        samples = match_level(samples[: len(samples) // 200 * 200])
        f0, voiced = pitch(self.detector, samples)
        with torch.no_grad():
            ctc, _ = self.model(torch.tensor(features(log_mel(samples), f0, voiced))[None])
        return decode(ctc[0].numpy(), self.loop)


def said(item_row: dict[str, Any]) -> list[str]:
    return [
        f"{p.removesuffix('r') if p != 'er' else p}{t}"
        for p, t in zip(item_row["pinyin"], item_row["tone"], strict=True)
    ]


def load_engine(models: Path) -> Engine:
    folder = models / "qingsheng"
    manifest = json.loads((folder / "voice.json").read_text("utf-8"))
    engine = Engine(NativeRuntime())
    files = {f["path"]: (folder / f["path"]).read_bytes() for f in manifest["files"].values()}
    asyncio.run(engine.load_voice(manifest, files))
    return engine


def speak(engine: Engine, text: str, voice: str) -> Array:
    async def collect() -> Array:
        return np.concatenate([c.samples async for c in engine.stream(text, Options(voice=voice))])

    return asyncio.run(collect())


@lru_cache(maxsize=1)
def vocoder_session(models: Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(str(models / "qingsheng/vocoder.onnx"), providers=["CPUExecutionProvider"])


def copy_synthesis(models: Path, recording: Recording) -> Array:
    """Real mel, F0 and voicing through the INT8 vocoder."""
    session = vocoder_session(models)
    log_f0 = np.log(recording.f0)
    feeds = {"mel": recording.mel.astype(np.float32)[None], "log_f0": log_f0[None], "voicing": recording.voiced[None]}
    re, im, noise = (x[0] for x in session.run(["harmonic_re", "harmonic_im", "noise"], feeds))
    return synthesise(re, im, noise, log_f0, recording.voiced, 1)


def pesq_of(real: Array, made: Array) -> float | None:
    try:
        return float(pesq(SAMPLE_RATE, real, made, "wb"))
    except PesqError:
        return None


def float_audio(recording: Recording) -> Array:
    return (recording.audio.astype(np.float32) / 32767).astype(np.float32)


def mean_of(rows: list[dict[str, float]]) -> dict[str, float]:
    return {k: round(float(np.mean([r[k] for r in rows])), 3) for k in rows[0]}


def error_rate(pairs: list[tuple[list[str], list[str]]]) -> float:
    return round(100 * sum(edits(h, s) for h, s in pairs) / sum(len(s) for _, s in pairs), 2)


def toneless(pairs: list[tuple[list[str], list[str]]]) -> list[tuple[list[str], list[str]]]:
    return [([x[:-1] for x in h], [x[:-1] for x in s]) for h, s in pairs]


def compare(
    corpus: Corpus, items: list[Item], rows: list[dict[str, Any]], engine: Engine, ear: Ear, dnsmos: Dnsmos | None,
    models: Path, voices: dict[str, str], out: Path,
) -> dict[str, Any]:  # fmt: skip
    """All figures of one group of held-out recordings; ``voices`` maps a label to a voice id."""
    heard: dict[str, list[tuple[list[str], list[str]]]] = {"real": [], "copy": [], **{k: [] for k in voices}}
    quality: dict[str, list[dict[str, float]]] = {k: [] for k in heard}
    similarity = []
    for number, item in enumerate(items):
        recording, row = corpus[item.number], rows[item.number]
        real, copied = float_audio(recording), copy_synthesis(models, recording)
        sounds = {"real": real, "copy": copied}
        sounds |= {k: speak(engine, row_text(recording.text), v) for k, v in voices.items()}
        for kind, samples in sounds.items():
            heard[kind].append((ear(samples), said(row)))
            if dnsmos is not None and number < 20:
                quality[kind].append(dnsmos(samples))
            if number < 6:
                soundfile.write(out / f"{recording.id.replace('/', '_')}_{kind}.wav", samples, SAMPLE_RATE)
        value = pesq_of(real, copied)
        if value is not None:
            similarity.append(value)
    return {
        "recordings": len(items),
        "pesq_copy": round(float(np.mean(similarity)), 3),
        "tonal_syllable_error": {k: error_rate(v) for k, v in heard.items()},
        "syllable_error": {k: error_rate(toneless(v)) for k, v in heard.items()},
        "dnsmos": {k: mean_of(v) for k, v in quality.items() if v},
    }


def row_text(text: str) -> str:
    return text.replace("_", "，").strip("，")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(".work/voice"))
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--dnsmos", type=Path, default=Path("../shared/instruments/dnsmos_sig_bak_ovr.onnx"))
    parser.add_argument("--most", type=int, default=200)
    options = parser.parse_args()
    torch.set_num_threads(1)
    corpus, items, _ = load_items(options.work)
    rows = [json.loads(line) for line in (options.work / "alignment.jsonl").read_text("utf-8").splitlines()]
    engine, ear = load_engine(options.models), Ear(options.work)
    dnsmos = Dnsmos(options.dnsmos) if options.dnsmos.exists() else None
    out = options.work / "listen"
    out.mkdir(exist_ok=True)
    held = [i for i in items if corpus.splits[i.number] == "test"]
    groups: dict[str, tuple[list[Item], dict[str, str]]] = {
        "words": ([i for i in held if i.speaker == 0], {"synthesis": "qingsheng/yue-word", "default": "qingsheng"}),
        "sentences_f": (
            [i for i in held if i.speaker == 1],
            {"synthesis": "qingsheng/reader-f", "default": "qingsheng"},
        ),
        "sentences_m": (
            [i for i in held if i.speaker == 2],
            {"synthesis": "qingsheng/reader-m", "default": "qingsheng"},
        ),
    }
    metrics = {}
    for name, (members, voices) in groups.items():
        metrics[name] = compare(corpus, members[: options.most], rows, engine, ear, dnsmos, options.models, voices, out)
        print(name, json.dumps(metrics[name], indent=1), flush=True)
    (options.work / "metrics.json").write_text(json.dumps(metrics, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
