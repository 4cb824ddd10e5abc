"""Rates, bodies, slow clients, the end of the server, several processes, TLS, settings."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from gateway.limits import BodyLimit, TokenBuckets, allows, client_key, host_name
from gateway.settings import Settings, read_settings
from server import create_app
from tests.server.running import ROOT, ask, connect, first_line, parse, receive_all, run_server, serving


def test_buckets_refill_and_forget_the_clients_seen_first() -> None:
    now = 0.0
    buckets = TokenBuckets(rate=2, burst=3, capacity=2, clock=lambda: now)
    assert [buckets.wait("a") for _ in range(4)] == [0, 0, 0, 0.5]
    now = 0.5
    assert [buckets.wait("a"), buckets.wait("a")] == [0, 0.5]
    now = 100.0
    assert [buckets.wait("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert [buckets.wait(each) for each in "bc"] == [0, 0]
    assert buckets.wait("a") == 0


def test_clients_of_one_ipv6_network_are_one() -> None:
    keys = [client_key({"client": (address, 1)}) for address in ("2001:db8::1", "2001:db8::ffff", "192.0.2.1", "x")]
    assert keys == ["2001:db8::/64", "2001:db8::/64", "192.0.2.1", "x"]
    assert client_key({"client": None}) == ""


def test_rate(site: Path) -> None:
    client = TestClient(create_app(Settings(dist=site, rate=0.1)))
    assert client.get("/sw.js").status_code == 200
    refused = client.get("/api/voices")
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "api.too_many_requests")
    assert 1 <= int(refused.headers["retry-after"]) <= 10
    assert "content-security-policy" in refused.headers
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Example.org:80", "example.org"),
        ("[::1]:8080", "[::1]"),
        ("127.0.0.1", "127.0.0.1"),
        ("a@b", None),
        ("[::1", None),
        ("", None),
        ("a:b", None),
    ],
)
def test_host_names(header: str, name: str | None) -> None:
    assert host_name(header) == name


def test_host_patterns() -> None:
    assert allows("*.example.org", "a.example.org")
    assert not allows("*.example.org", "example.org")
    assert not allows("*.example.org", "badexample.org")
    assert allows("Example.org", "example.org")


def test_chunked_bodies_are_counted() -> None:
    """Whoever reads a body reads no more than the limit, also where no length was given."""
    read = bytearray()

    async def receive() -> Message:
        read.extend(b"x" * 1000)
        return {"type": "http.request", "body": b"x" * 1000, "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    async def reader(_scope: Scope, receive: Receive, _send: Send) -> None:
        while True:
            await receive()

    sent: list[Message] = []
    scope = {"type": "http", "method": "POST", "path": "/api/telemetry", "headers": []}
    asyncio.run(BodyLimit(reader, 4500)(scope, receive, send))
    assert sent[0]["status"] == 413
    assert len(read) == 5000


def test_options_before_environment_before_defaults() -> None:
    environment = {"QINGSHENG_PORT": "1", "QINGSHENG_WORKERS": "3", "QINGSHENG_ALLOWED_HOST": "a, b"}
    settings = read_settings(["--port", "2", "--no-isolation", "--trusted-proxy", "10.0.0.1/8"], environment)
    assert (settings.port, settings.workers, settings.isolation) == (2, 3, False)
    assert (settings.allowed_host, settings.trusted_proxy) == (("a", "b"), ("10.0.0.0/8",))
    assert settings.memory == Settings().memory
    assert read_settings([], {"QINGSHENG_ISOLATION": "0", "QINGSHENG_TLS_KEY": ""}).isolation is False


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (["--workers", "0"], {}),
        (["--rate", "nan"], {}),
        (["--trusted-proxy", "nobody"], {}),
        (["--tls-key", "key.pem"], {}),
        ([], {"QINGSHENG_PORT": "http"}),
        ([], {"QINGSHENG_ISOLATION": "perhaps"}),
    ],
)
def test_settings_that_make_no_sense_are_refused(arguments: list[str], environment: dict[str, str]) -> None:
    with pytest.raises(SystemExit):
        read_settings(arguments, environment)


@pytest.fixture
def large(site: Path) -> bytes:
    """A file of the site that no socket takes at once."""
    content = bytes(range(256)) * (1 << 16)
    (site / "large.bin").write_bytes(content)
    manifest = json.loads((site / "build.json").read_text())
    manifest["files"].append({"path": "large.bin", "bytes": len(content), "sha256": "0" * 64, "group": "page"})
    (site / "build.json").write_text(json.dumps(manifest))
    return content


def begin_download(port: int) -> socket.socket:
    connection = connect(port)
    connection.sendall(b"GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return connection


def test_an_answer_that_is_not_taken_is_given_up(site: Path, large: bytes) -> None:
    with serving("--dist", str(site), "--stall-seconds", "0.5") as port, begin_download(port) as connection:
        first = connection.recv(100)
        time.sleep(2)
        assert len(first + receive_all(connection)) < len(large)


def test_a_stopped_server_finishes_what_it_is_sending(site: Path, large: bytes) -> None:
    with run_server("--port", "0", "--dist", str(site), "--grace-seconds", "60") as process:
        port = int(re.findall(r":([0-9]+)/", first_line(process))[0])
        with begin_download(port) as connection:
            begun = connection.recv(100)
            process.send_signal(signal.SIGTERM)
            for _ in range(100):
                try:
                    connect(port).close()
                    time.sleep(0.1)
                except ConnectionRefusedError:
                    break
            else:
                pytest.fail("The stopped server still takes connections.")
            assert parse(begun + receive_all(connection)).body == large
        process.wait(timeout=60)


@pytest.mark.usefixtures("large")
def test_a_stopped_server_does_not_wait_for_ever(site: Path) -> None:
    arguments = ("--port", "0", "--dist", str(site), "--grace-seconds", "1")
    with run_server(*arguments) as process:
        port = int(re.findall(r":([0-9]+)/", first_line(process))[0])
        with begin_download(port) as connection:
            connection.recv(100)
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


def children(pid: int) -> set[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {int(each) for each in found if "spawn_main" in Path(f"/proc/{each}/cmdline").read_text()}


def test_several_workers_serve_and_are_replaced(site: Path) -> None:
    with run_server("--port", "0", "--dist", str(site), "--workers", "2") as process:
        port = int(re.findall(r":([0-9]+)/", first_line(process))[0])
        assert ask(port, "/healthz").status == 200
        before = children(process.pid)
        assert len(before) == 2
        lost = min(before)
        subprocess.run(["kill", "-KILL", str(lost)], check=True)
        deadline = time.monotonic() + 60
        while len(children(process.pid) - {lost}) < 2 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert len(children(process.pid) - {lost}) == 2
        assert ask(port, "/sw.js").status == 200
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost".split()
    subject = ["-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(["openssl", *words, *subject, "-keyout", key, "-out", chain], check=True, capture_output=True)
    return chain, key


def test_tls(site: Path, certificate: tuple[Path, Path]) -> None:
    chain, key = map(str, certificate)
    with serving("--dist", str(site), "--tls-certificate", chain, "--tls-key", key) as port:
        context = ssl.create_default_context(cafile=chain)
        with context.wrap_socket(connect(port), server_hostname="localhost") as connection:
            assert connection.version() in ("TLSv1.2", "TLSv1.3")
            connection.sendall(b"GET /sw.js HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = parse(receive_all(connection))
    assert answer.status == 200
    assert answer.headers["strict-transport-security"].startswith("max-age=")


def test_a_bad_certificate_is_said_at_the_start(site: Path, certificate: tuple[Path, Path]) -> None:
    with run_server("--port", "0", "--dist", str(site), "--tls-certificate", str(certificate[0])) as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "PEM" in errors
    assert "Traceback" not in errors


def test_there_are_descriptors_for_all_connections(site: Path) -> None:
    """Many systems begin with 1,024, half of what the default number of connections may need."""
    command = f"ulimit -Sn 256 && exec {sys.executable} server.py --port 0 --dist {site} --connections 300"
    with subprocess.Popen(["sh", "-c", command], cwd=ROOT, text=True, stdout=subprocess.PIPE) as process:
        try:
            assert first_line(process)
            deadline = time.monotonic() + 30
            # The address is said before the server runs.
            while (found := soft_limit(process.pid)) < 600 and time.monotonic() < deadline:
                time.sleep(0.05)
        finally:
            process.kill()
    assert found >= 600 + 256


def soft_limit(process: int) -> int:
    found = re.search(r"Max open files\s+(\d+)", Path(f"/proc/{process}/limits").read_text())
    return int(found.group(1)) if found else 0
