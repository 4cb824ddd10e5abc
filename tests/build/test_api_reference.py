"""The reference of what a page may import says what the sources say."""

from __future__ import annotations

import re

from scripts import api_reference


def test_is_up_to_date() -> None:
    assert api_reference.stale() == [], "run python -m scripts.api_reference"


def test_names_every_export_once_and_nothing_private() -> None:
    for entry, name, _ in api_reference.ENTRIES:
        text = api_reference.pages()[name]
        exported = {found for _, found in api_reference.exported(entry)}
        assert exported
        assert set(re.findall(r"^## (\w+)$", text, re.MULTILINE)) == exported
        members = [line for line in text.splitlines() if re.match(r"  (private|protected) ", line)]
        assert members == []


def test_shows_signatures_without_bodies() -> None:
    text = api_reference.pages()["qingsheng.md"]
    assert "  static async load(options: LoadOptions = {}): Promise<Qingsheng>;" in text
    assert "  speak(text: string, options: StreamOptions = {}): Playback;" in text
    assert not re.search(r"\breturn\b.*;", text)


def test_takes_the_comments_of_the_sources() -> None:
    text = api_reference.pages()["player.md"]
    assert "The engine is loaded at the" in text
    assert "  /** Speaks from the beginning, or goes on where it was paused." in text
