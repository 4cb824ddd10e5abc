"""What the pipeline needs of an utterance: phones for the models, words for the timings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from py_engine.text import PhoneSequence, Syllable, Utterance, analyse, to_phones

if TYPE_CHECKING:
    from collections.abc import Iterator

    from py_engine.errors import Notice
    from py_engine.text.model import Kind


@dataclass(frozen=True)
class SpokenWord:
    """A word as written at code points ``start`` to ``stop``, and the half-open range of its phones."""

    text: str
    start: int
    stop: int
    first_phone: int
    stop_phone: int


@dataclass(frozen=True)
class Sentence:
    """One utterance. ``pause_after`` in seconds; ``text`` as written; ``syllables`` as ``phones`` count them.

    ``kind`` is for a prosody that tells questions from statements; the present models are not given it.
    """

    text: str
    start: int
    stop: int
    phones: PhoneSequence
    syllables: tuple[Syllable, ...]
    words: tuple[SpokenWord, ...]
    pause_after: float
    kind: Kind
    notices: tuple[Notice, ...]


def read_sentences(text: str) -> Iterator[Sentence]:
    """Utterances in order, at least one. Raises, at the first step: TextEmpty, TextTooLong.

    A notice goes with the utterance it stands in or before, one behind the last utterance with the last.
    """
    analysis = analyse(text)
    waiting = list(analysis.notices)
    final = len(analysis.utterances) - 1
    for index, utterance in enumerate(analysis.utterances):
        due = [notice for notice in waiting if index == final or notice.start < utterance.stop]
        waiting = [notice for notice in waiting if notice not in due]
        yield _sentence(text, utterance, tuple(due))


def _sentence(text: str, utterance: Utterance, notices: tuple[Notice, ...]) -> Sentence:
    phones = to_phones(utterance)
    return Sentence(
        text=text[utterance.start : utterance.stop],
        start=utterance.start,
        stop=utterance.stop,
        phones=phones,
        syllables=utterance.syllables,
        words=tuple(_words(text, utterance, phones)),
        pause_after=utterance.words[-1].pause,
        kind=utterance.kind,
        notices=notices,
    )


def _words(text: str, utterance: Utterance, phones: PhoneSequence) -> Iterator[SpokenWord]:
    for number, word in enumerate(utterance.words):
        # Phones of a word are contiguous: a pause comes only after its last syllable.
        own = np.flatnonzero(phones.word_index == number)
        if len(own):
            yield SpokenWord(text[word.start : word.stop], word.start, word.stop, int(own[0]), int(own[-1]) + 1)
