"""Tensors between Python and the host of models, in the real Pyodide under Node."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from scripts import tools
from scripts.paths import DIST, ROOT
from tests.pyodide.front_end import engine_zip

HERE = Path(__file__).parent
NUMPY = sorted(DIST.glob("wheels/*/numpy-*.whl"))


@pytest.mark.skipif(not NUMPY, reason="the site is not built")
def test_tensors_cross_unchanged(tmp_path: Path) -> None:
    env = tools.environment()
    node = shutil.which("node", path=env["PATH"])
    assert node, "Node is missing: run `make setup`"
    parts = [HERE / "tensors.mjs", engine_zip(tmp_path / "engine.zip"), NUMPY[0], HERE / "tensors_probe.py"]
    command = [node, *map(str, parts)]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert all(found["same"].values()), found["same"]
    assert found["shapes"]["empty"] == [1, 0, 3]
    assert found["shapes"]["turned"] == [3, 2]
    assert found["own"] == 0.5
    given = {name: (kind, is_list, dims, array, length) for name, kind, is_list, dims, array, length in found["seen"]}
    assert given["floats"] == ("float32", True, [2, 2], "Float32Array", 4)
    assert given["longs"] == ("int64", True, [1, 2], "BigInt64Array", 2)
    assert given["bools"] == ("bool", True, [3, 1], "Uint8Array", 3)
    assert given["one"] == ("int64", True, [], "BigInt64Array", 1)
    assert "float64" in found["refused"][0]
    assert "float64" in found["refused"][1]
