"""`make setup`: the Python environment, Node, the npm packages and NumPy's wheel for Pyodide.

Runs on the machine's own Python with the standard library only.
"""

from __future__ import annotations

import sys

from scripts import numpy_wheel, tools
from scripts.console import Failure, done, run, say, step
from scripts.lock import exclusive
from scripts.paths import NODE_MODULES, PYTHON, ROOT, STAMPS, VENV
from scripts.stamps import Stamp, digest


def python_environment() -> None:
    stamp = Stamp(STAMPS / "python", digest([ROOT / "pyproject.toml", ROOT / "uv.lock"], tools.UV, sys.version))
    if stamp.fresh([PYTHON]):
        done("Python environment", "unchanged")
        return
    uv = tools.uv()
    with step("Python environment (.venv)"), stamp.renewed():
        env = {**tools.environment(), "UV_PYTHON_DOWNLOADS": "never", "UV_PROJECT_ENVIRONMENT": str(VENV)}
        # --inexact: what a developer added for training stays.
        run([uv, "sync", "--frozen", "--inexact", "--python", sys.executable], ROOT, env)


def node_packages() -> None:
    stamp = Stamp(STAMPS / "node", digest([ROOT / "package.json", ROOT / "package-lock.json", ROOT / ".npmrc"]))
    if stamp.fresh([NODE_MODULES / "pyodide" / "pyodide.mjs"]):
        done("npm packages", "unchanged")
        return
    with step("npm packages (node_modules)"), stamp.renewed():
        run(["npm", "ci", "--no-progress", "--loglevel=error"], ROOT, tools.environment())


def main() -> int:
    try:
        tools.require_python()
        with exclusive():
            python_environment()
            tools.node()
            node_packages()
            numpy_wheel.fetch()
    except Failure as failure:
        say(f"Set-up failed: {failure}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
