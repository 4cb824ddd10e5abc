"""`make docs`: the documentation site in `static/docs/`, from `docs/` and what the checkout says elsewhere."""

from __future__ import annotations

import sys

from scripts import groups, tools
from scripts.console import Failure, run, say, step
from scripts.lock import exclusive
from scripts.paths import PYTHON, ROOT

SITE = ROOT / "static" / "docs"


def build() -> None:
    """Raises: Failure, also for a link that leads nowhere."""
    with exclusive():
        groups.install("docs")
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
