"""The figures of the study of feelings, on rows that are made up so that the right answer is known."""

from __future__ import annotations

import random

import numpy as np
import pytest

from models.recipes.expression.report import summary
from models.recipes.expression.rows import EXPRESSED, INTENSITIES, NAMES, Row
from models.recipes.expression.verdicts import DIRECTIONS, accuracy, all_steps, confusion, error_rate, spearman
from py_engine.emotion.values import NEUTRAL

USUAL = {"f0": 220.0, "range": 10.0, "final": -2.0, "rate": 5.0, "energy": -24.0, "tilt": -9.0, "prominence": 18.0}


def row(sentence: int, emotion: str, intensity: float, draw: random.Random, wrong: str = "") -> Row:
    """Every measure moves as the sources say, in proportion, with some noise of the sentence."""
    own = draw.random()
    measures = {}
    for place, name in enumerate(NAMES):
        size = (1 + EXPRESSED.index(emotion) if emotion != NEUTRAL else 0) * intensity * (1 + place % 3)
        way = DIRECTIONS.get(name, {}).get(emotion, 0) * (-1 if name == wrong else 1)
        measures[name] = USUAL[name] * (1 + 0.01 * own) + (0.05 * abs(USUAL[name])) * way * size
    return Row(sentence, "", emotion, intensity, 10, measures, errors=int(2 + 3 * intensity), errors_toneless=1)


def study(wrong: str = "") -> list[Row]:
    rows = []
    for sentence in range(20):
        rows.append(row(sentence, NEUTRAL, 0.0, random.Random(sentence)))
        for emotion in EXPRESSED:
            rows += [row(sentence, emotion, i, random.Random(sentence), wrong) for i in INTENSITIES[1:]]
    return rows


def test_steps_in_the_right_direction_hold_and_others_do_not() -> None:
    for name, by_emotion in all_steps(study()).items():
        for step in by_emotion.values():
            assert step.holds
            if step.direction:
                assert step.spearman == pytest.approx(1)
                assert np.sign(step.full) == step.direction
        assert name in USUAL
    wrong = all_steps(study("tilt"))["tilt"]
    assert not any(step.holds for step in wrong.values())


def test_steps_stand_on_the_same_sentences() -> None:
    rows = study()
    # spoken at full intensity only, and far from the others
    rows.append(row(99, NEUTRAL, 0.0, random.Random(99)))
    odd = row(99, "joy", 1.0, random.Random(99))
    rows.append(Row(**{**odd.__dict__, "measures": {**odd.measures, "f0": 1000.0}}))
    assert all_steps(rows)["f0"]["joy"] == all_steps(study())["f0"]["joy"]


def test_errors_are_counted_per_syllable_at_full_intensity() -> None:
    rows = study()
    assert error_rate(rows, NEUTRAL) == pytest.approx(20)
    assert error_rate(rows, "joy") == pytest.approx(50)
    assert error_rate(rows, "joy", kind="errors_toneless") == pytest.approx(10)
    assert error_rate(rows, "joy", kind="errors_register") is None


def test_what_differs_is_told_apart_and_what_does_not_is_not() -> None:
    assert accuracy(confusion(study())) > 0.95
    alike = [
        Row(**{**r.__dict__, "measures": row(r.sentence, NEUTRAL, 0.0, random.Random(r.sentence)).measures})
        for r in study()
    ]
    assert accuracy(confusion(alike)) < 0.4


def test_rank_correlation() -> None:
    x = np.array([0.0, 1.0, 2.0, 3.0])
    assert spearman(x, x**3) == pytest.approx(1)
    assert spearman(x, -x) == pytest.approx(-1)
    assert spearman(x, np.array([0.0, 2.0, 1.0, 3.0])) == pytest.approx(0.8)


def test_the_summary_marks_what_does_not_hold() -> None:
    assert "29 of 29 directions hold" in summary(study())
    assert "✗" not in summary(study())
    assert "24 of 29" in summary(study("tilt"))


def test_a_study_of_some_emotions_is_told_of_those() -> None:
    some = [r for r in study() if r.emotion in (NEUTRAL, "joy", "fear")]
    told = summary(some)
    assert "11 of 11 directions hold" in told
    assert "| measure | joy | fear |" in told
    assert "| tonal syllable error, % | 20.00 | 50.00 (+30.00) | 50.00 (+30.00) |" in told
    found = confusion(some)
    assert found.shape == (6, 6)
    assert found.sum() == 60
