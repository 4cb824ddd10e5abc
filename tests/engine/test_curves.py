from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from py_engine.prosody import curves
from py_engine.prosody.curves import Curves, ProsodyOutput, SpeakerScale, make_curves

PHONES = ("sil", "n", "i", "h", "ao", "sp", "t", "ian", "sil")
NO_PAUSES = [0.0] * len(PHONES)
SCALE = SpeakerScale(math.log(200.0), 0.2)


def output(frames: float = 8.0, voicing: float = 1.0, f0: float = 0.0) -> ProsodyOutput:
    count = len(PHONES)
    shape = (count, len(curves.POINTS))
    return ProsodyOutput(np.full(count, frames), np.full(shape, f0), np.full(shape, voicing), np.arange(float(count)))


def frames_of(made: Curves, index: int) -> NDArray[np.bool_]:
    return np.asarray(made.frame_phone == index)


def test_rounding_keeps_the_sum_and_at_least_one_frame() -> None:
    random = np.random.default_rng(1)
    for _ in range(200):
        wanted = random.exponential(4.0, random.integers(1, 80))
        rounded = curves.round_durations(wanted)
        assert rounded.min() >= 1
        assert rounded.sum() == math.floor(np.maximum(wanted, 1).sum() + 0.5)
        assert np.abs(np.cumsum(rounded) - np.cumsum(np.maximum(wanted, 1))).max() <= 0.5 + 1e-9


@pytest.mark.parametrize("speed", [0.5, 0.8, 1.0, 1.25, 2.0])
def test_the_sum_follows_the_speed(speed: float) -> None:
    frames = np.random.default_rng(2).uniform(3, 20, len(PHONES))
    changed = curves.change_speed(PHONES, frames, speed)
    assert changed.sum() == pytest.approx(frames.sum() / speed)
    ratio = changed / frames
    initial, final, pause = ratio[3], ratio[4], ratio[5]
    if speed > 1:
        assert initial > final > pause
    if speed < 1:
        assert initial < final < pause


def test_all_curves_fit_together() -> None:
    made = make_curves(PHONES, NO_PAUSES, output(7.3), SCALE)
    total = int(made.durations.sum())
    for curve in (made.frame_phone, made.frame_position, made.log_f0, made.voicing, made.energy):
        assert curve.shape == (total,)
    assert np.isfinite(made.log_f0).all()
    assert (np.bincount(made.frame_phone) == made.durations).all()
    assert (np.diff(made.frame_phone) >= 0).all()
    first = made.frame_position[frames_of(made, 1)]
    np.testing.assert_allclose(first, (np.arange(len(first)) + 0.5) / len(first), rtol=1e-6)
    assert all(c.dtype == np.float32 for c in (made.frame_position, made.log_f0, made.voicing, made.energy))


def test_pauses_meet_the_text_half_way() -> None:
    pauses = [0.0] * 5 + [0.5] + [0.0] * 3
    made = make_curves(PHONES, pauses, output(8.0), SCALE)
    assert made.durations[5] == (8 + 40) / 2
    assert make_curves(PHONES, NO_PAUSES, output(8.0), SCALE).durations[5] == 8


def test_the_speakers_duration_scale_counts() -> None:
    slow = make_curves(PHONES, NO_PAUSES, output(8.0), SpeakerScale(5.0, 0.2, 1.5))
    assert slow.durations.sum() == 12 * len(PHONES)


@pytest.mark.parametrize(("semitones", "hertz"), [(0.0, 200.0), (12.0, 400.0), (-12.0, 100.0), (7.0, 299.66)])
def test_pitch_moves_by_semitones(semitones: float, hertz: float) -> None:
    made = make_curves(PHONES, NO_PAUSES, output(), SCALE, semitones=semitones)
    np.testing.assert_allclose(np.exp(made.log_f0), hertz, rtol=1e-4)


def test_f0_runs_straight_through_unvoiced_stretches() -> None:
    given = output()
    given.f0[:3], given.f0[3:5], given.f0[5:] = -1.0, 50.0, 1.0  # `h` must not count, `ao` is cut by its voicing
    given.voicing[4] = 0.0
    made = make_curves(PHONES, NO_PAUSES, given, SCALE)
    low, high = SCALE.log_f0_mean - 0.2, SCALE.log_f0_mean + 0.2
    assert made.log_f0.min() == pytest.approx(low, abs=1e-5)
    assert made.log_f0.max() == pytest.approx(high, abs=1e-5)
    assert (np.diff(made.log_f0) >= -1e-6).all()


def test_f0_is_defined_where_nothing_is_voiced() -> None:
    made = make_curves(PHONES, NO_PAUSES, output(voicing=0.0, f0=1.0), SCALE)
    assert np.isfinite(made.log_f0).all()
    assert not made.voicing.any()
    lone = ProsodyOutput(np.array([8.0]), np.zeros((1, 5)), np.ones((1, 5)), np.zeros(1))
    assert not make_curves(("sil",), [0.0], lone, SCALE).voicing.any()


def test_f0_stays_in_a_voices_range() -> None:
    made = make_curves(PHONES, NO_PAUSES, output(f0=100.0), SCALE)
    assert made.log_f0.max() <= math.log(800.0) + 1e-5


def test_pauses_and_unvoiced_initials_are_never_voiced() -> None:
    made = make_curves(PHONES, NO_PAUSES, output(voicing=1.0), SCALE)
    voiced = [bool(made.voicing[frames_of(made, index)].all()) for index in range(len(PHONES))]
    assert voiced == [False, True, True, False, True, False, False, True, False]
    assert set(np.unique(made.voicing)) == {0.0, 1.0}


def test_a_hole_of_one_frame_is_filled() -> None:
    given = output(frames=5.0)
    given.voicing[2] = [1.0, 1.0, 0.0, 1.0, 1.0]
    made = make_curves(PHONES, NO_PAUSES, given, SCALE)
    assert made.voicing[frames_of(made, 2)].all()


def test_a_long_unvoiced_part_of_a_final_stays() -> None:
    given = output(frames=20.0)
    given.voicing[2] = [1.0, 1.0, 0.0, 0.0, 0.0]
    made = make_curves(PHONES, NO_PAUSES, given, SCALE)
    inside = made.voicing[frames_of(made, 2)]
    assert inside[:8].all()
    assert not inside[11:].any()


def test_energy_is_level_inside_and_slopes_between() -> None:
    made = make_curves(PHONES, NO_PAUSES, output(8.0), SCALE)
    inside = made.energy[frames_of(made, 4)]
    np.testing.assert_allclose(inside[2:6], 4.0)
    assert (np.diff(made.energy) >= 0).all()
