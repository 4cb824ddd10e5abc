"""The library's types for TypeScript, out of its sources: `qingsheng.d.ts` and the like beside the scripts of the site.

TypeScript writes a declaration for every module; those that a public one leads to come along, under `types/`.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from scripts import tools
from scripts.console import run
from scripts.paths import BUILD, NODE_MODULES, ROOT

CONFIG = ROOT / "tsconfig.types.json"
EMITTED = BUILD / "types"
FOLDER = "types"
# Public script without its ending, its source below `web/src`
ENTRIES = {"qingsheng": "index", "qingsheng-player": "embed/player", "qingsheng-speech": "embed/speech"}
ENDING = ".d.ts"
IMPORT = re.compile(r"""(?P<before>\bfrom\s+|\bimport\s*\(?\s*)"(?P<path>\.{1,2}/[^"]+)\.ts\"""")


def emit() -> Path:
    """The declarations of all modules, as TypeScript writes them. Raises: Failure."""
    shutil.rmtree(EMITTED, ignore_errors=True)
    run([NODE_MODULES / ".bin" / "tsc", "-p", CONFIG, "--outDir", EMITTED], ROOT, tools.environment())
    return EMITTED


def place(emitted: Path, site: Path) -> None:
    """Those that are public, and what they lead to."""
    for path in sorted(reached(emitted, ENTRIES.values())):
        target = site / FOLDER / f"{path}{ENDING}"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(portable((emitted / f"{path}{ENDING}").read_text("utf-8")), encoding="utf-8")
    for name, path in ENTRIES.items():
        (site / f"{name}{ENDING}").write_text(f'export * from "./{FOLDER}/{path}.js";\n', encoding="utf-8")


def reached(emitted: Path, entries: Iterable[str]) -> set[str]:
    """Paths without ending, the entries' own among them."""
    found: set[str] = set()
    waiting = list(entries)
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            source = (emitted / f"{path}{ENDING}").read_text("utf-8")
            waiting += [os.path.normpath(Path(path).parent / one["path"]) for one in IMPORT.finditer(source)]
    return found


def portable(source: str) -> str:
    """Imports as every setting of TypeScript takes them: by the name that the script would have."""
    return IMPORT.sub(r'\g<before>"\g<path>.js"', source)
