"""`make setup`: the Python environment, Node, the npm packages and NumPy's wheel for Pyodide.

Runs on the machine's own Python with the standard library only.
"""

from __future__ import annotations

import sys

from scripts import groups, numpy_wheel, tools
from scripts.console import Failure, done, run, say, step
from scripts.lock import exclusive
from scripts.paths import NODE_MODULES, PYTHON, ROOT, STAMPS
from scripts.stamps import Stamp, digest


def python_environment() -> None:
    stamp = Stamp(STAMPS / "python", digest([ROOT / "pyproject.toml", ROOT / "uv.lock"], tools.UV, sys.version))
    if stamp.fresh([PYTHON]):
        done("Python environment", "unchanged")
        return
    groups.sync("Python environment (.venv)", stamp, "--python", sys.executable)


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
