"""Brotli, Zstandard and gzip copies beside the files that gain by it, each content compressed once (kept by digest)."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import brotli
import zstandard

from scripts.paths import user_cache
from scripts.stamps import sha256

SUFFIXES = {"br": ".br", "zstd": ".zst", "gzip": ".gz"}
# Pictures are compressed already. The archives of Python are not: what their members share is found across them.
TEXT = {".html", ".js", ".mjs", ".css", ".json", ".webmanifest", ".svg", ".txt", ".md"}
COMPRESSIBLE = TEXT | {".wasm", ".onnx", ".bin", ".whl", ".zip"}
SMALLEST = 512
LARGE = 1 << 20
# A copy must be at least 5 % smaller than the file, or it is not worth a request header.
GAIN = 0.95
# The largest level costs a minute for each of the two WebAssembly engines and saves another eighth.
BEST, LARGE_LEVEL = 11, 9
# Browsers take Zstandard with windows up to 8 MB (RFC 9659).
ZSTD_LEVEL, ZSTD_WINDOW_LOG = 19, 23


def brotli_bytes(content: bytes, level: int) -> bytes:
    return bytes(brotli.compress(content, quality=level, lgwin=24))


def gzip_bytes(content: bytes, level: int) -> bytes:
    return gzip.compress(content, compresslevel=min(level, 9), mtime=0)


def zstd_bytes(content: bytes, _level: int) -> bytes:
    """The strongest level that keeps to the window; it costs seconds, not minutes, also for large files."""
    window = {"window_log": ZSTD_WINDOW_LOG} if len(content) > 1 << ZSTD_WINDOW_LOG else {}
    parameters = zstandard.ZstdCompressionParameters.from_level(ZSTD_LEVEL, source_size=len(content), **window)
    return zstandard.ZstdCompressor(compression_params=parameters).compress(content)


ENCODERS: dict[str, Callable[[bytes, int], bytes]] = {"br": brotli_bytes, "zstd": zstd_bytes, "gzip": gzip_bytes}


def level_for(size: int, best: bool) -> int:
    return BEST if best or size < LARGE else LARGE_LEVEL


def encode(file: Path, digest: str, encoding: str, best: bool) -> Path:
    """The compressed copy in the user's cache, made when it is not there yet."""
    content = file.read_bytes()
    level = level_for(len(content), best)
    place = user_cache() / "compressed" / digest[:2] / f"{digest}-{level}{SUFFIXES[encoding]}"
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        partial = place.with_name(f"{place.name}.{os.getpid()}")
        partial.write_bytes(ENCODERS[encoding](content, level))
        partial.replace(place)
    return place


def compress_one(file: Path, best: bool) -> None:
    digest, size = sha256(file), file.stat().st_size
    for encoding, suffix in SUFFIXES.items():
        place = encode(file, digest, encoding, best)
        if place.stat().st_size < size * GAIN:
            file.with_name(file.name + suffix).write_bytes(place.read_bytes())


def compress_all(folder: Path, best: bool = False) -> int:
    """Compresses every file below `folder` that may gain, the largest first; gives back how many were considered."""
    files = [file for file in folder.rglob("*") if file.suffix in COMPRESSIBLE and file.stat().st_size >= SMALLEST]
    files.sort(key=lambda file: file.stat().st_size, reverse=True)
    in_processes(files, best)
    return len(files)


def in_processes(files: Sequence[Path], best: bool) -> None:
    with ProcessPoolExecutor(max_workers=min(os.cpu_count() or 1, 8)) as pool:
        for job in [pool.submit(compress_one, file, best) for file in files]:
            job.result()
