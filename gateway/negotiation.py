"""What a request's headers ask for: encoding, validators, byte range. Pure functions, after RFC 9110."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

# Twenty digits hold any size there is; longer numbers are not worth reading.
RANGE = re.compile(r"bytes=([0-9]{0,20})-([0-9]{0,20})")
WEIGHT = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")


class UnsatisfiableRange(Exception):
    """The range lies outside the content: status 416."""


@dataclass(frozen=True)
class ByteRange:
    """Half-open, as in Python; Content-Range counts the last byte in."""

    start: int
    stop: int


def quality(parameters: list[str]) -> float:
    weights = [parameter for parameter in parameters if parameter.startswith("q=")]
    if not weights:
        return 1.0
    found = WEIGHT.fullmatch(weights[0])
    return float(found.group(1)) if found else 0.0


def qualities(header: str) -> dict[str, float]:
    """`gzip;q=0.5, br` as {"gzip": 0.5, "br": 1.0}. A weight that cannot be read counts as a refusal."""
    result: dict[str, float] = {}
    for part in header.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if name:
            result[name] = quality(parameters)
    return result


def choose_encoding(header: str, sizes: Mapping[str, int]) -> str | None:
    """The encoding with the highest weight, the smallest copy among equals; None stands for the bytes as they are."""
    accepted = qualities(header)
    weights = {name: accepted.get(name, accepted.get("*", 0.0)) for name in sizes}
    best = max(sizes, key=lambda name: (weights[name], -sizes[name]), default=None)
    return best if best and 0 < weights[best] >= accepted.get("identity", 0.0) else None


def accepts(header: str, encoding: str) -> bool:
    accepted = qualities(header)
    return accepted.get(encoding, accepted.get("*", 0.0)) > 0


def entity_tags(header: str) -> list[str]:
    """Our own tags hold no comma, so that nothing more than splitting is needed to find them."""
    return [tag.strip() for tag in header.split(",") if tag.strip()]


def none_match(header: str, etag: str) -> bool:
    """Whether If-None-Match names this tag, so that 304 is the answer (weak comparison, section 13.1.2)."""
    tags = [tag.removeprefix("W/") for tag in entity_tags(header)]
    return "*" in tags or etag in tags


def match(header: str | None, etags: Collection[str]) -> bool:
    """Whether If-Match holds: it is absent, or names one of the content's tags (strong comparison, section 13.1.1)."""
    if header is None:
        return True
    tags = entity_tags(header)
    return "*" in tags or not set(tags).isdisjoint(etags)


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
