"""Prometheus metrics of the server's own answers and of the speech that browsers report.

Every label takes its values from a closed list, so that no client can make new time series.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import ip_address, ip_network

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

METHODS = ("GET", "HEAD", "POST", "OPTIONS")
OTHER = "other"
# prometheus_client's own convention: where several processes leave their figures for whichever is asked.
MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"

REQUEST_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
SPEECH_SECONDS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 2, 3, 5, 10, 20, 30, 60, 120, 300)
BOOT_SECONDS = (0.1, 0.25, 0.5, 1, 2, 3, 5, 7.5, 10, 15, 20, 30, 60, 120)
REAL_TIME_FACTORS = (0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 2)
MEMORY_BYTES = tuple(megabytes * 1_000_000 for megabytes in (32, 48, 64, 80, 96, 112, 128, 160, 192, 256, 384, 512))


Series = tuple[Counter, Counter, Histogram, Counter | None]


class Metrics:
    """All metrics in a registry of their own. Seconds, bytes; a real-time factor is work time / speech time."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self.requests = Counter("http_requests_total", "Answers", ("method", "route", "status"), registry=registry)
        self.bytes = Counter("http_response_bytes_total", "Bytes of bodies sent", ("route",), registry=registry)
        self.seconds = Histogram(
            "http_request_duration_seconds",
            "From the request to the end of the answer",
            ("route",),
            buckets=REQUEST_SECONDS,
            registry=registry,
        )
        self.cache = Counter(
            "http_cache_total",
            "Files by where they came from; not_modified is the browser's",
            ("source",),
            registry=registry,
        )
        model = ("model",)
        self.stream = Histogram(
            "tts_stream_duration_seconds",
            "Of one speech stream, to its end (part=whole) and to its first chunk (part=first_chunk)",
            ("model", "part"),
            buckets=SPEECH_SECONDS,
            registry=registry,
        )
        self.streams = Counter("tts_streams_total", "Streams by outcome", ("model", "outcome"), registry=registry)
        self.chunks = Counter("tts_stream_chunks_total", "Chunks of speech", model, registry=registry)
        self.audio = Counter("tts_audio_seconds_total", "Seconds of speech made", model, registry=registry)
        self.underruns = Counter("tts_underruns_total", "Times that the player had to wait", model, registry=registry)
        self.errors = Counter("tts_error_total", "Errors by code", ("code", "model"), registry=registry)
        self.factor = Histogram(
            "tts_real_time_factor", "Work time / speech time", model, buckets=REAL_TIME_FACTORS, registry=registry
        )
        self.boot = Histogram(
            "tts_boot_seconds", "Start of the engine", ("visit",), buckets=BOOT_SECONDS, registry=registry
        )
        self.stage = Histogram(
            "tts_boot_stage_seconds", "Stages of the start", ("stage",), buckets=BOOT_SECONDS, registry=registry
        )
        self.boot_bytes = Counter(
            "tts_boot_bytes_total", "Bytes that the start took, by where they came from", ("source",), registry=registry
        )
        self.memory = Histogram(
            "tts_memory_bytes", "Memory of the page with its workers", buckets=MEMORY_BYTES, registry=registry
        )
        self.synthesis = Histogram(
            "synthesis_duration_seconds",
            "Of one speech stream of this server, to its end (part=whole) and to its first chunk (part=first_chunk)",
            ("model", "part"),
            buckets=SPEECH_SECONDS,
            registry=registry,
        )
        self.synthesis_streams = Counter(
            "synthesis_streams_total", "Streams of this server by outcome", ("model", "outcome"), registry=registry
        )
        self.synthesis_audio = Counter(
            "synthesis_audio_seconds_total", "Seconds of speech that this server made", model, registry=registry
        )
        self.synthesis_work = Counter(
            "synthesis_work_seconds_total", "Seconds that it worked for them", model, registry=registry
        )
        self.synthesis_errors = Counter("synthesis_error_total", "Errors of it by code", ("code",), registry=registry)
        self.reports = Counter("telemetry_reports_total", "Reports of browsers", ("result",), registry=registry)

        # Finding a series by its labels costs more than counting in it; the labels come from closed lists.
        self._answers = lru_cache(maxsize=1024)(self._series)

    def _series(self, method: str, route: str, status: int, source: str) -> Series:
        cache = self.cache.labels(source) if source else None
        requests = self.requests.labels(method, route, str(status))
        return requests, self.bytes.labels(route), self.seconds.labels(route), cache

    def answered(self, method: str, route: str, status: int, size: int, seconds: float, source: str) -> None:
        """size: bytes of the body; source: where a file came from, or nothing."""
        requests, sent, took, cache = self._answers(method, route, status, source)
        requests.inc()
        sent.inc(size)
        took.observe(seconds)
        if cache is not None:
            cache.inc()

    def text(self) -> bytes:
        if MULTIPROCESS not in os.environ:
            return generate_latest(self.registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)


class MetricsPage:
    """`/metrics` for clients of the given networks; for all others there is no such page."""

    def __init__(self, metrics: Metrics, networks: Sequence[str]) -> None:
        self.metrics = metrics
        self.networks = [ip_network(each, strict=False) for each in networks]

    async def serve(self, request: Request) -> Response:
        if not self.admits(request.client.host if request.client else ""):
            raise HTTPException(404)
        return Response(self.metrics.text(), media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})

    def admits(self, host: str) -> bool:
        try:
            address = ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self.networks)
