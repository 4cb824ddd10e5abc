"""The front end's speed and memory in Pyodide: ``python -m tests.pyodide.front_end``. Not a test: a measurement.

Engine and NumPy run in Pyodide, the reader model in onnxruntime-web, all under Node with one thread. Where other work
keeps the machine busy, the processor time per call says more than the wall clock.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from scripts import numpy_wheel, tools
from scripts.paths import MODELS, ROOT

HERE = Path(__file__).parent
LEFT_OUT = ("sources", "__pycache__")


def engine_zip(target: Path) -> Path:
    """What of the engine goes into its wheel."""
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted((ROOT / "py_engine").rglob("*")):
            if path.is_file() and not set(LEFT_OUT) & set(path.parts):
                archive.write(path, path.relative_to(ROOT))
    return target


def measure(reader: Path) -> dict[str, object]:
    env = tools.environment()
    node = shutil.which("node", path=env["PATH"])
    if node is None:
        raise SystemExit("Node is missing: run `make setup`")
    with tempfile.TemporaryDirectory() as folder:
        archive = engine_zip(Path(folder) / "engine.zip")
        parts = [HERE / "front_end.mjs", archive, numpy_wheel.fetch(), HERE / "front_end_probe.py", reader]
        command = [node, *parts, HERE / "sentences.txt"]
        done = subprocess.run([*map(str, command)], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    report: dict[str, object] = json.loads(done.stdout)
    return report


def main() -> int:
    parser = argparse.ArgumentParser(description="Speed and memory of the front end in Pyodide.")
    parser.add_argument("--reader", type=Path, default=MODELS / "reader", help="folder of the model (%(default)s)")
    print(json.dumps(measure(parser.parse_args().reader), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
