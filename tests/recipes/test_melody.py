"""The figures of timing and melody: right on made-up utterances."""

from __future__ import annotations

import numpy as np
import pytest

from models.recipes.melody import Spoken, agreement, contours, syllables


def utterance(seed: int, count: int = 8) -> Spoken:
    random = np.random.default_rng(seed)
    frames = random.uniform(8, 24, count)
    frames[-1] *= 2
    pitch = random.normal(size=(count, 5)) - np.linspace(0, 2, count)[:, None]
    return Spoken(frames, pitch, np.where(np.arange(count) == 3, 20.0, 0.0), random.integers(1, 5, count))


def test_a_voice_agrees_with_itself() -> None:
    pairs = [(utterance(n), utterance(n)) for n in range(20)]
    figures = agreement(pairs)
    assert figures["duration_r"] == figures["log_f0_r"] == figures["pause_f1"] == 1
    assert figures["declination_real"] == pytest.approx(-2.0, abs=0.5)
    assert figures["final_lengthening_real"] == pytest.approx(2.0, abs=0.3)


def test_unrelated_utterances_do_not_correlate() -> None:
    figures = agreement([(utterance(n), utterance(n + 100)) for n in range(30)])
    assert abs(figures["log_f0_r"]) < 0.5


def test_readings_that_differ_in_length_are_left_out_and_counted() -> None:
    figures = agreement([(utterance(1), utterance(1)), (utterance(2), utterance(2, 7))])
    assert (figures["utterances"], figures["left_out"]) == (1, 1)


def test_phones_are_gathered_into_syllables() -> None:
    owner = np.array([-1, 0, 0, -1, 1, 1, -1])
    symbols = ["sil", "m", "a", "sp", "t", "a", "sil"]
    f0 = np.arange(35, dtype=np.float64).reshape(7, 5)
    voicing = np.ones((7, 5))
    voicing[5, 0] = 0
    got = syllables(symbols, owner, np.array([9, 3, 7, 12, 4, 6, 9]), f0, voicing, np.array([0, 1, 1, 0, 4, 4, 0]))
    assert got.frames.tolist() == [10, 10]
    assert got.pause.tolist() == [12, 0]
    assert got.tones.tolist() == [1, 4]
    assert got.pitch[0].tolist() == f0[2].tolist()
    assert np.isnan(got.pitch[1, 0])


def test_contours_are_means_per_tone_and_leave_out_pairs_across_a_pause() -> None:
    single = Spoken(np.ones(3), np.ones((3, 5)), np.array([0.0, 9.0, 0.0]), np.array([1, 2, 1]))
    tones, pairs = contours([single] * 4)
    assert set(tones) == {1, 2}
    assert set(pairs) == {(1, 2)}
    assert np.allclose(pairs[1, 2], 1.0)
