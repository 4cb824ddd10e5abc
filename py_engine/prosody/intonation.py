"""Sentence melody that no recording taught: questions and exclamations, laid over the curve of a statement.

Directions are measured, sizes are moderate choices inside what is reported:
- a question lies higher than the statement in both lines of its range (Shen 1990), and the difference between the two
  grows towards the end like an exponential (Liu & Xu, Phonetica 62, 2005); its last tones are stronger, a final fall
  flatter and a final rise steeper (Yuan 2006, "Mechanisms of question intonation in Mandarin");
- a question with a particle says so in words already, and rises less at the end (Liu & Xu 2005);
- an exclamation widens the range and starts higher (Chao 1968, sections 1.3.7 and 8.1).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from .delivery import plain_delivery

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from py_engine.text import PhoneSequence
    from py_engine.text.model import Kind

    from .curves import Floats
    from .delivery import Delivery

# semitones over the whole question, and more of them at its very end
QUESTION_LIFT, QUESTION_RISE = 0.8, 3.2
PARTICLE_SHARE = 0.5
# in syllables before the end, where the rise has fallen to 1 / e
RISE_REACH = 1.5
QUESTION_SPREAD = 1.15
EXCLAMATION_LIFT, EXCLAMATION_SPREAD, EXCLAMATION_RATE = 1.0, 1.2, 0.97
NEUTRAL_TONE = 5


def with_intonation(delivery: Delivery | None, kind: Kind, phones: PhoneSequence) -> Delivery | None:
    """``delivery`` and the melody of ``kind`` together; a statement is left as it is.

    Returns: a Delivery of N phones, or None where there is nothing to change.
    """
    owner = phones.syllable_index
    if kind == "statement" or not (owner >= 0).any():
        return delivery
    plain = delivery or plain_delivery(len(owner))
    place = syllables_before(owner)
    if kind == "question":
        final_tone = int(np.asarray(phones.tones)[owner == owner.max()][-1])
        share = PARTICLE_SHARE if final_tone == NEUTRAL_TONE else 1.0
        near_end = np.exp((place - place.max()) / RISE_REACH)
        lift = QUESTION_LIFT + QUESTION_RISE * share * near_end
        spread = plain.spread * (1 + (QUESTION_SPREAD - 1) * near_end)
        return replace(plain, semitones=plain.semitones + lift, spread=spread)
    # the height of an exclamation wears off towards its end
    fall = 1 - place / max(1.0, float(place.max()))
    return replace(
        plain,
        rate=plain.rate * EXCLAMATION_RATE,
        semitones=plain.semitones + EXCLAMATION_LIFT * fall,
        spread=plain.spread * EXCLAMATION_SPREAD,
    )


def syllables_before(owner: NDArray[np.int64]) -> Floats:
    """How many syllables come before each phone [N]; pauses count with the syllable before them."""
    return np.maximum.accumulate(np.maximum(owner, 0)).astype(np.float64)
