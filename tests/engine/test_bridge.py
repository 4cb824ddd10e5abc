"""The bridge in the real Pyodide with the real onnxruntime-web, under Node. Needs what `make setup` brings."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from scripts.paths import NODE_MODULES, user_cache
from tests.packs.make_public_voices import matcha_pack

ROOT = Path(__file__).resolve().parents[2]
# Looked up at import: tests run with a user cache of their own.
WHEELS = sorted((user_cache() / "wheels").glob("*/numpy-*wasm32.whl"))
NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(
    NODE is None or not WHEELS or not (NODE_MODULES / "pyodide").exists(),
    reason="needs Node, node_modules/pyodide and NumPy's Pyodide wheel",
)


@pytest.fixture(scope="module")
def report(models_folder: Path) -> dict[str, Any]:
    manifest, files = matcha_pack("vocos", True, 22050)
    folder = models_folder / "matcha"
    folder.mkdir(exist_ok=True)
    (folder / "voice.json").write_text(json.dumps(manifest), "utf-8")
    for path, content in files.items():
        (folder / path).write_bytes(content)
    command = [str(NODE), str(ROOT / "tests/engine/bridge_check.mjs"), str(ROOT), str(WHEELS[-1]), str(models_folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=480, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    made: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return made


def code(result: dict[str, Any]) -> str:
    return str(result["error"]["code"])


def test_boot_and_voices(report: dict[str, Any]) -> None:
    assert report["boot"] == {"engine": "0.1.0", "format": 1}
    assert [voice["id"] for voice in report["loaded"]] == ["silent", "silent/high"]
    assert report["voices"] == report["loaded"]
    assert code(report["early"]) == "runtime.failed"


def test_speech_has_utf16_spans_and_its_own_buffers(report: dict[str, Any]) -> None:
    text = "😀今天天气真好。你好！".encode("utf-16-le")
    speech = report["speech"]
    assert report["started"] == speech["end"] == "undefined"
    assert [chunk["sentence"] for chunk in speech["chunks"]] == [0, 1]
    assert [chunk["last"] for chunk in speech["chunks"]] == [False, True]
    for chunk in speech["chunks"]:
        assert chunk["own"]
        assert 0.1 < chunk["peak"] <= 0.97
        for word in chunk["words"]:
            assert text[2 * word["start"] : 2 * word["stop"]].decode("utf-16-le") == word["text"]
        assert set(chunk["timings"]) == {"text", "emotion", "prosody", "decoder", "dsp"}
        assert len(chunk["phones"]) >= 2 * len(chunk["words"])
        assert 0 < max(chunk["pitch"]["hertz"]) < 800
        assert len(chunk["pitch"]["hertz"]) == pytest.approx(chunk["length"] / 200, abs=1)
    assert [(n["start"], n["stop"]) for chunk in speech["chunks"] for n in chunk["notices"]] == [(0, 2)]


def test_speech_begins_at_a_utf16_offset(report: dict[str, Any]) -> None:
    (chunk,) = report["later"]["chunks"]
    assert [(word["text"], word["start"]) for word in chunk["words"]] == [("你好", 9)]
    assert (chunk["index"], chunk["sentence"], chunk["last"]) == (0, 1, True)


def test_words_explanations_and_mark_up(report: dict[str, Any]) -> None:
    assert report["setWord"] == "undefined"
    assert code(report["badWord"]) == "lexicon.invalid"
    assert report["words"] == {"WHO": "世界卫生组织"}
    assert report["wordsAfter"] == {}
    tokens = report["explained"]["tokens"]
    assert [(token["text"], token["start"], token["stop"]) for token in tokens][:2] == [("😀", 0, 2), ("<", 2, 3)]
    chunks = report["marked"]["chunks"]
    assert [word["text"] for chunk in chunks for word in chunk["words"]] == ["好", "WHO"]
    assert [(mark["name"], mark["start"]) for chunk in chunks for mark in chunk["marks"]] == [("a", 10)]
    assert report["malformed"]["end"]["code"] == "markup.malformed"


def test_styles(report: dict[str, Any]) -> None:
    assert report["style"] == {
        "id": "own", "name": {"zh": "自己"}, "description": {"zh": "试试"}, "version": "2", "state": "on", "error": "",
    }  # fmt: skip
    notices = [notice["code"] for chunk in report["styled"]["chunks"] for notice in chunk["notices"]]
    assert notices == ["style.failed"]
    assert report["styled"]["end"] == "undefined"
    (failed,) = report["styleFailed"]
    assert (failed["state"], failed["error"][:17]) == ("off", "ZeroDivisionError")
    assert code(report["styleRefused"]) == "style.invalid"
    assert report["styleRemoved"] == "undefined"
    assert report["styles"] == []


def test_a_public_voice_speaks_at_its_own_rate(report: dict[str, Any]) -> None:
    (info,) = report["matchaLoaded"]
    assert (info["id"], info["sample_rate"], info["controls"]) == ("matcha", 22050, ["speed"])
    first, second = report["matcha"]["chunks"]
    assert [notice["code"] for notice in first["notices"]] == ["option.unsupported"]
    for chunk in (first, second):
        assert chunk["sample_rate"] == 22050
        assert 0 < chunk["peak"] <= 0.97
        assert chunk["length"] > 3000
        assert not any(word["estimated"] for word in chunk["words"])
        assert set(chunk["timings"]) == {"text", "emotion", "acoustic", "vocoder", "dsp"}


def test_errors_are_values(report: dict[str, Any]) -> None:
    assert code(report["missing"]) == "voice.corrupt"
    assert report["missing"]["error"]["detail"] == {"path": "prosody.onnx"}
    assert code(report["broken"]) == "voice.format"
    assert report["empty"]["end"]["code"] == "text.empty"
    assert code(report["option"]) == code(report["unknownOption"]) == "option.invalid"
    assert report["unknownJob"] == "undefined"


def test_cancellation(report: dict[str, Any]) -> None:
    assert code(report["cancelled"]) == "cancelled"
    assert report["afterCancel"] == report["afterIdleCancel"] == "undefined"


def test_jobs_overlap_and_voices_are_released(report: dict[str, Any]) -> None:
    assert report["overlap"] == [2, 1]
    assert report["release"] == "undefined"
    assert code(report["releaseAgain"]) == "voice.not_found"
    assert report["released"] == 2
    # What the runs of an utterance hand on is forgotten with it.
    assert report["relays"] == 0
