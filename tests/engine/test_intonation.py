"""Questions and exclamations differ from statements in the direction that is measured in Mandarin."""

from __future__ import annotations

import numpy as np
import pytest

from py_engine.prosody.intonation import QUESTION_LIFT, QUESTION_RISE, with_intonation
from py_engine.synthesis.sentence import Sentence, read_sentences


def sentence(text: str) -> Sentence:
    return next(iter(read_sentences(text)))


def test_a_statement_keeps_its_own_melody() -> None:
    read = sentence("他明天去北京。")
    assert read.kind == "statement"
    assert with_intonation(read.delivery, read.kind, read.phones) is None


def test_a_question_lies_higher_and_rises_towards_its_end() -> None:
    read = sentence("他明天去北京？")
    delivery = with_intonation(read.delivery, read.kind, read.phones)
    assert delivery is not None
    assert (delivery.semitones >= QUESTION_LIFT).all()
    assert (np.diff(delivery.semitones) >= 0).all()
    assert delivery.semitones[-1] == pytest.approx(QUESTION_LIFT + QUESTION_RISE)
    # most of the rise belongs to the last two syllables
    assert delivery.semitones[1] - QUESTION_LIFT < 0.1 * QUESTION_RISE


def test_a_particle_makes_the_final_rise_smaller() -> None:
    plain, marked = sentence("他明天去北京？"), sentence("他明天去北京吗？")
    ends = []
    for read in (plain, marked):
        delivery = with_intonation(read.delivery, read.kind, read.phones)
        assert delivery is not None
        ends.append(delivery.semitones[-1])
    assert ends[1] < ends[0]


def test_an_exclamation_widens_the_range_and_starts_high() -> None:
    read = sentence("他明天去北京！")
    delivery = with_intonation(read.delivery, read.kind, read.phones)
    assert delivery is not None
    assert (delivery.spread > 1).all()
    assert delivery.semitones[0] > delivery.semitones[-1]


def test_mark_up_and_melody_add_up() -> None:
    plain = sentence("他明天去北京？")
    moved = sentence('<speak><prosody pitch="+2st">他明天去北京？</prosody></speak>')
    alone, both = (with_intonation(s.delivery, s.kind, s.phones) for s in (plain, moved))
    assert alone is not None
    assert both is not None
    assert both.semitones[-1] == pytest.approx(alone.semitones[-1] + 2.0)
