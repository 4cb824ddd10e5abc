"""The style plugins of a folder: one Python module each, described by its `STYLE` literal, never run here."""

from __future__ import annotations

import ast
import hashlib
import logging
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.negotiation import none_match
from gateway.site import MEDIA_TYPES

FOLDER = Path(__file__).resolve().parent.parent / "models" / "styles"
ID = re.compile(r"[a-z][a-z0-9_-]{0,39}")
LARGEST = 64 << 10
# Bounds what a browser is sent, and the length of the state that it sends back (`state_of`).
MOST = 100
LANGUAGES = frozenset({"zh", "en"})
STATE_DIGITS = 8

LOG = logging.getLogger("qingsheng.styles")

Stamp = tuple[int, int, int]


class StyleRefused(Exception):
    """A file that is no style. `code` is stable; the message says what was got and what was expected."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Style:
    """A module as it is served. `name` and `description` are texts, or texts by language."""

    id: str
    name: object
    description: object
    version: str
    content: bytes
    sha256: str

    @property
    def path(self) -> str:
        return f"styles/{self.id}.py"

    def record(self) -> dict[str, object]:
        return {
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "version": self.version,
            "path": self.path,
            "sha256": self.sha256,
            "bytes": len(self.content),
        }


Styles = Mapping[str, Style]


def literal(content: bytes) -> object:
    """The value of the module's own `STYLE = {...}`. Raises: StyleRefused."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(content).body
        for node in body:
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            if any(isinstance(target, ast.Name) and target.id == "STYLE" for target in targets):
                return ast.literal_eval(node.value)  # type: ignore[attr-defined]
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as problem:
        raise StyleRefused("style.malformed", f"cannot be read: {problem}") from problem
    raise StyleRefused("style.malformed", "assigns no STYLE at its top level, expected a dictionary of literals")


def described(value: object) -> bool:
    """A text, or texts by language of which one is Chinese."""
    if isinstance(value, dict):
        return (
            "zh" in value and set(value) <= LANGUAGES and all(isinstance(text, str) and text for text in value.values())
        )
    return isinstance(value, str) and bool(value)


def read_style(stem: str, content: bytes) -> Style:
    """The style in a file `<stem>.py`. Raises: StyleRefused."""
    if len(content) > LARGEST:
        raise StyleRefused("style.too_large", f"has {len(content)} bytes, expected at most {LARGEST}")
    found = literal(content)
    if not isinstance(found, dict):
        raise StyleRefused("style.malformed", f"has a STYLE of {type(found).__name__}, expected a dictionary")
    id_, name = found.get("id", stem), found.get("name")
    description, version = found.get("description", ""), found.get("version", "")
    if not isinstance(id_, str) or not ID.fullmatch(id_):
        raise StyleRefused("style.malformed", f"has the id {id_!r:.60}, expected {ID.pattern}")
    if not described(name) or not (description == "" or described(description)):
        raise StyleRefused("style.malformed", "needs a name, and a description, as text or as {'zh': ..., 'en': ...}")
    if isinstance(version, bool) or not isinstance(version, str | int | float):
        raise StyleRefused("style.malformed", f"has the version {version!r:.60}, expected a text")
    return Style(id_, name, description, str(version), content, hashlib.sha256(content).hexdigest())


class StyleFolder:
    """The styles of `folder`, which may change, come and go at any time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[Path, tuple[Stamp, Style | None]] = {}
        self._styles: Styles = MappingProxyType({})
        self._complaints: set[tuple[str, str]] = set()

    def styles(self) -> Styles:
        """As they are now. A file is read again only when its size, time or number has changed."""
        found: dict[str, Style] = {}
        read: dict[Path, tuple[Stamp, Style | None]] = {}
        for place in sorted(self.folder.glob("[!_.]*.py")):
            known = self._look(place)
            if known is None:
                continue
            read[place] = known
            style = known[1]
            if style is None:
                continue
            if style.id in found or len(found) >= MOST:
                reason = f"has the id {style.id} of another file" if style.id in found else f"is one of over {MOST}"
                self._complain(
                    place, StyleRefused("style.duplicate" if style.id in found else "style.too_many", reason)
                )
                continue
            found[style.id] = style
        self._read = read
        if found != self._styles:
            self._styles = MappingProxyType(found)
        return self._styles

    def _look(self, place: Path) -> tuple[Stamp, Style | None] | None:
        try:
            # A mounted folder may consist of links, but they have to stay in it.
            if not place.resolve(strict=True).is_relative_to(self.folder.resolve()):
                self._complain(place, StyleRefused("style.outside", "is a link that leads out of the folder"))
                return None
            stat = place.stat()
            stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            known = self._read.get(place)
            if known is not None and known[0] == stamp:
                return known
            with place.open("rb") as file:
                return stamp, read_style(place.stem, file.read(LARGEST + 1))
        except StyleRefused as refused:
            self._complain(place, refused)
            return stamp, None
        except OSError:
            # Taken away, or being exchanged, at this moment.
            return None

    def _complain(self, place: Path, refused: StyleRefused) -> None:
        complaint = (place.name, f"{refused.code}: {refused}")
        if complaint not in self._complaints:
            self._complaints = {*list(self._complaints)[-MOST:], complaint}
            LOG.warning("%s: %s %s; it is left out", refused.code, place.name, refused)


def state_of(styles: Styles) -> str:
    """All styles with the beginnings of their digests: `news.0a1b2c3d,story.4e5f6071`.

    As the id of an event it says what its reader knows, so that any process, also one that started later, can say what
    has happened since.
    """
    return ",".join(f"{style.id}.{style.sha256[:STATE_DIGITS]}" for style in styles.values())


def read_state(text: str) -> dict[str, str] | None:
    """The inverse of `state_of`; None for what is no such state."""
    parts = [part.partition(".") for part in text.split(",")] if text else []
    sound = all(ID.fullmatch(id_) and re.fullmatch(f"[0-9a-f]{{{STATE_DIGITS}}}", digest) for id_, _, digest in parts)
    return {id_: digest for id_, _, digest in parts} if sound and len(parts) <= MOST else None


@dataclass(frozen=True)
class StyleChange:
    """`kind` is `added`, `changed` or `removed`; `state` is what holds after it."""

    kind: str
    record: Mapping[str, object]
    state: str


def changes(known: Mapping[str, str], styles: Styles, removed: Styles) -> Iterator[StyleChange]:
    """The way from what a reader knows to what there is. removed: styles that there have been, for their records."""
    held = dict(known)

    def state() -> str:
        return ",".join(f"{id_}.{digest}" for id_, digest in held.items())

    for id_ in [id_ for id_ in held if id_ not in styles]:
        del held[id_]
        yield StyleChange("removed", removed[id_].record() if id_ in removed else {"id": id_}, state())
    for id_, style in styles.items():
        digest = style.sha256[:STATE_DIGITS]
        if held.get(id_) != digest:
            kind = "changed" if id_ in held else "added"
            held[id_] = digest
            yield StyleChange(kind, style.record(), state())


class StyleFiles:
    """`/api/styles` and `/styles/<id>.py`."""

    def __init__(self, folder: StyleFolder) -> None:
        self.folder = folder

    async def list(self, _request: Request) -> Response:
        styles = self.folder.styles()
        content = {"styles": [style.record() for style in styles.values()], "state": state_of(styles)}
        return JSONResponse(content, headers={"Cache-Control": "no-cache"})

    async def module(self, request: Request) -> Response:
        style = self.folder.styles().get(request.path_params["id"])
        if style is None:
            raise HTTPException(404)
        headers = {"ETag": f'"{style.sha256[:32]}"', "Cache-Control": "no-cache"}
        if none_match(request.headers.get("if-none-match", ""), headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return Response(style.content, headers=headers, media_type=MEDIA_TYPES[".py"])
