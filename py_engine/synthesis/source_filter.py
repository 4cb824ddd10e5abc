"""Voices of our own: a prosody model and a decoder from phones to filters, with the shapes of docs/architecture.md."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from py_engine.prosody.curves import FRAME_SECONDS, Curves, ProsodyOutput, SpeakerScale, make_curves

from .ahead import TURNS, Ahead
from .colour import colour_of
from .excitation import BLOCK, REACH, Array, ExcitationFilter, Signal, Workspace
from .level import QUIET
from .models import batch
from .synthesiser import Speech

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from py_engine.text import PhoneSequence

    from .models import ModelRelay, Models
    from .pack import Speaker, Streaming
    from .synthesiser import Task

# Frames that a run of the decoder gives at most, but for the last one: they take 3.9 KB each. Where models run beside
# Python neither is to wait long for the other to be done with a run.
ALONE, BESIDE = 256, 128
# Frames that a run takes in are a multiple of it, but for the last run: the runtime works on some values at once and on
# what is left over one by one, with slightly different results, and cuts are to change nothing.
GROUP = 16

# Real and imaginary part for the pulses, magnitude for the noise.
Filters = tuple[Array, Array, Array]


@dataclass(frozen=True)
class Run:
    """One run of the decoder: the frames that it takes in, those that it gives, and how many of them nobody wants."""

    takes: slice
    gives: slice
    skip: int = 0


# By the frame up to which a part of the sound reaches: the runs that it needs beside those before.
Plan = dict[int, list[Run]]


class SourceFilter:
    """A `Synthesiser` that follows explicit durations and F0."""

    def __init__(self, models: Models, positions: int, signal: Signal, streaming: Streaming) -> None:
        self._models, self._positions, self._signal, self._streaming = models, positions, signal, streaming
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
        ends = np.cumsum(curves.durations)
        begins = ends - curves.durations
        spans = [(begins[word.first_phone], ends[word.stop_phone - 1]) for word in sentence.words]
        word_frames = np.array(spans, np.intp).reshape(-1, 2)
        begin, frames = int(word_frames[task.word, 0]) if task.word else 0, int(ends[-1])
        edges = task.sizes.cut(begin, frames, word_frames[:, 0])
        most = BESIDE if self._models.concurrent else ALONE
        plan = plan_runs(begin, edges, frames, self._streaming.lookahead, most)
        relay = self._models.relay("decoder", {"state": np.zeros((1, 1, self._streaming.state), np.float32)})

        async def filters(run: Run) -> Filters:
            with stages("decoder"):
                return await self._decoder(relay, phones, curves, speaker, run)

        ahead = Ahead(filters, [run for runs in plan.values() for run in runs], self._models.concurrent)

        def free() -> None:
            ahead.close()
            relay.close()

        hop = self._signal.hop_length
        padding = curves.durations * hop
        return Speech(
            parts=self._parts(task, curves, begin, plan, ahead),
            length=frames * hop,
            begin=begin * hop,
            head=int(padding[0]) if phones.symbols[0] == "sil" and begin == 0 else 0,
            tail=int(padding[-1]) if phones.symbols[-1] == "sil" else 0,
            quiet=QUIET,
            words=word_frames.astype(np.float64) * FRAME_SECONDS,
            phones=tuple(phones.symbols),
            phone_times=np.stack((begins, ends), 1) * FRAME_SECONDS,
            log_f0=np.where(curves.voicing > 0, curves.log_f0, np.float32(np.nan)),
            frame_s=FRAME_SECONDS,
            freed=free,
        )

    async def _parts(
        self, task: Task, curves: Curves, begin: int, plan: Plan, ahead: Ahead[Run, Filters]
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
        for edge, runs in plan.items():
            for _ in runs:
                filters = await ahead.next()
                # Models wait for what Python makes of their results: not for longer than a block takes.
                for first in range(0, len(filters[0]), BLOCK):
                    await stages.breathe(TURNS if self._models.concurrent else 1)
                    with stages("dsp"):
                        sound.add(*(part[first : first + BLOCK] for part in filters))
                # A stream that waits for its listener would hold them: 1 MB.
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

    async def _decoder(
        self, relay: ModelRelay, phones: PhoneSequence, curves: Curves, speaker: Speaker, run: Run
    ) -> Filters:
        """Filters of the frames that the run gives and somebody wants, three of ``[B, bins]``: real and imaginary part
        for the pulses, magnitude for the noise."""
        own = curves.frame_phone[run.takes]
        first, last = own[[0, -1]] + (-self._streaming.phones, self._streaming.phones + 1)
        seen = slice(max(0, first), last)
        feeds = {
            "phones": batch(phones.phones[seen], np.int64),
            "tones": batch(phones.tones[seen], np.int64),
            "frame_phone": batch(own - seen.start, np.int64),
            "frame_position": batch(curves.frame_position[run.takes], np.float32),
            "log_f0": batch(curves.log_f0[run.takes], np.float32),
            "voicing": batch(curves.voicing[run.takes], np.float32),
            "energy": batch(curves.energy[run.takes], np.float32),
            "speaker": np.array([speaker.index], np.int64),
            "end": np.array([run.takes.stop == len(curves.log_f0)], np.int64),
        }
        shape = (run.gives.stop - run.gives.start, self._signal.n_bins)
        outputs = await relay.run(feeds, dict.fromkeys(("harmonic_re", "harmonic_im", "noise"), shape))
        re, im, noise = (output[run.skip :] for output in outputs.values())
        return re, im, noise


def plan_runs(begin: int, edges: Sequence[int], frames: int, lookahead: int, most: int) -> Plan:
    """What the decoder makes for the sound from frame ``begin`` up to each of ``edges``, of ``frames`` in all, about
    ``most`` in a run.

    A frame reaches into the samples of its neighbours: those before an edge need some frames behind it. A run that is
    given the last frame gives all that are left.
    """
    heard = max(0, begin - REACH)
    # What comes out first has not seen what is before it.
    taken = given = first = max(0, heard - lookahead)
    plan: Plan = {}
    for edge in edges:
        start, stop, runs = max(heard, given), min(edge + REACH, frames), []
        count = -(-(stop - start) // most)
        for index in range(count):
            wanted = start + (stop - start) * (index + 1) // count + lookahead - first
            takes = min(first + -(-wanted // GROUP) * GROUP, frames)
            gives = frames if takes == frames else takes - lookahead
            if gives > given:
                runs.append(Run(slice(taken, takes), slice(given, gives), max(0, heard - given)))
                taken, given = takes, gives
        plan[edge] = runs
    return plan
