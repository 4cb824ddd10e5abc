"""Groups of packages that one command needs and nothing else: installed when it is called, beside what is there."""

from __future__ import annotations

from scripts import tools
from scripts.console import run, step
from scripts.paths import ROOT, STAMPS, VENV
from scripts.stamps import Stamp, digest

#: For each of them, a program that it brings.
PROGRAMS = {"docs": "mkdocs", "deploy": "kubernetes-validate"}


def install(group: str) -> None:
    """Takes no time where the group is there as the lock file has it. Raises: Failure."""
    stamp = Stamp(STAMPS / f"group-{group}", digest([ROOT / "pyproject.toml", ROOT / "uv.lock"], tools.UV))
    if stamp.fresh([VENV / "bin" / PROGRAMS[group]]):
        return
    sync(f"Packages: {group}", stamp, "--group", group)


def sync(title: str, stamp: Stamp, *options: str) -> None:
    """What the lock file has, into the environment; what a developer added for training stays. Raises: Failure."""
    uv = tools.uv()
    with step(title), stamp.renewed():
        env = {**tools.environment(), "UV_PYTHON_DOWNLOADS": "never", "UV_PROJECT_ENVIRONMENT": str(VENV)}
        run([uv, "sync", "--frozen", "--inexact", *options], ROOT, env)
