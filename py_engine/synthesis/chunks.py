"""Chunks of one utterance: its finished samples, with the words, phones and marks that fall into each."""

from __future__ import annotations

import logging
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from .finish import Finisher
from .values import Chunk, MarkTiming, PhoneTiming, Pitch, WordTiming

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from py_engine.errors import Notice

    from .excitation import Array
    from .sentence import Sentence
    from .synthesiser import Speech, Stages

log = logging.getLogger(__name__)


class ChunkMaker:
    """Takes the raw parts of utterance number ``number`` and gives chunks, from number ``index`` on.

    ``notices`` go with its first chunk, beside those of the sentence.
    """

    def __init__(
        self, sentence: Sentence, number: int, speech: Speech, notices: tuple[Notice, ...], sample_rate: int, index: int
    ) -> None:
        self.index = index
        self._sentence, self._number, self._speech, self._rate = sentence, number, speech, sample_rate
        self._notices = (*notices, *sentence.notices, *speech.notices)
        self._finisher = Finisher(speech, sample_rate, _decibels(sentence))
        # Where the next chunk begins: sample of the utterance, and code point of the text.
        self._sample, self._text = speech.begin, sentence.start
        self._words = [place for place, word in enumerate(sentence.words) if self._sounds(speech.words[place, 0])]
        self._marks = [(mark, self._mark_time(mark.word, mark.share)) for mark in sentence.marks]
        self._marks = [(mark, at) for mark, at in self._marks if self._sounds(at)]
        self._phone = int(np.searchsorted(speech.phone_times[:, 0], speech.begin / sample_rate - 1e-6))
        if speech.begin and self._words:
            self._text = sentence.words[self._words[0]].start

    def silence(self, seconds: float) -> Chunk:
        """A chunk before the first part, in which nothing is said."""
        samples = np.zeros(round(seconds * self._rate), np.float32)
        chunk = Chunk(
            self.index, samples, self._rate, self._text, self._text, (), (), False, sentence=self._number,
            emotion=self._sentence.emotion,
        )  # fmt: skip
        self.index += 1
        return chunk

    def add(self, part: Array) -> Chunk | None:
        """The chunk that the next raw part makes; None where nothing of it is sure yet, or where it is the last."""
        samples = self._finisher.add(part)
        return self._chunk(samples, False, False) if len(samples) else None

    def end(self, pause: float, last: bool) -> Chunk:
        """The rest, with ``pause`` seconds of silence; ``last`` of the whole text."""
        return self._chunk(self._finisher.end(pause), True, last)

    def timed(self, chunk: Chunk, stages: Stages) -> Chunk:
        """With the seconds of work since the chunk before."""
        timings = MappingProxyType(stages.taken())
        log.debug("chunk %d: %.2f s of sound, stages %s", chunk.index, len(chunk.samples) / self._rate, timings)
        return replace(chunk, timings=timings)

    def _sounds(self, seconds: float) -> bool:
        """Whether something at this time of the utterance is not before its beginning."""
        return seconds * self._rate > self._speech.begin - 1

    def _mark_time(self, word: int, share: float) -> float:
        begin, end = self._speech.words[word]
        return float(begin + share * (end - begin))

    def _chunk(self, samples: Array, final: bool, last: bool) -> Chunk:
        begin = max(self._sample, self._finisher.start)
        stop = begin + len(samples)
        low, high = begin / self._rate, np.inf if final else (stop - 0.5) / self._rate
        length = len(samples) / self._rate
        words = self._take_words(low, high, length, final)
        text_stop = self._text_stop(final)
        chunk = Chunk(
            index=self.index,
            samples=samples,
            sample_rate=self._rate,
            start=self._text,
            stop=text_stop,
            words=words,
            notices=self._notices,
            last=last,
            marks=self._take_marks(low, high, length),
            sentence=self._number,
            phones=self._take_phones(low, high),
            pitch=self._pitch(low, length),
            emotion=self._sentence.emotion,
        )
        self.index, self._notices = self.index + 1, ()
        self._sample, self._text = stop, text_stop
        return chunk

    def _text_stop(self, final: bool) -> int:
        """A chunk's text reaches to the next word that is still to come."""
        if final or not self._words:
            return self._sentence.stop
        return max(self._text, self._sentence.words[self._words[0]].start)

    def _take_words(self, low: float, high: float, length: float, final: bool) -> tuple[WordTiming, ...]:
        timings = []
        while self._words and self._speech.words[self._words[0], 0] < high:
            place = self._words.pop(0)
            word, (begins, ends) = self._sentence.words[place], self._speech.words[place] - low
            begin = max(float(begins), 0.0)
            end = max(float(ends), begin)
            if final:
                begin, end = min(begin, length), min(end, length)
            timings.append(WordTiming(word.text, word.start, word.stop, begin, end, self._speech.estimated))
        return tuple(timings)

    def _take_marks(self, low: float, high: float, length: float) -> tuple[MarkTiming, ...]:
        due = [(mark, at) for mark, at in self._marks if at < high]
        self._marks = self._marks[len(due) :]
        return tuple(MarkTiming(mark.name, mark.start, mark.stop, min(max(at - low, 0.0), length)) for mark, at in due)

    def _take_phones(self, low: float, high: float) -> tuple[PhoneTiming, ...]:
        times = self._speech.phone_times
        first, self._phone = self._phone, int(np.searchsorted(times[:, 0], high))
        own = np.maximum(times[first : self._phone] - low, 0.0).tolist()
        return tuple(
            PhoneTiming(phone, begin, end)
            for phone, (begin, end) in zip(self._speech.phones[first : self._phone], own, strict=True)
        )

    def _pitch(self, low: float, length: float) -> Pitch:
        curve, step = self._speech.log_f0, self._speech.frame_s
        if len(curve) == 0:
            return Pitch()
        # The frame that holds the middle of each step of the chunk.
        frames = ((low + (np.arange(round(length / step)) + 0.5) * step) / step).astype(np.intp)
        hertz = np.nan_to_num(np.exp(np.append(curve, np.float32(np.nan))))
        return Pitch(step, _rounded(hertz[np.minimum(frames, len(curve))]))


def _rounded(hertz: Array) -> tuple[float, ...]:
    return tuple(round(float(value), 1) for value in hertz)


def _decibels(sentence: Sentence) -> NDArray[np.float64] | None:
    """The loudness that mark-up asks for, word by word."""
    if sentence.delivery is None:
        return None
    return np.array([sentence.delivery.decibels[word.first_phone] for word in sentence.words])
