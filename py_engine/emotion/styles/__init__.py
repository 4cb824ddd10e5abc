"""Styles: plugins of one Python module each that change the delivery of a sentence. How to write one: docs/styles.md."""

from .interface import Context, Prosody
from .registry import StyleInfo, Styles

__all__ = ["Context", "Prosody", "StyleInfo", "Styles"]
