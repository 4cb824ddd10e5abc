"""One command, one table: how a voice compares with real speech.

``python -m models.recipes.evaluate --voice qingsheng``

Held-out words and sentences (never trained on) and 200 Common Voice sentences that nobody recorded. Texts are read as
in the browser, with the shipped reader model; ``--rules`` leaves it out. The recogniser of ``qingsheng.recogniser`` and
the features of ``qingsheng.prepare`` must be in ``--work``; the listening copies and the plots go to
``WORK/listen/VOICE``, the figures to ``WORK/metrics/VOICE.json``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import soundfile
import soxr
import torch
from swift_f0 import SwiftF0

from py_engine.runtime.native import NativeRuntime
from py_engine.synthesis.excitation import NARROW, Signal, synthesise
from py_engine.synthesis.pack import SIGNALS
from py_engine.synthesis.pipeline import Engine
from py_engine.synthesis.values import Options
from scripts.packs import described, read_manifest

from .decoder import VocoderAlone
from .front_end import BY_RULES, WITH_READER, Read, add_reader_options, chosen_reader, load_reader, sentences_of
from .instruments import DistillMos, Dnsmos, Ear, Pairs, PitchAgreement, UpperBand, error_rate, pesq_of, toneless
from .melody import agreement, plot_contours, predictor, recorded, spoken
from .qingsheng.audio import SAMPLE_RATE, Array
from .qingsheng.corpus import Corpus, Recording
from .qingsheng.items import Item, alignment_rows, load_items
from .qingsheng.prepare_wide import WIDE_FILE, load_wide
from .qingsheng.recogniser import said, syllable_name
from .qingsheng.sentences import row_text, unrecorded_texts

HEARD_BY_DNSMOS = 20
# INT8 and float32 differ by little more than the error of 20 items
UNRECORDED_HEARD = 100
KEPT = 4


@dataclass(frozen=True)
class Group:
    """Held-out recordings of one speaker, and the voices that read the same texts."""

    name: str
    speaker: int
    same: str
    most: int = 200


GROUPS = (
    Group("words", 0, "yue-word"),
    Group("sentences_f", 1, "reader-f"),
    Group("sentences_m", 2, "reader-m"),
)


def load_engine(folder: Path, float_folder: Path | None = None, reader: Path | None = None) -> Engine:
    """The pack in ``folder``, or its float32 twin: the same manifest with other model files; ``reader``: the folder of
    the reader model."""
    manifest = read_manifest(folder)
    files = {}
    for entry in manifest["files"].values():
        content = ((float_folder or folder) / entry["path"]).read_bytes()
        files[entry["path"]] = content
        if float_folder:
            entry.update(described(entry["path"], content))
    engine = Engine(NativeRuntime())
    asyncio.run(engine.load_voice(manifest, files))
    if reader:
        load_reader(engine, reader)
    return engine


def speak_whole(engine: Engine, text: str, voice: str) -> tuple[Array, int]:
    """Samples and their rate."""

    async def collect() -> tuple[Array, int]:
        chunks = [c async for c in engine.stream(text, Options(voice=voice))]
        return np.concatenate([c.samples for c in chunks]), chunks[0].sample_rate

    return asyncio.run(collect())


def narrowed(samples: Array, rate: int) -> Array:
    """At 16 kHz, as the instruments listen."""
    return samples if rate == SAMPLE_RATE else soxr.resample(samples, rate, SAMPLE_RATE, quality="VHQ")


def speak(engine: Engine, text: str, voice: str) -> Array:
    """At 16 kHz, as the instruments listen."""
    return narrowed(*speak_whole(engine, text, voice))


def expected(read: Read, text: str) -> list[str]:
    """The front end's reading, as the recogniser writes it."""
    return [syllable_name(x.pinyin, x.tone) for sentence in read(text) for x in sentence.syllables]


def float_audio(recording: Recording) -> Array:
    return (recording.audio.astype(np.float32) / 32767).astype(np.float32)


class Judge:
    """Instruments and voice, loaded once."""

    def __init__(
        self, work: Path, models: Path, voice: str, dnsmos: Path, floats: Path | None, reader: Path | None = None
    ) -> None:
        self.voice, self.folder = voice, models / voice
        self.manifest = read_manifest(self.folder)
        self.engine = load_engine(self.folder, reader=reader)
        self.float_engine = load_engine(self.folder, floats, reader) if floats else None
        self.read: Read = partial(sentences_of, self.engine)
        self.detector = SwiftF0(threads=1)
        self.ear = Ear(work, self.detector)
        self.dnsmos = Dnsmos(dnsmos) if dnsmos.exists() else None
        self.opinion = DistillMos() if DistillMos.installed() else None
        self.out = work / "listen" / voice
        self.out.mkdir(parents=True, exist_ok=True)
        self.vocoder = VocoderAlone(onnx.load(str(self.folder / "decoder.onnx")))
        self.signal: Signal = SIGNALS[self.manifest["sample_rate"]]
        self.wide = load_wide(work) if self.signal != NARROW and (work / WIDE_FILE).exists() else None
        self.predict = predictor(self.folder / "prosody.onnx")
        self.speakers = {s["id"]: s for s in self.manifest["speakers"]}

    def copy(self, recording: Recording) -> Array:
        """Real mel, F0 and voicing through the INT8 vocoder, at the voice's own rate."""
        log_f0 = np.log(recording.f0)
        re, im, noise = self.vocoder(recording.mel.astype(np.float32), log_f0, recording.voiced)
        return synthesise(re, im, noise, log_f0, recording.voiced, 1, self.signal)

    def quality(self, sounds: dict[str, list[Array]], most: int = HEARD_BY_DNSMOS) -> dict[str, dict[str, float]]:
        if self.dnsmos is None:
            return {}
        out = {}
        for kind, clips in sounds.items():
            rows = [self.dnsmos(x) for x in clips[:most]]
            out[kind] = {k: round(float(np.mean([r[k] for r in rows])), 3) for k in rows[0]}
        return out

    def opinions(self, sounds: dict[str, list[Array]], most: int = HEARD_BY_DNSMOS) -> dict[str, float]:
        if self.opinion is None:
            return {}
        return {
            kind: round(float(np.mean([self.opinion(x) for x in clips[:most]])), 3) for kind, clips in sounds.items()
        }

    def group(self, group: Group, corpus: Corpus, items: list[Item], rows: list[dict[str, Any]]) -> dict[str, Any]:
        voices = {"synthesis": f"{self.voice}/{group.same}", "default": self.voice}
        heard: dict[str, Pairs] = {k: [] for k in ("real", "copy", *voices)}
        sounds: dict[str, list[Array]] = {k: [] for k in heard}
        likeness, pitch, upper = [], PitchAgreement(self.detector), UpperBand()
        for number, item in enumerate(items):
            recording, row = corpus[item.number], rows[item.number]
            rate = self.signal.sample_rate
            sounds_of = {"copy": (self.copy(recording), rate)}
            sounds_of |= {k: speak_whole(self.engine, row_text(recording.text), v) for k, v in voices.items()}
            clips = {"real": float_audio(recording)} | {k: narrowed(*sound) for k, sound in sounds_of.items()}
            if self.wide is not None and item.speaker == 0:
                bounds = corpus.offset[item.number : item.number + 2] * self.signal.hop_length
                sounds_of["real"] = self.wide[slice(*bounds)].astype(np.float32) / 32767, rate
                upper.add({k: samples for k, (samples, _) in sounds_of.items()}, rate)
            for kind, samples in clips.items():
                heard[kind].append((self.ear(samples), said(row)))
                if number < HEARD_BY_DNSMOS:
                    sounds[kind].append(samples)
            if number < KEPT:
                sounds_of.setdefault("real", (clips["real"], SAMPLE_RATE))
                name = recording.id.replace("/", "_")
                for kind, sound in sounds_of.items():
                    soundfile.write(self.out / f"{name}_{kind}.wav", *sound)
                plot_spectra(sounds_of, self.out / f"{name}.png")
            pitch.add(clips["real"], clips["copy"])
            likeness.append(pesq_of(clips["real"], clips["copy"]))
        out: dict[str, Any] = {
            "recordings": len(items),
            "pesq_copy": round(float(np.mean([x for x in likeness if x is not None])), 3),
            **pitch.figures(),
            **upper.figures(),
            "tonal_syllable_error": {k: error_rate(v) for k, v in heard.items()},
            "syllable_error": {k: error_rate(toneless(v)) for k, v in heard.items()},
            "dnsmos": self.quality(sounds),
            "distill_mos": self.opinions(sounds),
        }
        for kind, name in (("prosody", group.same), ("prosody_default", "yue")):
            pairs = [
                (recorded(i), spoken(row_text(corpus[i.number].text), self.predict, self.speakers[name], self.read))
                for i in items
            ]
            out[kind] = agreement(pairs)
            if kind == "prosody":
                sides = [a for a, _ in pairs], [b for _, b in pairs]
                plot_contours(*sides, f"{group.name}: recorded (grey), {name} (red)", self.out / f"{group.name}.png")
        return out

    def unrecorded(self, texts: list[str]) -> dict[str, Any]:
        """Sentences nobody recorded, by the default voice: INT8 and, where given, its float32 twin."""
        engines = {"default": self.engine} | ({"float32": self.float_engine} if self.float_engine else {})
        out: dict[str, Any] = {"sentences": len(texts)}
        heard: dict[str, Pairs] = {k: [] for k in engines}
        sounds: dict[str, list[Array]] = {k: [] for k in engines}
        for text in texts:
            reading = expected(self.read, text)
            for kind, engine in engines.items():
                samples = speak(engine, text, self.voice)
                heard[kind].append((self.ear(samples), reading))
                sounds[kind].append(samples)
        out["tonal_syllable_error"] = {k: error_rate(v) for k, v in heard.items()}
        out["syllable_error"] = {k: error_rate(toneless(v)) for k, v in heard.items()}
        out["dnsmos"] = self.quality(sounds, UNRECORDED_HEARD)
        out["distill_mos"] = self.opinions(sounds, UNRECORDED_HEARD)
        return out


def plot_spectra(clips: dict[str, tuple[Array, int]], path: Path) -> None:
    """Spectrograms of samples at their rates, one under the other."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(len(clips), 1, figsize=(11, 2.4 * len(clips)))
    for axis, (name, (samples, rate)) in zip(axes, clips.items(), strict=True):
        size = rate * 512 // SAMPLE_RATE
        axis.specgram(samples + 1e-7, NFFT=size, Fs=rate, noverlap=size * 27 // 32, vmin=-130, vmax=-30, cmap="magma")
        axis.set_ylabel(name)
    figure.tight_layout()
    figure.savefig(path, dpi=70)
    plt.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voice", default="qingsheng")
    parser.add_argument("--work", type=Path, default=Path(".work/voice"))
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--floats", type=Path, help="folder of float32 twins of the models, to compare with INT8")
    parser.add_argument("--dnsmos", type=Path, default=Path("../shared/instruments/dnsmos_sig_bak_ovr.onnx"))
    parser.add_argument("--sentences", type=Path, default=Path("../shared/data/sentences"))
    parser.add_argument("--most", type=int, default=200)
    add_reader_options(parser)
    options = parser.parse_args()
    reader = chosen_reader(options)
    torch.set_num_threads(1)
    corpus, items, _ = load_items(options.work)
    rows = alignment_rows(options.work)
    judge = Judge(options.work, options.models, options.voice, options.dnsmos, options.floats, reader)
    metrics: dict[str, Any] = {"read": WITH_READER if reader else BY_RULES}
    for group in GROUPS:
        held = [i for i in items if corpus.splits[i.number] == "test" and i.speaker == group.speaker]
        metrics[group.name] = judge.group(group, corpus, held[: options.most], rows)
        print(group.name, json.dumps(metrics[group.name], indent=1), flush=True)
    if options.sentences.exists():
        _, texts = unrecorded_texts(options.sentences)
        metrics["unrecorded"] = judge.unrecorded(texts[: options.most])
        print("unrecorded", json.dumps(metrics["unrecorded"], indent=1), flush=True)
    folder = options.work / "metrics"
    folder.mkdir(exist_ok=True)
    (folder / f"{options.voice}.json").write_text(json.dumps(metrics, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
