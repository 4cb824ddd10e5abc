"""Writes `models/catalog.json` from `models/*/voice.json`: `python -m scripts.catalog [--check]`.

Sizes and digests are those of the files as they are. A voice.json that gives other ones is an error here and not later
in a browser. All paths are relative to `models/`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from scripts.console import Failure, say
from scripts.packs import MANIFEST, read_manifest
from scripts.paths import MODELS
from scripts.stamps import sha256

FORMAT = 1
CARD = "MODEL_CARD.md"
NAME = "catalog.json"
# Of a pack that does not say which options it follows.
CONTROLS = ("speed", "pitch")


# Models that the engine loads after the voice, each with a manifest of its own name.
FRONT_MODELS = ("reader", "emotion")


def front_models(models: Path) -> list[Path]:
    """The folders of those that are there."""
    return [models / name for name in FRONT_MODELS if (models / name / f"{name}.json").exists()]


def front_model_files(folder: Path) -> list[Path]:
    """What of a front model is served: its manifest, the model and its card. Raises: Failure where they disagree."""
    described_by = folder / f"{folder.name}.json"
    expected = json.loads(described_by.read_text("utf-8"))
    model = folder / str(expected["path"])
    found = {"bytes": model.stat().st_size, "sha256": sha256(model)} if model.is_file() else {}
    for key in ("bytes", "sha256"):
        if found.get(key) != expected[key]:
            raise Failure(
                f"{folder.name}: {model.name} has {key} {found.get(key)}, {described_by.name} says {expected[key]}"
            )
    return [described_by, model, *(file for file in [folder / CARD] if file.exists())]


def packs(models: Path) -> list[Path]:
    return sorted(path.parent for path in models.glob(f"*/{MANIFEST}"))


def read_pack(folder: Path) -> dict[str, Any]:
    """The pack's voice.json, checked for what the catalogue takes from it."""
    pack = read_manifest(folder)
    if pack.get("format") != FORMAT:
        raise Failure(f"{folder.name}/{MANIFEST}: format is {pack.get('format')!r}, expected {FORMAT}")
    if pack.get("id") != folder.name:
        raise Failure(
            f"{folder.name}/{MANIFEST}: id is {pack.get('id')!r}, expected the folder's name, {folder.name!r}"
        )
    return pack


def described(models: Path, file: Path) -> dict[str, object]:
    return {"path": file.relative_to(models).as_posix(), "bytes": file.stat().st_size, "sha256": sha256(file)}


def model_file(models: Path, folder: Path, role: str, expected: Mapping[str, Any]) -> dict[str, object]:
    """One model of the pack, with the size and digest that voice.json promises."""
    file = folder / str(expected["path"])
    if not file.resolve().is_relative_to(folder.resolve()) or not file.is_file():
        raise Failure(f"{folder.name}: {role} names {expected['path']!r}, which is not a file of the pack")
    found = described(models, file)
    for key in ("bytes", "sha256"):
        if found[key] != expected[key]:
            raise Failure(f"{folder.name}: {file.name} has {key} {found[key]}, {MANIFEST} says {expected[key]}")
    return found


def voice(models: Path, folder: Path) -> dict[str, object]:
    pack = read_pack(folder)
    return {
        "id": pack["id"],
        "name": pack["name"],
        "language": pack["language"],
        "license": pack["license"],
        "sample_rate": pack["sample_rate"],
        "controls": list(pack.get("controls", CONTROLS)),
        "manifest": described(models, folder / MANIFEST),
        "files": [model_file(models, folder, role, file) for role, file in sorted(pack["files"].items())],
        "speakers": [{"id": speaker["id"], "name": speaker["name"]} for speaker in pack["speakers"]],
    }


def default_voice(models: Path, ids: list[str]) -> str | None:
    """The default that the present catalogue names, while that voice exists; else the first voice."""
    path = models / NAME
    named = json.loads(path.read_text("utf-8")).get("default") if path.exists() else None
    return named if named in ids else next(iter(ids), None)


def catalogue(models: Path) -> dict[str, object]:
    voices = [voice(models, folder) for folder in packs(models)]
    return {"format": FORMAT, "default": default_voice(models, [str(each["id"]) for each in voices]), "voices": voices}


def described_files(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Of a catalogue, what says a file's path, bytes and sha256."""
    return [file for voice in content["voices"] for file in (voice["manifest"], *voice["files"])]


def as_text(content: Mapping[str, object]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def shipped(folder: Path) -> Iterable[Path]:
    """What of a pack is served: voice.json, the model files that it names, and its card."""
    yield folder / MANIFEST
    for file in read_pack(folder)["files"].values():
        yield folder / str(file["path"])
    if (folder / CARD).exists():
        yield folder / CARD


def main() -> int:
    parser = argparse.ArgumentParser(description="Write the catalogue of the voice packs.")
    parser.add_argument("--check", action="store_true", help="only say whether the catalogue is up to date")
    check = parser.parse_args().check
    try:
        text = as_text(catalogue(MODELS))
    except (Failure, KeyError, ValueError) as error:
        say(f"No catalogue: {error}")
        return 1
    path = MODELS / NAME
    if path.exists() and path.read_text("utf-8") == text:
        say(f"models/{NAME} is up to date")
    elif check:
        say(f"models/{NAME} is out of date: run `make voice-catalog`")
        return 1
    else:
        path.write_text(text, encoding="utf-8")
        say(f"models/{NAME} written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
