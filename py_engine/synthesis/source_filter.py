"""Voices of our own: prosody, acoustic model and source-filter vocoder, with the shapes of docs/architecture.md."""

from __future__ import annotations

import zlib
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from py_engine.prosody.curves import FRAME_SECONDS, Curves, ProsodyOutput, SpeakerScale, make_curves

from .colour import colour_of
from .excitation import HOP_LENGTH, N_BINS, ExcitationFilter
from .models import batch
from .pack import N_MELS
from .synthesiser import Speech

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from py_engine.text import PhoneSequence

    from .excitation import Array
    from .models import Models
    from .pack import Speaker
    from .sentence import Sentence
    from .synthesiser import Stages
    from .values import Options

# Frames before and after a part that the vocoder may depend on: at least its receptive field on one side (six
# convolutions of kernel 7 reach 18 frames).
CONTEXT = 32
# The vocoder's outputs are 6 KB a frame, three times over on the way from onnxruntime-web: 5 s at once are enough.
VOCODER_FRAMES = 400


class SourceFilter:
    """A `Synthesiser` that follows explicit durations and F0."""

    def __init__(self, models: Models, positions: int) -> None:
        self._models, self._positions = models, positions

    async def speak(self, sentence: Sentence, speaker: Speaker, options: Options, stages: Stages) -> Speech:
        phones = sentence.phones
        await stages.breathe()
        with stages("prosody"):
            output = await self._prosody(phones, speaker)
            scale = SpeakerScale(speaker.log_f0_mean, speaker.log_f0_std, speaker.duration_scale)
            curves = make_curves(
                phones.symbols, phones.pauses, output, scale, options.speed, options.pitch,
                phones.exact, sentence.delivery,
            )  # fmt: skip
        await stages.breathe()
        with stages("acoustic"):
            mel = await self._acoustic(phones, curves, speaker)
        await stages.breathe()
        with stages("dsp"):
            seed = zlib.crc32(sentence.text.encode("utf-8", "surrogatepass"))
            sound = ExcitationFilter(curves.log_f0, curves.voicing, seed, colour_of(curves))
        for part in vocoder_parts(len(mel)):
            await stages.breathe()
            with stages("vocoder"):
                filters = await self._vocoder(mel, curves, part)
            with stages("dsp"):
                sound.add(*filters)
        with stages("dsp"):
            samples = sound.samples()
        durations = curves.durations * HOP_LENGTH
        return Speech(
            samples=samples,
            head=int(durations[0]) if phones.symbols[0] == "sil" else 0,
            tail=int(durations[-1]) if phones.symbols[-1] == "sil" else 0,
            words=_word_times(sentence, curves),
        )

    async def _prosody(self, phones: PhoneSequence, speaker: Speaker) -> ProsodyOutput:
        """Duration, F0, voicing and energy per phone."""
        count = len(phones)
        feeds = {
            "phones": batch(phones.phones, np.int64),
            "tones": batch(phones.tones, np.int64),
            "breaks": batch(phones.breaks, np.int64),
            "positions": batch(phones.positions[:, : self._positions], np.float32),
            "speaker": np.array([speaker.prosody_index], np.int64),
        }
        shapes = {"duration": (count,), "f0": (count, 5), "voicing": (count, 5), "energy": (count,)}
        outputs = await self._models.run("prosody", feeds, shapes)
        return ProsodyOutput(**{name: np.asarray(value, np.float64) for name, value in outputs.items()})

    async def _acoustic(self, phones: PhoneSequence, curves: Curves, speaker: Speaker) -> Array:
        """Log mel magnitude ``[T, 80]``."""
        feeds = {
            "phones": batch(phones.phones, np.int64),
            "tones": batch(phones.tones, np.int64),
            "frame_phone": batch(curves.frame_phone, np.int64),
            "frame_position": batch(curves.frame_position, np.float32),
            "log_f0": batch(curves.log_f0, np.float32),
            "voicing": batch(curves.voicing, np.float32),
            "energy": batch(curves.energy, np.float32),
            "speaker": np.array([speaker.index], np.int64),
        }
        return (await self._models.run("acoustic", feeds, {"mel": (len(curves.log_f0), N_MELS)}))["mel"]

    async def _vocoder(self, mel: Array, curves: Curves, part: slice) -> tuple[Array, Array, Array]:
        """Filters of the frames ``part``: real and imaginary part for the pulses, magnitude for the noise.

        Returns: three of ``[B, 513]``. The model also sees `CONTEXT` frames on both sides, so that the parts join.
        """
        seen = slice(max(0, part.start - CONTEXT), min(len(mel), part.stop + CONTEXT))
        feeds = {
            "mel": batch(mel[seen], np.float32),
            "log_f0": batch(curves.log_f0[seen], np.float32),
            "voicing": batch(curves.voicing[seen], np.float32),
        }
        names = ("harmonic_re", "harmonic_im", "noise")
        outputs = await self._models.run("vocoder", feeds, dict.fromkeys(names, (seen.stop - seen.start, N_BINS)))
        own = slice(part.start - seen.start, part.stop - seen.start)
        return outputs["harmonic_re"][own], outputs["harmonic_im"][own], outputs["noise"][own]


def vocoder_parts(frames: int) -> list[slice]:
    """Equal parts of at most `VOCODER_FRAMES` frames, in order."""
    count = -(-frames // VOCODER_FRAMES)
    edges = [frames * index // count for index in range(count + 1)]
    return [slice(start, stop) for start, stop in pairwise(edges)]


def _word_times(sentence: Sentence, curves: Curves) -> NDArray[np.float64]:
    """Seconds of each word, ``[W, 2]``."""
    ends = np.cumsum(curves.durations) * FRAME_SECONDS
    begins = ends - curves.durations * FRAME_SECONDS
    times = [(begins[word.first_phone], ends[word.stop_phone - 1]) for word in sentence.words]
    return np.array(times, np.float64).reshape(-1, 2)
