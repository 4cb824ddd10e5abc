"""The engine of Qingsheng 轻声: Mandarin text to speech, on CPython and in the browser."""

from __future__ import annotations

__version__ = "0.1.0"
