"""The treebank's trees, and how loosely neighbouring words hang together in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

# What a boundary inside a word counts as, and one where a writer put a comma
INSIDE, COMMA = -1.0, 1.0
SUBJECTS = ("nsubj", "nsubjpass", "csubj", "csubjpass", "dislocated", "vocative")
CLAUSES = ("nmod:tmod", "advcl", "acl", "dep", "parataxis", "ccomp", "xcomp", "dobj")
# Words that lean on what follows, and on what stands before
LEANS_RIGHT = ("ADP", "CONJ", "SCONJ", "DET", "NUM", "AUX")
LEANS_LEFT = ("case", "case:dec", "case:aspect", "case:suff", "discourse", "acl:relcl", "foreign", "nummod", "clf")


@dataclass(frozen=True)
class Word:
    """A word of the treebank; ``head`` is the place of its head, -1 for the root."""

    text: str
    part: str
    head: int
    relation: str

    @property
    def is_mark(self) -> bool:
        return self.part == "PUNCT"


def trees(path: Path) -> Iterator[list[Word]]:
    for block in path.read_text("utf-8").strip().split("\n\n"):
        rows = [line.split("\t") for line in block.split("\n") if line and not line.startswith("#")]
        yield [Word(row[1], row[3], int(row[6]) - 1, row[7]) for row in rows]


def looseness(words: Sequence[Word], at: int, start: int, stop: int) -> float:
    """-1 (never) to 1 (a good place): a phrase that ends before word ``at``, in the run from ``start`` to ``stop``."""
    left, right = words[at - 1], words[at]
    leans = (right.relation in LEANS_LEFT and right.head < at) or left.part in LEANS_RIGHT
    if leans or left.relation == "case:suff":
        return -1.0
    before, after = _largest(words, at - 1, at, start), _largest(words, at, at - 1, stop - 1)
    first, second = words[before], words[after]
    # syllables of what ends and of what begins here
    ended = _size(words, _edge(words, before, start, at, -1), at)
    begun = _size(words, at, _edge(words, after, at, stop, 1))
    found = 0.0
    if first.head >= at:
        found = _before_its_head(first, words[first.head], left, ended)
        if left.part == "VERB" and begun < 4:
            found = min(found, -0.6)
    elif 0 <= second.head < at:
        found = _behind_its_head(second, ended, begun)
    # a scrap
    return min(found, -0.3) if begun == 1 else found


def _before_its_head(word: Word, head: Word, last: Word, size: int) -> float:
    if last.text in "的之":
        return 0.3 if size >= 5 else 0.0 if size > 3 else -0.4
    if word.relation in SUBJECTS:
        return 0.9 if size >= 3 else 0.5 if size == 2 else -0.1
    if word.relation in CLAUSES:
        return 0.8 if size >= 4 else 0.1 if size > 1 else -0.8
    if word.relation == "nmod":
        if head.part in ("VERB", "ADJ"):
            return 0.7 if size >= 4 else 0.0 if size > 1 else -0.7
        return -0.9 if size < 6 else -0.5
    if word.relation == "mark":
        return 0.0 if size > 1 else -0.8
    if word.relation == "appos":
        return -0.6 if size < 5 else 0.0
    return -1.0


def _behind_its_head(word: Word, ended: int, size: int) -> float:
    if word.relation in ("dobj", "iobj", "nmod"):
        return 0.3 if size >= 7 else -0.2 if size >= 5 else -0.8
    if word.relation in ("ccomp", "xcomp", "acl", "dep", "advcl", "parataxis"):
        return 0.6 if size >= 6 else 0.1 if size >= 4 else -0.7
    if word.relation in ("conj", "cc"):
        return 0.5 if size >= 4 and ended >= 4 else 0.2 if word.relation == "cc" and ended >= 4 else -0.5
    if word.relation == "appos":
        return 0.1 if size >= 4 and ended >= 4 else -0.7
    return -1.0


def _largest(words: Sequence[Word], at: int, without: int, limit: int) -> int:
    """The head of the largest constituent with this word at its edge that lies wholly on this side of the boundary."""
    step = 1 if without > at else -1
    found = at
    while True:
        head = words[found].head
        if head < 0 or (head - without) * step >= 0 or (limit - head) * step > 0:
            return found
        # the head's own constituent may not reach over the boundary
        if _under(words, without, head):
            return found
        found = head


def _under(words: Sequence[Word], word: int, head: int) -> bool:
    while word >= 0:
        if word == head:
            return True
        word = words[word].head
    return False


def _edge(words: Sequence[Word], head: int, low: int, high: int, step: int) -> int:
    """Where the constituent of ``head`` ends within these limits, away from the boundary."""
    inside = [at for at in range(low, high) if _under(words, at, head)]
    return min(inside) if step < 0 else max(inside) + 1


def _size(words: Sequence[Word], start: int, stop: int) -> int:
    return sum(len(word.text) for word in words[start:stop] if not word.is_mark)
