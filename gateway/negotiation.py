"""What a request's headers ask for: encoding, validators, byte range. Pure functions, after RFC 9110."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

PREFERRED = ("br", "gzip")
RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class UnsatisfiableRange(Exception):
    """The range lies outside the content: status 416."""


@dataclass(frozen=True)
class ByteRange:
    """Half-open, as in Python; Content-Range counts the last byte in."""

    start: int
    stop: int


def qualities(header: str) -> dict[str, float]:
    """`gzip;q=0.5, br` as {"gzip": 0.5, "br": 1.0}. A weight that cannot be read counts as a refusal."""
    result: dict[str, float] = {}
    for part in header.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weights = [parameter.removeprefix("q=") for parameter in parameters if parameter.startswith("q=")]
        try:
            quality = float(weights[0]) if weights else 1.0
        except ValueError:
            quality = 0.0
        if name:
            result[name] = quality
    return result


def choose_encoding(header: str, available: Collection[str]) -> str | None:
    """The encoding with the highest weight, Brotli first among equals; None stands for the bytes as they are."""
    accepted = qualities(header)
    best, best_quality = None, 0.0
    for name in PREFERRED:
        quality = accepted.get(name, accepted.get("*", 0.0))
        if name in available and quality > best_quality:
            best, best_quality = name, quality
    return best if best_quality >= accepted.get("identity", 0.0) else None


def none_match(header: str, etag: str) -> bool:
    """Whether If-None-Match names this tag, so that 304 is the answer (weak comparison, section 13.1.2)."""
    tags = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return "*" in tags or etag in tags


def requested_range(header: str, size: int) -> ByteRange | None:
    """The single range asked for. Anything else (several ranges, other units) is None: the whole content."""
    found = RANGE.fullmatch(header.strip())
    if found is None or header.strip() == "bytes=-":
        return None
    first, last = found.groups()
    if not first:
        return suffix(int(last), size)
    start, stop = int(first), min(int(last) + 1, size) if last else size
    if last and int(last) < start:
        return None
    if start >= size:
        raise UnsatisfiableRange
    return ByteRange(start, stop)


def suffix(length: int, size: int) -> ByteRange:
    """`bytes=-500`: the last 500 bytes."""
    if length == 0 or size == 0:
        raise UnsatisfiableRange
    return ByteRange(max(size - length, 0), size)


def range_applies(if_range: str | None, etag: str) -> bool:
    """A range counts only while the content is still the one the client has a part of (strong comparison)."""
    return if_range is None or if_range.strip() == etag
