"""A reader of the little XML that speech mark-up needs: tags, attributes, five entities, comments, CDATA.

Own and small, since the standard library's parsers cost 20 ms of import and keep no positions of characters. There are
no declarations and no entities of the author's own, so nothing can grow while it is read. Linear in the length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from py_engine.errors import MarkupError
from py_engine.text.markup.builder import failure

ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
MAX_DEPTH = 32

_NAME = re.compile(r"[A-Za-z_][\w:.\-]*", re.ASCII)
_ATTRIBUTE = re.compile(r"\s+([A-Za-z_][\w:.\-]*)\s*=\s*(\"[^\"<]*\"|'[^'<]*')", re.ASCII)
_TAG_END = re.compile(r"\s*(/?)>")
_ENTITY = re.compile(r"&(#x[0-9A-Fa-f]{1,6}|#[0-9]{1,7}|[A-Za-z]{1,8});")
_SKIPPED = {"<!--": "-->", "<?": "?>"}


@dataclass(frozen=True)
class Open:
    """A start tag; ``empty`` if it is closed at once. Attribute values have their entities resolved."""

    name: str
    attributes: Mapping[str, str]
    start: int
    stop: int
    empty: bool
    places: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Close:
    name: str
    start: int
    stop: int


@dataclass(frozen=True)
class Char:
    """One character of text, from ``source[start:stop]`` (longer than one where it is an entity)."""

    char: str
    start: int
    stop: int


Event = Open | Close | Char


def read(source: str) -> Iterator[Event]:
    """Events in order, tags checked to nest. Raises: MarkupError with place and remedy."""
    at = 0
    stack: list[Open] = []
    while at < len(source):
        if source[at] != "<":
            char = _char(source, at)
            yield char
            at = char.stop
        elif (skipped := _skip(source, at)) is not None:
            at = skipped
        elif source.startswith("<![CDATA[", at):
            stop = _find(source, "]]>", at)
            yield from (Char(source[index], index, index + 1) for index in range(at + 9, stop))
            at = stop + 3
        else:
            tag = _tag(source, at)
            _nest(source, stack, tag)
            yield tag
            at = tag.stop
    if stack:
        name = stack[-1].name
        raise failure(MarkupError, source, stack[-1].start, f"<{name}> is never closed.", f"Add </{name}>.")


def _nest(source: str, stack: list[Open], tag: Open | Close) -> None:
    if isinstance(tag, Open):
        if not tag.empty:
            stack.append(tag)
        if len(stack) > MAX_DEPTH:
            raise failure(MarkupError, source, tag.start, f"elements nest deeper than {MAX_DEPTH}.", "Take some away.")
        return
    if not stack:
        raise failure(MarkupError, source, tag.start, f"</{tag.name}> closes nothing.", "Take it away.")
    opened = stack.pop().name
    if opened != tag.name:
        raise failure(
            MarkupError, source, tag.start, f"got </{tag.name}>, expected </{opened}>.",
            f"Close <{opened}> before what is around it.",
        )  # fmt: skip


def _find(source: str, end: str, at: int) -> int:
    found = source.find(end, at)
    if found < 0:
        raise failure(MarkupError, source, at, f"{source[at : at + 4]} has no {end}.", f"Add {end}.")
    return found


def _skip(source: str, at: int) -> int | None:
    """Where a comment or processing instruction that begins here ends."""
    for opening, ending in _SKIPPED.items():
        if source.startswith(opening, at):
            return _find(source, ending, at + len(opening)) + len(ending)
    return None


def _char(source: str, at: int) -> Char:
    if source[at] != "&":
        return Char(source[at], at, at + 1)
    found = _ENTITY.match(source, at)
    char = _resolve(found[1]) if found else None
    if found is None or char is None:
        raise failure(
            MarkupError, source, at, "& begins no entity that is known.",
            "Write &amp; for the sign itself; known are &lt; &gt; &amp; &quot; &apos; and numbers like &#65;.",
        )  # fmt: skip
    return Char(char, at, found.end())


def _resolve(name: str) -> str | None:
    if name[0] != "#":
        return ENTITIES.get(name)
    point = int(name[2:], 16) if name[1] == "x" else int(name[1:])
    return chr(point) if 0x20 <= point <= 0x10FFFF or point in (9, 10, 13) else None


def _tag(source: str, at: int) -> Open | Close:
    closing = source.startswith("</", at)
    named = _NAME.match(source, at + 1 + closing)
    if named is None:
        raise failure(
            MarkupError, source, at, "< begins neither a tag nor a comment.", "Write &lt; for the sign itself."
        )
    place = named.end()
    attributes: dict[str, str] = {}
    places: dict[str, int] = {}
    while not closing and (found := _ATTRIBUTE.match(source, place)) is not None:
        if found[1] in attributes:
            raise failure(MarkupError, source, found.start(1), f"{found[1]} is given twice.", "Take one away.")
        attributes[found[1]], places[found[1]] = _value(source, found), found.start(2) + 1
        place = found.end()
    end = _TAG_END.match(source, place)
    if end is None or (closing and end[1]):
        raise failure(
            MarkupError, source, place, f"the tag <{named.group()} is not well formed here.",
            'Write attributes as name="value" and end the tag with > or />.',
        )  # fmt: skip
    if closing:
        return Close(named.group(), at, end.end())
    return Open(named.group(), attributes, at, end.end(), bool(end[1]), places)


def _value(source: str, found: re.Match[str]) -> str:
    chars, at = [], found.start(2) + 1
    while at < found.end(2) - 1:
        char = _char(source, at)
        chars.append(char.char)
        at = char.stop
    return "".join(chars)
