"""Builds the double-array trie of `lexicon.py` (Aoe, An Efficient Digital Search Algorithm, 1989). Build time only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Node = dict[int, "Node"]


class DoubleArray:
    """Places nodes level by level, those with most children first, at the first base where all children fit."""

    def __init__(self, alphabet: int, capacity: int) -> None:
        self.alphabet = alphabet
        self.base = np.zeros(capacity + alphabet + 1, np.int32)
        self.check = np.full(capacity + alphabet + 1, -1, np.int32)
        self._marks = bytearray(capacity + alphabet + 1)
        self.used = np.frombuffer(self._marks, bool)
        self._marks[0] = 1
        self.first_free = 1
        self._reached: dict[int, int] = {}
        self.last = 0

    def place(self, state: int, codes: Sequence[int]) -> int:
        """Reserve a slot for every child of ``state`` and return the base."""
        base = self._fit(np.array(sorted(codes)))
        self.base[state] = base
        slots = base + np.array(codes)
        self.used[slots] = True
        self.check[slots] = state
        self.last = max(self.last, int(slots.max()))
        return base

    def _fit(self, codes: NDArray[np.int64]) -> int:
        self.first_free = self._marks.find(0, self.first_free)
        start = max(self.first_free, int(codes[0]))
        if len(codes) == 1:
            return self._marks.find(0, start) - int(codes[0])
        # nodes with as many children were refused everything before this: not to look there again saves minutes
        start = max(start, self._reached.get(len(codes), 0))
        width = 4096
        while True:
            free = np.flatnonzero(~self.used[start : start + width]) + start - codes[0]
            fits = np.ones(len(free), bool)
            for code in codes[1:]:
                fits &= ~self.used[free + code]
            hits = np.flatnonzero(fits)
            if len(hits):
                self._reached[len(codes)] = start
                return int(free[hits[0]])
            start += width


def build(
    words: Mapping[tuple[int, ...], int], alphabet: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint8]]:
    """Trie of code sequences to values 1..255. Returns base, check and the value per state (0: no word ends there)."""
    root: Node = {}
    size = 1
    for word in words:
        node = root
        for code in word:
            if code not in node:
                node[code] = {}
                size += 1
            node = node[code]
    array = DoubleArray(alphabet, size * 2 + 65536)
    level = [(0, root)]
    while level:
        following = []
        for state, node in sorted(level, key=lambda item: (-len(item[1]), item[0])):
            if node:
                base = array.place(state, sorted(node))
                following += [(base + code, child) for code, child in sorted(node.items())]
        level = following
    length = array.last + alphabet + 1
    values = np.zeros(array.last + 1, np.uint8)
    for word, value in words.items():
        state = 0
        for code in word:
            state = int(array.base[state]) + code
        values[state] = value
    return array.base[:length], array.check[:length], values
