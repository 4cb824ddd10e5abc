"""Collects a script piece by piece: characters with their origins, styles, breaks, marks, insets."""

from __future__ import annotations

from array import array

from py_engine.errors import MarkupError
from py_engine.text.model import PLAIN, Style
from py_engine.text.script import BREAK, Break, Inset, MarkTag, Script


class ScriptBuilder:
    """``length`` is the number of characters collected so far."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.chars: list[str] = []
        self.insets: list[Inset] = []
        self._starts, self._stops = array("l"), array("l")
        self._breaks: dict[int, Break] = {}
        self._marks: list[MarkTag] = []
        self._style_places: list[int] = []
        self._styles: list[Style] = []
        self._substituted: set[int] = set()

    @property
    def length(self) -> int:
        return len(self.chars)

    def char(self, char: str, start: int, stop: int) -> None:
        self.chars.append(char)
        self._starts.append(start)
        self._stops.append(stop)

    def substitute(self, text: str, start: int, stop: int) -> None:
        """Characters that all stand for ``source[start:stop]``."""
        self._substituted.update(range(self.length, self.length + len(text)))
        for char in text:
            self.char(char, start, stop)

    def break_(self, value: Break, start: int, stop: int) -> None:
        self._breaks[self.length] = value
        self.char(BREAK, start, stop)

    def mark(self, name: str, start: int, stop: int) -> None:
        self._marks.append(MarkTag(name, self.length, start, stop))

    def style(self, style: Style) -> None:
        """From here on."""
        if style != (self._styles[-1] if self._styles else PLAIN):
            self._style_places.append(self.length)
            self._styles.append(style)

    def script(self) -> Script:
        return Script(
            source=self.source,
            text="".join(self.chars),
            starts=self._starts,
            stops=self._stops,
            insets=tuple(self.insets),
            breaks=self._breaks,
            marks=tuple(self._marks),
            style_places=tuple(self._style_places),
            styles=tuple(self._styles),
            substituted=frozenset(self._substituted),
        )


def failure(kind: type[MarkupError], source: str, at: int, message: str, remedy: str) -> MarkupError:
    """An error of the mark-up at code point ``at``: the message says where."""
    line = source.count("\n", 0, at) + 1
    column = at - source.rfind("\n", 0, at)
    detail = {"position": at, "line": line, "column": column, "near": source[at : at + 20]}
    return kind(f"Line {line}, column {column}: {message}", remedy, detail)
