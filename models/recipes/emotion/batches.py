"""Lines to padded batches of about as many symbols."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from py_engine.emotion.features import Inputs, Vocabulary

FIELDS = ("symbols", "tones", "segments", "places", "runs")


def load(work: Path, name: str) -> Any:  # noqa: ANN401 -- a pickled list
    with (work / f"{name}.pickle").open("rb") as file:
        return pickle.load(file)  # noqa: S301 -- written by `prepare`


def vocabulary(work: Path) -> Vocabulary:
    return Vocabulary((work / "vocabulary.txt").read_text("utf-8"))


def padded(rows: Sequence[NDArray[Any]]) -> Tensor:
    out = np.zeros((len(rows), max(map(len, rows))), np.int64)
    for index, row in enumerate(rows):
        out[index, : len(row)] = row
    return torch.from_numpy(out)


def collate(inputs: Sequence[Inputs]) -> dict[str, Tensor]:
    return {name: padded([getattr(one, name) for one in inputs]) for name in FIELDS}


def endless(lengths: Sequence[int], size: int, start: int) -> Iterator[list[int]]:
    """Pass after pass, from batch number ``start`` on: a resumed run sees what a whole one would."""
    number, seed = 0, 0
    while True:
        for group in batches(lengths, size, np.random.default_rng(seed)):
            if number >= start:
                yield group
            number += 1
        seed += 1


def batches(lengths: Sequence[int], size: int, random: np.random.Generator) -> Iterator[list[int]]:
    """One pass in random order: indices of rows of like length, at most ``size`` symbols with their padding."""
    order = random.permutation(len(lengths))
    groups: list[list[int]] = []
    # Sorting within pools keeps padding short and batches random.
    for pool in np.array_split(order, max(1, len(order) // 4000)):
        group: list[int] = []
        for index in sorted(pool, key=lambda i: lengths[i]):
            if group and (len(group) + 1) * lengths[index] > size:
                groups.append(group)
                group = []
            group.append(int(index))
        groups.append(group)
    for number in random.permutation(len(groups)):
        yield groups[number]
