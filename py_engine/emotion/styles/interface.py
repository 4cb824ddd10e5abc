"""What a style is given, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from py_engine.prosody.delivery import FIELDS, LIMITS, Delivery

if TYPE_CHECKING:
    from py_engine.emotion.values import Emotion
    from py_engine.text.model import Kind

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass
class Prosody:
    """The delivery so far, float64 [N] each, N phones: copies, to be changed in place or replaced.

    The fields are those of `py_engine.prosody.delivery.Delivery`. On the way back each is held within ``LIMITS``, or
    where it was if that was beyond.
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


@dataclass(frozen=True)
class Context:
    """What is known of the sentence. Arrays are [N], N phones, and read-only.

    ``phones`` symbols; ``tones`` 0 none, 1..5; ``syllable`` and ``word``: index of the one the phone belongs to, -1 in
    pauses; ``breaks`` level after the phone's syllable (0 inside a word, 1 word, 2 phrase, 3 pause, 4 end);
    ``quotation`` 0 in narration, 1 in the first quotation of the text, 2 in the second, and so on.
    ``syllables`` pinyin with tones; ``text`` of the sentence as written; ``kind`` statement, question or exclamation;
    ``emotion`` of the sentence or None; ``index`` of the sentence in the text, from 0; ``opens_paragraph``,
    ``closes_paragraph``; ``memory`` is the style's own, from sentence to sentence and text to text, until it is removed
    or replaced.
    """

    phones: tuple[str, ...]
    tones: Ints
    syllable: Ints
    word: Ints
    breaks: Ints
    quotation: Ints
    syllables: tuple[str, ...]
    text: str
    kind: Kind
    emotion: Emotion | None
    index: int
    opens_paragraph: bool
    closes_paragraph: bool
    memory: dict[str, Any]

    def __post_init__(self) -> None:
        for name in ("tones", "syllable", "word", "breaks", "quotation"):
            own = np.array(getattr(self, name), np.int64)
            own.flags.writeable = False
            object.__setattr__(self, name, own)

    @property
    def last_syllable(self) -> NDArray[np.bool_]:
        """The phones of the last syllable."""
        return np.asarray((self.syllable == self.syllable.max()) & (self.syllable >= 0))

    @property
    def to_end(self) -> Ints:
        """How many syllables come after each phone; pauses count with the syllable before them."""
        place = np.maximum.accumulate(np.maximum(self.syllable, 0))
        return np.asarray(place.max() - place)


def to_prosody(delivery: Delivery) -> Prosody:
    return Prosody(**{name: np.array(getattr(delivery, name), np.float64) for name in FIELDS})


def from_prosody(made: object, before: Delivery) -> Delivery:
    """What a style gave back, as a delivery that the engine can follow.

    Raises: TypeError, ValueError where it is no Prosody of as many finite numbers as there are phones.
    """
    if not isinstance(made, Prosody):
        raise TypeError(f"apply returned {type(made).__name__}, expected the Prosody")
    checked = {}
    for name in (field.name for field in fields(Prosody)):
        # A copy: what the style still holds must not change the delivery later.
        values = np.array(getattr(made, name), np.float64)
        old = getattr(before, name)
        if values.shape != old.shape:
            raise ValueError(f"{name} has the shape {values.shape}, expected {old.shape}")
        if not np.isfinite(values).all():
            raise ValueError(f"{name} has values that are not finite")
        low, high = LIMITS[name]
        checked[name] = np.clip(values, np.minimum(old, low), np.maximum(old, high))
    return Delivery(**checked)
