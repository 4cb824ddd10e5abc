"""One set-up or build at a time in a checkout, so that `make run` and `make test` may run side by side."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from scripts.console import say
from scripts.paths import CACHE


@contextmanager
def exclusive() -> Iterator[None]:
    """Waits for its turn. The lock goes with the process, however that ends."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another set-up or build runs in this checkout; waiting for it ...")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
