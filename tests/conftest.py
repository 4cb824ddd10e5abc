"""Shared by all tests: places, and a small site that is made like a real one."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import compress, manifest

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = b"export const greeting = 'ni hao';\n" * 100
FILES = {
    "index.html": b"<!doctype html><title>Qingsheng</title>" + b"<p>qing sheng</p>" * 50,
    "sw.js": b"self.addEventListener('fetch', () => {});\n" * 30,
    "qingsheng.js": b"export {};\n",
    "manifest.webmanifest": b'{"name": "Qingsheng"}',
    "assets/main-0123abcd.js": SCRIPT,
    "assets/worker-0123abcd.js": SCRIPT + b"//",
    "assets/style-0123abcd.css": b"p { margin: 0 }\n" * 60,
    "assets/ort-0123abcd.wasm": b"\0asm\1\0\0\0" + b"code" * 500,
    "pyodide/1.2.3/pyodide.mjs": SCRIPT + b"//pyodide",
    "pyodide/1.2.3/python_stdlib.zip": bytes(range(256)) * 8,
    "wheels/0011223344556677/py_engine-0.1.0-py3-none-any.whl": bytes(range(255, -1, -1)) * 4,
    "models/catalog.json": b'{"format": 1, "default": "li", "voices": [{"id": "li", "name": "\xe4\xb8\xbd"}]}',
    "models/li/voice.json": b"{}",
    "models/li/acoustic.onnx": bytes(range(256)) * 40,
}
PAGE = {"index.html", "assets/main-0123abcd.js", "assets/style-0123abcd.css"}


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests leave the user's cache alone."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "user-cache"))


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A built site of a few small files, with compressed copies and a manifest."""
    folder = tmp_path / "dist"
    for path, content in FILES.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    for path in FILES:
        if (folder / path).suffix in compress.COMPRESSIBLE:
            compress.compress_one(folder / path, best=False)
    manifest.write(folder, PAGE)
    return folder
