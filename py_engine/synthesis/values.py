"""What goes into the engine and what comes out: options, chunks, word timings, cancellation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from py_engine.emotion.values import AUTO, EMOTIONS, INTENSITY_RANGE, Emotion
from py_engine.errors import Cancelled, Notice, OptionInvalid
from py_engine.text import UserLexicon
from py_engine.text.languages import check_languages
from py_engine.text.markup import MODES
from py_engine.text.normalise.emoji import MODES as EMOJI_MODES

if TYPE_CHECKING:
    from .excitation import Array

SPEED_RANGE = (0.5, 2.0)
PITCH_RANGE = (-12.0, 12.0)


@dataclass(frozen=True)
class Options:
    """How to speak.

    ``voice`` a voice id, None for the first loaded pack's default; ``speed`` 0.5..2, 2 is twice as fast; ``pitch``
    -12..12 semitones; ``markup`` ``auto``, ``ssml``, ``inline`` or ``none`` (`py_engine.text.markup`);
    ``lexicon`` words and readings for this call (`UserLexicon`), before those of the session;
    ``emoji`` ``skip`` or ``name``; ``languages`` out of those of the build, all where None; ``emotion`` ``auto`` (what
    the text says), a name out of `EMOTIONS`, or names with weights 0..1 (`py_engine.emotion.values.given`);
    ``intensity`` 0..1.2 times as strong; ``style`` the id of a loaded style. Raises: OptionInvalid, naming what was got
    and what was expected; LexiconEntryInvalid, LanguageUnsupported.
    """

    voice: str | None = None
    speed: float = 1.0
    pitch: float = 0.0
    markup: str = "auto"
    lexicon: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    emoji: str = "skip"
    languages: tuple[str, ...] | None = None
    emotion: str | Mapping[str, float] = AUTO
    intensity: float = 1.0
    style: str | None = None

    def __post_init__(self) -> None:
        if self.voice is not None and not isinstance(self.voice, str):
            raise _invalid("voice", self.voice, "a voice id or nothing")
        if self.markup not in MODES:
            raise _invalid("markup", self.markup, f"one of {', '.join(MODES)}")
        if not isinstance(self.lexicon, Mapping):
            raise _invalid("lexicon", self.lexicon, "an object of words and readings")
        UserLexicon(self.lexicon)
        if self.emoji not in EMOJI_MODES:
            raise _invalid("emoji", self.emoji, f"one of {', '.join(EMOJI_MODES)}")
        self._check_languages()
        _check_number("speed", self.speed, SPEED_RANGE)
        _check_number("pitch", self.pitch, PITCH_RANGE)
        _check_number("intensity", self.intensity, INTENSITY_RANGE)
        _check_emotion(self.emotion)
        if self.style is not None and not (isinstance(self.style, str) and self.style):
            raise _invalid("style", self.style, "a style id or nothing")

    def _check_languages(self) -> None:
        """Codes as they come (a list from JSON, ``zh-CN``) to those of this build."""
        if self.languages is None:
            return
        listed = isinstance(self.languages, list | tuple)
        if not listed or not all(isinstance(code, str) for code in self.languages):
            raise _invalid("languages", self.languages, "a list of codes like zh and en")
        object.__setattr__(self, "languages", check_languages(self.languages))

    @classmethod
    def from_mapping(cls, values: object) -> Options:
        """Options from parsed JSON. Raises: OptionInvalid, also for a key that does not exist."""
        if not isinstance(values, Mapping):
            raise _invalid("options", values, "an object")
        unknown = sorted(str(key) for key in values if key not in cls.__dataclass_fields__)
        if unknown:
            raise _invalid("options", ", ".join(unknown), f"only {', '.join(cls.__dataclass_fields__)}")
        return cls(**values)


def _check_number(name: str, value: object, limits: tuple[float, float]) -> None:
    low, high = limits
    # Compared as it is: JSON may bring whole numbers that no float holds. NaN compares with nothing.
    if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
        raise _invalid(name, value, f"a number from {low:g} to {high:g}")


def _check_emotion(value: object) -> None:
    if isinstance(value, Mapping):
        for name, weight in value.items():
            if name not in EMOTIONS:
                raise _invalid("emotion", name, f"weights of {', '.join(EMOTIONS)}")
            _check_number(f"the weight of {name}", weight, (0.0, 1.0))
    elif value not in (AUTO, *EMOTIONS):
        raise _invalid("emotion", value, f"{AUTO}, one of {', '.join(EMOTIONS)}, or an object of them with weights")


def _invalid(name: str, got: object, expected: str) -> OptionInvalid:
    return OptionInvalid(
        f"{name} is {got!r:.80}, expected {expected}.",
        "Correct the option, or leave it out for the default.",
        {"option": name, "got": repr(got)[:80], "expected": expected},
    )


@dataclass(frozen=True)
class WordTiming:
    """A word of the caller's text: its span in code points, and its seconds from the chunk's first sample.

    ``estimated``: the model gave no durations, so the words were spread over the utterance by their syllables.
    """

    text: str
    start: int
    stop: int
    begin_s: float
    end_s: float
    estimated: bool = False


@dataclass(frozen=True)
class MarkTiming:
    """A ``mark`` of the text: its tag's span in code points, and its seconds from the chunk's first sample."""

    name: str
    start: int
    stop: int
    at_s: float


@dataclass(frozen=True)
class PhoneTiming:
    """A phone and its seconds from the chunk's first sample."""

    phone: str
    begin_s: float
    end_s: float


@dataclass(frozen=True)
class Pitch:
    """``hertz``: F0 every ``step_s`` seconds from the chunk's first sample, 0 where unvoiced."""

    step_s: float = 0.0125
    hertz: tuple[float, ...] = ()


@dataclass(frozen=True)
class Chunk:
    """A part of an utterance or the whole of it, ready to play.

    ``samples`` float32 [n] within -1..1 at ``sample_rate`` Hz, with the pause that follows the utterance;
    ``start``, ``stop`` span in code points; ``timings`` seconds of work per stage: of text, emotion, prosody, decoder
    and dsp those it has, acoustic and vocoder where a voice has these. ``sentence``: index of the utterance in the
    text, which is spoken with ``emotion``, mark-up inside aside, None where nothing is known. Words, phones and marks
    go with the chunk in which they begin, notices with the first of their utterance. Chunks are cut at words, so that
    a word or phone ends behind its chunk only where the word is longer than the chunk may be.
    """

    index: int
    samples: Array
    sample_rate: int
    start: int
    stop: int
    words: tuple[WordTiming, ...]
    notices: tuple[Notice, ...]
    last: bool
    timings: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    marks: tuple[MarkTiming, ...] = ()
    sentence: int = 0
    phones: tuple[PhoneTiming, ...] = ()
    pitch: Pitch = field(default_factory=Pitch)
    emotion: Emotion | None = None


class Cancellation:
    """A flag that one side sets and the pipeline looks at between its stages."""

    def __init__(self) -> None:
        self._cancelled = False

    def cancel(self) -> None:
        self._cancelled = True

    def check(self) -> None:
        """Raises: Cancelled, once `cancel` has been called."""
        if self._cancelled:
            raise Cancelled("the request was cancelled")
