"""Books that the tests open, and what judges the sound and the files that come out."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def assert_speech(samples: NDArray[np.float32], rate: int) -> None:
    assert 0.02 < float(np.sqrt(np.mean(samples**2))) < 0.4
    assert float(np.abs(samples).max()) < 1
    pitch = pitches(samples, rate)
    assert np.mean(np.isfinite(pitch)) > 0.35
    assert 150 < float(np.nanmedian(pitch)) < 350


def write_book(place: Path, chapters: dict[str, str]) -> None:
    root = '<rootfile full-path="book.opf" media-type="application/oebps-package+xml"/>'
    names = [f"{at}.xhtml" for at in range(len(chapters))]
    items = "".join(f'<item id="i{name}" href="{name}" media-type="application/xhtml+xml"/>' for name in names)
    spine = "".join(f'<itemref idref="i{name}"/>' for name in names)
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "META-INF/container.xml",
            '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
            f"<rootfiles>{root}</rootfiles></container>",
        )
        archive.writestr(
            "book.opf",
            '<package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
            '<metadata><title xmlns="http://purl.org/dc/elements/1.1/">山里的一天</title></metadata>'
            f"<manifest>{items}</manifest><spine>{spine}</spine></package>",
        )
        for name, (title, text) in zip(names, chapters.items(), strict=True):
            body = f"<body><h1>{title}</h1><p>{text}</p></body>"
            head = f"<head><title>{title}</title></head>"
            archive.writestr(name, f'<html xmlns="http://www.w3.org/1999/xhtml">{head}{body}</html>')


def block_times(data: bytes) -> list[int]:
    """Milliseconds at which the packets of a WebM file of the page's begin: sizes have eight bytes, a tick is one."""
    segment, cluster, clock, block = 0x18538067, 0x1F43B675, 0xE7, 0xA3
    times: list[int] = []
    at = base = 0
    while at < len(data):
        length = next(n for n in range(1, 5) if data[at] >> (8 - n))
        kind = int.from_bytes(data[at : at + length], "big")
        size = int.from_bytes(data[at + length + 1 : at + length + 8], "big")
        at += length + 8
        if kind in (segment, cluster):
            continue
        if kind == clock:
            base = int.from_bytes(data[at : at + size], "big")
        elif kind == block:
            times.append(base + int.from_bytes(data[at + 1 : at + 3], "big"))
        at += size
    return times


def level(samples: NDArray[np.float32]) -> float:
    """Root mean square of the louder frames of 40 ms: a gap of a machine that is busy changes little of it."""
    frames = samples[: len(samples) // 960 * 960].reshape(-1, 960)
    return float(np.percentile(np.sqrt(np.mean(frames**2, axis=1)), 80))


def pitches(samples: NDArray[np.float32], rate: int) -> NDArray[np.float64]:
    """Hz of each frame of 40 ms by its autocorrelation, NaN where it is not voiced."""
    frame = rate // 25
    lags = np.arange(rate // 500, rate // 60)
    out = []
    for start in range(0, len(samples) - frame, frame):
        own = samples[start : start + frame].astype(np.float64)
        if np.sqrt(np.mean(own**2)) < 0.005:
            out.append(np.nan)
            continue
        scores = np.array(
            [own[:-n] @ own[n:] / np.sqrt((own[:-n] @ own[:-n]) * (own[n:] @ own[n:]) + 1e-12) for n in lags]
        )
        best = int(np.argmax(scores > 0.9 * scores.max()))
        while best + 1 < len(scores) and scores[best + 1] > scores[best]:
            best += 1
        out.append(rate / lags[best] if scores.max() > 0.6 else np.nan)
    return np.array(out)
