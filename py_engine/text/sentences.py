"""From the stream of spoken characters and marks to sentences of pause-delimited phrases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from py_engine.text.lexicon import Lexicon
from py_engine.text.model import Kind
from py_engine.text.segment import Run, look
from py_engine.text.spoken import Item, Mark, Unit


@dataclass(slots=True)
class Phrase:
    """Units between two pauses, and the pause after them in seconds (``exact``: of just that length). ``quotes``: where
    the marks of quotations and titles stand. ``cut``: the text goes on behind it, without a mark."""

    units: list[Unit] = field(default_factory=list)
    pause: float = 0.0
    exact: bool = False
    quotes: list[int] = field(default_factory=list)
    cut: bool = False
    _looked: list[Run] | None = field(default=None, init=False, repr=False, compare=False)

    def runs(self, lexicon: Lexicon) -> list[Run]:
        """Looked up once the phrase is whole, for the model's inputs, its outputs and the words alike."""
        if self._looked is None:
            self._looked = look(self.units, lexicon)
        return self._looked

    def forget(self) -> None:
        """The phrase has been read: in a long text these would add up."""
        self._looked = None


@dataclass(slots=True)
class Sentence:
    """Phrases up to a full stop, ``start`` to ``stop`` with the punctuation that belongs to it. ``lead``: seconds of
    silence that mark-up asks for before it; only a text's first sentence has them."""

    phrases: list[Phrase]
    kind: Kind
    start: int
    stop: int
    lead: float = 0.0


# Seconds where a reader breathes without a mark: the geometric mean of 169 pauses of two readers in sentences of 18
# syllables and more that have none; half of them take 0.21 to 0.35
BREATH = 0.27
RUN_BEFORE_SPACE = 4
# A pause that mark-up asks for, from this length on (seconds), is silence between two utterances
LONG_PAUSE = 0.5


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
        last = self.phrases[-1]
        if last.pause:
            last = Phrase()
            self.phrases.append(last)
        last.exact = False
        last.units.append(unit)

    def pause(self, mark: Mark) -> None:
        self._touch(mark.start, mark.stop)
        last = self.phrases[-1]
        if last.units:
            last.pause, last.exact = _joint_pause(last.pause, last.exact, mark)

    def space(self, mark: Mark) -> None:
        """A gap after four or more hanzi separates lines, as a comma would; in spaced-out text it means nothing."""
        if mark.kind == "quote":
            self.phrases[-1].quotes.append(mark.start)
        elif mark.pause and _is_run(self.phrases[-1].units):
            self.pause(mark)

    def _touch(self, start: int, stop: int) -> None:
        if self.start is None:
            self.start = start
        if stop > self.stop:
            self.stop = stop

    @property
    def spoken(self) -> bool:
        return bool(self.phrases[0].units)

    def finish(self, ended: Mark | None, lead: float, goes_on: bool = False) -> Sentence:
        last = self.phrases[-1]
        if ended is not None:
            last.pause, last.exact = ended.pause, ended.exact
        elif not last.exact and not goes_on:
            last.pause = 0.0
        elif not last.exact and not last.pause:
            last.pause, last.cut = BREATH, True
        return Sentence(self.phrases, _kind(ended), self.start or 0, self.stop, lead)


def split_sentences(items: Iterable[Item], goes_on: bool = False) -> Iterator[Sentence]:
    """Group items; closing quotes and repeated marks (！！, ？」) stay with the sentence they end.

    ``goes_on``: the text does behind the last item, which may stand within a sentence and keeps its pause.
    """
    current = _Collector()
    ended: Mark | None = None
    lead = 0.0
    for item in items:
        if isinstance(item, Unit):
            if ended is not None and current.spoken:
                yield current.finish(ended, lead)
                current, ended, lead = _Collector(), None, 0.0
            current.unit(item)
        elif item.kind in ("space", "quote"):
            current.space(item)
        elif current.spoken:
            if item.ends_sentence or (item.exact and (ended or item.pause >= LONG_PAUSE)):
                ended = _stronger(ended, item)
            if item.ends_sentence or ended is None or item.exact:
                current.pause(item)
        elif item.exact:
            lead += item.pause
    if current.spoken:
        yield current.finish(ended, lead, goes_on)


def _joint_pause(pause: float, exact: bool, mark: Mark) -> tuple[float, bool]:
    """Pauses asked for add up and replace those of punctuation, of which the longest counts."""
    if mark.exact:
        return (pause + mark.pause if exact else mark.pause), True
    return (pause, True) if exact else (max(pause, mark.pause), False)


def _stronger(first: Mark | None, second: Mark) -> Mark:
    """？！ is a question, 。」！ an exclamation: a plain stop gives way."""
    if first is None:
        return second
    kind = second.kind if first.kind in ("statement", "pause") and second.ends_sentence else first.kind
    if first.exact or second.exact:
        pause, exact = _joint_pause(first.pause, first.exact, second)
    else:
        pause, exact = (second.pause if kind == second.kind else first.pause), False
    return Mark(kind, first.start, second.stop, pause, exact)


def _kind(mark: Mark | None) -> Kind:
    if mark is not None and mark.kind in ("question", "exclamation"):
        return "question" if mark.kind == "question" else "exclamation"
    return "statement"
