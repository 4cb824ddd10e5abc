"""Metrics, reports of browsers, trace ids, the log; and that nobody can make them grow."""

from __future__ import annotations

import json
import logging
import re
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from gateway.logs import JsonFormatter, TextFormatter
from gateway.settings import Settings
from gateway.telemetry import CODES, STAGES, InvalidReport, read_report
from gateway.trace import read_traceparent
from server import create_app
from tests.server.running import ROOT, ask, first_line, run_server

LOCAL = ("127.0.0.1", 50000)
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
STREAM = {
    "kind": "stream",
    "voice": "li/anna",
    "outcome": "finished",
    "seconds": 2.5,
    "first_chunk_seconds": 0.14,
    "audio_seconds": 10,
    "work_seconds": 0.4,
    "chunks": 3,
    "underruns": 1,
}
BOOT = {"kind": "boot", "seconds": 7, "stages": {"runtime": 4, "voice": 0.5}, "bytes": 1000, "kept_bytes": 400}
ERROR = {"kind": "error", "code": "file.corrupt", "voice": "li"}
MEMORY = {"kind": "memory", "bytes": 70_000_000}


@pytest.fixture
def client(site: Path) -> TestClient:
    return TestClient(create_app(Settings(dist=site, telemetry=True)), client=LOCAL)


def samples(client: TestClient) -> dict[str, float]:
    found = {}
    for family in text_string_to_metric_families(client.get("/metrics").text):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}"] = sample.value
    return found


def report(client: TestClient, *events: Mapping[str, Any]) -> int:
    return client.post("/api/telemetry", json={"format": 1, "events": events}).status_code


def test_requests_bytes_and_caches_are_counted(client: TestClient) -> None:
    size = int(client.get("/sw.js", headers={"accept-encoding": "br"}).headers["content-length"])
    tag = client.head("/sw.js", headers={"accept-encoding": "br"}).headers["etag"]
    client.get("/sw.js", headers={"accept-encoding": "br", "if-none-match": tag})
    client.get("/sw.js", headers={"accept-encoding": "br"})
    client.get("/models/li/acoustic.onnx")
    client.get("/nothing/of/the/kind")
    client.request("BREW", "/sw.js")
    found = samples(client)
    assert found["http_requests_total{method=GET,route=page,status=200}"] == 2
    assert found["http_requests_total{method=HEAD,route=page,status=200}"] == 1
    assert found["http_requests_total{method=GET,route=page,status=304}"] == 1
    assert found["http_requests_total{method=GET,route=voice,status=200}"] == 1
    assert found["http_requests_total{method=GET,route=none,status=404}"] == 1
    assert found["http_requests_total{method=other,route=none,status=405}"] == 1
    assert found["http_response_bytes_total{route=page}"] == 2 * size
    assert found["http_cache_total{source=memory}"] == 1
    assert found["http_cache_total{source=not_modified}"] == 1
    assert found["http_request_duration_seconds_count{route=page}"] == 4


@pytest.mark.parametrize("client_host", ["192.0.2.1", "not an address", "2001:db8::1"])
def test_metrics_are_for_the_networks_named_only(site: Path, client_host: str) -> None:
    client = TestClient(create_app(Settings(dist=site)), client=(client_host, 1))
    assert client.get("/metrics").status_code == 404
    wide = Settings(dist=site, metrics_from=("192.0.2.0/24", "2001:db8::/32"))
    expected = 404 if " " in client_host else 200
    assert TestClient(create_app(wide), client=(client_host, 1)).get("/metrics").status_code == expected


def test_reports_become_metrics(client: TestClient) -> None:
    assert report(client, STREAM, BOOT, ERROR, MEMORY) == 204
    again = {**BOOT, "kept_bytes": 1000}
    failed = {name: value for name, value in STREAM.items() if name not in {"voice", "first_chunk_seconds"}}
    assert report(client, again, {**failed, "outcome": "failed", "audio_seconds": 0}) == 204
    found = samples(client)
    assert found["tts_stream_duration_seconds_sum{model=li,part=whole}"] == 2.5
    assert found["tts_stream_duration_seconds_sum{model=li,part=first_chunk}"] == 0.14
    assert found["tts_stream_duration_seconds_count{model=other,part=whole}"] == 1
    assert "tts_stream_duration_seconds_count{model=other,part=first_chunk}" not in found
    assert found["tts_stream_chunks_total{model=li}"] == 3
    assert found["tts_error_total{code=file.corrupt,model=li}"] == 1
    assert found["tts_real_time_factor_sum{model=li}"] == pytest.approx(0.04)
    assert found["tts_boot_stage_seconds_sum{stage=runtime}"] == 8
    assert found["tts_boot_seconds_count{visit=first}"] == found["tts_boot_seconds_count{visit=again}"] == 1
    assert found["tts_boot_bytes_total{source=device}"] == 1400
    assert found["tts_boot_bytes_total{source=network}"] == 600
    assert found["tts_memory_bytes_bucket{le=8e+07}"] == 1
    assert found["telemetry_reports_total{result=taken}"] == 2


def test_the_codes_are_those_of_the_client() -> None:
    listed = (ROOT / "web" / "src" / "errors.ts").read_text("utf-8").partition("ERROR_CODES = [")[2].partition("]")[0]
    assert set(re.findall(r'"([a-z_.]+)"', listed)) == CODES
    stages = (ROOT / "web" / "src" / "protocol.ts").read_text("utf-8").partition("BOOT_STAGES = [")[2].partition("]")[0]
    assert tuple(re.findall(r'"([a-z]+)"', stages)) == STAGES


def test_a_trace_may_come_with_an_event(client: TestClient) -> None:
    assert (
        report(client, {**STREAM, "trace": f"00-{TRACE}-{SPAN}-01"}, {**BOOT, "trace": f"00-{TRACE}-{SPAN}-00"}) == 204
    )
    for wrong in ("text", f"00-{'0' * 32}-{SPAN}-01", 5, f"00-{TRACE}-{SPAN}-01 "):
        assert report(client, {**STREAM, "trace": wrong}) == 400


def test_unknown_words_make_no_new_series(client: TestClient) -> None:
    for index in range(20):
        error = {**ERROR, "code": f"code.{index}", "voice": f"x{index}/y"}
        assert report(client, {**STREAM, "voice": f"voice{index}"}, error) == 204
        client.get(f"/missing/{index}")
        client.request(f"METHOD{index}", f"/missing/{index}")
    text = client.get("/metrics").text
    assert "voice1" not in text
    assert "code.1" not in text
    assert "METHOD" not in text
    assert "missing" not in text
    assert samples(client)["tts_error_total{code=other,model=other}"] == 20


WRONG = [
    {**STREAM, "text": "你好"},
    {**STREAM, "voice": "你" * 65},
    {**STREAM, "outcome": "你好"},
    {**STREAM, "seconds": -1},
    {**STREAM, "seconds": 1e9},
    {**STREAM, "seconds": "2"},
    {**STREAM, "seconds": True},
    {**STREAM, "chunks": 1.5},
    {**STREAM, "chunks": 10**9},
    {**BOOT, "stages": {"你好": 1}},
    {**BOOT, "stages": {"runtime": {}}},
    {**BOOT, "stages": []},
    {"kind": "error"},
    {"kind": "secret"},
    {"kind": ["stream"]},
    [],
    None,
]


@pytest.mark.parametrize("event", WRONG)
def test_events_that_are_none_refuse_the_report(client: TestClient, event: Any) -> None:  # noqa: ANN401
    response = client.post("/api/telemetry", json={"format": 1, "events": [MEMORY, event]})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "api.bad_request")
    assert "你" not in response.text
    assert samples(client)["tts_memory_bytes_count{}"] == 0


BODIES = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"\xff\xfe",
    b"[" * 50_000,
    b'{"format": 2, "events": []}',
    b'{"format": 1, "events": []}',
    b'{"format": 1, "events": {}}',
    b'{"format": 1, "events": [{"kind": "memory", "bytes": NaN}]}',
    b'{"format": 1, "events": [{"kind": "memory", "bytes": Infinity}]}',
    b'{"format": 1, "events": [{"kind": "memory", "bytes": ' + b"9" * 6000 + b"}]}",
    json.dumps({"format": 1, "events": [MEMORY] * 101}).encode(),
    json.dumps({"format": 1, "events": [MEMORY], "page": "x"}).encode(),
]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_bodies_that_are_no_report(client: TestClient, body: bytes) -> None:
    with pytest.raises(InvalidReport):
        read_report(body)
    response = client.post("/api/telemetry", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 400


def test_reports_come_from_the_site_itself(client: TestClient) -> None:
    body = {"format": 1, "events": [MEMORY]}

    def status(**headers: str) -> int:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.post("/api/telemetry", json=body, headers=named).status_code

    assert status(sec_fetch_site="same-origin") == 204
    assert status(origin="http://testserver") == 204
    assert status(sec_fetch_site="cross-site") == 403
    assert status(sec_fetch_site="same-site") == 403
    assert status(origin="https://example.org") == 403
    assert status(origin="null") == 403
    assert status(content_type="text/plain") == 415
    assert client.get("/api/telemetry").status_code == 405


def test_reports_are_limited_in_size_and_number(client: TestClient) -> None:
    large = json.dumps({"format": 1, "events": [MEMORY] * 3000})
    assert client.post("/api/telemetry", content=large).status_code == 413
    statuses = [report(client, MEMORY) for _ in range(40)]
    assert statuses[:20] == [204] * 20
    assert 429 in statuses
    assert client.get("/sw.js").status_code == 200


def test_without_the_option_nothing_is_asked_for_or_taken(site: Path, client: TestClient) -> None:
    silent = TestClient(create_app(Settings(dist=site)))
    assert "qingsheng-telemetry" not in silent.get("/build.json").headers
    assert report(silent, MEMORY) == 404
    assert client.get("/build.json").headers["qingsheng-telemetry"] == "api/telemetry"
    assert "qingsheng-telemetry" not in client.get("/sw.js").headers


def test_codes_and_stages_are_those_of_the_page() -> None:
    def listed(file: str, name: str) -> set[str]:
        source = (ROOT / "web" / "src" / file).read_text("utf-8")
        found = re.search(rf"const {name} = \[(.*?)\]", source, re.DOTALL)
        assert found
        return set(re.findall(r'"([^"]+)"', found.group(1)))

    assert listed("errors.ts", "ERROR_CODES") == CODES
    assert listed("protocol.ts", "BOOT_STAGES") == set(STAGES)


@pytest.mark.parametrize(
    ("header", "followed"),
    [
        (f"00-{TRACE}-{SPAN}-01", True),
        (f"01-{TRACE}-{SPAN}-01-more", True),
        (f"00-{TRACE}-{SPAN}-01-more", False),
        (f"ff-{TRACE}-{SPAN}-01", False),
        (f"00-{'0' * 32}-{SPAN}-01", False),
        (f"00-{TRACE}-{'0' * 16}-01", False),
        (f"00-{TRACE.upper()}-{SPAN}-01", False),
        ("nonsense", False),
        (None, False),
    ],
)
def test_trace_context(header: str | None, followed: bool) -> None:
    trace = read_traceparent(header)
    assert (trace.trace_id == TRACE, trace.parent_id == SPAN) == (followed, followed)
    assert re.fullmatch("[0-9a-f]{32}", trace.trace_id)
    assert re.fullmatch("[0-9a-f]{16}", trace.span_id)
    assert trace.span_id != SPAN


def test_log_lines_are_json_with_the_trace_id(site: Path) -> None:
    arguments = ("--port", "0", "--dist", str(site), "--log-format", "json", "--log-requests")
    with run_server(*arguments) as process:
        port = int(re.findall(r":([0-9]+)/", first_line(process))[0])
        ask(port, "/sw.js?text=secret", "GET", f"traceparent: 00-{TRACE}-{SPAN}-01")
        (site / "models" / "catalog.json").write_text("broken")
        ask(port, "/api/voices", "GET", f"traceparent: 00-{TRACE}-{SPAN}-01")
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    lines = [json.loads(line) for line in errors.splitlines()]
    assert {line["trace_id"] for line in lines} == {TRACE}
    requests = [line for line in lines if line["logger"] == "qingsheng.request"]
    assert [(line["status"], line["path"], line["route"]) for line in requests] == [
        (200, "/sw.js", "page"),
        (500, "/api/voices", "api_voices"),
    ]
    assert any("JSONDecodeError" in line.get("exception", "") for line in lines)
    assert "secret" not in errors
    assert "127.0.0.1" not in errors


def test_a_line_break_in_a_path_stays_in_its_line() -> None:
    record = logging.LogRecord("qingsheng.request", logging.INFO, "", 0, "request", (), None)
    record.fields = {"path": "/a\n{}\r\x1b[2J\u2028 status=200"}
    assert "\n" not in JsonFormatter().format(record)
    text = TextFormatter().format(record)
    assert all(char.isprintable() for char in text)
    assert text.endswith(r"path=/a\n{}\r\x1b[2J\u2028\x20status=200")


def test_several_workers_give_one_account(site: Path) -> None:
    with run_server("--port", "0", "--dist", str(site), "--workers", "2") as process:
        port = int(re.findall(r":([0-9]+)/", first_line(process))[0])
        for _ in range(12):
            assert ask(port, "/sw.js").status == 200
        metrics = ask(port, "/metrics").body.decode()
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
    found = re.search(r'http_requests_total\{method="GET",route="page",status="200"\} ([0-9.]+)', metrics)
    assert found
    assert float(found.group(1)) == 12
