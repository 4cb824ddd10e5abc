"""Offsets for JavaScript, whose strings count UTF-16 code units where Python's count code points."""

from __future__ import annotations

from bisect import bisect_left


class Utf16Offsets:
    """Converts code-point offsets into ``text`` to UTF-16 offsets, and back.

    A character outside the Basic Multilingual Plane (above U+FFFF: rare Hanzi, emoji) takes two code units. A lone
    surrogate is one code point and one code unit.
    """

    def __init__(self, text: str) -> None:
        self._astral = [index for index, character in enumerate(text) if character > "\uffff"]

    def __call__(self, offset: int) -> int:
        """The UTF-16 offset of the boundary before code point ``offset``."""
        return offset + bisect_left(self._astral, offset)

    def code_point(self, offset: int) -> int:
        """The code point at or behind the UTF-16 offset: the reverse of calling."""
        return offset - bisect_left([index + before for before, index in enumerate(self._astral)], offset)
