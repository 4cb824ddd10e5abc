"""A teacher of syllable durations: boosted trees, which learn more from 650 sentences than a network does.

Their answers on sentences that nobody recorded are what `train_prosody` learns from besides the recordings.
``python -m models.recipes.qingsheng.durations`` prints how well they do on held-out sentences.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor  # type: ignore[import-untyped]

from py_engine.text.phones import INITIALS, PHONES

from .items import Item, load_items, without_pauses

SYMBOLS = {number: symbol for symbol, number in PHONES.items()}
READERS, ANY_READER = (1, 2), 3
# trees see no more than this many syllables ahead or back
FAR = 30
MEMBERS = 4
Floats = NDArray[np.float64]


def syllable_frames(item: Item) -> Floats:
    """Frames of each syllable, [S]."""
    speech = item.tokens >= 0
    return np.bincount(item.tokens[speech], item.frames[speech])


def features(
    phones: NDArray[np.int64], tones: NDArray[np.int64], breaks: NDArray[np.int64], positions: NDArray[Any],
    tokens: NDArray[np.int64], finals: dict[tuple[int, ...], int],
) -> Floats:  # fmt: skip
    """What the trees know of each syllable, [S, F]: all of it out of the prosody model's own inputs.

    ``finals`` numbers what stands behind the initials; the unknown are added to it.
    """
    count = int(tokens.max()) + 1
    rows = [np.flatnonzero(tokens == n) for n in range(count)]
    initial, final = np.zeros(count), np.zeros(count)
    for number, own in enumerate(rows):
        behind = own[1:] if SYMBOLS[int(phones[own[0]])] in INITIALS else own
        initial[number] = phones[own[0]] if len(behind) < len(own) else 0
        final[number] = finals.setdefault(tuple(phones[behind].tolist()), len(finals) + 1)
    first = np.array([own[0] for own in rows])
    level, tone, common = breaks[first].astype(float), tones[first].astype(float), positions[first, 4:6]
    columns = [*_around(initial), *_around(final), *_around(tone), *_around(level)]
    columns += [*_around(common[:, 0])[:1], *_around(common[:, 1]), *positions[first, :4].T]
    for least in (1, 2, 3):
        columns += [_until(level >= least), _until(level[::-1] >= least)[::-1]]
    return np.stack(columns, 1)


def _around(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Values with those of the left and the right neighbour, 0 beyond the ends."""
    padded = np.pad(values, 1, constant_values=0)
    return values, padded[:-2], padded[2:]


def _until(edge: NDArray[np.bool_]) -> Floats:
    """Syllables up to the next edge."""
    out, left = np.zeros(len(edge)), FAR
    for number in range(len(edge) - 1, -1, -1):
        left = 0 if edge[number] else min(FAR, left + 1)
        out[number] = left
    return out


class Durations:
    """Trees for ln frames of a syllable, several seeds averaged."""

    def __init__(self, items: list[Item]) -> None:
        """Learn from the readers' sentences, each with the reader's pauses and as if they were unknown."""
        self.finals: dict[tuple[int, ...], int] = {}
        known = [view for i in items if i.speaker in READERS for view in (i, without_pauses(i))]
        inputs = np.concatenate([self._inputs(i, i.speaker) for i in known])
        goal = np.log(np.concatenate([syllable_frames(i) for i in known]))
        self._members = [self._tree(seed).fit(inputs, goal) for seed in range(MEMBERS)]

    @staticmethod
    def _tree(seed: int) -> HistGradientBoostingRegressor:
        # initial and final, of the syllable and its neighbours
        return HistGradientBoostingRegressor(
            max_iter=250, learning_rate=0.04, max_leaf_nodes=15, min_samples_leaf=30, l2_regularization=5.0,
            categorical_features=[0, 1, 2, 3, 4, 5], max_features=0.4, random_state=seed,
        )  # fmt: skip

    def _inputs(self, row: Item, speaker: int) -> Floats:
        found = features(row.phones, row.tones, row.breaks, row.positions, row.tokens, self.finals)
        return np.concatenate([found, np.full((len(found), 1), float(speaker))], 1)

    def predict(self, row: Item, speaker: int) -> Floats:
        """ln frames of each syllable, [S]; `ANY_READER` is the mean of both."""
        return self.predict_all([row], speaker)[0]

    def predict_all(self, rows: list[Item], speaker: int) -> list[Floats]:
        """``predict`` of many at once, which spares the trees' start."""
        readers = READERS if speaker == ANY_READER else (speaker,)
        inputs = [np.concatenate([self._inputs(row, reader) for row in rows]) for reader in readers]
        told = np.mean([member.predict(one) for member in self._members for one in inputs], axis=0)
        edges = np.cumsum([int(row.tokens.max()) + 1 for row in rows])
        return np.split(told, edges[:-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(".work/voice"))
    options = parser.parse_args()
    corpus, items, _ = load_items(options.work)
    teacher = Durations([i for i in items if corpus.splits[i.number] == "train"])
    for reader in READERS:
        held = [i for i in items if corpus.splits[i.number] == "test" and i.speaker == reader]
        real = np.log(np.concatenate([syllable_frames(i) for i in held]))
        for speaker in (reader, ANY_READER):
            given = np.concatenate([teacher.predict(i, speaker) for i in held])
            blind = np.concatenate([teacher.predict(without_pauses(i), speaker) for i in held])
            r = [round(float(np.corrcoef(real, made)[0, 1]), 3) for made in (given, blind)]
            print(f"reader {reader} as {speaker}: r {r[0]} with the pauses given, {r[1]} without")


if __name__ == "__main__":
    main()
