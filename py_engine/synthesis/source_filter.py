"""Voices of our own: prosody, acoustic model and source-filter vocoder, with the shapes of docs/architecture.md."""

from __future__ import annotations

import zlib
from contextlib import closing
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from py_engine.prosody.curves import FRAME_SECONDS, Curves, ProsodyOutput, SpeakerScale, make_curves

from .ahead import TURNS, Ahead
from .colour import colour_of
from .excitation import BLOCK, REACH, Array, ExcitationFilter, Signal, Workspace
from .level import QUIET
from .models import batch
from .pack import N_MELS
from .parts import MOST
from .synthesiser import Speech

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from py_engine.text import PhoneSequence

    from .models import Models
    from .pack import Speaker
    from .synthesiser import Task

# Frames before and after a part that the vocoder sees too: its receptive field on one side, of six convolutions of
# kernel 7.
CONTEXT = 18
# Frames of a run at most where models run beside Python: neither waits long for the other to be done with one.
BESIDE = 128


# Real and imaginary part for the pulses, magnitude for the noise.
Filters = tuple[Array, Array, Array]
# By the frame up to which a part of the sound reaches: the frames of its vocoder runs.
Plan = dict[int, list[slice]]


class SourceFilter:
    """A `Synthesiser` that follows explicit durations and F0."""

    def __init__(self, models: Models, positions: int, signal: Signal) -> None:
        self._models, self._positions, self._signal = models, positions, signal
        self._workspace = Workspace(signal)

    async def speak(self, task: Task) -> Speech:
        sentence, speaker, options, stages = task.sentence, task.speaker, task.options, task.stages
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
        ends = np.cumsum(curves.durations)
        begins = ends - curves.durations
        spans = [(begins[word.first_phone], ends[word.stop_phone - 1]) for word in sentence.words]
        word_frames = np.array(spans, np.intp).reshape(-1, 2)
        begin = int(word_frames[task.word, 0]) if task.word else 0
        edges = task.sizes.cut(begin, len(mel), word_frames[:, 0])
        plan = _plan(begin, edges, len(mel), BESIDE if self._models.concurrent else MOST)
        runs = [part for parts in plan.values() for part in parts]

        async def filters(part: slice) -> Filters:
            with stages("vocoder"):
                return await self._vocoder(mel, curves, part)

        hop = self._signal.hop_length
        padding = curves.durations * hop
        return Speech(
            parts=self._parts(task, curves, begin, plan, Ahead(filters, runs, self._models.concurrent)),
            length=len(mel) * hop,
            begin=begin * hop,
            head=int(padding[0]) if phones.symbols[0] == "sil" and begin == 0 else 0,
            tail=int(padding[-1]) if phones.symbols[-1] == "sil" else 0,
            quiet=QUIET,
            words=word_frames.astype(np.float64) * FRAME_SECONDS,
            phones=tuple(phones.symbols),
            phone_times=np.stack((begins, ends), 1) * FRAME_SECONDS,
            log_f0=np.where(curves.voicing > 0, curves.log_f0, np.float32(np.nan)),
            frame_s=FRAME_SECONDS,
        )

    async def _parts(
        self, task: Task, curves: Curves, begin: int, plan: Plan, ahead: Ahead[slice, Filters]
    ) -> AsyncGenerator[Array, None]:
        """The sound from frame ``begin`` on, cut at the frames of the plan."""
        stages = task.stages
        with stages("dsp"):
            seed = zlib.crc32(task.sentence.text.encode("utf-8", "surrogatepass"))
            sound = ExcitationFilter(
                curves.log_f0, curves.voicing, seed, begin, colour_of(curves), self._workspace
            )  # fmt: skip
        hop = self._signal.hop_length
        rest, done = np.zeros(0, np.float32), begin * hop
        with closing(ahead):
            for edge, parts in plan.items():
                for _ in parts:
                    filters = await ahead.next()
                    # Models wait for what Python makes of their results: not for longer than a block takes.
                    for first in range(0, len(filters[0]), BLOCK):
                        await stages.breathe(TURNS if self._models.concurrent else 1)
                        with stages("dsp"):
                            sound.add(*(part[first : first + BLOCK] for part in filters))
                    # A stream that waits for its listener would hold them: 3 MB.
                    del filters
                with stages("dsp"):
                    samples = np.concatenate((rest, sound.take()))
                count = edge * hop - done
                rest, done = samples[count:].copy(), done + count
                yield samples[:count]

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

    async def _vocoder(self, mel: Array, curves: Curves, part: slice) -> Filters:
        """Filters of the frames ``part``: real and imaginary part for the pulses, magnitude for the noise.

        Returns: three of ``[B, bins]``. The model also sees `CONTEXT` frames on both sides, so that the parts join.
        """
        seen = slice(max(0, part.start - CONTEXT), min(len(mel), part.stop + CONTEXT))
        feeds = {
            "mel": batch(mel[seen], np.float32),
            "log_f0": batch(curves.log_f0[seen], np.float32),
            "voicing": batch(curves.voicing[seen], np.float32),
        }
        names = ("harmonic_re", "harmonic_im", "noise")
        outputs = await self._models.run(
            "vocoder", feeds, dict.fromkeys(names, (seen.stop - seen.start, self._signal.n_bins))
        )
        own = slice(part.start - seen.start, part.stop - seen.start)
        return outputs["harmonic_re"][own], outputs["harmonic_im"][own], outputs["noise"][own]


def _plan(begin: int, edges: Sequence[int], frames: int, most: int) -> Plan:
    """What the vocoder makes for the sound up to each of the frames ``edges``, ``most`` frames at once.

    A frame reaches into the samples of its neighbours: those before an edge need some frames behind it.
    """
    plan, start = {}, max(0, begin - REACH)
    for edge in edges:
        stop = min(edge + REACH, frames)
        plan[edge] = vocoder_parts(start, stop, most)
        start = stop
    return plan


def vocoder_parts(start: int, stop: int, most: int = MOST) -> list[slice]:
    """Equal parts of at most ``most`` frames, in order."""
    frames = stop - start
    count = -(-frames // most)
    edges = [start + frames * index // count for index in range(count + 1)]
    return [slice(first, last) for first, last in pairwise(edges)]
