"""`POST /api/telemetry`: what browsers report of their speech, as numbers and words from closed lists.

A report is `{"format": 1, "events": [...]}` with at most 100 events. An event has exactly the fields of its kind below;
a field or a word that is not listed refuses the whole report. So no text can come in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response

from gateway.api import CATALOGUE
from gateway.metrics import OTHER, Metrics
from gateway.refusal import refusal
from gateway.site import Site
from gateway.trace import TRACEPARENT
from gateway.tracing import Spans

FORMAT = 1
EVENTS = 100
STAGES = ("runtime", "packages", "engine", "voice", "warm")
OUTCOMES = ("finished", "stopped", "failed")
# The same as in web/src/errors.ts; a newer page's code counts as "other".
CODES = frozenset(
    """text.empty text.too_long markup.malformed markup.unknown markup.value lexicon.invalid voice.not_found
    voice.format voice.corrupt model.unknown model.missing model.corrupt style.invalid option.invalid
    language.unsupported runtime.failed cancelled file.missing file.corrupt network.failed page.insecure
    wasm.unsupported worker.lost audio.failed disposed""".split()
)
WORD_LENGTH = 64
HOUR = 3600.0
GIGABYTES = 1e11

Event = Mapping[str, Any]
Read = Callable[[object], object]


class InvalidReport(Exception):
    """The report is not one; the message names the field and what was expected, never what was sent."""


def number(largest: float) -> Read:
    def read(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= largest:
            raise InvalidReport(f"expected a number from 0 to {largest:g}")
        return float(value)

    return read


def count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100_000:
        raise InvalidReport("expected a whole number from 0 to 100000")
    return value


def word(value: object) -> str:
    """Looked up in a list afterwards, and never kept."""
    if not isinstance(value, str) or len(value) > WORD_LENGTH:
        raise InvalidReport(f"expected a name of at most {WORD_LENGTH} characters")
    return value


def one_of(words: Iterable[str]) -> Read:
    allowed = tuple(words)

    def read(value: object) -> str:
        if value not in allowed:
            raise InvalidReport(f"expected one of {', '.join(allowed)}")
        return value

    return read


def stages(value: object) -> dict[str, float]:
    if not isinstance(value, dict) or not set(value) <= set(STAGES):
        raise InvalidReport(f"expected seconds of {', '.join(STAGES)}")
    seconds = number(HOUR)
    return {name: cast(float, seconds(each)) for name, each in value.items()}


def trace_parent(value: object) -> str:
    """Ids of the page's own trace; they go to the spans and nowhere else."""
    if not isinstance(value, str) or not TRACEPARENT.fullmatch(value):
        raise InvalidReport("expected a traceparent")
    return value


SECONDS, BYTES = number(HOUR), number(GIGABYTES)
FIELDS: Mapping[str, Mapping[str, Read]] = {
    "boot": {"seconds": SECONDS, "stages": stages, "bytes": BYTES, "kept_bytes": BYTES, "trace": trace_parent},
    "stream": {
        "voice": word,
        "outcome": one_of(OUTCOMES),
        "seconds": SECONDS,
        "first_chunk_seconds": SECONDS,
        "audio_seconds": SECONDS,
        "work_seconds": SECONDS,
        "chunks": count,
        "underruns": count,
        "trace": trace_parent,
    },
    "error": {"code": word, "voice": word},
    "memory": {"bytes": BYTES},
}
# A stream that failed or was stopped before its first chunk has none; an engine that did not start has no voice.
OPTIONAL = {"first_chunk_seconds", "voice", "trace"}


def read_event(index: int, given: object) -> dict[str, Any]:
    where = f"events[{index}]"
    if not isinstance(given, dict):
        raise InvalidReport(f"{where}: expected an object")
    fields = FIELDS.get(given["kind"]) if isinstance(given.get("kind"), str) else None
    if fields is None:
        raise InvalidReport(f"{where}.kind: expected one of {', '.join(FIELDS)}")
    if set(given) - {"kind"} - set(fields):
        raise InvalidReport(f"{where}: expected only {', '.join(fields)}")
    event: dict[str, Any] = {"kind": given["kind"]}
    for name, read in fields.items():
        if name not in given:
            if name in OPTIONAL:
                continue
            raise InvalidReport(f"{where}.{name}: missing")
        try:
            event[name] = read(given[name])
        except InvalidReport as error:
            raise InvalidReport(f"{where}.{name}: {error}") from error
    return event


def read_report(body: bytes) -> list[dict[str, Any]]:
    """The events of a report. Raises `InvalidReport`."""
    try:
        report = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidReport("expected JSON") from error
    if not isinstance(report, dict) or set(report) != {"format", "events"} or report["format"] != FORMAT:
        raise InvalidReport(f"expected format {FORMAT} and events, nothing else")
    events = report["events"]
    if not isinstance(events, list) or not 0 < len(events) <= EVENTS:
        raise InvalidReport(f"expected 1 to {EVENTS} events")
    return [read_event(index, event) for index, event in enumerate(events)]


class Telemetry:
    def __init__(self, site: Site, metrics: Metrics, spans: Spans | None = None) -> None:
        self.site, self.metrics, self.spans = site, metrics, spans
        self._models: tuple[str, frozenset[str]] = ("", frozenset())

    async def receive(self, request: Request) -> Response:
        if not same_origin(request):
            self.metrics.reports.labels("refused").inc()
            return refusal(request.scope, 403, "Reports come from this site's own pages.")
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            self.metrics.reports.labels("refused").inc()
            return refusal(request.scope, 415, "A report is application/json.")
        try:
            events = read_report(await request.body())
        except InvalidReport as error:
            self.metrics.reports.labels("refused").inc()
            return refusal(request.scope, 400, f"{error}.")
        for event in events:
            self.note(event)
        self.metrics.reports.labels("taken").inc()
        return Response(status_code=204, headers={"Cache-Control": "no-store"})

    def model(self, voice: str) -> str:
        """The pack of a voice id, if the site has it."""
        version = self.site.version
        if self._models[0] != version:
            self._models = (version, self.packs())
        pack = voice.partition("/")[0]
        return pack if pack in self._models[1] else OTHER

    def packs(self) -> frozenset[str]:
        file = self.site.find(CATALOGUE)
        try:
            content = json.loads(file.place.read_text("utf-8")) if file else {}
            return frozenset(str(voice["id"]) for voice in content.get("voices", []))
        except (OSError, ValueError, KeyError):
            return frozenset()

    def note(self, event: Event) -> None:
        notes = {
            "boot": self.note_boot,
            "stream": self.note_stream,
            "error": self.note_error,
            "memory": self.note_memory,
        }
        notes[event["kind"]](event)
        if self.spans and "trace" in event:
            self.spans.page(event["trace"], event["kind"], event["seconds"], event.get("stages", {}))

    def note_boot(self, event: Event) -> None:
        visit = "again" if event["bytes"] and event["kept_bytes"] >= event["bytes"] else "first"
        self.metrics.boot.labels(visit).observe(event["seconds"])
        for stage, seconds in event["stages"].items():
            self.metrics.stage.labels(stage).observe(seconds)
        self.metrics.boot_bytes.labels("device").inc(event["kept_bytes"])
        self.metrics.boot_bytes.labels("network").inc(max(event["bytes"] - event["kept_bytes"], 0))

    def note_stream(self, event: Event) -> None:
        model = self.model(event.get("voice", ""))
        self.metrics.streams.labels(model, event["outcome"]).inc()
        self.metrics.stream.labels(model, "whole").observe(event["seconds"])
        if "first_chunk_seconds" in event:
            self.metrics.stream.labels(model, "first_chunk").observe(event["first_chunk_seconds"])
        self.metrics.chunks.labels(model).inc(event["chunks"])
        self.metrics.audio.labels(model).inc(event["audio_seconds"])
        self.metrics.underruns.labels(model).inc(event["underruns"])
        if event["audio_seconds"] > 0:
            self.metrics.factor.labels(model).observe(event["work_seconds"] / event["audio_seconds"])

    def note_error(self, event: Event) -> None:
        code = event["code"] if event["code"] in CODES else OTHER
        self.metrics.errors.labels(code, self.model(event.get("voice", ""))).inc()

    def note_memory(self, event: Event) -> None:
        self.metrics.memory.observe(event["bytes"])


def same_origin(request: Request) -> bool:
    """Browsers say where a request comes from; programs may leave it out."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is None or origin.partition("://")[2].lower() == request.headers.get("host", "").lower()
