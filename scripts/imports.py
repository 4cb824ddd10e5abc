"""Which of this repository's modules a module imports, directly or through others: what its result depends on."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from scripts.paths import ROOT


def module_file(name: str) -> Path | None:
    """The source of `py_engine.text.lexicon`, or of the package of that name."""
    base = ROOT.joinpath(*name.split("."))
    candidates = (base.with_suffix(".py"), base / "__init__.py")
    return next((file for file in candidates if file.is_file()), None)


def named(source: str) -> Iterator[str]:
    """The modules that import statements ask for: of `from a import b`, `a.b` if that is one, else `a`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            submodules = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (name if module_file(name) else node.module for name in submodules)


def sources_of(module: str) -> list[Path]:
    """The module's own file and every file of this repository that it imports, sorted."""
    found: set[Path] = set()
    waiting = [module]
    while waiting:
        file = module_file(waiting.pop())
        if file and file not in found:
            found.add(file)
            waiting += named(file.read_text("utf-8"))
    return sorted(found)
