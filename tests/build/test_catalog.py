"""The catalogue of voice packs, and what of a pack is shipped."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from scripts import catalog
from scripts.console import Failure

MODEL = b"model"


def pack(models: Path, name: str, **changes: object) -> Path:
    folder = models / name
    folder.mkdir(parents=True)
    (folder / "acoustic.onnx").write_bytes(MODEL)
    (folder / "acoustic.float.onnx").write_bytes(b"not shipped")
    (folder / "MODEL_CARD.md").write_text("# Card\n")
    described = {"path": "acoustic.onnx", "bytes": len(MODEL), "sha256": hashlib.sha256(MODEL).hexdigest()}
    voice = {
        "format": 1,
        "id": name,
        "name": "丽",
        "language": "zh-CN",
        "license": "CC-BY-4.0",
        "sample_rate": 22050,
        "speakers": [{"id": "a", "name": "甲", "index": 0}],
        "files": {"acoustic": described},
        **changes,
    }
    (folder / "voice.json").write_text(json.dumps(voice, ensure_ascii=False), encoding="utf-8")
    return folder


def test_no_voice_yet(tmp_path: Path) -> None:
    assert catalog.catalogue(tmp_path) == {"format": 1, "default": None, "voices": []}


def test_a_voice(tmp_path: Path) -> None:
    folder = pack(tmp_path, "li")
    (tmp_path / "recipes").mkdir()
    found = catalog.catalogue(tmp_path)
    assert found["default"] == "li"
    content = (folder / "voice.json").read_bytes()
    assert found["voices"] == [
        {
            "id": "li",
            "name": "丽",
            "language": "zh-CN",
            "license": "CC-BY-4.0",
            "sample_rate": 22050,
            "controls": ["speed", "pitch"],
            "manifest": {
                "path": "li/voice.json",
                "bytes": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            },
            "files": [{"path": "li/acoustic.onnx", "bytes": 5, "sha256": hashlib.sha256(MODEL).hexdigest()}],
            "speakers": [{"id": "a", "name": "甲"}],
        }
    ]


def test_the_default_stays_while_it_exists(tmp_path: Path) -> None:
    pack(tmp_path, "li")
    pack(tmp_path, "an")
    (tmp_path / catalog.NAME).write_text('{"default": "li"}')
    assert catalog.catalogue(tmp_path)["default"] == "li"
    (tmp_path / catalog.NAME).write_text('{"default": "gone"}')
    assert catalog.catalogue(tmp_path)["default"] == "an"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": 2}, "format is 2, expected 1"),
        ({"id": "other"}, "id is 'other', expected the folder's name, 'li'"),
        (
            {"files": {"acoustic": {"path": "acoustic.onnx", "bytes": 6, "sha256": ""}}},
            "has bytes 5, voice.json says 6",
        ),
        ({"files": {"acoustic": {"path": "../x.onnx", "bytes": 1, "sha256": ""}}}, "not a file of the pack"),
        ({"files": {"acoustic": {"path": "none.onnx", "bytes": 1, "sha256": ""}}}, "not a file of the pack"),
    ],
)
def test_a_wrong_pack_is_refused(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    pack(tmp_path, "li", **changes)
    with pytest.raises(Failure, match=said):
        catalog.catalogue(tmp_path)


def test_only_what_the_pack_names_is_shipped(tmp_path: Path) -> None:
    folder = pack(tmp_path, "li")
    assert {file.name for file in catalog.shipped(folder)} == {"voice.json", "acoustic.onnx", "MODEL_CARD.md"}


def front_model(models: Path, name: str, **changes: object) -> Path:
    folder = models / name
    folder.mkdir()
    (folder / f"{name}.onnx").write_bytes(MODEL)
    described = {"path": f"{name}.onnx", "bytes": len(MODEL), "sha256": hashlib.sha256(MODEL).hexdigest(), **changes}
    (folder / f"{name}.json").write_text(json.dumps(described))
    return folder


def test_front_models_are_found_and_checked(tmp_path: Path) -> None:
    emotion = front_model(tmp_path, "emotion")
    (emotion / "weights-fp16.npz").write_bytes(b"not shipped")
    (tmp_path / "reader").mkdir()
    assert catalog.front_models(tmp_path) == [emotion]
    assert catalog.front_model_files(emotion) == [emotion / "emotion.json", emotion / "emotion.onnx"]


def test_a_front_model_that_differs_from_its_manifest(tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"emotion.onnx has bytes 5, emotion.json says 6"):
        catalog.front_model_files(front_model(tmp_path, "emotion", bytes=6))
