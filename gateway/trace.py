"""W3C trace context (https://www.w3.org/TR/trace-context/): one id from the page's click to the server's log."""

from __future__ import annotations

import random
import re
from contextvars import ContextVar
from dataclasses import dataclass

TRACEPARENT = re.compile(r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")


@dataclass(frozen=True)
class Trace:
    """Lower-case hexadecimal: 32 digits of the trace, 16 of this span, 16 of the caller's or nothing."""

    trace_id: str
    span_id: str
    parent_id: str = ""
    sampled: bool = True


CURRENT: ContextVar[Trace | None] = ContextVar("trace", default=None)


def read_traceparent(header: str | None) -> Trace:
    """A span below the caller's; one of its own where there is no caller, or none that can be read."""
    # No secret: a call of the system with every request would be for nothing.
    fresh = f"{random.getrandbits(192):048x}"
    span = fresh[32:]
    found = TRACEPARENT.fullmatch(header.strip()) if header else None
    # Version 00 has nothing more; later versions may.
    if found is None or (found.group(1) == "00" and found.group(5)):
        return Trace(fresh[:32], span)
    return Trace(found.group(2), span, found.group(3), bool(int(found.group(4), 16) & 1))
