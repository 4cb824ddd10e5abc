"""What the server notes of one request, for its log line and its metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from starlette.types import Scope

KEY = "qingsheng.observation"


@dataclass
class Observation:
    """`route` is one of a few names, never the path as asked: it becomes a label."""

    route: str = "none"
    cache: Literal["", "not_modified", "memory", "disk"] = ""


def observation(scope: Scope) -> Observation:
    found: Observation = scope.setdefault(KEY, Observation())
    return found
