"""How an answer without an end of its own learns that the server is stopping."""

from __future__ import annotations

import asyncio

from starlette.types import Scope

KEY = "qingsheng.ending"


def ending(scope: Scope) -> asyncio.Event:
    """Set when the server begins to stop. Under another server than ours: never."""
    found = scope.get("state", {}).get(KEY)
    return found if isinstance(found, asyncio.Event) else asyncio.Event()
