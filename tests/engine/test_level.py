from __future__ import annotations

import numpy as np

from py_engine.synthesis import level
from py_engine.synthesis.excitation import NARROW


def test_quiet_sound_passes_unchanged() -> None:
    samples = np.linspace(-level.KNEE, level.KNEE, 101, dtype=np.float32)
    np.testing.assert_array_equal(level.limit(samples), samples)


def test_no_sample_exceeds_the_ceiling_and_order_is_kept() -> None:
    samples = np.linspace(-50, 50, 100_001, dtype=np.float32)
    limited = level.limit(samples)
    assert np.abs(limited).max() <= np.float32(level.CEILING)
    assert (np.diff(limited) >= 0).all()
    np.testing.assert_allclose(limited, -limited[::-1])
    assert limited.dtype == np.float32


def test_only_quiet_ends_within_the_silences_are_cut() -> None:
    sound = np.zeros(NARROW.sample_rate, np.float32)
    sound[4000:12000] = 0.5
    start, stop = level.silence_at_ends(sound, NARROW.sample_rate, 6000, 6000)
    assert start == 4000 - round(level.KEEP_BEFORE * NARROW.sample_rate)
    assert stop == 12000 + round(level.KEEP_AFTER * NARROW.sample_rate)
    assert level.silence_at_ends(sound, NARROW.sample_rate, 0, 0) == (0, NARROW.sample_rate)
    start, stop = level.silence_at_ends(sound, NARROW.sample_rate, 1000, 1000)
    assert start <= 1000
    assert stop >= NARROW.sample_rate - 1000


def test_silence_all_through_is_survived() -> None:
    nothing = np.zeros(800, np.float32)
    start, stop = level.silence_at_ends(nothing, NARROW.sample_rate, 800, 800)
    assert start >= 0
    assert stop <= 800
    assert level.silence_at_ends(nothing[:0], NARROW.sample_rate, 0, 0) == (0, 0)


def test_silence_is_never_negative() -> None:
    assert len(level.silence(-1.0, NARROW.sample_rate)) == 0
    assert len(level.silence(0.5, 22_050)) == 11_025


def test_the_decay_of_a_last_vowel_is_not_taken_for_silence() -> None:
    """A usual sentence peaks at 0.25; the decay is heard down to 40 dB below that."""
    assert level.QUIET < 0.6 * 0.25 * 10 ** (-40 / 20)
