"""The engine: text in, one chunk of sound per utterance out."""

from __future__ import annotations

import asyncio
import logging
import time
import zlib
from contextlib import contextmanager
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from py_engine.errors import LanguageUnsupported, OptionInvalid, VoiceNotFound
from py_engine.prosody.curves import FRAME_SECONDS, Curves, SpeakerScale, make_curves

from . import level
from .excitation import HOP_LENGTH, SAMPLE_RATE, Synthesiser
from .pack import Speaker, VoiceInfo, read_manifest, voice_infos
from .sentence import Sentence, read_sentences
from .values import Cancellation, Chunk, Options, WordTiming
from .voice import LoadedVoice, load_voice

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator, Mapping

    from py_engine.runtime.base import Runtime

    from .excitation import Array

log = logging.getLogger(__name__)

LANGUAGES = ("zh", "cmn")
# The vocoder's outputs are 6 KB a frame, three times over on the way from onnxruntime-web: 5 s at once are enough.
VOCODER_FRAMES = 400


class Stopwatch:
    """Seconds of work per stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - began


class Engine:
    """Loaded voices and the way from text to sound. Not for use from several threads at once."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._voices: dict[str, LoadedVoice] = {}

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
            sentences = read_sentences(text)
            watch = Stopwatch()
            with watch("text"):
                sentence = next(sentences)
            index, last = 0, False
            while not last:
                speech = await _speak(sentence, voice, speaker, options, cancellation, watch)
                following = Stopwatch()
                with following("text"):
                    upcoming = next(sentences, None)
                last = upcoming is None
                yield _chunk(index, sentence, speech, watch, options.speed, last)
                index, watch = index + 1, following
                sentence = upcoming or sentence

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


class _Speech:
    """What is known of an utterance once it sounds."""

    def __init__(self, samples: Array, curves: Curves) -> None:
        self.samples, self.curves = samples, curves


async def _speak(
    sentence: Sentence,
    voice: LoadedVoice,
    speaker: Speaker,
    options: Options,
    cancellation: Cancellation,
    watch: Stopwatch,
) -> _Speech:
    """Run the stages, letting other tasks in between (a click on "stop" among them)."""
    phones = sentence.phones
    await _breathe(cancellation)
    with watch("prosody"):
        output = await voice.prosody(phones, speaker)
        scale = SpeakerScale(speaker.log_f0_mean, speaker.log_f0_std, speaker.duration_scale)
        curves = make_curves(phones.symbols, phones.pauses, output, scale, options.speed, options.pitch)
    await _breathe(cancellation)
    with watch("acoustic"):
        mel = await voice.acoustic(phones, curves, speaker)
    await _breathe(cancellation)
    with watch("dsp"):
        seed = zlib.crc32(sentence.text.encode("utf-8", "surrogatepass"))
        synthesiser = Synthesiser(curves.log_f0, curves.voicing, seed)
    for part in vocoder_parts(len(mel)):
        await _breathe(cancellation)
        with watch("vocoder"):
            filters = await voice.vocoder(mel, curves, part)
        with watch("dsp"):
            synthesiser.add(*filters)
    with watch("dsp"):
        samples = level.limit(synthesiser.samples())
    return _Speech(samples, curves)


def vocoder_parts(frames: int) -> list[slice]:
    """Equal parts of at most `VOCODER_FRAMES` frames, in order."""
    count = -(-frames // VOCODER_FRAMES)
    edges = [frames * index // count for index in range(count + 1)]
    return [slice(start, stop) for start, stop in pairwise(edges)]


async def _breathe(cancellation: Cancellation) -> None:
    await asyncio.sleep(0)
    cancellation.check()


def _chunk(index: int, sentence: Sentence, speech: _Speech, watch: Stopwatch, speed: float, last: bool) -> Chunk:
    """Trim, fade, append the pause, and place the words in time."""
    with watch("dsp"):
        durations = speech.curves.durations * HOP_LENGTH
        head = int(durations[0]) if sentence.phones.symbols[0] == "sil" else 0
        tail = int(durations[-1]) if sentence.phones.symbols[-1] == "sil" else 0
        start, stop = level.silence_at_ends(speech.samples, head, tail)
        spoken = level.fade_ends(speech.samples[start:stop])
        pause = 0.0 if last else sentence.pause_after / speed - level.KEEP_AFTER - level.KEEP_BEFORE
        samples = np.concatenate((spoken, level.silence(pause)))
    timings = MappingProxyType(dict(watch.seconds))
    log.debug("utterance %d: %.2f s of sound, stages %s", index, len(samples) / SAMPLE_RATE, timings)
    return Chunk(
        index=index,
        samples=samples,
        sample_rate=SAMPLE_RATE,
        start=sentence.start,
        stop=sentence.stop,
        words=_word_timings(sentence, speech.curves, start / SAMPLE_RATE, len(samples) / SAMPLE_RATE),
        notices=sentence.notices,
        last=last,
        timings=timings,
    )


def _word_timings(sentence: Sentence, curves: Curves, cut: float, length: float) -> tuple[WordTiming, ...]:
    """Seconds of each word that has phones, from ``cut`` seconds into the utterance, within ``length``."""
    ends = np.cumsum(curves.durations) * FRAME_SECONDS - cut
    begins = ends - curves.durations * FRAME_SECONDS
    timings = []
    for word in sentence.words:
        begin = min(max(float(begins[word.first_phone]), 0.0), length)
        end = min(max(float(ends[word.stop_phone - 1]), begin), length)
        timings.append(WordTiming(word.text, word.start, word.stop, begin, end))
    return tuple(timings)
