"""What the README and the cards say of a voice is what was measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.recipes.qingsheng.tables import copies, melodies, quality, unrecorded

ROOT = Path(__file__).parents[2]


def metrics(voice: str) -> dict[str, object]:
    found: dict[str, object] = json.loads((ROOT / "models" / voice / "voice.json").read_text("utf-8"))["metrics"]
    return found


@pytest.mark.parametrize(
    ("page", "voice"),
    [
        ("README.md", "qingsheng"),
        ("models/qingsheng/MODEL_CARD.md", "qingsheng"),
        ("models/qingsheng-lite/MODEL_CARD.md", "qingsheng-lite"),
    ],
)
def test_a_page_has_the_measured_figures(page: str, voice: str) -> None:
    text, found = (ROOT / page).read_text("utf-8"), metrics(voice)
    for table in (quality(found), unrecorded(found["unrecorded"]), copies(found), melodies(found)):  # type: ignore[arg-type]
        assert table in text


@pytest.mark.parametrize("voice", ["qingsheng", "qingsheng-lite"])
def test_the_voices_were_measured_as_the_browser_reads(voice: str) -> None:
    assert metrics(voice)["read"] == "reader"
