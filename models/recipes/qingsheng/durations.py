"""Lengths of syllables: boosted trees, which learn more from 650 sentences than a network does.

Their answers on sentences that nobody recorded are what `train_prosody` learns from besides the recordings, and
`timing` puts the trees into the pack. ``python -m models.recipes.qingsheng.durations`` prints how well they do on
held-out sentences.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor  # type: ignore[import-untyped]

from py_engine.text.phones import FINALS, INITIALS, PHONES

from .items import Item, load_items, without_pauses

READERS, ANY_READER = (1, 2), 3
# trees see no more than this many syllables ahead or back
FAR = 30
# so many sightings weigh as much as the mean of all
DOUBT = 30
MANNERS = (
    ("b", "d", "g"),
    ("p", "t", "k"),
    ("z", "zh", "j"),
    ("c", "ch", "q"),
    ("s", "sh", "x", "f", "h"),
    ("m", "n", "l", "r"),
)
PLACES = (
    ("b", "p", "m", "f"),
    ("d", "t", "n", "l"),
    ("z", "c", "s"),
    ("zh", "ch", "sh", "r"),
    ("j", "q", "x"),
    ("g", "k", "h"),
)
# An initial's code is its phone, 0 where there is none; a final's is so much more where erhua follows.
CURLED = len(PHONES)
CODES = 2 * CURLED
Floats = NDArray[np.float64]


def syllable_frames(item: Item) -> Floats:
    """Frames of each syllable, [S]."""
    speech = item.tokens >= 0
    return np.bincount(item.tokens[speech], item.frames[speech])


def classes(groups: tuple[tuple[str, ...], ...]) -> Floats:
    """By code of an initial: which group it is in, from 1, 0 for none."""
    out = np.zeros(CODES)
    for number, group in enumerate(groups, 1):
        out[[PHONES[symbol] for symbol in group]] = number
    return out


def codes_of(item: Item) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Initial, final and first phone of each syllable, [S] each."""
    rows = [np.flatnonzero(item.tokens == n) for n in range(int(item.tokens.max()) + 1)]
    starts, ends = ({PHONES[symbol] for symbol in symbols} for symbols in (INITIALS, FINALS))
    initial, final = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64)
    for number, own in enumerate(rows):
        said = item.phones[own].tolist()
        initial[number] = said[0] if said[0] in starts else 0
        final[number] = max((p for p in said if p in ends), default=0) + (CURLED if said[-1] == PHONES["rr"] else 0)
    return initial, final, np.array([own[0] for own in rows])


@dataclass(frozen=True)
class Sounds:
    """How much longer than the mean a syllable is (in ln) by its initial or final, or by that of a neighbour.

    Six tables by code: the initial's own, of the syllable before and of the one behind; likewise the final's.
    """

    tables: Floats

    @staticmethod
    def learn(codes: list[Floats], goal: Floats) -> Sounds:
        tables = np.zeros((len(codes), CODES))
        for table, column in zip(tables, codes, strict=True):
            seen = np.bincount(column.astype(int), minlength=CODES)
            total = np.bincount(column.astype(int), goal - goal.mean(), minlength=CODES)
            table[:] = total / (seen + DOUBT)
        return Sounds(tables)


def neighbours(values: Floats) -> tuple[Floats, Floats, Floats]:
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


def code_columns(item: Item) -> list[Floats]:
    """The codes that `Sounds` has a table for."""
    initial, final, _ = codes_of(item)
    return [*neighbours(initial.astype(float)), *neighbours(final.astype(float))]


def features(item: Item, sounds: Sounds) -> Floats:
    """What the trees know of each syllable, [S, F]: all of it out of the prosody model's own inputs."""
    initial, _, first = codes_of(item)
    level, tone = item.breaks[first].astype(float), item.tones[first].astype(float)
    word, character = item.positions[first, 4:6].astype(float).T
    codes = code_columns(item)
    columns = [table[code.astype(int)] for table, code in zip(sounds.tables, codes, strict=True)]
    manner = classes(MANNERS)[initial]
    columns += [manner, neighbours(manner)[2], classes(PLACES)[initial]]
    for values in (tone, level):
        own, left, right = neighbours(values)
        columns += [own, left, right, neighbours(left)[1], neighbours(right)[2]]
    columns += [word, *neighbours(character), *item.positions[first, :4].astype(float).T]
    ahead = [_until(level >= least) for least in (1, 2, 3)]
    back = [_until(level[::-1] >= least)[::-1] for least in (1, 2, 3)]
    inside = np.minimum(neighbours(back[0])[1], np.arange(len(level)))
    length = inside + ahead[0] + 1
    again = (codes[0] == codes[1]) & (codes[3] == codes[4])
    columns += [*ahead, *back, inside, length, neighbours(length)[2], again.astype(float)]
    return np.stack(columns, 1).astype(np.float32).astype(float)


class Durations:
    """Trees for ln frames of a syllable."""

    def __init__(self, items: list[Item], steps: int = 400) -> None:
        """Learn from the readers' sentences, each with the reader's pauses and as if they were unknown."""
        known = [view for i in items if i.speaker in READERS for view in (i, without_pauses(i))]
        goal = np.log(np.concatenate([syllable_frames(i) for i in known]))
        codes = [np.concatenate(column) for column in zip(*map(code_columns, known), strict=True)]
        self.sounds = Sounds.learn(codes, goal)
        inputs = np.concatenate([self._inputs(i, i.speaker) for i in known])
        self.trees = self._trees(steps).fit(inputs, goal)

    @staticmethod
    def _trees(steps: int) -> HistGradientBoostingRegressor:
        return HistGradientBoostingRegressor(
            max_iter=steps, learning_rate=12 / steps, max_leaf_nodes=15, min_samples_leaf=50, l2_regularization=5.0,
            max_features=0.4, random_state=0,
        )  # fmt: skip

    def _inputs(self, row: Item, speaker: int) -> Floats:
        found = features(row, self.sounds)
        return np.concatenate([found, np.full((len(found), 1), float(speaker))], 1)

    def predict(self, row: Item, speaker: int) -> Floats:
        """ln frames of each syllable, [S]; `ANY_READER` is the mean of both."""
        return self.predict_all([row], speaker)[0]

    def predict_all(self, rows: list[Item], speaker: int) -> list[Floats]:
        """``predict`` of many at once, which spares the trees' start."""
        readers = READERS if speaker == ANY_READER else (speaker,)
        inputs = [np.concatenate([self._inputs(row, reader) for row in rows]) for reader in readers]
        told = np.mean([self.trees.predict(one) for one in inputs], axis=0)
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
