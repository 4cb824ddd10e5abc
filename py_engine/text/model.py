"""What the text front end hands on: utterances of words of syllables, with spans into the caller's text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from py_engine.errors import Notice

Kind = Literal["statement", "question", "exclamation"]

NO_BREAK, WORD_BREAK, PHRASE_BREAK, PAUSE_BREAK, UTTERANCE_BREAK = range(5)


@dataclass(frozen=True)
class Style:
    """How mark-up wants a syllable spoken: ``rate`` a factor (2 is twice as fast), ``pitch`` semitones, ``volume`` dB.

    emphasis: ``strong``, ``moderate``, ``reduced`` or empty. emotion: a name, or empty; ``intensity`` 0..1 of it.
    """

    rate: float = 1.0
    pitch: float = 0.0
    volume: float = 0.0
    emphasis: str = ""
    emotion: str = ""
    intensity: float = 1.0


PLAIN = Style()


@dataclass(frozen=True)
class Syllable:
    """One spoken syllable.

    pinyin: toneless, ``v`` for ü, without the r of erhua. tone: 1..5 as spoken, after sandhi (5 neutral).
    lexical_tone: 1..5 before sandhi. start, stop: code points of the caller's text.
    erhua: a suffix 儿 has coloured it (its span then covers both characters).
    reason: where the reading comes from. sandhi: the rule that changed its tone, empty where none did.
    """

    pinyin: str
    tone: int
    lexical_tone: int
    start: int
    stop: int
    erhua: bool = False
    reason: str = ""
    sandhi: str = ""
    style: Style = PLAIN

    def __str__(self) -> str:
        return f"{self.pinyin}{'r' if self.erhua else ''}{self.tone}"


@dataclass(frozen=True)
class Word:
    """A word as spoken: ``text`` is 二零二四 where the caller wrote 2024, ``start`` and ``stop`` are what was written.

    break_level: 1 word end, 2 phrase end, 3 a pause follows, 4 end of the utterance. pause: seconds after the word;
    exact_pause: mark-up asked for just this length. pause_reason: why there is one without a mark, empty elsewhere.
    """

    text: str
    start: int
    stop: int
    syllables: tuple[Syllable, ...]
    break_level: int
    pause: float = 0.0
    exact_pause: bool = False
    pause_reason: str = ""

    def __str__(self) -> str:
        return " ".join(str(syllable) for syllable in self.syllables)


@dataclass(frozen=True)
class MarkPoint:
    """A ``mark`` of the text: before syllable number ``syllable`` of its utterance; ``after`` means at the end of the
    syllable before that (a pause stands between). start, stop: the tag."""

    name: str
    syllable: int
    after: bool
    start: int
    stop: int


@dataclass(frozen=True)
class Utterance:
    """What is handed to the models at once: a sentence, or a part of a long one. ``lead``: seconds of silence that
    mark-up asks for before it."""

    start: int
    stop: int
    words: tuple[Word, ...]
    kind: Kind
    marks: tuple[MarkPoint, ...] = ()
    lead: float = 0.0

    @property
    def syllables(self) -> tuple[Syllable, ...]:
        return tuple(syllable for word in self.words for syllable in word.syllables)

    def __str__(self) -> str:
        return " ".join(str(word) for word in self.words)


@dataclass(frozen=True)
class Token:
    """A stretch of the caller's text and what became of it. All tokens together cover every code point.

    rule: what decided, like ``time.clock``, ``hanzi``, ``pause``, ``user``, ``mark-up``, ``unknown``. spoken: the
    characters that are read for it, empty for silence.
    """

    text: str
    start: int
    stop: int
    rule: str
    spoken: str = ""


@dataclass(frozen=True)
class Analysis:
    """The whole text, read. ``tokens`` say how the written became the spoken."""

    utterances: tuple[Utterance, ...]
    notices: tuple[Notice, ...]
    tokens: tuple[Token, ...] = ()

    def __str__(self) -> str:
        return " | ".join(str(utterance) for utterance in self.utterances)
