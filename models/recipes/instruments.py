"""Instruments for judging a voice: DNSMOS, the recogniser, PESQ, agreement of pitch and voicing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
import torch
from pesq import PesqError, pesq
from swift_f0 import SwiftF0

from .qingsheng.audio import SAMPLE_RATE, Array, log_mel
from .qingsheng.items import alignment_rows
from .qingsheng.prepare import match_level, pitch
from .qingsheng.recogniser import Recogniser, decode, edits, features, inventory_of, syllable_loop
from .qingsheng.training import load_trained

WINDOW = 144_160
# P.835 polynomials published with the model (Reddy et al. 2022): raw score -> mean opinion score
POLYNOMIALS = {
    "sig": (-0.08397278, 1.22083953, 0.0052439),
    "bak": (-0.13166888, 1.60915514, -0.39604546),
    "ovr": (-0.06766283, 1.11546468, 0.04602535),
}
# neighbouring windows share most of what they hear: two seconds apart says as much as one, in half the time
WINDOW_STEP = 2 * SAMPLE_RATE

Pairs = list[tuple[list[str], list[str]]]


class Dnsmos:
    """P.835 quality of 16 kHz speech. ``path``: the published ONNX file; its licence is CC BY 4.0."""

    def __init__(self, path: Path) -> None:
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(path), settings, providers=["CPUExecutionProvider"])

    def __call__(self, samples: Array) -> dict[str, float]:
        """Mean over windows of 9.01 s; a shorter recording is repeated."""
        while len(samples) < WINDOW:
            samples = np.concatenate([samples, samples])
        rows = []
        for start in range(0, len(samples) - WINDOW + 1, WINDOW_STEP):
            piece = samples[start : start + WINDOW].astype(np.float32)[None]
            rows.append(self.session.run(None, {self.session.get_inputs()[0].name: piece})[0][0])
        raw = np.mean(rows, 0)
        return {k: float(np.polyval(c, v)) for (k, c), v in zip(POLYNOMIALS.items(), raw, strict=True)}


class Ear:
    """The recogniser, from samples to tonal syllables."""

    def __init__(self, work: Path, detector: SwiftF0) -> None:
        self.loop = syllable_loop(inventory_of(alignment_rows(work)))
        self.model = load_trained(Recogniser(), work / "recogniser.pt")
        self.detector = detector

    def __call__(self, samples: Array) -> list[str]:
        samples = match_level(samples[: len(samples) // 200 * 200])
        f0, voiced = pitch(self.detector, samples)
        with torch.no_grad():
            ctc, _ = self.model(torch.tensor(features(log_mel(samples), f0, voiced))[None])
        return decode(ctc[0].numpy(), self.loop)


def error_rate(pairs: Pairs) -> float:
    """Percent of edits over the syllables that were said."""
    return round(100 * sum(edits(h, s) for h, s in pairs) / sum(len(s) for _, s in pairs), 2)


def toneless(pairs: Pairs) -> Pairs:
    return [([x[:-1] for x in h], [x[:-1] for x in s]) for h, s in pairs]


def pesq_of(real: Array, made: Array) -> float | None:
    """Wide-band PESQ; None where it finds no utterance."""
    try:
        return float(pesq(SAMPLE_RATE, real, made, "wb"))
    except PesqError:
        return None


class PitchAgreement:
    """Voicing F1 and F0 error in cents, collected over pairs of recordings that run in step."""

    def __init__(self, detector: SwiftF0) -> None:
        self.detector = detector
        self.counts = np.zeros(3)
        self.cents: list[Array] = []

    def add(self, real: Array, made: Array) -> None:
        (f0, voiced), (g0, sung) = (pitch(self.detector, x) for x in (real, made))
        n = min(len(f0), len(g0))
        a, b = voiced[:n] > 0.5, sung[:n] > 0.5
        self.counts += (a & b).sum(), (a & ~b).sum(), (~a & b).sum()
        self.cents.append(np.abs(1200 * np.log2(g0[:n][a & b] / f0[:n][a & b])))

    def figures(self) -> dict[str, float]:
        both, missed, added = self.counts
        error = np.concatenate(self.cents)
        return {
            "voicing_f1": round(float(2 * both / (2 * both + missed + added)), 4),
            "f0_cents_median": round(float(np.median(error)), 1),
            "f0_gross_percent": round(float(100 * (error > 600).mean()), 2),
        }
