"""The engine with the silent voice, as the tests of the engine have it."""

from __future__ import annotations

from tests.engine.conftest import engine, silent_pack

__all__ = ["engine", "silent_pack"]
