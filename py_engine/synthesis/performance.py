"""From what a sentence says to how it is delivered: mark-up, melody of its kind, emotion and style, in this order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from py_engine.emotion.styles import Context
from py_engine.emotion.styles.quotes import quotations
from py_engine.prosody.delivery import plain_delivery
from py_engine.prosody.expression import express
from py_engine.prosody.intonation import with_intonation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from py_engine.emotion.styles import Styles
    from py_engine.errors import Notice
    from py_engine.prosody.delivery import Delivery

    from .sentence import Sentence


class Performance:
    """Delivers the sentences of one text, in order.

    Args: ``follows_pitch``: the voice takes its pitch from us; one that plans its own has the melody of a question too.
    ``style``: the id of one out of ``styles``, or None.
    """

    def __init__(self, text: str, follows_pitch: bool, styles: Styles, style: str | None) -> None:
        self._text, self._follows_pitch = text, follows_pitch
        self._styles, self._style = styles, style
        self._quotations = quotations(text) if style else []
        self._index = 0
        self._told = ""

    def of(self, sentence: Sentence) -> Sentence:
        """The sentence with the delivery that all asks for together; unchanged where nothing asks.

        A style that cannot be applied is told of once, in the sentence's notices.
        """
        delivery = sentence.delivery
        if self._follows_pitch:
            delivery = with_intonation(delivery, sentence.kind, sentence.phones)
        delivery = express(delivery, sentence.phone_emotions, sentence.phones, sentence.kind)
        if self._style:
            delivery, notices = self._styles.apply(
                self._style, delivery or plain_delivery(len(sentence.phones)), self._context(sentence, self._style),
                (sentence.start, sentence.stop),
            )  # fmt: skip
            sentence = self._telling(sentence, notices)
        self._index += 1
        return _delivered(sentence, delivery)

    def _telling(self, sentence: Sentence, notices: tuple[Notice, ...]) -> Sentence:
        new = tuple(notice for notice in notices if notice.code != self._told)
        self._told = notices[0].code if notices else ""
        return replace(sentence, notices=(*sentence.notices, *new)) if new else sentence

    def _context(self, sentence: Sentence, style: str) -> Context:
        phones = sentence.phones
        before, after = self._text[: sentence.words[0].start], self._text[sentence.words[-1].stop :]
        return Context(
            phones=phones.symbols,
            tones=phones.tones,
            syllable=phones.syllable_index,
            word=phones.word_index,
            breaks=phones.breaks,
            quotation=self._quotation(sentence),
            syllables=tuple(str(syllable) for syllable in sentence.syllables),
            text=sentence.text,
            kind=sentence.kind,
            emotion=sentence.emotion,
            index=self._index,
            opens_paragraph="\n" in _until_word(before[::-1]) or not _until_word(before[::-1], rest=True),
            closes_paragraph="\n" in _until_word(after) or not _until_word(after, rest=True),
            memory=self._styles.memory(style),
        )

    def _quotation(self, sentence: Sentence) -> NDArray[np.int64]:
        """Per phone; a pause goes with the syllable before it."""
        numbers = [self._quotations[syllable.start] for syllable in sentence.syllables]
        place = np.maximum.accumulate(np.maximum(sentence.phones.syllable_index, 0))
        return np.array(numbers, np.int64)[place]


def _until_word(text: str, rest: bool = False) -> str:
    """What lies before the first letter or digit, or with ``rest`` what follows."""
    for place, character in enumerate(text):
        if character.isalnum():
            return text[place:] if rest else text[:place]
    return "" if rest else text


def _delivered(sentence: Sentence, delivery: Delivery | None) -> Sentence:
    """The pause after the sentence is delivered too, unless mark-up wants it exact."""
    if delivery is sentence.delivery or delivery is None:
        return sentence
    pause = sentence.pause_after if sentence.exact_pause else sentence.pause_after * float(delivery.pause[-1])
    return replace(sentence, delivery=delivery, pause_after=pause)


def tempo(delivery: Delivery | None) -> float:
    """How much faster than usual the sentence is as a whole, for voices that have one speed for all of it."""
    return 1.0 if delivery is None else 1.0 / float(np.mean(delivery.stretch / delivery.rate))
