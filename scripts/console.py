"""What set-up, build and tests print, and how they start other programs."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

COLOUR = sys.stdout.isatty()


class Failure(Exception):
    """A step that cannot go on. The message says what happened and what to do; no traceback is shown for it."""


def paint(text: str, code: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if COLOUR else text


def say(text: str) -> None:
    print(text, flush=True)


def done(name: str, remark: str) -> None:
    say(f"{paint('✓', '32')} {name}: {remark}")


@contextmanager
def step(name: str) -> Iterator[None]:
    """Announces a step when it starts and says how long it took."""
    say(f"{paint('▸', '36')} {name} ...")
    start = time.monotonic()
    yield
    done(name, f"{time.monotonic() - start:.1f} s")


def run(
    command: Sequence[str | Path], cwd: Path, env: Mapping[str, str] | None = None, output: IO[str] | None = None
) -> None:
    """Runs a program in view of the user, or into `output`; a failure names the program and its status."""
    words = [str(word) for word in command]
    try:
        status = subprocess.run(words, cwd=cwd, env=env, check=False, stdout=output, stderr=output).returncode
    except FileNotFoundError as error:
        raise Failure(f"{words[0]} was not found") from error
    if status:
        raise Failure(f"`{' '.join(words)}` ended with status {status}")
