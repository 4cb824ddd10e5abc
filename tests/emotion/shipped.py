"""The emotion model as it is shipped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from py_engine.runtime.native import NativeRuntime
from py_engine.synthesis.pipeline import Engine

FOLDER = Path(__file__).resolve().parents[2] / "models" / "emotion"


def files() -> tuple[dict[str, object], bytes]:
    """Manifest and model."""
    return json.loads((FOLDER / "emotion.json").read_text("utf-8")), (FOLDER / "emotion.onnx").read_bytes()


async def engine() -> Engine:
    """An engine that has it, and no voice."""
    made = Engine(NativeRuntime())
    await made.load_model("emotion", *files())
    return made


needs_model = pytest.mark.skipif(not (FOLDER / "emotion.json").exists(), reason="models/emotion is not there")
