"""Spans carry the ids of the request's trace, to the collector and in the log."""

from __future__ import annotations

import json
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from gateway.metrics import Metrics
from gateway.observe import Observe
from gateway.tracing import ENDPOINTS, Spans, spans_if_asked
from tests.server.running import ask, first_line, run_server

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
EVENT = {
    "kind": "stream",
    "outcome": "finished",
    "seconds": 2.5,
    "audio_seconds": 10,
    "work_seconds": 0.4,
    "chunks": 3,
    "underruns": 0,
    "trace": f"00-{TRACE}-{SPAN}-01",
}


@contextmanager
def collector() -> Iterator[tuple[str, list[Any]]]:
    """What an OpenTelemetry collector takes over OTLP and HTTP: its address, and the spans that came."""
    spans: list[Any] = []

    class Collect(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = ExportTraceServiceRequest()
            request.ParseFromString(self.rfile.read(int(self.headers["content-length"])))
            for resource in request.resource_spans:
                for scope in resource.scope_spans:
                    spans.extend((span, resource.resource) for span in scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Collect) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", spans
        finally:
            server.shutdown()
            thread.join()


def test_one_trace_from_the_page_to_the_collector_and_the_log(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ("--port", "0", "--dist", str(site), "--telemetry", "--log-format", "json", "--log-requests")
    with collector() as (url, sent):
        monkeypatch.setenv(ENDPOINTS[0], url)
        with run_server(*arguments) as process:
            port = int(re.findall(r":([0-9]+)/", first_line(process))[0])
            ask(port, "/sw.js?text=secret", "GET", f"traceparent: 00-{TRACE}-{SPAN}-01")
            body = json.dumps({"format": 1, "events": [EVENT]})
            lines = (f"traceparent: 00-{TRACE}-{SPAN}-01", "Content-Type: application/json")
            answer = ask(port, "/api/telemetry", "POST", *lines, f"Content-Length: {len(body)}\r\n\r\n{body}")
            assert answer.status == 204
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=60)
    logged = [json.loads(line) for line in errors.splitlines()]
    assert {line["trace_id"] for line in logged} == {TRACE}
    assert {span.trace_id.hex() for span, _ in sent} == {TRACE}
    found = {span.name: span for span, _ in sent}
    assert set(found) == {"GET page", "POST api_telemetry", "page stream"}
    # The page's click is the parent of what the server did for it.
    assert found["page stream"].span_id.hex() == SPAN
    for name, route in (("GET page", "page"), ("POST api_telemetry", "api_telemetry")):
        assert found[name].parent_span_id.hex() == SPAN
        (line,) = [line for line in logged if line["route"] == route]
        assert line["span_id"] == found[name].span_id.hex()
        assert found[name].end_time_unix_nano >= found[name].start_time_unix_nano
    names = {attribute.key: attribute.value.string_value for attribute in sent[0][1].attributes}
    assert names["service.name"] == "qingsheng"
    assert "secret" not in str(sent)


def test_a_collector_that_is_away_holds_nobody_up(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with collector() as (url, _):
        pass
    monkeypatch.setenv(ENDPOINTS[0], url)
    with run_server("--port", "0", "--dist", str(site)) as process:
        port = int(re.findall(r":([0-9]+)/", first_line(process))[0])
        assert ask(port, "/sw.js").status == 200
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == -signal.SIGTERM


def test_spans_continue_the_callers_trace() -> None:
    exporter = InMemorySpanExporter()
    app = Observe(PlainTextResponse("ok"), Metrics(), Spans(SimpleSpanProcessor(exporter)))
    client = TestClient(app)
    client.get("/", headers={"traceparent": f"00-{TRACE}-{SPAN}-01"})
    client.get("/", headers={"traceparent": f"00-{TRACE}-{SPAN}-00"})
    client.get("/")
    spans: tuple[Any, ...] = exporter.get_finished_spans()
    first, last = spans
    assert (f"{first.context.trace_id:032x}", f"{first.parent.span_id:016x}") == (TRACE, SPAN)
    assert first.attributes["http.response.status_code"] == 200
    assert first.end_time >= first.start_time
    assert last.parent is None


def test_a_page_and_its_stages_are_spans_of_its_own_trace() -> None:
    exporter = InMemorySpanExporter()
    Spans(SimpleSpanProcessor(exporter)).page(f"00-{TRACE}-{SPAN}-01", "boot", 2.0, {"runtime": 1.5, "voice": 0.5})
    spans: tuple[Any, ...] = exporter.get_finished_spans()
    boot, runtime, voice = spans
    assert (f"{boot.context.trace_id:032x}", f"{boot.context.span_id:016x}") == (TRACE, SPAN)
    assert boot.end_time - boot.start_time == pytest.approx(2e9, rel=0.01)
    assert runtime.parent.span_id == voice.parent.span_id == boot.context.span_id
    assert (voice.start_time, voice.end_time - voice.start_time) == (runtime.end_time, 500_000_000)


def test_nothing_is_sent_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENDPOINTS:
        monkeypatch.delenv(name, raising=False)
    assert spans_if_asked() is None


def test_a_missing_extra_is_said_at_the_start(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "opentelemetry.py").write_text("raise ImportError('not installed')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv(ENDPOINTS[0], "http://localhost:4318")
    with run_server("--port", "0", "--dist", str(site)) as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "--extra otel" in errors
    assert "Traceback" not in errors
