"""Instruments for judging a voice: DNSMOS, Distill-MOS, the recogniser, PESQ, agreement of pitch and voicing."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
import torch
from numpy.typing import NDArray
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


class DistillMos:
    """Mean opinion of 16 kHz speech, 1 to 5: Stahl & Gamper, "Distillation and pruning for scalable self-supervised
    representation-based speech quality assessment", 2025. The packages ``distillmos`` and ``xls-r-sqa`` (MIT, weights
    within), installed without what else they ask for: torchaudio serves their command line alone."""

    def __init__(self) -> None:
        if not find_spec("torchaudio"):
            sys.modules.setdefault("torchaudio", ModuleType("torchaudio"))
        from distillmos import ConvTransformerSQAModel  # type: ignore[import-not-found]

        self.model = ConvTransformerSQAModel().eval()

    @staticmethod
    def installed() -> bool:
        return find_spec("distillmos") is not None and find_spec("xls_r_sqa") is not None

    def __call__(self, samples: Array) -> float:
        """Mean over windows of 7.68 s, a second apart; a shorter recording is followed by silence."""
        with torch.no_grad():
            return float(self.model(torch.tensor(samples, dtype=torch.float32)[None]).mean())


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


class UpperBand:
    """The band from 8 to 10 kHz of recordings, which other instruments do not hear, and of copies and voices.

    Levels are of frames of 16 ms, in dB; frames count that are within 40 dB of the loudest.
    """

    def __init__(self) -> None:
        self._errors: list[Array] = []
        self._power: dict[str, list[Array]] = {}

    def add(self, sounds: dict[str, Array], rate: int) -> None:
        """Of one text: ``real``, and ``copy`` in step with it, and others."""
        levels = {}
        for kind, samples in sounds.items():
            bands, loud = _bands(samples, rate)
            self._power.setdefault(kind, []).append(bands[loud].sum(0))
            levels[kind] = 10 * np.log10(bands[:, 1] + 1e-9), loud
        (real, loud), (copy, _) = levels["real"], levels["copy"]
        count = min(len(real), len(copy))
        self._errors.append(np.abs(real[:count] - copy[:count])[loud[:count]])

    def figures(self) -> dict[str, object]:
        """Mean error of the copies' level, and the band's level against that from 4 to 8 kHz; nothing of nothing."""
        if not self._errors:
            return {}
        sums = {kind: np.sum(rows, 0) for kind, rows in self._power.items()}
        return {
            "upper_band_error_db": round(float(np.concatenate(self._errors).mean()), 2),
            "upper_band_level_db": {k: round(float(10 * np.log10(v[1] / v[0])), 1) for k, v in sums.items()},
        }


def _bands(samples: Array, rate: int) -> tuple[Array, NDArray[np.bool_]]:
    """Power from 4 to 8 and from 8 to 10 kHz, ``[T, 2]``, and which frames are loud enough to count."""
    size = rate * 16 // 1000
    view = np.lib.stride_tricks.sliding_window_view(samples, size)[:: size // 2]
    power = np.abs(np.fft.rfft(view * np.hanning(size), axis=1)) ** 2
    hertz = np.fft.rfftfreq(size, 1 / rate)
    bands = [power[:, (hertz >= low) & (hertz < high)].sum(1) for low, high in ((4000, 8000), (8000, 10_000))]
    whole = power.sum(1)
    return np.stack(bands, 1), whole > whole.max() * 1e-4


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
