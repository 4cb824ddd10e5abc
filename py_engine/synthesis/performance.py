"""From what a sentence says to how it is delivered: mark-up, melody of its kind and emotion, in this order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from py_engine.prosody.expression import express
from py_engine.prosody.intonation import with_intonation

if TYPE_CHECKING:
    from py_engine.prosody.delivery import Delivery

    from .sentence import Sentence


def performed(sentence: Sentence, follows_pitch: bool) -> Sentence:
    """The sentence with the delivery that all asks for together; unchanged where nothing asks.

    Args: ``follows_pitch``: the voice takes its pitch from us; one that plans its own has the melody of a question too.
    """
    delivery = sentence.delivery
    if follows_pitch:
        delivery = with_intonation(delivery, sentence.kind, sentence.phones)
    return with_delivery(sentence, express(delivery, sentence.phone_emotions, sentence.phones))


def with_delivery(sentence: Sentence, delivery: Delivery | None) -> Sentence:
    """The pause after the sentence is delivered too, unless mark-up wants it exact."""
    if delivery is sentence.delivery or delivery is None:
        return sentence
    pause = sentence.pause_after if sentence.exact_pause else sentence.pause_after * float(delivery.pause[-1])
    return replace(sentence, delivery=delivery, pause_after=pause)


def tempo(delivery: Delivery | None) -> float:
    """How much faster than usual the sentence is as a whole, for voices that have one speed for all of it."""
    return 1.0 if delivery is None else 1.0 / float(np.mean(delivery.stretch))
