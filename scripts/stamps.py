"""Stamps: a step runs again only when the content of what it reads has changed, or what it makes is gone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SKIP = {"__pycache__", "node_modules", ".venv", ".cache"}


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_under(path: Path) -> Iterable[Path]:
    """The file itself, or every file below the folder, in a stable order. A missing path has none."""
    if path.is_file():
        return [path]
    found = (file for file in path.rglob("*") if file.is_file())
    return sorted(file for file in found if not SKIP.intersection(file.relative_to(path).parts))


def digest(inputs: Sequence[Path], *words: str) -> str:
    """A digest of the names and contents of `inputs` and of `words` (versions, options)."""
    total = hashlib.sha256()
    for word in words:
        total.update(f"word {word}\n".encode())
    for path in inputs:
        for file in files_under(path):
            total.update(f"file {file.relative_to(path.parent)} {sha256(file)}\n".encode())
    return total.hexdigest()


@dataclass(frozen=True)
class Stamp:
    """The digest under which a step last succeeded."""

    path: Path
    key: str

    def fresh(self, outputs: Sequence[Path] = ()) -> bool:
        if not self.path.is_file() or self.path.read_text().strip() != self.key:
            return False
        return all(output.exists() for output in outputs)

    @contextmanager
    def renewed(self) -> Iterator[None]:
        """Around the step itself: no stamp while it runs, so that a broken-off step never passes for a finished one."""
        self.path.unlink(missing_ok=True)
        yield
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(self.key + "\n")
