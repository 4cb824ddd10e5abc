"""The emotion model: a line and what was said before it to probabilities, valence and intensity."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from py_engine.errors import RuntimeFailed

from . import signs
from .features import Line, Vocabulary, assemble
from .values import EMOTIONS

if TYPE_CHECKING:
    from py_engine.runtime.base import Session

CACHED = 256
Context = Sequence[tuple[Line, bool]]


@dataclass(frozen=True)
class Estimate:
    """What the model thinks of a line alone: calibrated ``distribution`` over `EMOTIONS`, ``valence`` -1..1,
    ``intensity`` 0..1: as intense as one in ten emotional lines of the training sets is 1."""

    distribution: tuple[float, ...]
    valence: float
    intensity: float


class EmotionModel:
    """Holds the session of `emotion.onnx`, and the estimates of the last `CACHED` lines with their contexts.

    Inputs i64: ``symbols``, ``tones``, ``segments``, ``places`` [1, L], ``runs`` [1, R] (`features.Inputs`); outputs
    f32: ``distribution`` [1, E], ``valence``, ``intensity`` [1].
    """

    def __init__(self, manifest: Mapping[str, object], session: Session) -> None:
        symbols, buckets, emotions = (manifest.get(key) for key in ("symbols", "buckets", "emotions"))
        if not isinstance(symbols, str) or not isinstance(buckets, int) or emotions != list(EMOTIONS):
            raise RuntimeFailed(
                "emotion.json lacks symbols or buckets, or has other emotions than this engine.",
                "Load the model that belongs to this engine.",
            )
        self._vocabulary, self._buckets, self._session = Vocabulary(symbols), buckets, session
        self._known: OrderedDict[tuple[object, ...], Estimate] = OrderedDict()
        signs.prepare()

    async def estimate(self, line: Line, context: Context = ()) -> Estimate:
        """``context``: what was said before, the latest first, and whether by the same voice. Raises: RuntimeFailed."""
        key = (line, *context)
        found = self._known.get(key)
        if found is None:
            found = await self._run(line, context)
        self._known[key] = found
        self._known.move_to_end(key)
        if len(self._known) > CACHED:
            self._known.popitem(last=False)
        return found

    async def _run(self, line: Line, context: Context) -> Estimate:
        inputs = assemble(line, context, self._vocabulary, self._buckets)
        out = await self._session.run(
            {
                "symbols": inputs.symbols[None], "tones": inputs.tones[None], "segments": inputs.segments[None],
                "places": inputs.places[None], "runs": inputs.runs[None],
            }
        )  # fmt: skip
        weights = np.maximum(out["distribution"][0].astype(np.float64), 0.0)
        total = float(weights.sum())
        if not np.isfinite(total) or total <= 0:
            raise RuntimeFailed("the emotion model gave no probabilities.", "Load the model again.")
        valence, intensity = float(out["valence"].reshape(-1)[0]), float(out["intensity"].reshape(-1)[0])
        distribution = tuple(float(weight) for weight in weights / total)
        return Estimate(distribution, min(max(valence, -1.0), 1.0), min(max(intensity, 0.0), 1.0))

    def release(self) -> None:
        self._session.release()
