"""Phrase breaks in sentences that a person judged; only the odd ones were looked at while weights were made."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from tests.text.measure import BREAKS, READER, Front, Scores, break_scores


def measured(model: Path | None, half: int) -> Scores:
    with closing(Front(model)) as front:
        return break_scores(BREAKS, front, half)


@pytest.mark.parametrize(("half", "most_bad", "least_good"), [(1, 50, 128), (0, 58, 116)])
def test_phrases_end_where_they_may(half: int, most_bad: int, least_good: int) -> None:
    """Measured 46 and 132, 54 and 121; before the head that learnt from trees 115 and 105, 127 and 102."""
    if not READER.exists():
        pytest.skip("models/reader is not there")
    found = measured(READER, half)
    assert found["sentences"] == 158
    assert found["bad"] <= most_bad
    assert found["good"] >= least_good


def test_the_rules_alone_leave_numbers_and_particles_whole() -> None:
    found = measured(None, half=0)
    assert found["bad"] <= 153
    assert found["good"] >= 62
