"""What mark-up asks of the delivery, phone by phone: rate, pitch, pitch range, loudness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from py_engine.text.model import PLAIN

if TYPE_CHECKING:
    from py_engine.text.linguistic import PhoneSequence
    from py_engine.text.model import Style, Utterance

    from .curves import Floats

# Emphasis lengthens a Mandarin syllable and widens its pitch range (Xu, Journal of Phonetics 27, 1999: focus widens
# the range and adds 10 to 20 % to the duration). Factor of the rate, factor of the range, decibels.
EMPHASES = {"strong": (0.85, 1.3, 2.5), "moderate": (0.92, 1.15, 1.2), "reduced": (1.08, 0.85, -2.0)}
NO_EMPHASIS = (1.0, 1.0, 0.0)


@dataclass(frozen=True)
class Delivery:
    """Per phone, [N] each: ``rate`` factor, ``semitones``, ``spread`` factor of the pitch's distance from the speaker's
    mean, ``decibels``."""

    rate: Floats
    semitones: Floats
    spread: Floats
    decibels: Floats


def read_delivery(utterance: Utterance, phones: PhoneSequence) -> Delivery | None:
    """None where nothing is asked for. Pauses go with the syllable before them."""
    styles = [syllable.style for syllable in utterance.syllables]
    if all(style == PLAIN for style in styles):
        return None
    rows = []
    syllable = 0
    for index in phones.syllable_index:
        syllable = int(index) if index >= 0 else syllable
        rows.append(_row(styles[syllable]))
    return Delivery(*np.array(rows, np.float64).T)


def _row(style: Style) -> tuple[float, float, float, float]:
    rate, spread, decibels = EMPHASES.get(style.emphasis, NO_EMPHASIS)
    return style.rate * rate, style.pitch, spread, style.volume + decibels
