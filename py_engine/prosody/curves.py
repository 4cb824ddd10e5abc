"""From the prosody model's outputs per phone to the curves per frame that the acoustic model and the vocoder follow.

N phones, T frames of 12.5 ms. Duration in frames, F0 as natural logarithm of Hz, voicing 0 or 1, energy as z-score.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from py_engine.text.phones import INITIALS, PAUSES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .delivery import Delivery

FRAME_SECONDS = 0.0125
# Where in a phone the model states F0 and voicing.
POINTS = np.array((0.1, 0.3, 0.5, 0.7, 0.9))
SONORANT_INITIALS = frozenset(("m", "n", "l", "r"))
UNVOICED = frozenset(PAUSES) | (frozenset(INITIALS) - SONORANT_INITIALS)
# Below one half, since a voiced frame taken for unvoiced whispers (low third tones), while the reverse is hardly heard.
VOICING_THRESHOLD = 0.25
LOG_F0_RANGE = (math.log(50.0), math.log(800.0))
# How strongly a phone follows the speed, relative to the whole: initials are near their shortest already, while
# pauses and finals take up the change (Gay 1978 for English; Mandarin rate studies agree on the order).
ELASTICITY_INITIAL, ELASTICITY_FINAL, ELASTICITY_PAUSE = 0.6, 1.0, 1.2
# Share of the text's intended pause against the model's own in the length of an `sp`.
PAUSE_FROM_TEXT = 0.5

Array = NDArray[np.float32]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ProsodyOutput:
    """What the prosody model says: ``duration`` [N] frames, ``f0`` [N, 5] z-score of log F0, ``voicing`` [N, 5]
    probability, ``energy`` [N] z-score."""

    duration: Floats
    f0: Floats
    voicing: Floats
    energy: Floats


@dataclass(frozen=True)
class SpeakerScale:
    """One speaker's units: mean and deviation of ln F0, and a factor on durations."""

    log_f0_mean: float
    log_f0_std: float
    duration_scale: float = 1.0


@dataclass(frozen=True)
class Curves:
    """``durations`` [N] frames (sum T, each at least 1); the rest per frame [T]: ``frame_phone`` index of the
    phone, ``frame_position`` (k + 0.5) / duration, ``log_f0`` ln Hz, ``voicing`` 0/1, ``energy`` z-score.

    ``tilt`` dB per octave and ``breath`` -1..1, per frame too, are None where the voice keeps its own sound."""

    durations: NDArray[np.intp]
    frame_phone: NDArray[np.intp]
    frame_position: Array
    log_f0: Array
    voicing: Array
    energy: Array
    tilt: Array | None = None
    breath: Array | None = None


def make_curves(
    phones: Sequence[str],
    pauses: Sequence[float] | NDArray[np.floating],
    output: ProsodyOutput,
    scale: SpeakerScale,
    speed: float = 1.0,
    semitones: float = 0.0,
    exact: NDArray[np.bool_] | None = None,
    delivery: Delivery | None = None,
) -> Curves:
    """All curves of one utterance.

    Args: ``phones`` symbols [N]; ``pauses`` the seconds that the text intends for each ``sp`` [N], 0 for no
    intention; ``speed`` 2 is twice as fast; ``semitones`` moves the whole pitch; ``exact`` [N] the ``sp`` that are to
    have just that length at any speed; ``delivery`` what is to differ from what the model says.
    """
    wanted = blend_pauses(phones, pauses, output.duration * scale.duration_scale)
    if delivery is None:
        wanted = change_speed(phones, wanted, speed)
    else:
        wanted = change_speeds(phones, wanted, speed * delivery.rate) * delivery.stretch
        wanted = np.where(np.array(phones) == "sp", wanted * delivery.pause, wanted)
    durations = round_durations(set_pauses(phones, pauses, exact, wanted))
    frame_phone = np.repeat(np.arange(len(durations)), durations)
    starts = np.cumsum(durations) - durations
    position = (np.arange(len(frame_phone)) - starts[frame_phone] + 0.5) / durations[frame_phone]
    moved: Floats | float = semitones * math.log(2.0) / 12.0
    deviation = output.f0 * scale.log_f0_std
    if delivery is not None:
        deviation = deviation * delivery.spread[:, None] + _sloping(delivery.slope)
        moved = (semitones + delivery.semitones)[:, None] * math.log(2.0) / 12.0
    log_f0 = deviation + scale.log_f0_mean + moved
    return Curves(
        durations=durations,
        frame_phone=frame_phone,
        frame_position=position.astype(np.float32),
        log_f0=pitch_curve(phones, durations, log_f0, output.voicing),
        voicing=voicing_curve(phones, durations, output.voicing),
        energy=phone_curve(durations, output.energy if delivery is None else output.energy + delivery.energy),
        tilt=phone_curve(durations, delivery.tilt) if delivery is not None and delivery.coloured else None,
        breath=phone_curve(durations, delivery.breath) if delivery is not None and delivery.coloured else None,
    )


def _sloping(semitones: Floats) -> Floats:
    """ln F0 to add at the five points [N, 5], so that the pitch gains ``semitones`` [N] within each phone."""
    return np.asarray(semitones[:, None] * (POINTS - POINTS.mean()) * math.log(2.0) / 12.0, np.float64)


def blend_pauses(phones: Sequence[str], pauses: Sequence[float] | NDArray[np.floating], frames: Floats) -> Floats:
    """Durations [N] in frames with each `sp` moved towards the pause that the text intends."""
    blended = np.array(frames, np.float64)
    for index, (phone, seconds) in enumerate(zip(phones, pauses, strict=True)):
        if phone == "sp" and seconds > 0:
            intended = seconds / FRAME_SECONDS
            blended[index] = PAUSE_FROM_TEXT * intended + (1.0 - PAUSE_FROM_TEXT) * blended[index]
    return blended


def elasticities(phones: Sequence[str]) -> Floats:
    """How strongly each phone follows the speed, [N]."""
    initials, pauses = frozenset(INITIALS), frozenset(PAUSES)
    return np.array(
        [
            ELASTICITY_INITIAL if phone in initials else ELASTICITY_PAUSE if phone in pauses else ELASTICITY_FINAL
            for phone in phones
        ]
    )


def change_speed(phones: Sequence[str], frames: Floats, speed: float) -> Floats:
    """Durations at ``speed``: the sum is divided by it, finals and pauses taking more of the change than initials.

    Each duration is multiplied by ``speed ** (-a e)`` with its elasticity e; a is found by bisection.
    """
    if speed == 1.0 or len(frames) == 0:
        return np.array(frames, np.float64)
    exponents = elasticities(phones) * -math.log(speed)
    target, low, high = float(frames.sum()) / speed, 0.5, 2.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        too_much_change = (float((frames * np.exp(middle * exponents)).sum()) < target) == (speed > 1.0)
        low, high = (low, middle) if too_much_change else (middle, high)
    return np.asarray(frames * np.exp(low * exponents), np.float64)


def change_speeds(phones: Sequence[str], frames: Floats, speeds: Floats) -> Floats:
    """Durations with a speed for each phone [N]; every run of one speed is changed as a whole."""
    changed = np.array(frames, np.float64)
    edges = [0, *(np.flatnonzero(np.diff(speeds)) + 1).tolist(), len(speeds)]
    for start, stop in pairwise(edges):
        changed[start:stop] = change_speed(phones[start:stop], changed[start:stop], float(speeds[start]))
    return changed


def set_pauses(
    phones: Sequence[str],
    pauses: Sequence[float] | NDArray[np.floating],
    exact: NDArray[np.bool_] | None,
    frames: Floats,
) -> Floats:
    """Durations with each ``sp`` that is to have an exact length at that length."""
    if exact is None or not exact.any():
        return frames
    chosen = exact & np.array([phone == "sp" for phone in phones])
    return np.where(chosen, np.asarray(pauses, np.float64) / FRAME_SECONDS, frames)


def round_durations(frames: Floats) -> NDArray[np.intp]:
    """Whole frames, at least 1 each, whose running sum follows the wanted one to half a frame: ``[N] -> [N]``.

    The ends of the phones are rounded, not the lengths, so errors never add up; the sum is that of ``max(frames, 1)``,
    rounded.
    """
    # intp, which is 32 bits wide in WebAssembly: np.repeat refuses 64-bit counts there.
    ends = np.floor(np.cumsum(np.maximum(frames, 1.0)) + 0.5).astype(np.intp)
    return np.maximum(np.diff(ends, prepend=0), 1)


def point_times(durations: NDArray[np.intp]) -> Floats:
    """Times in frames of the five points of each phone, increasing: ``[N] -> [N, 5]``."""
    ends = np.cumsum(durations)
    return np.asarray((ends - durations)[:, None] + POINTS * durations[:, None], np.float64)


def _may_be_voiced(phones: Sequence[str]) -> NDArray[np.bool_]:
    return np.array([phone not in UNVOICED for phone in phones], bool)


def pitch_curve(phones: Sequence[str], durations: NDArray[np.intp], log_f0: Floats, voicing: Floats) -> Array:
    """ln F0 per frame [T]: straight lines through the voiced points, across unvoiced stretches, held at the ends.

    Where nothing is voiced the points of all phones count, so that the curve is always defined.
    """
    frames = np.arange(int(durations.sum())) + 0.5
    times = point_times(durations)
    known = (voicing > VOICING_THRESHOLD) & _may_be_voiced(phones)[:, None]
    if not known.any():
        known[:] = True
    curve = np.interp(frames, times[known], log_f0[known])
    return np.asarray(np.clip(curve, *LOG_F0_RANGE), np.float32)


def voicing_curve(phones: Sequence[str], durations: NDArray[np.intp], voicing: Floats) -> Array:
    """Voicing 0/1 per frame [T]: points interpolated and cut at the threshold; unvoiced phones and pauses always 0."""
    frames = np.arange(int(durations.sum())) + 0.5
    allowed = np.repeat(_may_be_voiced(phones), durations)
    # An unvoiced neighbour must not pull the edge of a voiced phone down: interpolate over voiced phones' points only.
    usable = _may_be_voiced(phones)
    if not usable.any():
        return np.zeros(len(frames), np.float32)
    probability = np.interp(frames, point_times(durations)[usable].ravel(), voicing[usable].ravel())
    voiced = (probability > VOICING_THRESHOLD) & allowed
    hole = ~voiced[1:-1] & voiced[:-2] & voiced[2:] & allowed[1:-1]
    voiced[1:-1] |= hole
    return np.asarray(voiced, np.float32)


def phone_curve(durations: NDArray[np.intp], values: Floats) -> Array:
    """One value per phone [N] as a curve [T]: level in the middle half of a phone, sloping to its neighbours in the
    outer quarters."""
    ends = np.cumsum(durations)
    times = (ends - durations)[:, None] + np.array((0.25, 0.75)) * durations[:, None]
    frames = np.arange(int(durations.sum())) + 0.5
    return np.asarray(np.interp(frames, times.ravel(), np.repeat(values, 2)), np.float32)
