"""What a caller may ask for, and the values that come of it."""

from __future__ import annotations

import math

import pytest

from py_engine.emotion.values import EMOTIONS, Emotion, given

JOY, SADNESS, SURPRISE = EMOTIONS.index("joy"), EMOTIONS.index("sadness"), EMOTIONS.index("surprise")


def test_one_name() -> None:
    emotion = given("joy", 0.5)
    assert emotion.distribution[JOY] == 1
    assert emotion.intensity == 0.5
    assert 0 < emotion.valence < given("joy").valence


@pytest.mark.parametrize("name", EMOTIONS)
def test_every_name_keeps_the_ranges_at_the_ends(name: str) -> None:
    for intensity in (0, 1.2):
        assert math.isclose(sum(given(name, intensity).distribution), 1)


def test_what_weights_lack_is_neutral() -> None:
    emotion = given({"joy": 0.5, "surprise": 0.25})
    assert (emotion.distribution[0], emotion.distribution[JOY], emotion.distribution[SURPRISE]) == (0.25, 0.5, 0.25)


def test_weights_above_one_are_scaled_down() -> None:
    emotion = given({"joy": 1.0, "sadness": 1.0})
    assert emotion.distribution[JOY] == emotion.distribution[SADNESS] == 0.5
    assert emotion.distribution[0] == 0


def test_intensity_is_held_in_its_range() -> None:
    assert given("anger", 7).intensity == 1.2


def test_the_signs_of_the_circumplex() -> None:
    signs = {name: (given(name).valence, given(name).arousal - 0.5) for name in EMOTIONS}
    assert signs["neutral"] == (0, 0)
    assert signs["joy"][0] > 0 < signs["joy"][1]
    assert signs["sadness"][0] < 0 > signs["sadness"][1]
    assert signs["anger"][0] < 0 < signs["anger"][1]
    assert signs["fear"][0] < 0 < signs["fear"][1]
    assert signs["surprise"][1] > signs["joy"][1]


@pytest.mark.parametrize(
    "wrong",
    [
        ((1.0,), 0.0, 0.5, 1.0),
        ((0.5, 0.6, 0.0, 0.0, 0.0, 0.0), 0.0, 0.5, 1.0),
        ((1.5, -0.5, 0.0, 0.0, 0.0, 0.0), 0.0, 0.5, 1.0),
        ((math.nan, 1.0, 0.0, 0.0, 0.0, 0.0), 0.0, 0.5, 1.0),
        ((1.0, 0.0, 0.0, 0.0, 0.0, 0.0), -1.1, 0.5, 1.0),
        ((1.0, 0.0, 0.0, 0.0, 0.0, 0.0), 0.0, 1.5, 1.0),
        ((1.0, 0.0, 0.0, 0.0, 0.0, 0.0), 0.0, 0.5, 1.3),
    ],
)
def test_other_numbers_are_refused(wrong: tuple[tuple[float, ...], float, float, float]) -> None:
    with pytest.raises(ValueError, match="expected"):
        Emotion(*wrong)
