"""Reading ``voice.json``: fields of the right type, or an error that names field, value and expectation."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from py_engine.errors import VoiceFormat

if TYPE_CHECKING:
    from collections.abc import Mapping

REMEDY = "Use a voice pack made for this version of the engine, or update the engine."

T = TypeVar("T")


def wrong(got: str, expected: str) -> VoiceFormat:
    return VoiceFormat(f"{got}; {expected}.", REMEDY)


def field(data: Mapping[str, object], name: str, kind: type[T]) -> T:
    """Raises: VoiceFormat where the field is missing or of another type."""
    value = data.get(name)
    if not isinstance(value, kind):
        raise wrong(f"the field {name} of the manifest is {value!r:.80}", f"expected {kind.__name__}")
    return value


def number(data: Mapping[str, object], name: str) -> float:
    """Raises: VoiceFormat where the field is missing or no number."""
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong(f"the field {name} of the manifest is {value!r:.80}", "expected a number")
    return float(value)


def count(data: Mapping[str, object], name: str) -> int:
    """Raises: VoiceFormat where the field is missing or no positive whole number."""
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise wrong(f"the field {name} of the manifest is {value!r:.80}", "expected a positive whole number")
    return value


def text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)
