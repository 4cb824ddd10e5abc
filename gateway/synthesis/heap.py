"""What keeps the resident set small: large arrays go back to the system as soon as they are free."""

from __future__ import annotations

import ctypes
from contextlib import suppress

# Of glibc's malloc.h: M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX.
PARAMETERS = {-1: 512 << 10, -3: 128 << 10, -8: 1}


def give_back_early() -> None:
    """Fixes glibc's thresholds, which otherwise grow with the largest array ever freed. Elsewhere nothing happens."""
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        for parameter, value in PARAMETERS.items():
            mallopt(parameter, value)


def give_back_now() -> None:
    """Free memory between others goes back too: a millisecond or two, for which the resident set stays small."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
