"""The pack on disk: quantised, tried out with the engine itself, and only then put in its place."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from py_engine.errors import RuntimeFailed
from py_engine.runtime.native import NativeRuntime
from py_engine.synthesis.pack import FORMAT, MODELS
from py_engine.synthesis.pipeline import Engine
from scripts.packs import MANIFEST, described

from .graph import drop_durations
from .quantise import Packed, pack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from py_engine.synthesis.values import Chunk

    from .voices import Json, Voice

TRIAL_TEXT = "今天天气真好，我们去公园吧。"


@dataclass(frozen=True)
class About:
    """What no file says. ``id`` is the pack's folder."""

    id: str
    name: str
    license: str
    attribution: str


@dataclass(frozen=True)
class Built:
    """A pack in memory that has spoken `TRIAL_TEXT`."""

    manifest: Json
    models: Mapping[str, Packed]
    trial: Chunk

    @property
    def files(self) -> dict[str, bytes]:
        return {f"{role}.onnx": model.data for role, model in self.models.items()}


def build(voice: Voice, about: About, quantised: bool) -> Built:
    """Quantise and try out. Raises: RuntimeFailed where the voice does not speak."""
    built = _build(voice, about, quantised)
    if built is None:
        # What looked like durations has another length than the tokens.
        drop_durations(voice.graphs["acoustic"])
        voice.set_durations(False)
        built = _build(voice, about, quantised)
    if built is None:
        raise RuntimeFailed("the voice gives durations of the wrong length.", "Report the model's origin.")
    return built


def _build(voice: Voice, about: About, quantised: bool) -> Built | None:
    models = {role: pack(voice.graphs[role].model, quantised) for role in MODELS[voice.manifest["kind"]]}
    manifest = {
        "format": FORMAT, "kind": voice.manifest["kind"], "id": about.id, "name": about.name, "language": "zh-CN",
        **voice.manifest,
        "files": {role: described(f"{role}.onnx", model.data) for role, model in models.items()},
        "license": about.license, "attribution": about.attribution,
        "data": {role: described(graph.path.name, graph.path.read_bytes()) for role, graph in voice.graphs.items()},
        "substitutes": voice.mapped.substitutes, "unmapped": voice.mapped.unmapped, "metrics": {}, "lufs": None,
    }  # fmt: skip
    files = {f"{role}.onnx": model.data for role, model in models.items()}
    try:
        return Built(manifest, models, asyncio.run(_speak(manifest, files)))
    except RuntimeFailed as error:
        if manifest["durations"] and " for durations" in error.message:
            return None
        raise


async def _speak(manifest: Json, files: Mapping[str, bytes]) -> Chunk:
    engine = Engine(NativeRuntime())
    await engine.load_voice(manifest, files)
    (chunk,) = [chunk async for chunk in engine.stream(TRIAL_TEXT)]
    if not len(chunk.samples) or not np.abs(chunk.samples).max() > 0:
        raise RuntimeFailed("the voice gives silence alone.", "Check that vocoder and acoustic model belong together.")
    return chunk


def as_text(manifest: Json) -> str:
    """One field a line, so that the long table of tokens stays compact."""
    lines = (f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in manifest.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def write(built: Built, models: Path) -> Path:
    """Write the pack's folder under ``models``; return it."""
    folder = models / str(built.manifest["id"])
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in built.files.items():
        (folder / path).write_bytes(content)
    (folder / MANIFEST).write_text(as_text(built.manifest), encoding="utf-8")
    return folder
