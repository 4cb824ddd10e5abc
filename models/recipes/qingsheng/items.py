"""Step 4: aligned recordings -> what the prosody and the acoustic model are trained on.

``python -m models.recipes.qingsheng.items --work .work/voice``
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from py_engine.text import analyse
from py_engine.text.familiarity import UNLISTED, familiarity
from py_engine.text.model import PAUSE_BREAK, PHRASE_BREAK
from py_engine.text.phones import PHONES

from .audio import Array
from .corpus import Corpus, Recording

POINTS = (0.1, 0.3, 0.5, 0.7, 0.9)
DROP_DEVIATIONS = 3.0


@dataclass(frozen=True)
class Item:
    """One recording, phone by phone (N) and frame by frame (T); z-scores are per speaker over the training part.

    ``tokens`` names the syllable of each phone, -1 for pauses.
    """

    number: int
    speaker: int
    phones: NDArray[np.int64]
    tones: NDArray[np.int64]
    breaks: NDArray[np.int64]
    positions: Array
    tokens: NDArray[np.int64]
    frames: NDArray[np.int64]
    f0: Array
    voicing: Array
    energy: Array


def frame_energy(mel: NDArray[Any]) -> Array:
    """Natural log of the mean mel magnitude per frame, [T, 80] -> [T]."""
    return np.log(np.exp(mel.astype(np.float32)).mean(1)).astype(np.float32)


def commonness(text: str, count: int) -> Array:
    """How common word and character of each syllable are, [count, 2]; that of unlisted ones where the counts differ."""
    rows = [pair for utterance in analyse(text).utterances for word in utterance.words for pair in familiarity(word)]
    return np.array(rows if len(rows) == count else [(UNLISTED, UNLISTED)] * count, np.float32)


def positions_of(tokens: list[int], pause_before: list[bool], common: Array) -> Array:
    """Position features per phone, see docs/architecture.md; ``tokens``: syllable of each phone, -1 for pauses."""
    count = len(common)
    phrase_of, first = np.zeros(count, int), [0]
    for number in range(count):
        if number and pause_before[number]:
            first.append(number)
        phrase_of[number] = len(first) - 1
    edges = [*first, count]
    out = np.zeros((len(tokens), 6), np.float32)
    out[:, 3] = np.log1p(count) / 3
    for row, token in enumerate(tokens):
        if token >= 0:
            start, stop = edges[phrase_of[token]], edges[phrase_of[token] + 1]
            out[row, :3] = token / count, (token - start) / (stop - start), np.log1p(stop - start) / 3
            out[row, 4:] = common[token]
    return out


def breaks_of(row: dict[str, Any], pause_before: list[bool]) -> list[int]:
    """Level after each syllable: the front end's 0 to 2, 3 where the reader paused, 4 at the end."""
    count = len(row["pinyin"])
    levels = [min(2, int(level)) for level in row["level"]]
    for number in range(count - 1):
        if pause_before[number + 1]:
            levels[number] = 3
    levels[-1] = 4
    return levels


def item_of(number: int, recording: Recording, row: dict[str, Any], stats: dict[str, float]) -> Item:
    tokens: list[int] = row["token"]
    count = len(row["pinyin"])
    pause_before = [False] * (count + 1)
    for here, following in pairwise(tokens):
        if here == -1 and following > 0:
            pause_before[following] = True
    levels = breaks_of(row, pause_before)
    frames = np.array(row["frames"], np.int64)
    edges = np.concatenate([[0], np.cumsum(frames)])
    log_f0, energy = np.log(recording.f0), frame_energy(recording.mel)
    inner = edges[:-1, None] + frames[:, None] * np.array(POINTS)[None]
    grid = np.clip(inner - 0.5, 0, len(log_f0) - 1)
    index = np.arange(len(log_f0))
    means = np.add.reduceat(energy, np.minimum(edges[:-1], len(energy) - 1)) / np.maximum(frames, 1)
    return Item(
        number, recording.speaker,
        np.array([PHONES[s] for s in row["phones"]], np.int64),
        np.array([row["tone"][t] if t >= 0 else 0 for t in tokens], np.int64),
        np.array([levels[t] if t >= 0 else 0 for t in tokens], np.int64),
        positions_of(tokens, pause_before, commonness(recording.text, count)),
        np.array(tokens, np.int64),
        frames,
        ((np.interp(grid, index, log_f0) - stats["log_f0_mean"]) / stats["log_f0_std"]).astype(np.float32),
        (np.interp(grid, index, recording.voiced) > 0.5).astype(np.float32),
        ((means - stats["energy_mean"]) / stats["energy_std"]).astype(np.float32),
    )  # fmt: skip


def without_pauses(item: Item) -> Item:
    """The same recording as if its reader's pauses were not known: a text without punctuation does not tell them."""
    kept = item.phones != PHONES["sp"]
    tokens = item.tokens[kept]
    common = np.zeros((int(tokens.max()) + 1, 2), np.float32)
    speech = tokens >= 0
    common[tokens[speech]] = item.positions[kept][speech, 4:]
    changed = {
        "breaks": np.where(item.breaks == PAUSE_BREAK, PHRASE_BREAK, item.breaks)[kept],
        "positions": positions_of(tokens.tolist(), [False] * (len(common) + 1), common),
    }
    rows = {k: getattr(item, k)[kept] for k in ("phones", "tones", "tokens", "frames", "f0", "voicing", "energy")}
    return replace(item, **rows, **changed)


def speaker_stats(corpus: Corpus) -> dict[int, dict[str, float]]:
    """Mean and deviation of log F0 (voiced frames) and of frame energy (voiced frames), training recordings only."""
    out = {}
    for speaker in sorted(set(corpus.speakers)):
        rows = [corpus[n] for n in corpus.numbers("train") if corpus.speakers[n] == speaker]
        log_f0 = np.log(np.concatenate([r.f0[r.voiced > 0.5] for r in rows]))
        low, high = np.percentile(log_f0, [1, 99])
        log_f0 = log_f0[(log_f0 > low) & (log_f0 < high)]
        energy = np.concatenate([frame_energy(r.mel)[r.voiced > 0.5] for r in rows if r.voiced.sum() > 0])
        out[speaker] = {
            "log_f0_mean": float(log_f0.mean()), "log_f0_std": float(log_f0.std()),
            "energy_mean": float(energy.mean()), "energy_std": float(energy.std()),
        }  # fmt: skip
    return out


def alignment_rows(work: Path) -> list[dict[str, Any]]:
    """What ``align`` wrote, one row a recording."""
    return [json.loads(line) for line in (work / "alignment.jsonl").read_text("utf-8").splitlines()]


def load_items(work: Path) -> tuple[Corpus, list[Item], dict[int, dict[str, float]]]:
    """All usable recordings: those without reading and those that align badly are left out."""
    corpus = Corpus(work)
    rows = alignment_rows(work)
    stats = speaker_stats(corpus)
    scores = np.array([row["score"] for row in rows])
    usable = scores > -1e3
    items = []
    for speaker in stats:
        mine = np.array(corpus.speakers) == speaker
        limit = scores[mine & usable].mean() - DROP_DEVIATIONS * scores[mine & usable].std()
        usable &= ~mine | (scores > limit)
    for number, row in enumerate(rows):
        if usable[number] and row["pinyin"]:
            items.append(item_of(number, corpus[number], row, stats[corpus.speakers[number]]))
    return corpus, items, stats


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(".work/voice"))
    options = parser.parse_args()
    corpus, items, stats = load_items(options.work)
    print(f"{len(items)} of {len(corpus)} recordings usable")
    print(json.dumps(stats, indent=1))


if __name__ == "__main__":
    main()
