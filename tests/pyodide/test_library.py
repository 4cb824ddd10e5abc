"""The archives of Python that the site ships: bytecode, without what nobody imports, and nothing missing."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from scripts.paths import DIST, NODE_MODULES, ROOT

LIBRARY = next(iter(sorted(DIST.glob("pyodide/*/python_stdlib.zip"))), None)
WHEELS = sorted(DIST.glob("wheels/*/*.whl"))
COMPLETE = NODE_MODULES / "pyodide" / "python_stdlib.zip"
NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None or LIBRARY is None or not COMPLETE.exists(), reason="needs a built site")


def modules_of(archive: Path) -> set[str]:
    with zipfile.ZipFile(archive) as opened:
        names = [name for name in opened.namelist() if name.endswith((".py", ".pyc"))]
    return {name.rpartition(".")[0].removesuffix("/__init__").replace("/", ".") for name in names}


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    command = [str(NODE), str(ROOT / "tests/pyodide/library.mjs"), str(LIBRARY), *map(str, WHEELS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    made: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return made


def test_the_library_is_bytecode_only_and_smaller() -> None:
    assert LIBRARY is not None
    with zipfile.ZipFile(LIBRARY) as opened:
        assert not [name for name in opened.namelist() if name.endswith(".py")]
        assert all(info.compress_type == zipfile.ZIP_STORED for info in opened.infolist())
    kept, complete = modules_of(LIBRARY), modules_of(COMPLETE)
    assert kept < complete
    assert len(kept) < 0.6 * len(complete)


def test_no_module_misses_one_that_was_left_out(report: dict[str, Any]) -> None:
    complete = modules_of(COMPLETE)
    missing = {
        name: why for name, why in report["failed"].items() if why[0] == "ModuleNotFoundError" and why[1] in complete
    }
    assert missing == {}
    assert len(report["done"]) > 300


def test_every_module_of_the_engine_can_be_imported(report: dict[str, Any]) -> None:
    ours = {name for name in report["failed"] if name.startswith("py_engine")}
    # The native runtime wants onnxruntime, compiling the tables wants dictionaries: both are the host's.
    assert ours <= {"py_engine.runtime.native", "py_engine.text.compile_tables"} | {
        name for name in ours if name.startswith("py_engine.text.sources")
    }
    assert "py_engine.runtime.bridge" in report["done"]
    assert "numpy.fft" in report["done"]
