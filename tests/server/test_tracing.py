"""Spans carry the ids of the request's trace. Runs where the extra `otel` is installed."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from gateway.metrics import Metrics
from gateway.observe import Observe
from gateway.tracing import ENDPOINTS, ExtraMissing, Spans, spans_if_asked
from tests.server.running import run_server

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def installed() -> bool:
    try:
        Spans(processor=object())
    except ExtraMissing:
        return False
    return True


def test_spans_continue_the_callers_trace() -> None:
    if not installed():
        pytest.skip("the extra otel is not installed")
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    app = Observe(PlainTextResponse("ok"), Metrics(), Spans(SimpleSpanProcessor(exporter)))
    client = TestClient(app)
    client.get("/", headers={"traceparent": f"00-{TRACE}-{SPAN}-01"})
    client.get("/", headers={"traceparent": f"00-{TRACE}-{SPAN}-00"})
    client.get("/")
    first, last = exporter.get_finished_spans()
    assert (f"{first.context.trace_id:032x}", f"{first.parent.span_id:016x}") == (TRACE, SPAN)
    assert first.attributes["http.response.status_code"] == 200
    assert first.end_time >= first.start_time
    assert last.parent is None


def test_a_page_and_its_stages_are_spans_of_its_own_trace() -> None:
    if not installed():
        pytest.skip("the extra otel is not installed")
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    Spans(SimpleSpanProcessor(exporter)).page(f"00-{TRACE}-{SPAN}-01", "boot", 2.0, {"runtime": 1.5, "voice": 0.5})
    boot, runtime, voice = exporter.get_finished_spans()
    assert (f"{boot.context.trace_id:032x}", f"{boot.context.span_id:016x}") == (TRACE, SPAN)
    assert boot.end_time - boot.start_time == pytest.approx(2e9, rel=0.01)
    assert runtime.parent.span_id == voice.parent.span_id == boot.context.span_id
    assert (voice.start_time, voice.end_time - voice.start_time) == (runtime.end_time, 500_000_000)


def test_nothing_is_sent_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENDPOINTS:
        monkeypatch.delenv(name, raising=False)
    assert spans_if_asked() is None


def test_a_missing_extra_is_said_at_the_start(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if installed():
        pytest.skip("the extra otel is installed")
    monkeypatch.setenv(ENDPOINTS[0], "http://localhost:4318")
    with run_server("--port", "0", "--dist", str(site)) as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "--extra otel" in errors
