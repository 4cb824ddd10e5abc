"""Train the reader: ``python -m models.recipes.reader.train --name base``.

Each step takes sentences of about one length from four sources: labelled polyphones, the treebank, sentences judged for
their phrases, plain text. Losses: the labelled reading; readings of other polyphones inside words of the lexicon, whose
hint is hidden; word boundaries (linear chain) and parts of speech of the treebank; where phrases may end; where commas
stood that are left out; hidden characters.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from models.recipes.qingsheng.training import Trainer
from models.recipes.reader.data import UNKNOWN
from models.recipes.reader.network import FIRST_CODE_POINT, LAST_CODE_POINT, Reader
from py_engine.text.reader import PATTERN, TONES, B, E, M, S

POLYPHONES = 36
RARE = 4  # a character seen less often than this has no row of its own
TAUGHT = 4  # labelled sentences of a character that the model needs before it is asked about it
HINT_SHARE, PSEUDO_SHARE, COMMA_SHARE = 0.5, 0.2, 0.4
JUDGED_COMMA_SHARE = 0.15
WEIGHTS = {"reading": 1.0, "pseudo": 0.2, "words": 1.0, "speech": 0.2, "phrases": 10.0, "commas": 0.3, "hidden": 0.15}
BITS = np.arange(PATTERN)


@dataclass(frozen=True)
class Course:
    """Sentences a step beside `POLYPHONES` labelled ones, the share of their characters that is hidden, weights."""

    treebank: int = 12
    judged: int = 20
    plain: int = 16
    hidden_share: float = 0.10
    weights: Mapping[str, float] = field(default_factory=lambda: WEIGHTS)


COURSES = {
    "base": Course(judged=0),
    # To fill in what is hidden takes what a sentence means.
    "filling": Course(
        treebank=8, judged=0, plain=56, hidden_share=0.15,
        weights=WEIGHTS | {"reading": 0.5, "words": 0.5, "hidden": 1.0},
    ),
    "all": Course(),
}  # fmt: skip


class Corpus:
    """One set, by sentence; see `data.py`."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as arrays:
            for name in arrays.files:
                setattr(self, name, arrays[name])
        self.lengths = np.diff(self.offsets)
        self._repair()

    def __len__(self) -> int:
        return len(self.lengths)

    def _repair(self) -> None:
        """Characters without a gold tag get that of the path; what may not follow each other is cut."""
        path = np.argmax((self.pattern[:, None] >> (8 + np.arange(4))) & 1, 1).astype(np.int8)
        self.chain = np.where(self.tags >= 0, self.tags, path)
        begins = np.isin(self.chain, (B, S))
        begins[self.offsets[:-1]] = True
        ends = np.isin(self.chain, (E, S))
        ends[self.offsets[1:] - 1] = True
        # a word ends where the next begins, and the other way round
        begins[1:] |= ends[:-1]
        ends[:-1] |= begins[1:]
        self.chain = np.where(begins, np.where(ends, S, B), np.where(ends, E, M)).astype(np.int64)

    def rows(self, index: int) -> slice:
        return slice(int(self.offsets[index]), int(self.offsets[index + 1]))


def windows(lengths: NDArray[np.int64], round_number: int) -> list[NDArray[np.int64]]:
    """Items in groups of about one length, each item once; the same for the same round, so that a run can resume."""
    random = np.random.default_rng(round_number)
    order = np.argsort(lengths + random.uniform(-4, 4, len(lengths)))
    cuts = [order[at : at + POLYPHONES] for at in range(0, len(order), POLYPHONES)]
    return [cuts[number] for number in random.permutation(len(cuts))]


@dataclass
class Batch:
    """[B, N] each; ``candidates`` [B, N, C], ``pattern`` [B, N, P]. tagged: row has gold tags."""

    characters: Tensor
    pattern: Tensor
    known: Tensor
    candidates: Tensor
    chain: Tensor
    tagged: Tensor
    speech: Tensor
    comma: Tensor
    loose: Tensor
    target: Tensor
    real: Tensor


def collate(items: Sequence[tuple[Corpus, Sequence[int], bool]]) -> Batch:
    """Sentences, or several end to end, padded; with True the marks inside go and are to be found again."""
    gathered = []
    for corpus, indices, without in items:
        rows = np.concatenate([np.arange(corpus.offsets[i], corpus.offsets[i + 1]) for i in indices])
        target = np.full(len(rows), -1)
        shift = 0
        for i in indices:
            if corpus.target[i] >= 0:
                target[shift + corpus.place[i]] = corpus.target[i]
            shift += corpus.lengths[i]
        comma, loose = np.full(len(rows), -1), corpus.loose[rows]
        if without:
            mark = corpus.mark[rows].copy()
            mark[-1] = False
            followed = np.append(mark[1:], False)
            comma = np.where(corpus.mark[rows] | np.append(corpus.mark[rows][1:], False) & ~followed, -1, followed)
            if (loose != UNKNOWN).any():
                loose = np.where(comma == 1, 1, loose)
            rows, target, comma, loose = (values[~mark] for values in (rows, target, comma, loose))
        gathered.append((corpus, rows, target, comma, loose))
    size = max(len(rows) for _, rows, *_ in gathered)
    count = len(gathered)

    def padded(dtype: type, *more: int, value: int = 0) -> NDArray[np.generic]:
        return np.full((count, size, *more), value, dtype)

    characters, known, chain = padded(np.int64), padded(np.int64), padded(np.int64)
    pattern, candidates = padded(np.float32, PATTERN), padded(np.int64, 8)
    speech, comma, target = (padded(np.int64, value=-1) for _ in range(3))
    loose = padded(np.int64, value=UNKNOWN)
    real, tagged = padded(bool), np.zeros(count, bool)
    for row, (corpus, rows, own_target, own_comma, own_loose) in enumerate(gathered):
        n = len(rows)
        characters[row, :n], known[row, :n] = corpus.characters[rows], corpus.known[rows]
        pattern[row, :n] = (corpus.pattern[rows][:, None] >> BITS) & 1
        candidates[row, :n] = corpus.candidates[rows]
        # where marks were taken out words still end
        chain[row, :n], speech[row, :n] = corpus.chain[rows], corpus.speech[rows]
        tagged[row] = bool((corpus.speech[rows] >= 0).any())
        comma[row, :n], loose[row, :n], target[row, :n], real[row, :n] = own_comma, own_loose, own_target, True
    return Batch(*map(torch.from_numpy, (
        characters, pattern, known, candidates, chain, tagged, speech, comma, loose, target, real,
    )))  # fmt: skip


def losses(model: Reader, batch: Batch, random: np.random.Generator, course: Course) -> dict[str, Tensor]:
    rows = model.rows(batch.characters)
    shape = rows.shape
    target = batch.target >= 0
    drawn = torch.from_numpy(random.random((3, *shape), np.float32))
    several = batch.candidates[..., 1] > 0
    known_places = batch.loose != UNKNOWN
    # what is asked about a judged sentence is asked about all of it
    whole = known_places.any(1, keepdim=True)
    hidden = (drawn[0] < course.hidden_share) & batch.real & ~target & ~whole & (batch.characters > 0x3400)
    agreed = (batch.candidates == batch.known[..., None]).float()
    pseudo = several & (batch.known > 0) & (drawn[1] < PSEUDO_SHARE) & ~target & ~hidden & ~whole & (agreed.sum(-1) > 0)
    hide_hint = hidden | pseudo | (target & (drawn[2] < HINT_SHARE))
    known = torch.where(hide_hint, 0, batch.known)
    x = model.encode(torch.where(hidden, 0, rows), batch.pattern, known, batch.real[..., None].float())
    found = {}
    if bool(target.any()):
        scores = model.reading_scores(x[target], batch.candidates[target])
        found["reading"] = functional.cross_entropy(scores, batch.target[target])
    if bool(pseudo.any()):
        scores = model.reading_scores(x[pseudo], batch.candidates[pseudo])
        found["pseudo"] = functional.cross_entropy(scores, agreed[pseudo].argmax(-1))
    tagged = batch.tagged
    if bool(tagged.any()):
        real = batch.real[tagged]
        chain = model.tagging_loss(model.tags(x[tagged]), batch.chain[tagged], real)
        found["words"] = chain.sum() / real.sum()
        speech = batch.speech[tagged]
        found["speech"] = functional.cross_entropy(model.speech(x[tagged])[speech >= 0], speech[speech >= 0])
    asked = batch.comma >= 0
    if bool(asked.any()):
        odds = model.commas(x[asked])[..., 0]
        found["commas"] = functional.binary_cross_entropy_with_logits(odds, batch.comma[asked].float())
    if bool(known_places.any()):
        odds = model.phrases(x, batch.real[..., None].float())[known_places]
        wanted = (batch.loose[known_places] + 1) / 2
        found["phrases"] = functional.binary_cross_entropy_with_logits(odds, wanted)
    vocabulary = hidden & (rows > 1)
    logits = model.hidden_character(x[vocabulary]) @ model.character.weight.T
    found["hidden"] = functional.cross_entropy(logits, rows[vocabulary])
    return {name: value * course.weights[name] for name, value in found.items()}


class ByLength:
    """Sentences of a corpus that are about as long as asked."""

    def __init__(self, corpus: Corpus, random: np.random.Generator) -> None:
        self._corpus, self._random = corpus, random
        self._order = np.argsort(corpus.lengths, kind="stable")
        self._lengths = corpus.lengths[self._order]

    def draw(self, size: int, count: int, share: float = COMMA_SHARE) -> list[tuple[Corpus, list[int], bool]]:
        """Items for `collate`."""
        middle = int(np.searchsorted(self._lengths, size + self._random.integers(-8, 9)))
        low = max(0, min(middle - 300, len(self._order) - 600))
        chosen = self._order[self._random.integers(low, low + 600, count)]
        return [(self._corpus, [int(index)], bool(self._random.random() < share)) for index in chosen]


class Sampler:
    def __init__(
        self, polyphones: list[Corpus], treebank: Corpus, judged: Corpus, plain: Corpus, random: np.random.Generator,
        course: Course,
    ) -> None:  # fmt: skip
        self._course = course
        self._polyphones, self._plain, self._random = polyphones, plain, random
        self._treebank, self._judged = ByLength(treebank, random), ByLength(judged, random)
        sizes = [np.flatnonzero(corpus.target >= 0) for corpus in polyphones]
        self._labelled = [(number, int(index)) for number, own in enumerate(sizes) for index in own]
        self._lengths = np.array([polyphones[number].lengths[index] for number, index in self._labelled])
        self._windows: list[NDArray[np.int64]] = []
        self._round = -1

    def batch(self, step: int) -> Batch:
        random = self._random
        number, at = divmod(step, -(-len(self._lengths) // POLYPHONES))
        if number != self._round:
            self._windows, self._round = windows(self._lengths, number), number
        window = self._windows[at]
        size = int(self._lengths[window].max())
        items = []
        for which in window:
            number, index = self._labelled[which]
            items.append((self._polyphones[number], [index], bool(random.random() < COMMA_SHARE)))
        items += self._treebank.draw(size, self._course.treebank)
        items += self._judged.draw(size, self._course.judged, JUDGED_COMMA_SHARE)
        for _ in range(self._course.plain):
            items.append((self._plain, self._several(size), bool(random.random() < COMMA_SHARE)))
        return collate(items)

    def _several(self, size: int) -> list[int]:
        """Sentences that stand beside each other, together about as long as the others of the batch."""
        at = int(self._random.integers(len(self._plain)))
        chosen, total = [at], int(self._plain.lengths[at])
        while at + 1 < len(self._plain) and total + self._plain.lengths[at + 1] <= size:
            at += 1
            chosen.append(at)
            total += int(self._plain.lengths[at])
        return chosen


def vocabulary(corpora: Sequence[Corpus]) -> tuple[list[int], list[int]]:
    """Code points that are not rare, the commonest first, and the codes of the syllables that occur."""
    counts: Counter[int] = Counter()
    codes: set[int] = set()
    for corpus in corpora:
        points, numbers = np.unique(corpus.characters, return_counts=True)
        counts.update(dict(zip(points.tolist(), numbers.tolist(), strict=True)))
        for readings in (corpus.candidates, corpus.known):
            codes |= set((np.unique(readings) // TONES).tolist())
    inside = [(-count, point) for point, count in counts.items() if FIRST_CODE_POINT <= point <= LAST_CODE_POINT]
    return [point for count, point in sorted(inside) if -count >= RARE], sorted(codes - {0})


def taught_rows(model: Reader, polyphones: Sequence[Corpus]) -> Tensor:
    """1 for each row of the embedding whose character has enough labels, else 0."""
    counts = torch.zeros(len(model.character.weight))
    for corpus in polyphones:
        own = np.flatnonzero(corpus.target >= 0)
        points = torch.from_numpy(corpus.characters[corpus.offsets[own] + corpus.place[own]].astype(np.int64))
        counts += torch.bincount(model.rows(points), minlength=len(counts))
    counts[:2] = 0
    return (counts >= TAUGHT).float()


def load_weights(model: Reader, path: Path) -> None:
    """The averaged weights of a checkpoint."""
    model.load_state_dict(torch.load(path, weights_only=False)["average"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, default=Path(".work/reader"))
    parser.add_argument("--name", default="base", help="of the checkpoint")
    parser.add_argument("--polyphones", default="g2pl_train", help="sets with labels, separated by commas")
    parser.add_argument("--start", type=Path, help="a checkpoint whose averaged weights to begin with")
    parser.add_argument("--course", choices=tuple(COURSES), default="all", help="what to learn most")
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--rate", type=float, default=2e-3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    course = COURSES[options.course]
    sets = options.work / "sets"
    treebank, plain = Corpus(sets / "treebank_train.npz"), Corpus(sets / "plain.npz")
    base, judged = Corpus(sets / "g2pl_train.npz"), Corpus(sets / "phrases.npz")
    # the tables are those of the text that every run sees
    model = Reader(*vocabulary([treebank, plain, base]))
    size = sum(weights.numel() for weights in model.parameters())
    print(f"{size} parameters, {len(model.character.weight)} characters", flush=True)
    if options.start:
        load_weights(model, options.start)
    trainer = Trainer(model, options.work / f"{options.name}.pt", options.steps, options.rate)
    polyphones = [Corpus(sets / f"{name}.npz") for name in options.polyphones.split(",")]
    taught = taught_rows(model, polyphones)
    model.taught, trainer.average.taught = taught, taught
    sampler = Sampler(polyphones, treebank, judged, plain, trainer.random, course)
    model.train()
    while trainer.step < options.steps:
        trainer.update(losses(model, sampler.batch(trainer.step), trainer.random, course))


if __name__ == "__main__":
    main()
