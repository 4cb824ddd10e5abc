"""Reads the tables beside the tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from py_engine.text import Analysis

HERE = Path(__file__).parent


def cases(name: str) -> list[tuple[str, str]]:
    """Lines ``written => spoken``."""
    lines = HERE.joinpath(name).read_text("utf-8").splitlines()
    pairs = [line.split(" => ") for line in lines if line.strip() and not line.startswith("# ")]
    return [(written, spoken) for written, spoken in pairs]


def table(name: str) -> list[tuple[str, ...]]:
    """Rows of a tab-separated table; empty lines and lines that begin with ``# `` are comments."""
    lines = HERE.joinpath(name).read_text("utf-8").splitlines()
    return [tuple(line.split("\t")) for line in lines if line.strip() and not line.startswith("# ")]


def marked_reading(marked: str, read: Callable[[str], Analysis]) -> str:
    """Pinyin and tone, before sandhi, of the character in brackets."""
    at = marked.index("[")
    syllables = (
        one for utterance in read(marked.replace("[", "").replace("]", "")).utterances for one in utterance.syllables
    )
    return next(f"{one.pinyin}{one.lexical_tone}" for one in syllables if one.start <= at < one.stop)
