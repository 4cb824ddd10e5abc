"""How speech is sent while it is still being made: WAV, plain samples, or lines of JSON with timings."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from py_engine.synthesis.credit import credited_header
from py_engine.synthesis.values import Chunk, MarkTiming, WordTiming
from py_engine.synthesis.wav import pcm16


def samples(chunk: Chunk) -> bytes:
    return pcm16(chunk.samples)


def nothing(_sample_rate: int, _credit: str) -> bytes:
    return b""


# Decimals of a time: microseconds. What comes after is arithmetic.
DECIMALS = 6


def timed(one: WordTiming | MarkTiming) -> dict[str, Any]:
    fields = asdict(one)
    return {name: round(value, DECIMALS) if name.endswith("_s") else value for name, value in fields.items()}


def line(chunk: Chunk) -> bytes:
    """Spans in code points of the text, times in seconds from the chunk's first sample."""
    content = {
        "index": chunk.index,
        "start": chunk.start,
        "stop": chunk.stop,
        "sample_rate": chunk.sample_rate,
        "words": [timed(word) for word in chunk.words],
        "marks": [timed(mark) for mark in chunk.marks],
        "notices": [asdict(notice) for notice in chunk.notices],
        "emotion": asdict(chunk.emotion) if chunk.emotion else None,
        "last": chunk.last,
        "audio": base64.b64encode(samples(chunk)).decode("ascii"),
    }
    # Escaped: half a character, as JSON may bring it, has no bytes of its own.
    return json.dumps(content, separators=(",", ":")).encode("ascii") + b"\n"


@dataclass(frozen=True)
class Format:
    """`media_type` may hold the sample rate; `head`, which says it and whose voice it is, comes before the chunks."""

    media_type: str
    encode: Callable[[Chunk], bytes]
    head: Callable[[int, str], bytes] = nothing


FORMATS = {
    "wav": Format("audio/wav", samples, credited_header),
    "pcm": Format("audio/pcm; rate={rate}; channels=1; encoding=signed-int; bits=16; endian=little", samples),
    "ndjson": Format("application/x-ndjson", line),
}
