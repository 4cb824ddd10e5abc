"""`build.json`: every file of the built site with its size, digest, group and compressed copies."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from scripts.catalog import FRONT_MODELS
from scripts.compress import SUFFIXES
from scripts.stamps import sha256

NAME = "build.json"
# Pages for themselves: nobody else needs their files.
SEPARATE = ("listening", "bench")
# The script in the head of the page, which imports nothing and which nothing imports.
EARLY = "src/page/early.ts"
# For those who write programs; no visit needs them.
TYPES = ".d.ts"


def page_files(vite: Mapping[str, Any], entry: str = "index.html") -> set[str]:
    """What the page needs before it can draw: the script of its head, the static imports, styles and
    pictures of its entry."""
    found: set[str] = set()
    waiting, seen = [entry, EARLY], set()
    while waiting:
        key = waiting.pop()
        chunk = vite.get(key)
        if chunk is None or key in seen:
            continue
        seen.add(key)
        found.update([chunk["file"], *chunk.get("css", []), *chunk.get("assets", [])])
        waiting += chunk.get("imports", [])
    return found


def group_of(path: str, page: set[str]) -> str:
    """Types for themselves, voices by name, the front end's models together, likewise pages such as the listening
    tests'; of the rest, what lies in a folder is the runtime's unless the page draws with it."""
    top, _, rest = path.partition("/")
    if path.endswith(TYPES):
        return "types"
    if top == "models" and "/" in rest:
        name = rest.partition("/")[0]
        return "models" if name in FRONT_MODELS else f"voice:{name}"
    for name in SEPARATE:
        if top == name or path.startswith(f"assets/{name}-"):
            return name
    if top in {"pyodide", "wheels"} or (top == "assets" and path not in page):
        return "runtime"
    return "page"


def entry(site: Path, file: Path, page: set[str]) -> dict[str, object]:
    path = file.relative_to(site).as_posix()
    copies = {name: file.with_name(file.name + suffix) for name, suffix in SUFFIXES.items()}
    return {
        "path": path,
        "bytes": file.stat().st_size,
        "sha256": sha256(file),
        "group": group_of(path, page),
        "encodings": {name: copy.stat().st_size for name, copy in copies.items() if copy.exists()},
    }


def served(site: Path) -> Iterable[Path]:
    copies = tuple(SUFFIXES.values())
    return sorted(file for file in site.rglob("*") if file.is_file() and file.suffix not in copies)


def write(site: Path, page: set[str]) -> dict[str, Any]:
    """Writes the manifest, last of all, and gives it back. `version` changes with any byte that is served."""
    files = [entry(site, file, page) for file in served(site) if file.name != NAME]
    version = hashlib.sha256("".join(f"{file['path']} {file['sha256']}\n" for file in files).encode()).hexdigest()[:16]
    manifest = {"version": version, "files": files}
    (site / NAME).write_text(json.dumps(manifest, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    return manifest
