"""Reads the `written => spoken` files beside the tests."""

from __future__ import annotations

from pathlib import Path


def cases(name: str) -> list[tuple[str, str]]:
    lines = Path(__file__).with_name(name).read_text("utf-8").splitlines()
    pairs = [line.split(" => ") for line in lines if line.strip() and not line.startswith("# ")]
    return [(written, spoken) for written, spoken in pairs]
