"""The built site as its manifest lists it. What the manifest does not list is not served, whatever the path says."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

MANIFEST = "build.json"
INDEX = "index.html"
SUFFIXES = {"br": ".br", "gzip": ".gz", "zstd": ".zst"}
# Paths in which a folder's or the file's name carries a digest or a version.
IMMUTABLE = re.compile(r"(assets|pyodide|wheels)/.+|models/[^/]+/[0-9a-f]{16}/.+")
# The machine's own table is not asked: it differs from one machine to the next, and browsers are strict here.
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/vnd.microsoft.icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".py": "text/x-python; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ts": "text/plain; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".wav": "audio/wav",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".whl": "application/octet-stream",
    ".woff2": "font/woff2",
    ".zip": "application/zip",
}

LOG = logging.getLogger("qingsheng.site")


class SiteNotBuilt(Exception):
    """There is no built site where the server looks for it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} holds no {MANIFEST}: the site is not built. Run `make build`, then start again.")


@dataclass(frozen=True)
class SiteFile:
    """One served file. `encodings` gives the size of each compressed copy beside it."""

    place: Path
    path: str
    bytes: int
    sha256: str
    encodings: Mapping[str, int] = field(default_factory=dict)
    group: str = "page"

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES.get(self.place.suffix, "application/octet-stream")

    @property
    def cache_control(self) -> str:
        if IMMUTABLE.fullmatch(self.path):
            return "public, max-age=31536000, immutable"
        return "no-cache"

    def etag(self, encoding: str | None) -> str:
        """A strong tag: another one for each encoding, since the bytes differ."""
        return f'"{self.sha256[:32]}-{encoding}"' if encoding else f'"{self.sha256[:32]}"'

    @property
    def etags(self) -> tuple[str, ...]:
        return (self.etag(None), *(self.etag(encoding) for encoding in self.encodings))

    @property
    def kind(self) -> str:
        """The group without the voice's name: `page`, `runtime` or `voice`."""
        return self.group.partition(":")[0]

    def size(self, encoding: str | None) -> int:
        """Bytes of this encoding."""
        return self.bytes if encoding is None else self.encodings[encoding]

    def content(self, encoding: str | None) -> tuple[Path, int]:
        """The file that holds this encoding, and its size."""
        if encoding is None:
            return self.place, self.bytes
        return self.place.with_name(self.place.name + SUFFIXES[encoding]), self.encodings[encoding]

    def whole(self) -> bool:
        contents = [self.content(encoding) for encoding in (None, *self.encodings)]
        return all(place.is_file() and place.stat().st_size == size for place, size in contents)


@dataclass(frozen=True)
class Snapshot:
    version: str
    files: Mapping[str, SiteFile]

    def find(self, path: str) -> SiteFile | None:
        return self.files.get(path + INDEX if path.endswith("/") or not path else path)


class Site:
    """The site in `folder`. A new build is taken up without a restart: the manifest is written last of all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self._manifest = str(self.folder / MANIFEST)
        self._stat = (0, 0)
        self._snapshot = self._load()

    @property
    def version(self) -> str:
        return self.snapshot().version

    def find(self, path: str) -> SiteFile | None:
        return self.snapshot().find(path)

    def files(self) -> list[SiteFile]:
        return list(self.snapshot().files.values())

    def missing(self) -> list[str]:
        """Paths of the files that are not on disk as listed, judged by size."""
        return [path for path, file in self.snapshot().files.items() if not file.whole()]

    def snapshot(self) -> Snapshot:
        """The site as it is now: the same object for as long as it does not change."""
        try:
            if self._stamp() != self._stat:
                self._snapshot = self._load()
        except (FileNotFoundError, SiteNotBuilt):
            # A build is exchanging the folder at this moment.
            pass
        except (ValueError, KeyError, TypeError):
            LOG.exception("%s cannot be read; the build before it is served on", MANIFEST)
        return self._snapshot

    def _stamp(self) -> tuple[int, int]:
        # Asked for with every request: a path object would cost more than the question.
        stat = os.stat(self._manifest)  # noqa: PTH116
        return stat.st_mtime_ns, stat.st_size

    def _load(self) -> Snapshot:
        # Resolved anew each time: a release may be put in place by pointing a link elsewhere.
        root = self.folder.resolve()
        try:
            self._stat = self._stamp()
            content = (root / MANIFEST).read_bytes()
        except FileNotFoundError as error:
            raise SiteNotBuilt(self.folder) from error
        manifest = json.loads(content)
        files = {entry["path"]: listed(root, entry) for entry in manifest["files"]}
        digest = hashlib.sha256(content).hexdigest()
        files[MANIFEST] = SiteFile(root / MANIFEST, MANIFEST, len(content), digest)
        return Snapshot(str(manifest["version"]), files)


def listed(root: Path, entry: Mapping[str, object]) -> SiteFile:
    path, size, encodings = entry["path"], entry["bytes"], entry.get("encodings", {})
    if not (isinstance(path, str) and isinstance(size, int) and isinstance(encodings, dict)):
        raise ValueError(f"{MANIFEST} lists {entry!r}, expected path, bytes, sha256 and encodings")
    place = (root / path).resolve()
    if not place.is_relative_to(root):
        raise ValueError(f"{MANIFEST} lists {path!r}, which is outside the site")
    for suffix in (SUFFIXES[name] for name in encodings if name in SUFFIXES):
        if not place.with_name(place.name + suffix).resolve().is_relative_to(root):
            raise ValueError(f"{MANIFEST} lists {path!r}, whose copy {suffix} is outside the site")
    known = {name: copied for name, copied in encodings.items() if name in SUFFIXES}
    return SiteFile(place, path, size, str(entry["sha256"]), known, str(entry.get("group", "page")))
