"""The browser that the browser tests drive: the machine's Chromium, or Debian's, installed once."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from scripts.console import Failure, done, run, step
from scripts.paths import ROOT

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
VARIABLE = "CHROMIUM"


def find() -> Path | None:
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    found = (shutil.which(name) for name in NAMES)
    return next((Path(path) for path in found if path), None)


def ensure() -> Path:
    """The browser's place. Without one, apt-get installs it when this user may; else the message says what to do."""
    program = find()
    if program:
        done("Chromium", str(program))
        return program
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Failure(
            "The browser tests need Chromium and none was found. Install it (Debian: `sudo apt-get install chromium`) "
            f"or name one: `{VARIABLE}=/path/to/chromium make test`."
        )
    with step("Install Chromium (apt-get)"):
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        run(["apt-get", "update", "-qq"], ROOT, env)
        run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], ROOT, env)
    program = find()
    if program is None:
        raise Failure("Debian's chromium was installed but is not on PATH.")
    return program
