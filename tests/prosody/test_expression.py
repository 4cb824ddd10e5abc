"""What an emotion does to the delivery: nothing at 0, everything in proportion, never a jump, never out of bounds."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from py_engine.emotion.values import EMOTIONS, NEUTRAL, Emotion, given
from py_engine.prosody.delivery import FACTORS, FIELDS, LIMITS, Delivery, plain_delivery
from py_engine.prosody.expression import PROFILES, express
from py_engine.text import PhoneSequence
from tests.prosody.sentences import TEXTS, sentence

EXPRESSED = [name for name in EMOTIONS if name != NEUTRAL]
PHONES = [sentence(text).phones for text in TEXTS]


def expressed(emotion: Emotion | None, phones: PhoneSequence = PHONES[0], before: Delivery | None = None) -> Delivery:
    made = express(before, emotion, phones)
    return made if made is not None else plain_delivery(len(phones))


def additive(delivery: Delivery, field: str) -> NDArray[np.float64]:
    values: NDArray[np.float64] = getattr(delivery, field)
    return np.log(values) if field in FACTORS else values


@pytest.mark.parametrize("emotion", [None, given("neutral"), given("joy", 0.0), given({"joy": 0.0}, 1.2)])
def test_neutral_leaves_the_very_delivery(emotion: Emotion | None) -> None:
    asked = replace(plain_delivery(len(PHONES[0])), rate=np.full(len(PHONES[0]), 1.1))
    assert express(None, emotion, PHONES[0]) is None
    assert express(asked, emotion, PHONES[0]) is asked


@pytest.mark.parametrize("name", EXPRESSED)
@pytest.mark.parametrize("field", FIELDS)
def test_strength_is_proportional_up_to_the_highest_intensity(name: str, field: str) -> None:
    full = additive(expressed(given(name, 1.0)), field)
    for intensity in np.linspace(0.0, 1.2, 25):
        made = additive(expressed(given(name, float(intensity))), field)
        assert made == pytest.approx(intensity * full, abs=1e-9)


def test_a_mixture_is_the_sum_of_its_parts() -> None:
    joy, surprise = expressed(given("joy", 0.8)), expressed(given("surprise", 0.8))
    mixed = expressed(given({"joy": 0.7, "surprise": 0.3}, 0.8))
    for field in FIELDS:
        parts = 0.7 * additive(joy, field) + 0.3 * additive(surprise, field)
        assert additive(mixed, field) == pytest.approx(parts, abs=1e-9)


def test_directions_of_the_sources() -> None:
    made = {name: expressed(given(name)) for name in EXPRESSED}
    rises = {name: float(made[name].semitones[1]) for name in EXPRESSED}
    assert rises["surprise"] > rises["joy"] > rises["fear"] > 0 > rises["sadness"]
    for name, (spread, stretch, decibels, tilt, final) in {
        "joy": (1, -1, 1, 1, 1), "sadness": (-1, 1, -1, -1, -1), "anger": (1, -1, 1, 1, -1),
        "fear": (-1, -1, -1, -1, 0), "surprise": (1, -1, 1, 1, 1),
    }.items():  # fmt: skip
        found = made[name]
        assert np.sign(found.spread[1] - 1) == spread
        assert np.sign(found.stretch[2] - 1) == stretch
        assert np.sign(found.decibels[1]) == decibels
        assert np.sign(found.tilt[1]) == tilt
        assert np.sign(found.slope[-2]) == final


def test_joy_asks_more_of_an_exclamation() -> None:
    phones = sentence("太好了！").phones
    said, shouted = (express(None, given("joy"), phones, kind) for kind in ("statement", "exclamation"))
    assert said is not None
    assert shouted is not None
    assert shouted.semitones[1] > said.semitones[1] > 0
    # at the beginning, before the end's own rise: 35 % at full intensity
    assert 2 ** (shouted.semitones[0] / 12) == pytest.approx(1.35, abs=0.03)
    sad = [express(None, given("sadness"), phones, kind) for kind in ("statement", "exclamation")]
    assert sad[0] is not None
    assert sad[1] is not None
    assert (sad[0].semitones == sad[1].semitones).all()


def test_initials_give_way_less_than_finals_and_pauses_have_their_own_factor() -> None:
    phones = sentence("一二三，四五六。").phones
    made = expressed(given("sadness"), phones)
    initial, final = phones.symbols.index("s"), phones.symbols.index("an")
    assert 1 < made.stretch[initial] < made.stretch[final]
    pause = phones.symbols.index("sp")
    assert made.stretch[pause] == 1
    assert made.pause[pause] == pytest.approx(PROFILES["sadness"].pause)


def test_an_emotion_inside_a_sentence_glides_in_and_out() -> None:
    phones = PHONES[0]
    inside = [given("anger") if 8 <= index < 16 else None for index in range(len(phones))]
    made = express(None, inside, phones)
    assert made is not None
    full = expressed(given("anger"))
    assert made.tilt[:5] == pytest.approx(0)
    assert made.tilt[12] == pytest.approx(full.tilt[12])
    steps = np.abs(np.diff(made.tilt))
    assert 0 < steps.max() < 0.45 * full.tilt.max()
    assert min(np.count_nonzero(steps[5:11]), np.count_nonzero(steps[13:19])) >= 3


def test_as_many_emotions_as_phones() -> None:
    with pytest.raises(ValueError, match="2 emotions for"):
        express(None, [given("joy"), None], PHONES[0])


@pytest.mark.parametrize("seed", range(40))
def test_whatever_comes_in_what_goes_out_is_finite_and_bounded(seed: int) -> None:
    draw = random.Random(seed)
    phones = draw.choice(PHONES)
    weights = {name: draw.choice((0.0, draw.random(), 1.0)) for name in EXPRESSED}
    low, high = LIMITS["semitones"]
    before = replace(
        plain_delivery(len(phones)),
        semitones=np.array([draw.uniform(2 * low, 2 * high) for _ in range(len(phones))]),
        spread=np.array([draw.uniform(0.1, 3.0) for _ in range(len(phones))]),
    )
    asked = [given(weights, draw.uniform(0, 1.2)) if draw.random() < 0.8 else None for _ in range(len(phones))]
    made = express(draw.choice((None, before)), asked, phones, draw.choice(("statement", "question", "exclamation")))
    for field in FIELDS if made is not None else ():
        values, (low, high) = getattr(made, field), LIMITS[field]
        assert values.shape == (len(phones),)
        assert np.isfinite(values).all()
        # mark-up may lie outside the limits; nothing is moved further out
        old = getattr(before, field)
        assert (values >= np.minimum(old, low) - 1e-9).all()
        assert (values <= np.maximum(old, high) + 1e-9).all()
