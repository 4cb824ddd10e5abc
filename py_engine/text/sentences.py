"""From the stream of spoken characters and marks to sentences of pause-delimited phrases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from py_engine.text.model import Kind
from py_engine.text.spoken import Item, Mark, Unit


@dataclass
class Phrase:
    """Units between two pauses, and the pause after them in seconds."""

    units: list[Unit] = field(default_factory=list)
    pause: float = 0.0


@dataclass
class Sentence:
    """Phrases up to a full stop, ``start`` to ``stop`` with the punctuation that belongs to it."""

    phrases: list[Phrase]
    kind: Kind
    start: int
    stop: int


RUN_BEFORE_SPACE = 4


def _is_run(units: list[Unit]) -> bool:
    last = units[-RUN_BEFORE_SPACE:]
    adjacent = all(left.stop == right.start for left, right in pairwise(last))
    return len(last) == RUN_BEFORE_SPACE and adjacent and all("\u4e00" <= unit.char <= "\u9fff" for unit in last)


class _Collector:
    def __init__(self) -> None:
        self.phrases: list[Phrase] = [Phrase()]
        self.start: int | None = None
        self.stop = 0

    def unit(self, unit: Unit) -> None:
        self._touch(unit.start, unit.stop)
        if self.phrases[-1].pause:
            self.phrases.append(Phrase())
        self.phrases[-1].units.append(unit)

    def pause(self, mark: Mark) -> None:
        self._touch(mark.start, mark.stop)
        last = self.phrases[-1]
        if last.units:
            last.pause = max(last.pause, mark.pause)

    def space(self, mark: Mark) -> None:
        """A gap after four or more hanzi separates lines, as a comma would; in spaced-out text it means nothing."""
        if mark.pause and _is_run(self.phrases[-1].units):
            self.pause(mark)

    def _touch(self, start: int, stop: int) -> None:
        if self.start is None:
            self.start = start
        self.stop = max(self.stop, stop)

    @property
    def spoken(self) -> bool:
        return bool(self.phrases[0].units)

    def finish(self, kind: Kind, pause: float) -> Sentence:
        self.phrases[-1].pause = pause
        return Sentence(self.phrases, kind, self.start or 0, self.stop)


def split_sentences(items: Iterable[Item]) -> Iterator[Sentence]:
    """Group items; closing quotes and repeated marks (！！, ？」) stay with the sentence they end."""
    current = _Collector()
    ended: Mark | None = None
    for item in items:
        if isinstance(item, Unit):
            if ended is not None and current.spoken:
                yield current.finish(_kind(ended), ended.pause)
                current, ended = _Collector(), None
            current.unit(item)
        elif item.kind == "space":
            current.space(item)
        elif item.ends_sentence:
            ended = _stronger(ended, item) if current.spoken else None
            if current.spoken:
                current.pause(item)
        elif ended is None and current.spoken:
            current.pause(item)
    if current.spoken:
        yield current.finish(_kind(ended), ended.pause if ended else 0.0)


def _stronger(first: Mark | None, second: Mark) -> Mark:
    """？！ is a question, 。」！ an exclamation: a plain stop gives way."""
    return second if first is None or first.kind == "statement" else first


def _kind(mark: Mark | None) -> Kind:
    if mark is not None and mark.kind in ("question", "exclamation"):
        return "question" if mark.kind == "question" else "exclamation"
    return "statement"
