"""What programs that write voice packs share: a file and its entry agree, and the manifest survives."""

from __future__ import annotations

import hashlib
from pathlib import Path

from scripts.packs import described, read_manifest, write_file, write_manifest


def test_a_written_file_and_its_entry_agree(tmp_path: Path) -> None:
    entry = described("vocoder.onnx", b"old") | {"range": "fixed"}
    write_file(tmp_path, entry, b"newer")
    content = (tmp_path / "vocoder.onnx").read_bytes()
    assert content == b"newer"
    assert entry == {
        "path": "vocoder.onnx", "bytes": 5, "sha256": hashlib.sha256(b"newer").hexdigest(), "range": "fixed",
    }  # fmt: skip


def test_a_manifest_comes_back_as_it_was_written(tmp_path: Path) -> None:
    manifest = {"format": 1, "name": "轻声", "files": {"vocoder": described("vocoder.onnx", b"")}}
    write_manifest(tmp_path, manifest)
    assert read_manifest(tmp_path) == manifest
    text = (tmp_path / "voice.json").read_text("utf-8")
    assert "轻声" in text
    assert text.endswith("}\n")
