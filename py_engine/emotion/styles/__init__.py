"""Styles: plugins of one Python module each that change how a sentence is delivered (docs/styles.md)."""

from .interface import Context, Prosody
from .registry import StyleInfo, Styles

__all__ = ["Context", "Prosody", "StyleInfo", "Styles"]
