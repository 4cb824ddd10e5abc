"""A folder of models on disk, as ``models/`` is: catalogue and packs of the voices, and the models of the front end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from py_engine.errors import ModelCorrupt, VoiceCorrupt, VoiceFormat, VoiceNotFound

from .front_models import FACTORIES
from .pack import FORMAT, PackFile, read_manifest, verify

CATALOG = "catalog.json"


@dataclass(frozen=True)
class CatalogVoice:
    """A pack that the catalogue lists; ``manifest`` has its path relative to the catalogue's folder."""

    id: str
    name: str
    language: str
    license: str
    manifest: PackFile
    speakers: tuple[str, ...]


@dataclass(frozen=True)
class Catalog:
    """``default`` is the id of a pack, None where there is none."""

    folder: Path
    default: str | None
    voices: tuple[CatalogVoice, ...]

    def find(self, voice: str | None) -> CatalogVoice:
        """The pack of a voice id ``<pack>`` or ``<pack>/<speaker>``, None for the default. Raises: VoiceNotFound."""
        known = [entry.id for entry in self.voices]
        if not known:
            raise VoiceNotFound(f"{self.folder / CATALOG} lists no voice.", "Add a voice pack and its catalogue.")
        wanted = voice or self.default or known[0]
        for entry in self.voices:
            if entry.id == wanted.split("/")[0]:
                return entry
        raise VoiceNotFound(
            f"there is no voice {wanted!r}, expected one of {', '.join(known)}.",
            "Choose a voice from the list.",
            {"got": wanted, "expected": known},
        )


def read_catalog(folder: Path) -> Catalog:
    """Read ``catalog.json``. Raises: VoiceNotFound where there is none, VoiceFormat where it cannot be understood."""
    path = folder / CATALOG
    try:
        data = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise VoiceNotFound(f"there is no {path}.", "Name the folder of the voice packs (--models).") from error
    except ValueError as error:
        raise VoiceFormat(f"{path} is not JSON: {error}.", "Write the catalogue again.") from error
    try:
        if data["format"] != FORMAT:
            raise VoiceFormat(f"{path} has format {data['format']!r}; this engine reads format {FORMAT}.")
        return Catalog(folder, data["default"], tuple(_voice(item) for item in data["voices"]))
    except (KeyError, TypeError) as error:
        raise VoiceFormat(f"{path} lacks or misuses {error}.", "Write the catalogue again.") from error


def _voice(item: dict[str, object]) -> CatalogVoice:
    manifest = cast(dict[str, object], item["manifest"])
    speakers = cast(list[dict[str, object]], item["speakers"])
    return CatalogVoice(
        id=str(item["id"]),
        name=str(item["name"]),
        language=str(item["language"]),
        license=str(item["license"]),
        manifest=PackFile(str(manifest["path"]), cast(int, manifest["bytes"]), str(manifest["sha256"])),
        speakers=tuple(str(speaker["id"]) for speaker in speakers),
    )


def read_pack(folder: Path, entry: CatalogVoice) -> tuple[dict[str, object], dict[str, bytes]]:
    """Manifest and files of a pack, as `Engine.load_voice` takes them. Raises: VoiceCorrupt, VoiceFormat."""
    path = folder / entry.manifest.path
    text = _read(path)
    verify(entry.manifest, text)
    try:
        manifest: dict[str, object] = json.loads(text)
    except ValueError as error:
        raise VoiceFormat(f"{path} is not JSON: {error}.", "Install the voice again.") from error
    files = read_manifest(manifest).files.values()
    return manifest, {file.path: _read(path.parent / file.path) for file in files}


def read_models(folder: Path) -> Iterator[tuple[str, dict[str, object], bytes]]:
    """Name, manifest and file of each model of the front end below ``folder``, as `Engine.load_model` takes them; what
    is not there is left out. Raises: ModelCorrupt, VoiceCorrupt."""
    for name in FACTORIES:
        path = folder / name / f"{name}.json"
        if not path.exists():
            continue
        try:
            manifest: dict[str, object] = json.loads(_read(path))
        except ValueError as error:
            raise ModelCorrupt(f"{path} is not JSON: {error}.", "Install the model again.") from error
        yield name, manifest, _read(path.parent / str(manifest.get("path")))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise VoiceCorrupt(f"{path} cannot be read: {error.strerror}.", "Install the voice again.") from error
