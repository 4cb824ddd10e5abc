"""Samples as 16-bit PCM, and the head of a WAV stream whose length nobody knows yet."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .excitation import Array

# What a stream without a length says instead; readers of streams take it for "to the end".
UNKNOWN = 0xFFFFFFFF


def pcm16(samples: Array) -> bytes:
    """Float samples of -1..1 as signed 16-bit little-endian integers."""
    return np.rint(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()


def stream_header(sample_rate: int) -> bytes:
    """The RIFF header, 44 bytes, of 16-bit mono at ``sample_rate`` Hz (Multimedia Programming Interface 1.0, 1991)."""
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, sample_rate, 2 * sample_rate, 2, 16)
    return struct.pack("<4sI4s", b"RIFF", UNKNOWN, b"WAVE") + form + struct.pack("<4sI", b"data", UNKNOWN)
