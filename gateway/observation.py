"""What the server notes of one request, for its log line and its metrics."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

Endpoint = Callable[[Request], Awaitable[Response]]

KEY = "qingsheng.observation"


@dataclass
class Observation:
    """`route` is one of a few names, never the path as asked: it becomes a label."""

    route: str = "none"
    cache: Literal["", "not_modified", "memory", "disk"] = ""


def observation(scope: Scope) -> Observation:
    found: Observation | None = scope.get(KEY)
    if found is None:
        found = scope[KEY] = Observation()
    return found


def named(route: str, endpoint: Endpoint) -> Endpoint:
    """The endpoint, whose requests are counted under this name."""

    async def serve(request: Request) -> Response:
        observation(request.scope).route = route
        return await endpoint(request)

    return serve
