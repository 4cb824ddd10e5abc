"""The engine: text in, one chunk of sound per utterance out."""

from __future__ import annotations

import logging
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from py_engine.errors import OPTION_UNSUPPORTED, LanguageUnsupported, Notice, OptionInvalid, VoiceNotFound
from py_engine.text import UserLexicon

from . import level
from .feeling import Feeling, Inference, infer
from .front_models import FrontModels
from .pack import SOURCE_FILTER, Manifest, Speaker, VoiceInfo, read_manifest, voice_infos
from .performance import performed
from .sentence import Sentence, read_sentences
from .synthesiser import Speech, Stages
from .values import Cancellation, Chunk, MarkTiming, Options, WordTiming
from .voice import LoadedVoice, load_voice

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from py_engine.runtime.base import Runtime

    from .excitation import Array

log = logging.getLogger(__name__)

LANGUAGES = ("zh", "cmn")


class Engine:
    """Loaded voices and the way from text to sound. Not for use from several threads at once.

    lexicon: the session's own words; entries may be added and removed at any time.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._voices: dict[str, LoadedVoice] = {}
        self.lexicon = UserLexicon()
        self.models = FrontModels(runtime)

    async def load_voice(self, manifest: Mapping[str, object], files: Mapping[str, bytes | memoryview]) -> None:
        """Load a pack: parsed ``voice.json`` and its files by path. A pack with the same id is replaced.

        Raises: VoiceFormat, VoiceCorrupt, LanguageUnsupported, RuntimeFailed; the voices loaded before stay.
        """
        checked = read_manifest(manifest)
        if checked.language.lower().split("-")[0] not in LANGUAGES:
            raise LanguageUnsupported(
                f"voice {checked.id} speaks {checked.language!r}, this engine reads Mandarin (zh).",
                "Use another voice.",
            )
        voice = await load_voice(self._runtime, checked, files)
        previous = self._voices.get(checked.id)
        self._voices[checked.id] = voice
        if previous is not None:
            previous.retire()
        log.info("loaded voice %s with %d speakers", checked.id, len(checked.speakers))

    async def load_model(self, name: str, manifest: Mapping[str, object], model: bytes | memoryview) -> None:
        """Load a model of the front end, ``emotion`` or ``reader``: parsed ``<name>.json`` and the file that it names.

        Raises: ModelUnknown, ModelCorrupt, RuntimeFailed; what was loaded before stays.
        """
        await self.models.load(name, manifest, model)

    async def infer(self, text: str, options: Options | None = None) -> list[Inference]:
        """The emotion that each sentence of ``text`` carries, whatever ``options`` say it is to be spoken with.

        Raises: as `stream` for the text; ModelMissing, RuntimeFailed.
        """
        options = options or Options()
        sentences = read_sentences(text, options.markup, self.words(options), options.emoji, options.languages)
        return await infer(text, sentences, self.models.emotion)

    def voices(self) -> list[VoiceInfo]:
        """One entry per speaker of each loaded pack, in the order of loading, default speakers first."""
        return [info for voice in self._voices.values() for info in voice_infos(voice.manifest)]

    def release_voice(self, id: str) -> None:  # noqa: A002 -- the name in the contract
        """Forget the pack of this voice and free its models once no stream uses them. Raises: VoiceNotFound."""
        voice, _ = self._choose(id)
        del self._voices[voice.manifest.id]
        voice.retire()

    async def stream(
        self, text: str, options: Options | None = None, cancellation: Cancellation | None = None
    ) -> AsyncGenerator[Chunk, None]:
        """Speak ``text``, one chunk per utterance, each as soon as it is made.

        Closing the generator early frees all it holds. Raises, at the first step: TextEmpty, TextTooLong,
        VoiceNotFound, OptionInvalid; later RuntimeFailed, and Cancelled once ``cancellation`` is set.
        """
        options = options or Options()
        if not isinstance(options, Options):
            raise OptionInvalid(f"options are {type(options).__name__}, expected Options.", "Pass an Options value.")
        cancellation = cancellation or Cancellation()
        voice, speaker = self._choose(options.voice)
        with voice:
            sentences = read_sentences(text, options.markup, self.words(options), options.emoji, options.languages)
            stages, feeling = Stages(cancellation), Feeling(options, self.models.emotion)
            with stages("text"):
                sentence = next(sentences)
            notices = unsupported(voice.manifest, options, sentence)
            told = False
            index, last = 0, False
            while not last:
                with stages("emotion"):
                    sentence = await feeling.of(sentence)
                sentence = performed(sentence, voice.manifest.kind == SOURCE_FILTER)
                speech = await voice.synthesiser.speak(sentence, speaker, options, stages)
                following = Stages(cancellation)
                with following("text"):
                    upcoming = next(sentences, None)
                last = upcoming is None
                if sentence.delivery is not None and not told:
                    notices, told = (*notices, *unsupported_delivery(voice.manifest, sentence)), True
                yield _chunk(index, sentence, speech, stages, notices, options.speed, voice.manifest.sample_rate, last)
                index, stages, notices = index + 1, following, ()
                sentence = upcoming or sentence

    def words(self, options: Options) -> UserLexicon:
        """The user's words for one call: those of the options before those of the session."""
        return UserLexicon({**self.lexicon, **options.lexicon}) if options.lexicon else self.lexicon

    def _choose(self, id: str | None) -> tuple[LoadedVoice, Speaker]:  # noqa: A002 -- a voice id
        if not self._voices:
            raise VoiceNotFound("no voice is loaded.", "Load a voice before speaking.", {"got": id})
        wanted = next(iter(self._voices)) if id is None else id
        for voice in self._voices.values():
            for speaker in voice.manifest.speakers:
                if wanted in (voice.manifest.voice_id(speaker), f"{voice.manifest.id}/{speaker.id}"):
                    return voice, speaker
        known = [info.id for info in self.voices()]
        raise VoiceNotFound(
            f"voice {wanted!r} is not loaded, expected one of {', '.join(known)}.",
            "Choose a voice from the list, or load its pack.",
            {"got": wanted, "expected": known},
        )


def unsupported(manifest: Manifest, options: Options, sentence: Sentence) -> tuple[Notice, ...]:
    """A notice, over the first sentence, for each option that was set and that the voice does not follow."""
    usual = Options()
    return tuple(
        Notice(
            OPTION_UNSUPPORTED,
            f"voice {manifest.id} has no control of {name}; it speaks without.",
            sentence.start,
            sentence.stop,
        )
        for name in ("speed", "pitch")
        if name not in manifest.controls and getattr(options, name) != getattr(usual, name)
    )


def unsupported_delivery(manifest: Manifest, sentence: Sentence) -> tuple[Notice, ...]:
    """A notice where mark-up asks for another rate or pitch and the voice plans its own; loudness all voices follow."""
    delivery = sentence.delivery
    if delivery is None or manifest.kind == SOURCE_FILTER:
        return ()
    if bool((delivery.rate == 1).all() and (delivery.semitones == 0).all()):
        return ()
    message = f"voice {manifest.id} has no control of rate and pitch by mark-up; it speaks without."
    return (Notice(OPTION_UNSUPPORTED, message, sentence.start, sentence.stop),)


def _chunk(
    index: int,
    sentence: Sentence,
    speech: Speech,
    stages: Stages,
    notices: tuple[Notice, ...],
    speed: float,
    sample_rate: int,
    last: bool,
) -> Chunk:
    """Limit, trim, fade, append the pause, and place the words in time."""
    with stages("dsp"):
        limited = level.limit(_louder(sentence, speech, sample_rate))
        start, stop = level.silence_at_ends(limited, sample_rate, speech.head, speech.tail)
        spoken = level.fade_ends(limited[start:stop], sample_rate)
        pause = sentence.pause_after if sentence.exact_pause else 0.0 if last else sentence.pause_after / speed
        pause -= level.KEEP_AFTER + level.KEEP_BEFORE
        samples = np.concatenate((spoken, level.silence(pause, sample_rate)))
    timings = MappingProxyType(dict(stages.seconds))
    log.debug("utterance %d: %.2f s of sound, stages %s", index, len(samples) / sample_rate, timings)
    return Chunk(
        index=index,
        samples=samples,
        sample_rate=sample_rate,
        start=sentence.start,
        stop=sentence.stop,
        words=_word_timings(sentence, speech, start / sample_rate, len(samples) / sample_rate),
        notices=(*notices, *sentence.notices, *speech.notices),
        last=last,
        timings=timings,
        marks=_mark_timings(sentence, speech, start / sample_rate, len(samples) / sample_rate),
        emotion=sentence.emotion,
    )


def _louder(sentence: Sentence, speech: Speech, sample_rate: int) -> Array:
    """The samples at the loudness that mark-up asks for, word by word."""
    if sentence.delivery is None:
        return speech.samples
    decibels = np.array([sentence.delivery.decibels[word.first_phone] for word in sentence.words])
    return level.amplify(speech.samples, sample_rate, speech.words, decibels)


def _mark_timings(sentence: Sentence, speech: Speech, cut: float, length: float) -> tuple[MarkTiming, ...]:
    timings = []
    for mark in sentence.marks:
        begin, end = speech.words[mark.word] - cut
        at = min(max(float(begin + mark.share * (end - begin)), 0.0), length)
        timings.append(MarkTiming(mark.name, mark.start, mark.stop, at))
    return tuple(timings)


def _word_timings(sentence: Sentence, speech: Speech, cut: float, length: float) -> tuple[WordTiming, ...]:
    """Seconds of each word that has phones, from ``cut`` seconds into the utterance, within ``length``."""
    timings = []
    for word, (begins, ends) in zip(sentence.words, speech.words - cut, strict=True):
        begin = min(max(float(begins), 0.0), length)
        end = min(max(float(ends), begin), length)
        timings.append(WordTiming(word.text, word.start, word.stop, begin, end, speech.estimated))
    return tuple(timings)
