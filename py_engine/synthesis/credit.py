"""Whose voice a sound file speaks with, in the file itself: the INFO list of RIFF, which players and libraries show."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import BinaryIO

from .wav import stream_header

# The chunk "data", which is to come last where nobody knows its length, has a head of eight bytes.
DATA_HEAD = 8
RIFF_SIZE_AT = 4


def credit(manifest: Mapping[str, object]) -> str:
    """The licence and attribution of a parsed ``voice.json`` in one line; empty where it names no licence."""
    license_name, attribution = manifest.get("license"), manifest.get("attribution")
    if not license_name:
        return ""
    return f"Voice {manifest['id']}, {license_name}" + (f"; {attribution}" if attribution else "")


def info_list(copyright_line: str) -> bytes:
    """The chunk ``LIST`` with the field ICOP (Multimedia Programming Interface 1.0, 1991) in UTF-8, or nothing."""
    if not copyright_line:
        return b""
    content = b"INFO" + _chunk(b"ICOP", copyright_line.encode() + b"\0")
    return _chunk(b"LIST", content)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack("<4sI", name, len(content)) + content + b"\0" * (len(content) % 2)


def credited_header(sample_rate: int, copyright_line: str) -> bytes:
    """As `stream_header`, with the credit before the samples."""
    head = stream_header(sample_rate)
    return head[:-DATA_HEAD] + info_list(copyright_line) + head[-DATA_HEAD:]


def append_credit(file: BinaryIO, copyright_line: str) -> None:
    """Puts the credit behind the samples of a complete WAV file, which is open for writing."""
    size = file.seek(0, 2) - DATA_HEAD
    added = file.write(info_list(copyright_line))
    file.seek(RIFF_SIZE_AT)
    file.write(struct.pack("<I", size + added))
