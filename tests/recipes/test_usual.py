"""How usual readings are, and what that makes of the scores of a model that met rare ones too often."""

from __future__ import annotations

from math import log

import pytest

from models.recipes.reader.usual import BY_RULE, UNSEEN, corrections, read_by_rule


def test_a_reading_that_was_met_too_often_counts_less() -> None:
    taught = {"没": {"mei2": 50.0, "mo4": 50.0}}
    found = corrections(taught, {"没": {"mei2": 99.0, "mo4": 1.0}}, {})["没"]
    assert found["mei2"] == 0
    assert found["mo4"] == pytest.approx(log((1 + UNSEEN) / (99 + UNSEEN)))


def test_running_text_counts_where_no_label_does_but_not_without_end() -> None:
    taught = {"没": {"mei2": 10.0, "mo4": 10.0}}
    little, much = (corrections(taught, {}, {"没": {"mei2": count}})["没"]["mo4"] for count in (BY_RULE, 100 * BY_RULE))
    assert little == much == pytest.approx(log(UNSEEN / (BY_RULE + UNSEEN)))


def test_the_rules_are_asked_about_characters_not_about_listed_words() -> None:
    found = read_by_rule(["他还没还钱。", "银行", ""])
    assert found["还"] == {"hai2": 1, "huan2": 1}
    assert "银" not in found
