"""One row per synthesis: what was asked, what was measured."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from py_engine.emotion.values import EMOTIONS, NEUTRAL

SEMITONE = 12.0 / math.log(2.0)
INTENSITIES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2)
FULL = 1.0
EXPRESSED = tuple(name for name in EMOTIONS if name != NEUTRAL)


@dataclass(frozen=True)
class Measures:
    """``f0`` mean in Hz (of the logarithm); ``range`` 5th to 95th percentile, ``final`` last 0.2 s of voice against the
    mean, both semitones; ``rate`` syllables a second from the first to the last sound; ``energy`` dB of the voiced
    frames; ``tilt`` dB per octave of their spectrum; ``prominence`` dB of the cepstral peak, low in a breathy voice."""

    f0: float
    range: float
    final: float
    rate: float
    energy: float
    tilt: float
    prominence: float

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


NAMES = tuple(field.name for field in fields(Measures))


@dataclass(frozen=True)
class Row:
    """One synthesis. ``errors`` edits of the recogniser, ``quality`` of DNSMOS: of neutral and at full intensity.

    ``errors_register``: with the pitch heard relative to the register of the utterance, see `RegisterEar`; the samples
    are judged at the level of neutral speech, since DNSMOS takes loudness for quality."""

    sentence: int
    text: str
    emotion: str
    intensity: float
    syllables: int
    measures: dict[str, float]
    errors: int | None = None
    errors_toneless: int | None = None
    quality: float | None = None
    style: str | None = None
    errors_register: int | None = None


def save(rows: list[Row], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row.__dict__, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def load(paths: Iterable[Path]) -> list[Row]:
    """Rows of several runs, in the order of the sentences. What was measured again counts as the last file has it."""
    rows = {}
    for path in paths:
        for line in path.read_text("utf-8").splitlines():
            row = Row(**json.loads(line))
            rows[row.sentence, row.emotion, row.intensity, row.style or ""] = row
    return [rows[key] for key in sorted(rows)]
