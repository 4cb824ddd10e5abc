"""What the pipeline needs of an utterance: phones for the models, words for the timings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from py_engine.emotion import discourse
from py_engine.emotion.values import EMOTIONS, Emotion, given
from py_engine.errors import EMOTION_UNSUPPORTED, Notice
from py_engine.prosody.delivery import Delivery, read_delivery
from py_engine.text import (
    Analysis,
    Hints,
    PhoneSequence,
    Source,
    Syllable,
    UserLexicon,
    Utterance,
    analyse_part,
    read_source,
    to_phones,
)
from py_engine.text.lexicon import lexicon

from .blocks import moved

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from py_engine.text.model import Kind, MarkPoint, Token


# Sentences that the reader model is asked about at once, after the first
STEP = 4


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
    """One utterance. ``pause_after`` in seconds, ``exact_pause`` if mark-up asks for just that, ``lead`` those before
    it; ``text`` as written; ``syllables`` as ``phones`` count them. ``delivery``: what mark-up asks for, per phone.

    ``kind`` chooses the melody laid over the model's own, see `py_engine.prosody.intonation`. ``emotion``: of the
    sentence, None where nothing is known. ``own_emotions``: what mark-up asks for per syllable, None where it is the
    sentence's; empty where mark-up asks for none. ``parts``: what the narrator says and what is quoted.
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
    lead: float = 0.0
    delivery: Delivery | None = None
    marks: tuple[SpokenMark, ...] = ()
    emotion: Emotion | None = None
    own_emotions: tuple[Emotion | None, ...] = ()
    parts: tuple[discourse.Part, ...] = ()

    @property
    def phone_emotions(self) -> tuple[Emotion | None, ...]:
        """One emotion per phone; a pause goes with the syllable before it."""
        if not self.own_emotions:
            return (self.emotion,) * len(self.phones)
        found, syllable = [], 0
        for index in self.phones.syllable_index:
            syllable = int(index) if index >= 0 else syllable
            found.append(self.own_emotions[syllable] or self.emotion)
        return tuple(found)

    def with_emotion(self, emotion: Emotion | None, intensity: float = 1.0) -> Sentence:
        """With this emotion, and with those of the mark-up, ``intensity`` times as strong."""
        own = tuple(part and part.scaled(intensity) for part in self.own_emotions)
        return replace(self, emotion=emotion and emotion.scaled(intensity), own_emotions=own)


def read_sentences(
    text: str,
    markup: str = "auto",
    user_lexicon: UserLexicon | None = None,
    emoji: str = "skip",
    languages: Sequence[str] | None = None,
    hints: Hints | None = None,
    block: tuple[int, int] | None = None,
) -> Iterator[Sentence]:
    """Utterances in order, at least one. Raises, at the first step, what `analyse` raises.

    ``block``: what of the text is to be read, see `blocks`; ``hints`` are those of the block.
    """
    part = text[slice(*block)] if block else text
    source = hints.source if hints else read_source(
        part, markup, user_lexicon, emoji=emoji, languages=languages, goes_on=block is not None and block[1] < len(text)
    )  # fmt: skip
    yield from Reading(text, source, block[0] if block else 0).sentences(0, len(source.sentences), hints)


class Reading:
    """A source on its way to sentences, some at a time. ``begin``: where it stands in ``text``.

    A notice goes with the utterance it stands in or before, one behind the last utterance with the last.
    """

    def __init__(self, text: str, source: Source, begin: int) -> None:
        self._text, self._begin, self._source = text, begin, source
        known = moved(Analysis((), source.notices, source.tokens), begin)
        self._waiting = list(known.notices)
        self._where = discourse.places(text, [(t.start, t.stop) for t in known.tokens if is_tag(t)])
        self._named = {"", *EMOTIONS}

    def steps(self) -> Iterator[tuple[int, int]]:
        """Half-open numbers of sentences: the first alone, so that nothing waits for those behind it."""
        size = len(self._source.sentences)
        yield 0, 1
        for first in range(1, size, STEP):
            yield first, min(size, first + STEP)

    def sentences(self, first: int, stop: int, hints: Hints | None) -> Iterator[Sentence]:
        """What is to be spoken of these sentences of the source; called with each in turn."""
        analysis = Analysis(tuple(analyse_part(self._source, first, stop, hints)), (), ())
        utterances = moved(analysis, self._begin).utterances
        self._waiting += self._emotion_notices(utterances)
        final = len(utterances) - 1 if stop == len(self._source.sentences) else -1
        for index, utterance in enumerate(utterances):
            due = [notice for notice in self._waiting if index == final or notice.start < utterance.stop]
            self._waiting = [notice for notice in self._waiting if notice not in due]
            yield _sentence(self._text, utterance, tuple(due), self._where)

    def _emotion_notices(self, utterances: Sequence[Utterance]) -> Iterator[Notice]:
        """Each name that mark-up asks for and that is no emotion of `EMOTIONS` is reported once."""
        for utterance in utterances:
            for syllable in utterance.syllables:
                name = syllable.style.emotion
                if name not in self._named:
                    self._named.add(name)
                    message = f"emotion {name!r} was left out, expected one of {', '.join(EMOTIONS)}"
                    start, stop = syllable.start, syllable.stop
                    yield Notice(EMOTION_UNSUPPORTED, message, start, stop, self._text[start:stop])


def is_tag(token: Token) -> bool:
    """A tag that makes a pause counts as one, not as mark-up."""
    return token.rule == "mark-up" or (token.rule == "pause" and len(token.text) > 1 and token.text.startswith("<"))


def _sentence(text: str, utterance: Utterance, notices: tuple[Notice, ...], where: discourse.Places) -> Sentence:
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
        lead=utterance.lead,
        delivery=read_delivery(utterance, phones),
        marks=tuple(_mark(mark, utterance) for mark in utterance.marks),
        own_emotions=_own_emotions(utterance),
        parts=tuple(discourse.parts(text, where, _tones(utterance), utterance.stop, lexicon().simplified)),
    )


def _tones(utterance: Utterance) -> list[tuple[int, int]]:
    """Where each syllable is written, and its tone."""
    return [(syllable.start, syllable.tone) for syllable in utterance.syllables]


def _own_emotions(utterance: Utterance) -> tuple[Emotion | None, ...]:
    styles = [syllable.style for syllable in utterance.syllables]
    own = tuple(given(style.emotion, style.intensity) if style.emotion in EMOTIONS else None for style in styles)
    return own if any(own) else ()


def _mark(mark: MarkPoint, utterance: Utterance) -> SpokenMark:
    at = mark.syllable
    for number, word in enumerate(utterance.words):
        size = len(word.syllables)
        if at < size or (at == size and mark.after):
            return SpokenMark(mark.name, mark.start, mark.stop, number, at / size)
        at -= size
    return SpokenMark(mark.name, mark.start, mark.stop, len(utterance.words) - 1, 1.0)


def _words(text: str, utterance: Utterance, phones: PhoneSequence) -> Iterator[SpokenWord]:
    for number, word in enumerate(utterance.words):
        # Phones of a word are contiguous: a pause comes only after its last syllable.
        own = np.flatnonzero(phones.word_index == number)
        if len(own):
            yield SpokenWord(text[word.start : word.stop], word.start, word.stop, int(own[0]), int(own[-1]) + 1)
