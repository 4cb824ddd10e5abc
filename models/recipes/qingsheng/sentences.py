"""Sentences that nobody recorded, out of Common Voice."""

from __future__ import annotations

import hashlib
from pathlib import Path

LONGEST = 40


def lot(text: str) -> float:
    """A number in [0, 1) that depends on the text only."""
    return int.from_bytes(hashlib.sha256(f"qingsheng/{text}".encode()).digest()[:4], "big") / 2**32


def row_text(text: str) -> str:
    """What a recording says, for the front end: the lists of recordings write ``_`` where the reader stops."""
    return text.replace("_", "，").strip("，")


def unrecorded_texts(folder: Path) -> tuple[list[str], list[str]]:
    """Common Voice sentences in a fixed random order: for training, and 200 that are kept for evaluation."""
    lines = {
        line.strip()
        for name in ("common-voice-cn.txt", "common-voice-wiki.zh-cn.txt")
        for line in (folder / name).read_text("utf-8").splitlines()
    }
    ordered = sorted((x for x in lines if 5 <= len(x) <= LONGEST), key=lot)
    return ordered[200:], ordered[:200]
