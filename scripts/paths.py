"""Where things are. Everything generated is under `.cache/`, `.venv/`, `node_modules/` or `static/dist/`."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
STAMPS = CACHE / "stamps"
BUILD = CACHE / "build"
TOOLS = CACHE / "tools"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NODE_MODULES = ROOT / "node_modules"
MODELS = ROOT / "models"
DIST = ROOT / "static" / "dist"


def user_cache() -> Path:
    """Shared by all checkouts of one user: what is costly to fetch or make and named by its digest."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "qingsheng"
