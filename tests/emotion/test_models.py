"""Loading models of the front end: what is checked, and what stays."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from py_engine.emotion.values import EMOTIONS
from py_engine.errors import ModelCorrupt, ModelMissing, ModelUnknown, QingshengError, RuntimeFailed
from py_engine.runtime.native import NativeRuntime
from py_engine.synthesis.library import read_models
from py_engine.synthesis.pipeline import Engine
from tests.emotion.shipped import FOLDER, files, needs_model


def test_without_a_model() -> None:
    with pytest.raises(ModelMissing):
        asyncio.run(Engine(NativeRuntime()).infer("你好。"))


@needs_model
@pytest.mark.parametrize(
    ("changes", "cut", "error"),
    [
        ({}, 1, ModelCorrupt),
        ({"sha256": "0" * 64}, 0, ModelCorrupt),
        ({"format": 2}, 0, ModelCorrupt),
        ({"emotions": list(reversed(EMOTIONS))}, 0, RuntimeFailed),
        ({"symbols": 3}, 0, RuntimeFailed),
    ],
)
def test_what_does_not_fit_is_refused_and_the_old_one_stays(
    changes: dict[str, object], cut: int, error: type[QingshengError]
) -> None:
    async def run() -> None:
        engine = Engine(NativeRuntime())
        manifest, model = files()
        await engine.load_model("emotion", manifest, model)
        loaded = engine.models.emotion
        with pytest.raises(error):
            await engine.load_model("emotion", {**manifest, **changes}, model[cut:])
        assert engine.models.emotion is loaded
        assert await engine.infer("你好。")
        await engine.load_model("emotion", manifest, memoryview(model))
        assert engine.models.emotion is not loaded

    asyncio.run(run())


def test_an_unknown_name() -> None:
    with pytest.raises(ModelUnknown, match="emotion"):
        asyncio.run(Engine(NativeRuntime()).load_model("moods", {}, b""))


@needs_model
def test_models_on_disk_are_found(tmp_path: Path) -> None:
    assert {name: len(model) for name, _, model in read_models(FOLDER.parent)}["emotion"] == files()[0]["bytes"]
    assert list(read_models(tmp_path)) == []
    (tmp_path / "emotion").mkdir()
    (tmp_path / "emotion" / "emotion.json").write_text("{", "utf-8")
    with pytest.raises(ModelCorrupt, match="not JSON"):
        list(read_models(tmp_path))


@needs_model
def test_the_model_is_small() -> None:
    manifest = json.loads((FOLDER / "emotion.json").read_text("utf-8"))
    assert manifest["bytes"] < 1_600_000
