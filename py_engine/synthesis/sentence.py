"""What the pipeline needs of an utterance: phones for the models, words for the timings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from py_engine.errors import EMOTION_UNSUPPORTED, Notice
from py_engine.prosody.delivery import Delivery, read_delivery
from py_engine.text import PhoneSequence, Syllable, UserLexicon, Utterance, analyse, to_phones

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from py_engine.text.model import Kind, MarkPoint


@dataclass(frozen=True)
class SpokenWord:
    """A word as written at code points ``start`` to ``stop``, and the half-open range of its phones."""

    text: str
    start: int
    stop: int
    first_phone: int
    stop_phone: int


@dataclass(frozen=True)
class SpokenMark:
    """A ``mark`` of the text, whose tag is at ``start`` to ``stop``; it stands in word number ``word`` of the sentence
    when ``share`` of it has been spoken."""

    name: str
    start: int
    stop: int
    word: int
    share: float


@dataclass(frozen=True)
class Sentence:
    """One utterance. ``pause_after`` in seconds, ``exact_pause`` if mark-up asks for just that; ``text`` as written;
    ``syllables`` as ``phones`` count them. ``delivery``: what mark-up asks for, per phone.

    ``kind`` chooses the melody laid over the model's own, see `py_engine.prosody.intonation`.
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
    exact_pause: bool = False
    delivery: Delivery | None = None
    marks: tuple[SpokenMark, ...] = ()


def read_sentences(
    text: str,
    markup: str = "auto",
    user_lexicon: UserLexicon | None = None,
    emoji: str = "skip",
    languages: Sequence[str] | None = None,
) -> Iterator[Sentence]:
    """Utterances in order, at least one. Raises, at the first step, what `analyse` raises.

    A notice goes with the utterance it stands in or before, one behind the last utterance with the last.
    """
    analysis = analyse(text, markup, user_lexicon, emoji=emoji, languages=languages)
    waiting = [*analysis.notices, *_emotion_notices(text, analysis.utterances)]
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
        exact_pause=utterance.words[-1].exact_pause,
        delivery=read_delivery(utterance, phones),
        marks=tuple(_mark(mark, utterance) for mark in utterance.marks),
    )


def _mark(mark: MarkPoint, utterance: Utterance) -> SpokenMark:
    at = mark.syllable
    for number, word in enumerate(utterance.words):
        size = len(word.syllables)
        if at < size or (at == size and mark.after):
            return SpokenMark(mark.name, mark.start, mark.stop, number, at / size)
        at -= size
    return SpokenMark(mark.name, mark.start, mark.stop, len(utterance.words) - 1, 1.0)


def _emotion_notices(text: str, utterances: tuple[Utterance, ...]) -> Iterator[Notice]:
    """No voice has emotions yet: each that is asked for is reported once."""
    seen = set()
    for utterance in utterances:
        for syllable in utterance.syllables:
            name = syllable.style.emotion
            if name not in ("", "neutral") and name not in seen:
                seen.add(name)
                message = f"emotion {name!r} is not one of this voice's (neutral) and was left out"
                start, stop = syllable.start, syllable.stop
                yield Notice(EMOTION_UNSUPPORTED, message, start, stop, text[start:stop])


def _words(text: str, utterance: Utterance, phones: PhoneSequence) -> Iterator[SpokenWord]:
    for number, word in enumerate(utterance.words):
        # Phones of a word are contiguous: a pause comes only after its last syllable.
        own = np.flatnonzero(phones.word_index == number)
        if len(own):
            yield SpokenWord(text[word.start : word.stop], word.start, word.stop, int(own[0]), int(own[-1]) + 1)
