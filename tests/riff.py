"""The chunks of a RIFF file or stream, read without the code that writes them."""

from __future__ import annotations

import struct

UNKNOWN = 0xFFFFFFFF


def chunks(data: bytes) -> list[tuple[str, bytes]]:
    """Name and content of each; one without a length lasts to the end."""
    riff, size, kind = struct.unpack("<4sI4s", data[:12])
    assert (riff, kind) == (b"RIFF", b"WAVE")
    assert size in (UNKNOWN, len(data) - 8)
    found, at = [], 12
    while at < len(data):
        name, length = struct.unpack("<4sI", data[at : at + 8])
        stop = len(data) if length == UNKNOWN else at + 8 + length
        found.append((name.decode(), data[at + 8 : stop]))
        at = stop + (stop - at) % 2
    return found


def copyright_of(data: bytes) -> str:
    """The field ICOP of the list INFO; empty where there is none."""
    content = dict(chunks(data)).get("LIST", b"")
    if not content:
        return ""
    kind, field, length = struct.unpack("<4s4sI", content[:12])
    assert (kind, field, content[12 + length - 1]) == (b"INFO", b"ICOP", 0)
    return content[12 : 12 + length - 1].decode()
