"""The manifest and the compressed copies, on a small site and on the real one where it is built."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import brotli
import pytest
import zstandard

from scripts import compress, manifest
from scripts.paths import DIST

DECODERS = {"br": brotli.decompress, "gzip": gzip.decompress, "zstd": zstandard.decompress}


def read(site: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((site / manifest.NAME).read_text("utf-8"))
    return content


def check(site: Path) -> None:
    """Every file is listed once with its true size and digest, and every compressed copy gives the file back."""
    listed = {file["path"]: file for file in read(site)["files"]}
    present = {file.relative_to(site).as_posix() for file in manifest.served(site)} - {manifest.NAME}
    assert set(listed) == present
    for path, file in listed.items():
        content = (site / path).read_bytes()
        assert file["bytes"] == len(content)
        assert file["sha256"] == hashlib.sha256(content).hexdigest()
        for encoding, size in file["encodings"].items():
            copy = (site / (path + compress.SUFFIXES[encoding])).read_bytes()
            assert len(copy) == size < file["bytes"] * compress.GAIN
            assert DECODERS[encoding](copy) == content


def test_small_site(site: Path) -> None:
    check(site)


@pytest.mark.skipif(not (DIST / manifest.NAME).exists(), reason="the site is not built")
def test_built_site() -> None:
    check(DIST)
    groups = {file["path"]: file["group"] for file in read(DIST)["files"]}
    assert groups["index.html"] == groups["sw.js"] == groups["qingsheng.js"] == groups["models/catalog.json"] == "page"
    runtime = [path for path, group in groups.items() if group == "runtime"]
    for part in ("pyodide.asm.wasm", "python_stdlib.zip", "ort-wasm-simd-threaded", "numpy-", "py_engine-"):
        assert any(part in path for path in runtime), part


def test_groups(site: Path) -> None:
    groups = {file["path"]: file["group"] for file in read(site)["files"]}
    assert groups == {
        "assets/main-0123abcd.js": "page",
        "assets/ort-0123abcd.wasm": "runtime",
        "assets/style-0123abcd.css": "page",
        "assets/worker-0123abcd.js": "runtime",
        "index.html": "page",
        "manifest.webmanifest": "page",
        "models/catalog.json": "page",
        "models/li/acoustic.onnx": "voice:li",
        "models/li/voice.json": "voice:li",
        "pyodide/1.2.3/pyodide.mjs": "runtime",
        "pyodide/1.2.3/python_stdlib.zip": "runtime",
        "qingsheng.js": "page",
        "sw.js": "page",
        "wheels/0011223344556677/py_engine-0.1.0-py3-none-any.whl": "runtime",
    }


def test_version_follows_the_content(site: Path) -> None:
    before = read(site)["version"]
    assert manifest.write(site, set())["version"] == before
    (site / "sw.js").write_text("// new\n")
    assert manifest.write(site, set())["version"] != before


def test_page_files_follow_static_imports() -> None:
    vite = {
        "index.html": {
            "file": "assets/i.js",
            "css": ["assets/i.css"],
            "imports": ["_a"],
            "dynamicImports": ["late.ts"],
        },
        "_a": {"file": "assets/a.js", "imports": ["index.html"], "assets": ["assets/a.svg"]},
        "late.ts": {"file": "assets/late.js"},
        "src/page/early.ts": {"file": "assets/early.js"},
    }
    assert manifest.page_files(vite) == {
        "assets/early.js",
        "assets/i.js",
        "assets/i.css",
        "assets/a.js",
        "assets/a.svg",
    }


def test_compression_is_taken_from_the_cache(tmp_path: Path) -> None:
    file = tmp_path / "a.js"
    file.write_bytes(b"same " * 1000)
    place = compress.encode(file, "00digest", "br", best=False)
    place.write_bytes(b"kept")
    assert compress.encode(file, "00digest", "br", best=False).read_bytes() == b"kept"


def test_no_copy_without_a_gain(tmp_path: Path) -> None:
    file = tmp_path / "a.bin"
    file.write_bytes(b"".join(hashlib.sha256(bytes([n])).digest() for n in range(100)))
    compress.compress_one(file, best=False)
    assert list(tmp_path.iterdir()) == [file]


def test_the_listening_tests_are_no_part_of_a_visit() -> None:
    for path in ("listening/index.html", "assets/listening-0123abcd.js", "assets/listening-0123abcd.css"):
        assert manifest.group_of(path, set()) == "listening"


def test_types_are_no_part_of_a_visit() -> None:
    for path in ("qingsheng.d.ts", "types/client/qingsheng.d.ts"):
        assert manifest.group_of(path, set()) == "types"


def test_front_models_are_a_group_of_their_own() -> None:
    assert manifest.group_of("models/reader/00/reader.json", set()) == "models"
    assert manifest.group_of("models/readers/00/voice.json", set()) == "voice:readers"
