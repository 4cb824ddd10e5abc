"""The pictures of the report."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np

from models.recipes.qingsheng.audio import HOP_LENGTH, SAMPLE_RATE
from models.recipes.qingsheng.prepare import pitch
from py_engine.emotion.values import EMOTIONS, NEUTRAL

from .rows import EXPRESSED, INTENSITIES, Row
from .study import Study
from .verdicts import all_steps

mpl.use("Agg")
import matplotlib.pyplot as plt

COLOURS = dict(zip(EMOTIONS, ("0.5", "tab:orange", "tab:blue", "tab:red", "tab:purple", "tab:green"), strict=True))
PINYIN = {"太好了！": "tài hǎo le!", "他们明天坐火车去北京。": "tāmen míngtiān zuò huǒchē qù Běijīng."}
SWEPT = {
    "f0": "F0 mean, %", "range": "F0 range, semitones", "final": "end of melody, semitones", "rate": "rate, %",
    "energy": "energy, dB", "tilt": "tilt, dB per octave",
}  # fmt: skip


def pitch_curves(study: Study, path: Path) -> None:
    """Two sentences in six emotions at full intensity, measured from the samples."""
    figure, axes = plt.subplots(1, len(PINYIN), figsize=(10, 3.6), sharey=True, width_ratios=(1, 2.2))
    for axis, (text, title) in zip(axes, PINYIN.items(), strict=True):
        for emotion in EMOTIONS:
            samples = study.speak(text, emotion=emotion)
            f0, voiced = pitch(study.detector, samples[: len(samples) // HOP_LENGTH * HOP_LENGTH])
            seconds = (np.arange(len(f0)) + 0.5) * HOP_LENGTH / SAMPLE_RATE
            curve = np.where(voiced > 0.5, f0, np.nan)
            axis.plot(
                seconds, curve, color=COLOURS[emotion], linewidth=2.4 if emotion == NEUTRAL else 1.3, label=emotion
            )
        axis.set_title(title, fontsize=9)
        axis.set_xlabel("seconds")
        axis.set_yscale("log", base=2)
        axis.set_yticks((150, 200, 300, 400, 500), ("150", "200", "300", "400", "500"))
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("F0, Hz")
    axes[1].legend(fontsize=8, ncols=2)
    save(figure, path)


def sweeps(rows: list[Row], path: Path) -> None:
    """Mean change of each measure over intensity."""
    found = all_steps(rows)
    figure, axes = plt.subplots(2, 3, figsize=(10, 5.4), sharex=True)
    for axis, (name, title) in zip(axes.flat, SWEPT.items(), strict=True):
        for emotion in EXPRESSED:
            axis.plot(INTENSITIES, found[name][emotion].values, color=COLOURS[emotion], marker=".", label=emotion)
        axis.axhline(0, color="0.5", linewidth=0.8)
        axis.set_title(title, fontsize=9)
        axis.grid(alpha=0.3)
    for axis in axes[1]:
        axis.set_xlabel("intensity")
    axes[0, 0].legend(fontsize=7)
    save(figure, path)


def save(figure: plt.Figure, path: Path) -> None:
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=80)
    plt.close(figure)
