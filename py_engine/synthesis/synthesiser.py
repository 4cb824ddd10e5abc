"""What every kind of voice offers: one utterance in, the times of its words and its sound, part by part, out."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator

    from numpy.typing import NDArray

    from py_engine.errors import Notice

    from .excitation import Array
    from .pack import Speaker
    from .parts import PartSizes
    from .sentence import Sentence
    from .values import Cancellation, Options


class Stages:
    """Seconds of work per stage of one utterance, and the turns of others between the stages.

    Where stages overlap, as they may where models run beside Python, each has its share of the time: the sum is never
    more than what a clock on the wall shows. ``clock``: common to the utterances of a stream.
    """

    def __init__(self, cancellation: Cancellation, clock: SharedClock | None = None) -> None:
        self.seconds: dict[str, float] = {}
        self._cancellation, self._clock = cancellation, clock or SharedClock()

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        counter = self._clock.begin()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + self._clock.end(counter)

    def following(self) -> Stages:
        """Of the next utterance."""
        return Stages(self._cancellation, self._clock)

    def taken(self) -> dict[str, float]:
        """The seconds so far; counting begins anew."""
        seconds, self.seconds = self.seconds, {}
        return seconds

    async def breathe(self, turns: int = 1) -> None:
        """Let other tasks run (a click on "stop" among them), for some turns of the event loop. Raises: Cancelled."""
        for _ in range(turns):
            await asyncio.sleep(0)
        self._cancellation.check()


class SharedClock:
    """Time, divided among those who work at once."""

    def __init__(self) -> None:
        self._open: list[list[float]] = []
        self._seen = 0.0

    def begin(self) -> list[float]:
        self._divide()
        counter = [0.0]
        self._open.append(counter)
        return counter

    def end(self, counter: list[float]) -> float:
        """Seconds since `begin`, of those shared with others its share."""
        self._divide()
        self._open = [other for other in self._open if other is not counter]
        return counter[0]

    def _divide(self) -> None:
        now = time.perf_counter()
        for counter in self._open:
            counter[0] += (now - self._seen) / len(self._open)
        self._seen = now


def _nothing() -> None: ...


@dataclass(frozen=True)
class Speech:
    """What is known of an utterance before it sounds, and its sound.

    ``parts`` float32 [n], not limited, at the voice's sample rate: samples ``begin`` to ``length`` of the utterance,
    one part after another, made as they are taken. ``head``, ``tail``: how many of the first samples after ``begin``
    and of the last may be cut where they are quiet, which is no more than ``quiet`` in amplitude. ``words`` float64
    [W, 2]: begin and end in seconds of the utterance, for each word of the sentence; ``estimated`` where the model did
    not state them. ``phones`` and ``phone_times`` [N, 2] likewise. ``log_f0`` ln Hz per frame of ``frame_s`` seconds,
    NaN where unvoiced. Phones and pitch are empty where the voice does not say. ``freed``: ends what
    was begun for parts that nobody takes.
    """

    parts: AsyncGenerator[Array, None]
    length: int
    head: int
    tail: int
    quiet: float
    words: NDArray[np.float64]
    begin: int = 0
    estimated: bool = False
    notices: tuple[Notice, ...] = ()
    phones: tuple[str, ...] = ()
    phone_times: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2)))
    log_f0: Array = field(default_factory=lambda: np.zeros(0, np.float32))
    frame_s: float = 0.0125
    freed: Callable[[], None] = _nothing

    def close(self) -> None:
        """No part was taken, and none is wanted. Harmless when called twice."""
        self.freed()

    async def aclose(self) -> None:
        """No further part is wanted. Harmless when called twice."""
        try:
            await self.parts.aclose()
        finally:
            self.freed()


@dataclass(frozen=True)
class Task:
    """One utterance to speak: from its word number ``word`` on, in parts of these ``sizes``."""

    sentence: Sentence
    speaker: Speaker
    options: Options
    stages: Stages
    sizes: PartSizes
    word: int = 0


class Synthesiser(Protocol):
    """One kind of voice, loaded."""

    async def speak(self, task: Task) -> Speech:
        """Speak one utterance, breathing between its stages. Raises, also while its parts are taken: RuntimeFailed,
        Cancelled."""
