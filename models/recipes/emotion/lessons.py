"""What one training step shows of a row: now with context and now without, with marks at the end or bare."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from models.recipes.emotion.batches import collate
from models.recipes.emotion.rows import NAMED, UNLABELLED, VOICED, WORD, Row
from py_engine.emotion.features import Line, Vocabulary, assemble
from py_engine.emotion.values import EMOTIONS

ENDS = "！？…。～"
# Subtitles have no marks, and of lines labelled anew it is not known which ask.
ASKING = re.compile("[吗么呢]$|什么|怎么|谁|哪|多少|是不是")
BREAKS = "！？。…"
CONTEXT_SHOWN, MARK_ADDED, SPLIT = 0.6, 0.5, 0.5


# How often a row of each set stands in one pass, and how far its labels are trusted.
REPEATS = {VOICED: 2, "cped": 1, "semeval": 2, "xed": 1, "wiki": 1, WORD: 0, NAMED: 1, UNLABELLED: 1}
TRUST = {VOICED: 1.0, "cped": 0.15, "semeval": 0.3, "xed": 0.1, "wiki": 0.3, WORD: 0.3, NAMED: 0.2, UNLABELLED: 0.0}


class Lessons:
    """Draws variants of rows and their targets."""

    def __init__(self, rows: Sequence[Row], vocabulary: Vocabulary, buckets: int) -> None:
        self.rows = [row for row in rows for _ in range(REPEATS[row.corpus])]
        self.vocabulary, self.buckets = vocabulary, buckets
        self.marks = end_marks(rows)
        weights = np.array([row.label.weights for row in self.rows if row.label.weights])
        share = weights.mean(0)
        # The square root keeps rare emotions in play without inventing them everywhere.
        self.class_weights = torch.tensor((share.max() / share) ** 0.5, dtype=torch.float32)
        self.lengths = [2 + len(r.line.symbols) + sum(len(c.symbols) + 1 for c, _ in r.context) // 2 for r in self.rows]

    def batch(
        self, indices: Sequence[int], random: np.random.Generator | None
    ) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Inputs and targets; without ``random`` as they are."""
        rows = [self.rows[index] for index in indices]
        shown = [(r.line, r.context) if random is None else self.vary(r, random) for r in rows]
        inputs = [assemble(line, context, self.vocabulary, self.buckets) for line, context in shown]
        return collate(inputs), targets(rows)

    def vary(self, row: Row, random: np.random.Generator) -> tuple[Line, tuple[tuple[Line, bool], ...]]:
        line, context = row.line, row.context
        if random.random() >= CONTEXT_SHOWN:
            context = ()
        if row.corpus == "semeval" and random.random() < SPLIT:
            line, context = split(line, random)
        if row.corpus in (VOICED, "cped", "xed") and line.symbols[-1:] not in ENDS and random.random() < MARK_ADDED:
            mark = "？" if row.question or ASKING.search(line.symbols) else self.draw_mark(row, random)
            line = Line(line.symbols + mark, (*line.tones, *[0] * len(mark)))
        return line, context

    def draw_mark(self, row: Row, random: np.random.Generator) -> str:
        """Subtitles have no marks at their ends: one as writers set it after lines of this emotion."""
        name = EMOTIONS[int(np.argmax(row.label.weights))] if row.label.weights else EMOTIONS[0]
        return str(random.choice(list("！…。～"), p=self.marks[name]))


def end_marks(rows: Sequence[Row]) -> dict[str, np.ndarray]:
    """For each emotion the shares of ！ … 。 ～ at sentence ends in SemEval's training texts (add-ten smoothing)."""
    marks = "！…。～"
    shares = {}
    for index, name in enumerate(EMOTIONS):
        counts: Counter[str] = Counter()
        for row in rows:
            if row.corpus == "semeval" and row.label.weights and row.label.weights[index] >= max(row.label.weights):
                counts.update(symbol for symbol in row.line.symbols if symbol in marks)
        counted = np.array([counts[mark] for mark in marks]) + np.array([3, 1, 6, 0.2])
        shares[name] = counted / counted.sum()
    return shares


def split(line: Line, random: np.random.Generator) -> tuple[Line, tuple[tuple[Line, bool], ...]]:
    """A text of several sentences as its last ones with those before as context, as in a paragraph."""
    ends = [
        i + 1 for i, symbol in enumerate(line.symbols[:-1]) if symbol in BREAKS and line.symbols[i + 1] not in BREAKS
    ]
    if not ends:
        return line, ()
    cut = int(random.choice(ends))
    first, rest = Line(line.symbols[:cut], line.tones[:cut]), Line(line.symbols[cut:], line.tones[cut:])
    return rest, ((first, True),)


def targets(rows: Sequence[Row]) -> dict[str, Tensor]:
    """``weights`` [B, E], ``valence``, ``intensity`` [B], and how far each is to be believed: ``known``, ``rated``,
    ``told`` [B]."""
    neutral = (1.0,) + (0.0,) * (len(EMOTIONS) - 1)
    return {
        "weights": torch.tensor([row.label.weights or neutral for row in rows]),
        "known": torch.tensor([TRUST[row.corpus] * (row.label.weights is not None) for row in rows]),
        "valence": torch.tensor([row.label.valence for row in rows]),
        "rated": torch.tensor([TRUST[row.corpus] for row in rows]),
        "intensity": torch.tensor([row.label.intensity or 0.0 for row in rows]),
        "told": torch.tensor([TRUST[row.corpus] * (row.label.intensity is not None) for row in rows]),
    }
