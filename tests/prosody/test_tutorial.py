"""The style that docs/styles.md shows is one, and does what it says."""

from __future__ import annotations

import re

import numpy as np
import pytest

from py_engine.emotion.styles import plugin as plugins
from py_engine.prosody.delivery import FIELDS, LIMITS, NEUTRAL
from py_engine.synthesis.pipeline import Engine
from py_engine.synthesis.values import Options
from scripts.paths import ROOT
from tests.engine.speech import utterances

GUIDE = (ROOT / "docs" / "styles.md").read_text("utf-8")


def test_the_tutorial_runs(engine: Engine) -> None:
    (source,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    info = engine.styles.load({}, source)
    assert (info.id, info.name["en"], info.state) == ("whisper", "Whisper", "on")
    (plain,) = utterances(engine, "晚安，好好睡。")
    (soft,) = utterances(engine, "晚安，好好睡。", Options(style="whisper"))
    assert soft.notices == ()
    loudness = [20 * np.log10(np.sqrt((chunk.samples**2).mean())) for chunk in (plain, soft)]
    assert loudness[1] - loudness[0] == pytest.approx(-6, abs=1)
    assert soft.words[-1].end_s > plain.words[-1].end_s


@pytest.mark.parametrize("field", FIELDS)
def test_the_guide_names_every_field_with_its_limits(field: str) -> None:
    low, high = LIMITS[field]
    (row,) = re.findall(rf"^\| `{field}` \|.*$", GUIDE, re.MULTILINE)
    assert row.endswith(f"| {NEUTRAL[field]:g} | {low:g}..{high:g} |")


def test_the_guide_names_the_limits_of_a_module() -> None:
    assert f"at most {plugins.LARGEST >> 10} KiB" in GUIDE
    assert plugins.SLOWEST == 0.25
