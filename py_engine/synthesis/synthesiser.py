"""What every kind of voice offers: one utterance in, its sound and the times of its words out."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from py_engine.errors import Notice

    from .excitation import Array
    from .pack import Speaker
    from .sentence import Sentence
    from .values import Cancellation, Options


class Stages:
    """Seconds of work per stage of one utterance, and the turns of others between the stages."""

    def __init__(self, cancellation: Cancellation) -> None:
        self.seconds: dict[str, float] = {}
        self._cancellation = cancellation

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - began

    async def breathe(self) -> None:
        """Let other tasks run (a click on "stop" among them). Raises: Cancelled."""
        await asyncio.sleep(0)
        self._cancellation.check()


@dataclass(frozen=True)
class Speech:
    """What is known of an utterance once it sounds.

    ``samples`` float32 [n], not limited, at the voice's sample rate. ``head``, ``tail``: how many of the first and last
    samples may be cut where they are quiet. ``words`` float64 [W, 2]: begin and end in seconds from the first sample,
    for each word of the sentence; ``estimated`` where the model did not state them.
    """

    samples: Array
    head: int
    tail: int
    words: NDArray[np.float64]
    estimated: bool = False
    notices: tuple[Notice, ...] = ()


class Synthesiser(Protocol):
    """One kind of voice, loaded."""

    async def speak(self, sentence: Sentence, speaker: Speaker, options: Options, stages: Stages) -> Speech:
        """Speak one utterance, breathing between its stages. Raises: RuntimeFailed, Cancelled."""
