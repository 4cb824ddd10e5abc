"""The engine: text in, chunks of sound out."""

from __future__ import annotations

import logging
from contextlib import aclosing
from typing import TYPE_CHECKING, cast

from py_engine.emotion.styles import Styles
from py_engine.errors import OPTION_UNSUPPORTED, LanguageUnsupported, Notice, OptionInvalid, VoiceNotFound
from py_engine.text import Hints, UserLexicon, read_source

from .blocks import blocks
from .chunks import ChunkMaker
from .feeling import Feeling, Inference, infer
from .front_models import FrontModels
from .pack import SOURCE_FILTER, Manifest, Speaker, VoiceInfo, read_manifest, voice_infos
from .performance import Performance
from .sentence import Reading, Sentence
from .synthesiser import Speech, Stages
from .utterances import Lineup, Utterances
from .values import Cancellation, Chunk, Options
from .voice import LoadedVoice, load_voice

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from py_engine.runtime.base import Runtime

log = logging.getLogger(__name__)

LANGUAGES = ("zh", "cmn")
# Code points before the place to begin at whose readings may still matter.
NEAR_START = 200


class Engine:
    """Loaded voices and the way from text to sound. Not for use from several threads at once.

    lexicon: the session's own words; entries may be added and removed at any time. styles: plugins, likewise.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._voices: dict[str, LoadedVoice] = {}
        self.lexicon = UserLexicon()
        self.models = FrontModels(runtime)
        self.styles = Styles()

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

        The text is read by rules alone: the reader model would take as long again.

        Raises: as `stream` for the text; ModelMissing, RuntimeFailed.
        """
        options = options or Options()
        # The emotion model was taught with the tones that the rules give.
        sentences = [sentence async for _, sentence in self._sentences(text, options, None)]
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
        self, text: str, options: Options | None = None, cancellation: Cancellation | None = None, start: int = 0
    ) -> AsyncGenerator[Chunk, None]:
        """Speak ``text`` in chunks, each as soon as it is made: a long utterance is several (`parts`).

        ``start``: code point from whose word on it is spoken, with the prosody it has in the whole text. Closing the
        generator early frees all it holds. Raises, at the first step: TextEmpty, TextTooLong, VoiceNotFound,
        OptionInvalid; later RuntimeFailed, and Cancelled once ``cancellation`` is set.
        """
        options = options or Options()
        if not isinstance(options, Options):
            raise OptionInvalid(f"options are {type(options).__name__}, expected Options.", "Pass an Options value.")
        cancellation = cancellation or Cancellation()
        voice, speaker = self._choose(options.voice)
        with voice:
            manifest, told, index = voice.manifest, False, 0
            sentences = self._sentences(text, options, start)
            feeling = Feeling(options, self.models.emotion)
            performance = Performance(text, manifest.kind == SOURCE_FILTER, self.styles, options.style)
            utterances = Utterances(sentences, voice.synthesiser, speaker, options, feeling, performance, start)
            lineup = Lineup(utterances, Stages(cancellation))
            try:
                while found := await lineup.next.read():
                    stages, performed = lineup.next.stages, await lineup.next.performed()
                    lineup.advance()
                    sentence, speech = cast("tuple[Sentence, Speech]", performed)
                    notices = unsupported(manifest, options, sentence) if index == 0 else ()
                    if sentence.delivery is not None and not told:
                        notices, told = (*notices, *unsupported_delivery(manifest, sentence)), True
                    maker = ChunkMaker(sentence, found[0], speech, notices, manifest.sample_rate, index)
                    async with aclosing(speech):
                        if sentence.lead and not start:
                            yield maker.silence(sentence.lead)
                        # While the models make the first sound, for which nothing else may take their time.
                        if self._runtime.concurrent:
                            lineup.begin(self._runtime.concurrent) if index > 0 else lineup.begin_reading()
                        async for part in speech.parts:
                            with stages("dsp"):
                                chunk = maker.add(part)
                            if chunk is not None:
                                lineup.begin(self._runtime.concurrent)
                                yield maker.timed(chunk, stages)
                    over = await lineup.next.read() is None
                    with stages("dsp"):
                        chunk = maker.end(_pause(sentence, over, options.speed), last=over)
                    yield maker.timed(chunk, stages)
                    index = maker.index
            finally:
                lineup.close()

    async def hints(self, text: str, options: Options) -> Hints | None:
        """What the reader model makes of the text; None where it is not loaded. Raises: as `stream` for the text."""
        reader = self.models.reader
        if reader is None:
            return None
        words = self.words(options)
        source = read_source(text, options.markup, words, emoji=options.emoji, languages=options.languages)
        return await reader.hints(source)

    async def _sentences(
        self, text: str, options: Options, start: int | None
    ) -> AsyncGenerator[tuple[int, Sentence], None]:
        """Numbered utterances, read block by block; those long before ``start`` by the rules alone, all without one."""
        number, words = 0, self.words(options)
        for block in blocks(text, options.markup):
            part = text[slice(*block)]
            source = read_source(
                part, options.markup, words, emoji=options.emoji, languages=options.languages,
                goes_on=block[1] < len(text),
            )  # fmt: skip
            reader = self.models.reader if start is not None and block[1] > start - NEAR_START else None
            reading = Reading(text, source, block[0])
            for first, stop in reading.steps():
                hints = await reader.hints(source, first, stop) if reader else None
                for sentence in reading.sentences(first, stop, hints):
                    yield number, sentence
                    number += 1

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
    message = f"voice {manifest.id} has no control of pitch and rate within a sentence; it speaks without."
    return (Notice(OPTION_UNSUPPORTED, message, sentence.start, sentence.stop),)


def _pause(sentence: Sentence, last: bool, speed: float) -> float:
    """Seconds of silence behind an utterance."""
    if sentence.exact_pause:
        return sentence.pause_after
    return 0.0 if last else sentence.pause_after / speed
