"""What may be imported where: the engine must run in the browser, and only one package may know of it."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENGINE = ROOT / "py_engine"
BROWSER = {"js", "pyodide", "pyodide_js", "qingsheng_host"}
ALLOWED = {"runtime/native.py": {"onnxruntime"}, "runtime/browser.py": BROWSER, "runtime/bridge.py": BROWSER}
# Run when the tables are built; not part of the wheel.
BUILD_STEPS = {"text/compile_tables.py", "text/source_readings.py", "text/trie_builder.py"}
SHIPPED = sorted(path for path in ENGINE.rglob("*.py") if path.relative_to(ENGINE).as_posix() not in BUILD_STEPS)


def imported(path: Path) -> Iterator[str]:
    """Top-level names of the packages that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.relative_to(ENGINE).as_posix())
def test_the_engine_needs_only_numpy_and_the_standard_library(path: Path) -> None:
    allowed = {"numpy", "py_engine"} | ALLOWED.get(path.relative_to(ENGINE).as_posix(), set())
    assert {name for name in imported(path) if name not in sys.stdlib_module_names} <= allowed


def test_importing_the_engine_leaves_the_runtime_and_the_logging_alone() -> None:
    program = (
        "import sys, logging, py_engine.synthesis.pipeline, py_engine.synthesis.library\n"
        "assert 'onnxruntime' not in sys.modules and 'numpy.random' not in sys.modules, 'heavy import'\n"
        "assert not logging.root.handlers and not logging.getLogger('py_engine').handlers\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", program], cwd=ROOT, check=True)
