"""Values of mark-up attributes. Each function returns None where the value is not of its form.

Forms: W3C Speech Synthesis Markup Language 1.1 (2010), section 3.2. That leaves the size of the named steps to the
voice; they are set here.
"""

from __future__ import annotations

import math
import re

RATES = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "default": 1.0, "fast": 1.25, "x-fast": 1.6}
PITCHES = {"x-low": -6.0, "low": -3.0, "medium": 0.0, "default": 0.0, "high": 3.0, "x-high": 6.0}
SILENT = -100.0
VOLUMES = {
    "silent": SILENT, "x-soft": -12.0, "soft": -6.0, "medium": 0.0, "default": 0.0, "loud": 4.0, "x-loud": 8.0,
}  # fmt: skip
STRENGTHS = {"none": 0.0, "x-weak": 0.08, "weak": 0.14, "medium": 0.25, "strong": 0.45, "x-strong": 0.8}
EMPHASES = {"strong": "strong", "moderate": "moderate", "reduced": "reduced", "none": ""}
RATE_RANGE = (0.5, 2.0)
PITCH_RANGE = (-12.0, 12.0)
VOLUME_RANGE = (-40.0, 12.0)
MAX_BREAK = 10.0

_NUMBER = re.compile(r"[+-]?(?:\d{1,6}(?:\.\d{0,6})?|\.\d{1,6})", re.ASCII)


def _number(text: str, unit: str = "") -> float | None:
    plain = text.removesuffix(unit).strip()
    return float(plain) if text.endswith(unit) and _NUMBER.fullmatch(plain) else None


def _within(value: float | None, limits: tuple[float, float]) -> float | None:
    return value if value is not None and limits[0] <= value <= limits[1] else None


def rate(text: str) -> float | None:
    """A factor: ``slow``, ``1.2``, ``120%``, ``+20%``."""
    if text in RATES:
        return RATES[text]
    percent = _number(text, "%")
    if percent is not None:
        return _within(percent / 100 + (1.0 if text[0] in "+-" else 0.0), RATE_RANGE)
    return _within(_number(text), RATE_RANGE)


def pitch(text: str) -> float | None:
    """Semitones: ``high``, ``+2st``, ``-10%``."""
    if text in PITCHES:
        return PITCHES[text]
    percent = _number(text, "%")
    if percent is not None:
        factor = percent / 100 + 1.0
        return _within(12 * math.log2(factor), PITCH_RANGE) if factor > 0 and text[0] in "+-" else None
    return _within(_number(text, "st"), PITCH_RANGE)


def volume(text: str) -> float | None:
    """Decibels: ``soft``, ``-6dB``, or 0..100 of the full amplitude."""
    if text in VOLUMES:
        return VOLUMES[text]
    decibels = _number(text, "dB")
    if decibels is not None:
        return _within(decibels, VOLUME_RANGE)
    share = _within(_number(text), (0.0, 100.0))
    if share is None or text[0] in "+-":
        return None
    return max(SILENT, 20 * math.log10(share / 100)) if share else SILENT


def seconds(text: str) -> float | None:
    """``500ms``, ``1.5s``, up to ten seconds."""
    if text.endswith("ms"):
        milliseconds = _number(text, "ms")
        return _within(milliseconds / 1000 if milliseconds is not None else None, (0.0, MAX_BREAK))
    return _within(_number(text, "s"), (0.0, MAX_BREAK))


def intensity(text: str) -> float | None:
    return _within(_number(text), (0.0, 1.2))
