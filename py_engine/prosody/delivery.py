"""How an utterance is to be delivered, phone by phone, over what the prosody model says: the way mark-up, sentence
melody, emotion and styles speak to the curves."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from py_engine.text.model import PLAIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from py_engine.text.linguistic import PhoneSequence
    from py_engine.text.model import Style, Utterance

    from .curves import Floats

# Emphasis lengthens a Mandarin syllable and widens its pitch range (Xu, Journal of Phonetics 27, 1999: focus widens
# the range and adds 10 to 20 % to the duration). Factor of the rate, factor of the range, decibels.
EMPHASES = {"strong": (0.85, 1.3, 2.5), "moderate": (0.92, 1.15, 1.2), "reduced": (1.08, 0.85, -2.0)}
NO_EMPHASIS = (1.0, 1.0, 0.0)

# What emotion and styles may ask for at most, together. Mark-up and options have limits of their own.
# Rate and pauses: a syllable at half or twice its length is still one; pitch: an octave; spread: beyond these a tone
# is flat, or leaves the voice's range; tilt: between a shout and a murmur (Traunmueller & Eriksson, JASA 107, 2000).
LIMITS: Mapping[str, tuple[float, float]] = {
    "rate": (0.5, 2.0),
    "semitones": (-12.0, 12.0),
    "spread": (0.3, 2.0),
    "decibels": (-20.0, 9.0),
    "stretch": (0.5, 2.0),
    "pause": (0.0, 3.0),
    "slope": (-6.0, 6.0),
    "energy": (-2.0, 2.0),
    "tilt": (-6.0, 6.0),
    "breath": (-1.0, 1.0),
}


@dataclass(frozen=True)
class Delivery:
    """Per phone, [N] each.

    ``rate`` factor, 2 is twice as fast; ``semitones``; ``spread`` factor of the pitch's distance from the speaker's
    mean; ``decibels``; ``stretch`` factor of the phone's own duration, after the rate; ``pause`` factor of an ``sp``;
    ``slope`` semitones that the pitch gains from the phone's begin to its end; ``energy`` z-scores; ``tilt`` dB per
    octave, positive is brighter; ``breath`` -1..1, positive is breathy, negative is tense.
    """

    rate: Floats
    semitones: Floats
    spread: Floats
    decibels: Floats
    stretch: Floats
    pause: Floats
    slope: Floats
    energy: Floats
    tilt: Floats
    breath: Floats

    def __len__(self) -> int:
        return len(self.rate)

    @property
    def coloured(self) -> bool:
        """Whether the sound of the voice itself is to change."""
        return bool(self.tilt.any() or self.breath.any())


FIELDS = tuple(field.name for field in fields(Delivery))
FACTORS = frozenset(("rate", "spread", "stretch", "pause"))
NEUTRAL = {name: 1.0 if name in FACTORS else 0.0 for name in FIELDS}


def plain_delivery(count: int) -> Delivery:
    """A delivery of N phones that asks for nothing."""
    return Delivery(**{name: np.full(count, value) for name, value in NEUTRAL.items()})


def read_delivery(utterance: Utterance, phones: PhoneSequence) -> Delivery | None:
    """None where nothing is asked for. Pauses go with the syllable before them."""
    rows = [_row(syllable.style) for syllable in utterance.syllables]
    if all(row == _row(PLAIN) for row in rows):
        return None
    spread_out = []
    syllable = 0
    for index in phones.syllable_index:
        syllable = int(index) if index >= 0 else syllable
        spread_out.append(rows[syllable])
    rate, semitones, spread, decibels = np.array(spread_out, np.float64).T
    plain = plain_delivery(len(phones))
    return replace(plain, rate=rate, semitones=semitones, spread=spread, decibels=decibels)


def _row(style: Style) -> tuple[float, float, float, float]:
    rate, spread, decibels = EMPHASES.get(style.emphasis, NO_EMPHASIS)
    return style.rate * rate, style.pitch, spread, style.volume + decibels
