"""`make docs`: the documentation site in `static/docs/`, from `docs/` and what the checkout says elsewhere."""

from __future__ import annotations

import sys

from scripts import tools
from scripts.console import Failure, run, say, step
from scripts.lock import exclusive
from scripts.paths import PYTHON, ROOT, STAMPS, VENV
from scripts.stamps import Stamp, digest

SITE = ROOT / "static" / "docs"


def packages() -> None:
    """MkDocs and its theme, which nothing else needs."""
    stamp = Stamp(STAMPS / "documentation", digest([ROOT / "pyproject.toml", ROOT / "uv.lock"], tools.UV))
    program = VENV / "bin" / "mkdocs"
    if stamp.fresh([program]):
        return
    uv = tools.uv()
    with step("Packages of the documentation"), stamp.renewed():
        env = {**tools.environment(), "UV_PYTHON_DOWNLOADS": "never", "UV_PROJECT_ENVIRONMENT": str(VENV)}
        run([uv, "sync", "--frozen", "--inexact", "--group", "docs"], ROOT, env)


def build() -> None:
    """Raises: Failure, also for a link that leads nowhere."""
    with exclusive():
        packages()
    # MkDocs's theme advertises in colour; the reader's own packages are what the lock file says.
    env = {**tools.environment(), "NO_MKDOCS_2_WARNING": "true", "PYTHONPATH": str(ROOT)}
    with step("Documentation (static/docs)"):
        run([PYTHON, "-m", "mkdocs", "build", "--strict", "--quiet"], ROOT, env)


def main() -> int:
    try:
        build()
    except Failure as failure:
        say(f"The documentation cannot be built: {failure}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
