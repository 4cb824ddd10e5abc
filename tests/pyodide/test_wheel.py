"""The built wheel in the real Pyodide, under Node: it imports, and it reads text as CPython does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from scripts import tools
from scripts.paths import DIST, ROOT

HERE = Path(__file__).parent
WHEELS = sorted(DIST.glob("wheels/*/*.whl"))
ENGINE = [wheel for wheel in WHEELS if wheel.name.startswith("py_engine-")]
pytestmark = pytest.mark.skipif(not ENGINE, reason="the site is not built")


def run(command: list[str], env: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.fixture(scope="module")
def in_pyodide() -> dict[str, Any]:
    env = tools.environment()
    node = shutil.which("node", path=env["PATH"])
    assert node, "Node is missing: run `make setup`"
    return run([node, str(HERE / "probe.mjs"), str(HERE / "probe.py"), *map(str, WHEELS)], env)


@pytest.fixture(scope="module")
def in_cpython(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("site-packages")
    with zipfile.ZipFile(ENGINE[0]) as wheel:
        wheel.extractall(folder)
    env = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"}
    return run([sys.executable, str(HERE / "probe.py")], env)


def test_every_module_is_imported(in_pyodide: dict[str, Any], in_cpython: dict[str, Any]) -> None:
    assert in_pyodide["modules"] == in_cpython["modules"]
    assert {"py_engine.text", "py_engine.synthesis", "py_engine.text.lexicon"} <= set(in_pyodide["modules"])


def test_text_is_read_the_same(in_pyodide: dict[str, Any], in_cpython: dict[str, Any]) -> None:
    assert in_pyodide["analyses"] == in_cpython["analyses"]
    words = json.dumps(in_pyodide["analyses"]["今天天气真好。"], ensure_ascii=False)
    assert "天气" in words


def test_the_wheel_is_pure_and_carries_its_tables() -> None:
    assert ENGINE[0].name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(ENGINE[0]) as wheel:
        names = set(wheel.namelist())
    assert "py_engine/data/lexicon.bin" in names
    assert not {name for name in names if "compile_tables" in name or "/sources/" in name}
