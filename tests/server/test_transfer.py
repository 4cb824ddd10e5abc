"""Large files go from file to socket; they arrive whole or not at all, under every way of asking."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from gateway.files import SMALL
from gateway.memory import OpenFile, OpenFiles
from gateway.settings import Settings
from server import create_app
from tests.conftest import FILES
from tests.server.running import ask, connect, first_line, parse, receive_all, run_server, serving

SIZE = 12 << 20


@pytest.fixture
def content() -> bytes:
    return hashlib.shake_128(b"large").digest(SIZE)


@pytest.fixture
def large(site: Path, content: bytes) -> Path:
    """The site with a file that no socket takes at once."""
    file = site / "assets" / "large.bin"
    file.write_bytes(content)
    manifest = json.loads((site / "build.json").read_text())
    digest = hashlib.sha256(content).hexdigest()
    manifest["files"].append({"path": "assets/large.bin", "bytes": SIZE, "sha256": digest, "group": "runtime"})
    (site / "build.json").write_text(json.dumps(manifest))
    return file


@pytest.fixture
def port(site: Path, large: Path) -> Iterator[int]:
    assert large.exists()
    with serving("--dist", str(site)) as port:
        yield port


def bodies(data: bytes) -> list[bytes]:
    """Of the answers on one connection, which must end with the last of them."""
    found, at = [], 0
    while at < len(data):
        end = data.index(b"\r\n\r\n", at) + 4
        assert data[at : at + 12] == b"HTTP/1.1 200"
        length = int(re.findall(rb"content-length: ([0-9]+)", data[at:end])[0])
        found.append(data[end : end + length])
        at = end + length
    return found


def digests(contents: list[bytes]) -> list[str]:
    return [hashlib.sha256(content).hexdigest() for content in contents]


def test_whole_and_in_part(port: int, content: bytes) -> None:
    whole = ask(port, "/assets/large.bin")
    assert (whole.status, whole.headers["content-length"]) == (200, str(SIZE))
    assert whole.body == content
    assert SIZE > SMALL
    part = ask(port, "/assets/large.bin", "GET", "Range: bytes=5000000-")
    assert (part.status, part.headers["content-range"]) == (206, f"bytes 5000000-{SIZE - 1}/{SIZE}")
    assert part.body == content[5_000_000:]
    assert ask(port, "/assets/large.bin", "GET", "Range: bytes=7-7").body == content[7:8]
    head = ask(port, "/assets/large.bin", "HEAD")
    assert (head.headers["content-length"], head.body) == (str(SIZE), b"")
    tag = whole.headers["etag"]
    assert ask(port, "/assets/large.bin", "GET", f"If-None-Match: {tag}").status == 304


def test_requests_ahead_are_answered_in_order(port: int, content: bytes) -> None:
    """Small answers from memory, large ones from the file, on one connection."""
    asked = b""
    for path in ("/assets/large.bin", "/qingsheng.js", "/assets/large.bin"):
        asked += f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    asked += b"GET /sw.js HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with connect(port) as connection:
        connection.sendall(asked)
        data = receive_all(connection)
    expected = [content, FILES["qingsheng.js"], content, FILES["sw.js"]]
    assert digests(bodies(data)) == digests(expected)


def test_many_at_once_get_the_same(port: int, content: bytes) -> None:
    """All are sent from one open file: nobody moves another's place in it."""
    found: list[bytes] = []

    def fetch(start: int) -> None:
        found.append(content[:start] + ask(port, "/assets/large.bin", "GET", f"Range: bytes={start}-").body)

    threads = [threading.Thread(target=fetch, args=(number * 999_983,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [hashlib.sha256(each).digest() for each in found] == [hashlib.sha256(content).digest()] * 12


def test_who_goes_away_disturbs_nobody(site: Path, large: Path, content: bytes) -> None:
    assert large.exists()
    with run_server("--port", "0", "--dist", str(site)) as process:
        port = int(re.findall(r":([0-9]+)/", first_line(process))[0])
        for _ in range(5):
            with connect(port) as connection:
                connection.sendall(b"GET /assets/large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n")
                connection.recv(1000)
        assert ask(port, "/assets/large.bin").body == content
        assert process.stderr is not None
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert errors == ""


def test_a_file_that_shrinks_while_it_is_sent_ends_the_connection(port: int, large: Path) -> None:
    """The client was promised more: an end in good order would pass for the whole."""
    with connect(port) as connection:
        connection.sendall(b"GET /assets/large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n")
        begun = connection.recv(1000)
        os.truncate(large, 1 << 20)
        data = begun + receive_all(connection)
    assert len(parse(data).body) < SIZE
    answer = ask(port, "/assets/large.bin")
    assert (answer.status, answer.headers["retry-after"]) == (503, "2")
    assert ask(port, "/sw.js").status == 200


def test_bytes_from_file_to_socket_are_counted(port: int) -> None:
    ask(port, "/assets/large.bin")
    found = ask(port, "/metrics").body.decode()
    counted = re.findall(r'http_response_bytes_total\{route="runtime"\} (\S+)', found)
    assert [float(each) for each in counted] == [SIZE]
    assert 'http_cache_total{source="disk"} 1.0' in found


def test_the_same_bytes_over_tls(site: Path, large: Path, content: bytes, tmp_path: Path) -> None:
    """What is encrypted has to pass through the process."""
    assert large.exists()
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost".split()
    subject = ["-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(["openssl", *words, *subject, "-keyout", key, "-out", chain], check=True, capture_output=True)
    context = ssl.create_default_context(cafile=str(chain))
    with (
        serving("--dist", str(site), "--tls-certificate", str(chain), "--tls-key", str(key)) as port,
        context.wrap_socket(connect(port), server_hostname="localhost") as connection,
    ):
        connection.sendall(b"GET /assets/large.bin HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert parse(receive_all(connection)).body == content


def test_servers_that_cannot_do_it_send_the_same(site: Path, large: Path, content: bytes) -> None:
    assert large.exists()
    client = TestClient(create_app(Settings(dist=site, memory=1 << 20)))
    assert client.get("/assets/large.bin").content == content
    part = client.get("/assets/large.bin", headers={"range": "bytes=10-99999"})
    assert (part.status_code, part.content) == (206, content[10:100_000])


def test_open_files_are_closed_when_nobody_holds_them(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    files = OpenFiles(most=2)
    for number in range(5):
        place = tmp_path / str(number)
        place.write_bytes(b"x")
        files.get((str(number), None), lambda place=place: OpenFile(place))  # type: ignore[misc]
    held = files.get(("4", None), lambda: pytest.fail("it is open"))
    assert len(files) == 2
    assert len(list(Path("/proc/self/fd").iterdir())) == before + 2
    del files
    assert os.pread(held.fileno(), 1, 0) == b"x"
    del held
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_slow_reader_of_answers_asked_ahead_gets_them_all(port: int, content: bytes) -> None:
    """Between one file and the next the socket has no room, not even for a head."""
    one = b"GET /assets/large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with connect(port) as connection:
        connection.sendall(one * 2 + one.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        time.sleep(1)
        data = receive_all(connection)
    assert digests(bodies(data)) == digests([content] * 3)
