"""What every program that writes a voice pack shares: the entries of its files, its manifest as text."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

MANIFEST = "voice.json"


def described(path: str, content: bytes) -> dict[str, Any]:
    """A manifest's entry of one file: its path inside the pack, size in bytes, SHA-256."""
    return {"path": path, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of the pack in ``folder``, unchecked."""
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
    return manifest


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", "utf-8")


def write_file(folder: Path, entry: dict[str, Any], content: bytes) -> None:
    """Write one file of a pack where its entry says, and bring the entry up to date."""
    (folder / entry["path"]).write_bytes(content)
    entry.update(described(entry["path"], content))
