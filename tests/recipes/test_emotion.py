"""Labels and scores of the emotion recipe."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.recipes.emotion import labels, names, scores
from models.recipes.emotion.prepare import FELT_WORDS, VOICED_LINES, entries
from py_engine.emotion.features import Line
from py_engine.emotion.values import EMOTIONS


def weights(**named: float) -> tuple[float, ...]:
    return tuple(named.get(name, 0.0) for name in EMOTIONS)


def semeval(**named: str) -> labels.Label:
    names = ("anger", "disgust", "fear", "joy", "sadness", "surprise")
    return labels.semeval({name: named.get(name, "0") for name in names})


def test_cped() -> None:
    assert labels.cped("disgust", "negative").weights == weights(anger=1)
    assert labels.cped("neutral", "neutral") == labels.Label(weights(neutral=1), 0.0, 0.0)
    assert labels.cped("relaxed", "positive") == labels.Label(weights(neutral=1), 1.0, 0.0)
    assert labels.cped("negative-other", "negative") == labels.Label(None, -1.0, None)


def test_semeval() -> None:
    assert semeval() == labels.Label(weights(neutral=1), 0.0, 0.0)
    assert semeval(joy="3") == labels.Label(weights(joy=1), 1.0, 1.0)
    mixed = semeval(anger="1", disgust="2", sadness="1")
    assert mixed.weights == pytest.approx(weights(anger=2 / 3, sadness=1 / 3))
    assert (mixed.valence, mixed.intensity) == pytest.approx((-2 / 3, 2 / 3))


def test_xed() -> None:
    assert labels.xed([2, 8]) is None
    found = labels.xed([1, 5, 8])
    assert found is not None
    assert found.weights == weights(anger=0.5, joy=0.5)
    assert found.valence == 0


def test_of_equally_strong_labels_any_counts() -> None:
    truth = np.array([[0.5, 0.5, 0.0], [0.2, 0.8, 0.0]])
    assert list(scores.truth(truth, np.array([1, 0]))) == [1, 1]
    assert list(scores.truth(truth, np.array([2, 2]))) == [0, 1]


def test_macro_f1_leaves_out_classes_that_do_not_occur() -> None:
    truth = np.eye(3)[[0, 0, 1, 1]]
    assert scores.macro_f1(truth, np.array([0, 0, 1, 1])) == 1
    assert scores.macro_f1(truth, np.array([0, 0, 0, 0])) == pytest.approx((2 * 2 / 6 + 0) / 2)


def test_calibration_error() -> None:
    truth = np.eye(2)[[0, 0, 0, 1]]
    honest = np.tile([0.75, 0.25], (4, 1))
    boastful = np.tile([0.999, 0.001], (4, 1))
    assert scores.calibration_error(truth, honest) == pytest.approx(0)
    assert scores.calibration_error(truth, boastful) == pytest.approx(0.249)


def test_chance_alone_makes_an_error_on_few_lines() -> None:
    few, many = np.tile([0.6, 0.4], (20, 1)), np.tile([0.6, 0.4], (2000, 1))
    assert scores.least_calibration_error(few) > 5 * scores.least_calibration_error(many) > 0
    assert scores.least_calibration_error(np.tile([1.0, 0.0], (20, 1))) == 0


def test_a_balanced_decision_finds_the_rare_class() -> None:
    prior = np.array([0.9, 0.1])
    unsure = np.array([[0.7, 0.3]])
    assert scores.balanced(unsure, prior, 0.0)[0] == 0
    assert scores.balanced(unsure, prior, 1.0)[0] == 1


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("听到这个消息大家都很高兴。", "joy"),
        ("他心里十分难过。", "sadness"),
        ("大家并不怎么高兴。", None),
        ("他没有害怕。", None),
        ("既高兴又担心。", None),
        ("她又担心又害怕。", "fear"),
        ("今天星期三。", None),
    ],
)
def test_a_line_names_one_feeling_or_none(line: str, named: str | None) -> None:
    assert names.feeling(line) == named
    rows = list(names.named([Line(line, (0,) * len(line))]))
    assert [row.label.weights for row in rows] == ([weights(**{named: 1.0})] if named else [])


def test_long_lines_name_nothing() -> None:
    line = "高兴" + "的" * names.LONGEST
    assert list(names.named([Line(line, (0,) * len(line))])) == []


def test_true_probabilities_are_not_told_from_themselves() -> None:
    random = np.random.default_rng(5)
    sure = random.uniform(0.4, 0.95, 400)
    honest = np.stack([sure, 1 - sure], 1)
    labels = (random.random(400) > sure).astype(int)
    assert scores.as_large(np.eye(2)[labels], honest, 200) > 0.05
    assert scores.as_large(np.eye(2)[1 - labels], honest, 200) == 0


def test_what_chance_adds_to_the_calibration_error_is_taken_away() -> None:
    random = np.random.default_rng(6)
    sure = random.uniform(0.4, 0.95, 3000)
    labels = np.eye(2)[(random.random(3000) > sure).astype(int)]
    assert scores.debiased_calibration_error(labels, np.stack([sure, 1 - sure], 1)) < 0.02
    boastful = np.minimum(sure + 0.1, 1)
    assert scores.debiased_calibration_error(labels, np.stack([boastful, 1 - boastful], 1)) > 0.07


def test_voiced() -> None:
    assert labels.voiced("0") == labels.Label(weights(neutral=1), 0.0, 0.0)
    assert labels.voiced("j3") == labels.Label(weights(joy=1), 1.0, 1.0)
    mild = labels.voiced("s1")
    assert mild.weights == pytest.approx(weights(neutral=0.4, sadness=0.6))
    assert mild.valence == pytest.approx(-1 / 3)
    assert mild.intensity == 0.4
    both = labels.voiced("u2j2")
    assert both.weights == pytest.approx(weights(neutral=0.15, joy=0.425, surprise=0.425))
    assert both.valence == pytest.approx(1 / 3)


def test_every_line_and_word_has_a_label_and_no_test_teaches() -> None:
    tests = Path(__file__).parents[1] / "emotion"
    asked = {line.split("\t")[2] for line in (tests / "pasted.tsv").read_text("utf-8").splitlines() if line[0] != "#"}
    asked |= {line.split("\t")[0] for line in (tests / "sentences.tsv").read_text("utf-8").splitlines()}
    lines = entries(VOICED_LINES)
    assert len(lines) > 20_000
    for _, label, text, before in lines:
        assert sum(labels.voiced(label).weights or ()) == pytest.approx(1)
        assert text not in asked
        assert all(said[0] in "=-" for said in before.split("|") if said)
    words = entries(FELT_WORDS)
    assert len({word for _, listed in words for word in listed.split()}) > 20_000
    assert all(labels.voiced(label).weights for label, _ in words)
