"""Timing and melody of a voice beside the readers': correlations, pauses, tone contours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
from numpy.typing import NDArray

from py_engine.prosody.curves import ProsodyOutput, SpeakerScale, make_curves
from py_engine.prosody.intonation import with_intonation
from py_engine.synthesis.sentence import Sentence, read_sentences
from py_engine.text.phones import INITIALS, PAUSES, PHONES

from .front_end import Read
from .qingsheng.items import POINTS, Item

Floats = NDArray[np.float64]
Predict = Callable[..., Any]
SYMBOLS = list(PHONES)


@dataclass(frozen=True)
class Spoken:
    """One utterance syllable by syllable (S): ``frames`` [S], ``pitch`` [S, 5] z-score of ln F0 in the final, NaN where
    unvoiced, ``pause`` [S] frames after each, ``tones`` [S]."""

    frames: Floats
    pitch: Floats
    pause: Floats
    tones: NDArray[np.int64]


def predictor(path: Path) -> Predict:
    """``prosody.onnx`` of a pack as a function of its five inputs."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    taken = {i.name: i.shape for i in session.get_inputs()}

    def predict(*values: NDArray[Any]) -> Any:  # noqa: ANN401 -- as onnxruntime gives them
        feeds = dict(zip(taken, values, strict=True))
        feeds["positions"] = feeds["positions"][..., : taken["positions"][2]]
        return session.run(["duration", "f0", "voicing", "energy"], feeds)

    return predict


def planned(
    text: str, predict: Predict, speaker: dict[str, Any], read: Read = read_sentences
) -> Iterator[tuple[Sentence, ProsodyOutput, Any]]:
    """Each utterance of ``text`` with the prosody model's output and the curves made of it."""
    scale = SpeakerScale(speaker["log_f0_mean"], speaker["log_f0_std"], speaker["duration_scale"])
    for sentence in read(text):
        p = sentence.phones
        known = [np.asarray(x, np.int64)[None] for x in (p.phones, p.tones, p.breaks)]
        out = predict(*known, np.asarray(p.positions, np.float32)[None], np.array([speaker["prosody_index"]]))
        output = ProsodyOutput(*(np.asarray(x[0], np.float64) for x in out))
        yield sentence, output, make_curves(
            p.symbols, p.pauses, output, scale, exact=p.exact,
            delivery=with_intonation(sentence.delivery, sentence.kind, p),
        )  # fmt: skip


def syllables(
    symbols: list[str], owner: NDArray[np.int64], frames: NDArray[Any], f0: Floats, voicing: Floats, tones: NDArray[Any]
) -> Spoken:
    """Gather phones [N] into syllables; ``owner`` names the syllable of each phone, -1 for pauses."""
    count = int(owner.max()) + 1
    length, pause = np.zeros(count), np.zeros(count)
    pitch, tone = np.full((count, len(POINTS)), np.nan), np.zeros(count, np.int64)
    last = -1
    for row, number in enumerate(owner):
        if number < 0:
            if last >= 0 and symbols[row] == "sp":
                pause[last] += frames[row]
            continue
        last = int(number)
        length[last] += frames[row]
        tone[last] = tones[row]
        if symbols[row] not in INITIALS and symbols[row] not in PAUSES and symbols[row] != "rr":
            pitch[last] = np.where(voicing[row] > 0.5, f0[row], np.nan)
    return Spoken(length, pitch, pause, tone)


def recorded(item: Item) -> Spoken:
    symbols = [SYMBOLS[p] for p in item.phones]
    return syllables(
        symbols, item.tokens, item.frames, item.f0.astype(np.float64), item.voicing.astype(np.float64), item.tones
    )


def spoken(text: str, predict: Predict, speaker: dict[str, Any], read: Read = read_sentences) -> Spoken:
    """What the voice plans for ``text``, all utterances joined."""
    parts = []
    for sentence, output, curves in planned(text, predict, speaker, read):
        p = sentence.phones
        # five points per phone, as the models of a recording have them
        parts.append(syllables(list(p.symbols), p.syllable_index, curves.durations, output.f0, output.voicing, p.tones))
        parts[-1].pause[-1] = sentence.pause_after * 80
    return Spoken(*(np.concatenate([getattr(x, k) for x in parts]) for k in ("frames", "pitch", "pause", "tones")))


def correlation(a: Floats, b: Floats) -> float:
    return round(float(np.corrcoef(a, b)[0, 1]), 3)


def agreement(pairs: list[tuple[Spoken, Spoken]]) -> dict[str, float]:
    """Real against planned: r of syllable duration and of log F0, F1 of pauses, spread, declination, final length."""
    known = [(a, b) for a, b in pairs if len(a.frames) == len(b.frames)]
    real, made = [a for a, _ in known], [b for _, b in known]
    length = [np.concatenate([x.frames for x in side]) for side in (real, made)]
    pitch = [np.concatenate([x.pitch.ravel() for x in side]) for side in (real, made)]
    both = ~np.isnan(pitch[0]) & ~np.isnan(pitch[1])
    paused = [np.concatenate([x.pause[:-1] for x in side]) > 4 for side in (real, made)]
    hit = float((paused[0] & paused[1]).sum())
    out = {
        "utterances": len(known),
        "left_out": len(pairs) - len(known),
        "duration_r": correlation(np.log(length[0]), np.log(length[1])),
        "log_f0_r": correlation(pitch[0][both], pitch[1][both]),
        "f0_spread_ratio": round(float(np.std(pitch[1][both]) / np.std(pitch[0][both])), 2),
        "pauses_real": int(paused[0].sum()),
        "pauses_made": int(paused[1].sum()),
        "pause_f1": round(2 * hit / max(1.0, float(paused[0].sum() + paused[1].sum())), 3),
    }
    for name, side in (("real", real), ("made", made)) if max(len(x.frames) for x in real) > 4 else ():
        out[f"declination_{name}"] = round(declination(side), 3)
        out[f"final_lengthening_{name}"] = round(final_lengthening(side), 3)
    return out


def declination(side: list[Spoken]) -> float:
    """Slope of the syllables' mean pitch over an utterance, in deviations from its beginning to its end."""
    at, value = [], []
    for x in side:
        mean = np.array([np.nanmean(row) if not np.isnan(row).all() else np.nan for row in x.pitch])
        known = ~np.isnan(mean)
        if known.sum() > 4:
            place = np.linspace(0, 1, len(mean))[known]
            at.append(place - place.mean())
            value.append(mean[known] - mean[known].mean())
    x, y = np.concatenate(at), np.concatenate(value)
    return float((x * y).sum() / (x * x).sum())


def final_lengthening(side: list[Spoken]) -> float:
    """Mean length of the last syllable against that of the others."""
    last = np.mean([x.frames[-1] for x in side])
    return float(last / np.mean(np.concatenate([x.frames[:-1] for x in side])))


def contours(side: list[Spoken]) -> tuple[dict[int, Floats], dict[tuple[int, int], Floats]]:
    """Mean pitch [5] per tone, and [10] per pair of tones in neighbouring syllables, in deviations."""
    single, pair = defaultdict(list), defaultdict(list)
    for x in side:
        for row, tone in zip(x.pitch, x.tones, strict=True):
            single[int(tone)].append(row)
        for (a, b), (s, t), pause in zip(pairwise(x.pitch), pairwise(x.tones), x.pause, strict=False):
            if pause == 0:
                pair[int(s), int(t)].append(np.concatenate([a, b]))

    def mean(rows: list[Floats]) -> Floats:
        stacked = np.stack(rows)
        known = (~np.isnan(stacked)).sum(0)
        # a point that is voiced in fewer than three is left open
        return np.where(known >= min(3, len(rows)), np.nansum(stacked, 0) / np.maximum(known, 1), np.nan)

    return {k: mean(v) for k, v in single.items()}, {k: mean(v) for k, v in pair.items()}


def plot_contours(real: list[Spoken], made: list[Spoken], title: str, path: Path) -> None:
    """Five tones above, all pairs below (first tone down, second across); grey as recorded, colour as planned."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    both = [contours(real), contours(made)]
    figure, axes = plt.subplots(5, 5, figsize=(10, 8.4), sharey=True)
    figure.suptitle(title, fontsize=11)
    for (row, column), cell in np.ndenumerate(axes):
        key = column + 1 if row == 0 else (row, column + 1)
        part = 0 if row == 0 else 1
        for curves, colour, width in zip(both, ("0.55", "tab:red"), (3.0, 1.4), strict=True):
            values = curves[part].get(key)  # type: ignore[call-overload]
            if values is not None:
                steps = np.array(POINTS) if row == 0 else np.concatenate([np.array(POINTS), np.array(POINTS) + 1])
                cell.plot(steps, values, color=colour, linewidth=width, marker=".", markersize=3)
        cell.set_title(f"tone {key}" if row == 0 else f"{key[0]} + {key[1]}", fontsize=8, pad=2)  # type: ignore[index]
        cell.set_xticks([])
        cell.tick_params(labelsize=7)
        cell.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, dpi=80)
    plt.close(figure)
