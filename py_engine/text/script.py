"""What is to be read, with the mark-up taken out, and where each character of it stands in the caller's text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from py_engine.text.model import PLAIN, Style
from py_engine.text.spoken import Part

# Stands for a break in `Script.text`; a private-use character, so that no rule of normalisation takes it for text
BREAK = "\ue001"


@dataclass(frozen=True)
class Inset:
    """``text[start:stop]`` is said as the parts say, whatever the rules would make of it. ``reason``: who wants so."""

    start: int
    stop: int
    parts: tuple[Part, ...]
    reason: str


@dataclass(frozen=True)
class Break:
    """A pause in seconds, ``exact`` if it was given as a time. ``ends_sentence``: the border of a ``p`` or ``s``."""

    pause: float
    exact: bool = False
    ends_sentence: bool = False


@dataclass(frozen=True)
class MarkTag:
    """A ``mark`` before the character ``at`` of the script; ``start`` and ``stop`` of the tag in the caller's text."""

    name: str
    at: int
    start: int
    stop: int


@dataclass(frozen=True)
class Script:
    """``text`` to read and, per character of it, the half-open span it has in ``source``.

    starts, stops: None where the text is the source. insets: in order, without overlap. breaks: by place of the
    character `BREAK`. styles: places from which a style holds, and the styles. substituted: places whose characters
    stand for others (``sub``): they end no sentence.
    """

    source: str
    text: str
    starts: Sequence[int] | None = None
    stops: Sequence[int] | None = None
    insets: tuple[Inset, ...] = ()
    breaks: Mapping[int, Break] = field(default_factory=dict)
    marks: tuple[MarkTag, ...] = ()
    style_places: tuple[int, ...] = ()
    styles: tuple[Style, ...] = ()
    substituted: frozenset[int] = frozenset()

    def span(self, start: int, stop: int) -> tuple[int, int]:
        """The span in the caller's text of a span (not empty) of ``text``."""
        if self.starts is None or self.stops is None:
            return start, stop
        return self.starts[start], self.stops[stop - 1]

    def adjacent(self, at: int) -> bool:
        """Whether nothing stands in the caller's text between this character and the one before it."""
        if self.starts is None or self.stops is None:
            return True
        if at in self.substituted or at - 1 in self.substituted:
            return (self.starts[at - 1], self.stops[at - 1]) == (self.starts[at], self.stops[at])
        return self.stops[at - 1] == self.starts[at]

    def style(self, at: int) -> Style:
        index = bisect_right(self.style_places, at) - 1
        return self.styles[index] if index >= 0 else PLAIN

    def with_insets(self, insets: Sequence[Inset]) -> Script:
        """More insets; those that are there already go before the new ones that overlap them."""
        taken = {at for inset in self.insets for at in range(inset.start, inset.stop)}
        free = [inset for inset in insets if taken.isdisjoint(range(inset.start, inset.stop))]
        return replace(self, insets=tuple(sorted((*self.insets, *free), key=lambda inset: inset.start)))


def plain_script(text: str) -> Script:
    return Script(text, text)
