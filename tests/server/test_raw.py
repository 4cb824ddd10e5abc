"""The running server against requests that no client library would send."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts import manifest
from tests.conftest import FILES, PAGE
from tests.server.running import ask, connect, exchange, first_line, parse, receive_all, run_server, serving

SECRET = b"the secret"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("raw") / "dist"
    for path, content in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    manifest.write(folder, PAGE)
    for place in (folder.parent / "secret.txt", folder / "unlisted.txt"):
        place.write_bytes(SECRET)
    (folder / "link.txt").symlink_to(folder.parent / "secret.txt")
    with serving("--dist", str(folder), "--request-seconds", "1", "--allowed-host", "localhost") as port:
        yield port


@pytest.mark.parametrize(
    "target",
    [
        b"/../secret.txt",
        b"/assets/../../secret.txt",
        b"/./../secret.txt",
        b"/./index.html",
        b"/assets/../index.html",
        b"/%2e%2e/secret.txt",
        b"/%2E%2E%2Fsecret.txt",
        b"/..%2fsecret.txt",
        b"/..%5csecret.txt",
        b"/..\\secret.txt",
        b"/%252e%252e%252fsecret.txt",
        b"/%c0%ae%c0%ae/secret.txt",
        b"/%uff0e%uff0e/secret.txt",
        b"/....//secret.txt",
        b"//secret.txt",
        b"//../secret.txt",
        b"/assets/%00/../secret.txt",
        b"/link.txt",
        b"/unlisted.txt",
        b"/.%2e/secret.txt",
        b"/%",
        b"/%zz",
        b"/index.html%0a",
        b"/index.html%0d%0aX-Injected:%20yes",
        b"/" + b"a/" * 4000,
    ],
)
def test_nothing_but_listed_paths(port: int, target: bytes) -> None:
    answer = ask(port, target)
    assert answer.status in (400, 404)
    assert SECRET not in answer.body
    assert "x-injected" not in answer.headers


@pytest.mark.parametrize("target", [b"*", b"http://localhost/index.html", b"index.html", b"localhost:80"])
def test_targets_that_are_no_path(port: int, target: bytes) -> None:
    for method in ("GET", "OPTIONS", "CONNECT"):
        answer = ask(port, target, method)
        assert answer.status == 400
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("host", ["[", "[::1", "a b", "a@b", "localhost:port", "a/b", "", "\u00fc", "x" * 300])
def test_hosts_that_are_no_host(port: int, host: str) -> None:
    assert ask(port, "/missing", host=host).status == 400
    assert ask(port, "/api/missing", host=host).status == 400


def test_hosts_that_are_not_served(port: int) -> None:
    assert ask(port, "/", host="example.org").status == 421
    assert ask(port, "/", host="LOCALHOST:1234").status == 200
    assert ask(port, "/healthz", host="10.0.0.7:8080").status == 200


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n folded: yes\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n",
        b"GET / HTTP/9\r\nHost: localhost\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / /two HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 not TLS here\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 20_000 + b"\r\n\r\n",
        b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: \x00\r\n\r\n",
        b"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/0.9\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\nHost: localhost\n\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\r\n\tb\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: +4\r\n\r\nabcd",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0x4\r\n\r\nabcd",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4, 4\r\n\r\nabcd",
        b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
)
def test_malformed_requests_are_bad_requests(port: int, request_bytes: bytes) -> None:
    assert 400 <= exchange(port, request_bytes).status < 500


def test_lengths_that_disagree_end_the_connection(port: int) -> None:
    """Content-Length beside Transfer-Encoding is how one request is smuggled in another."""
    smuggled = b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    head = b"POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60\r\nTransfer-Encoding: chunked\r\n\r\n"
    with connect(port) as connection:
        connection.sendall(head + smuggled)
        data = receive_all(connection)
    assert b'"status": "ok"' not in data
    assert b'"status":"ok"' not in data


def test_methods(port: int) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        answer = ask(port, "/index.html", method)
        assert answer.status == 405
        assert sorted(answer.headers["allow"].split(", ")) == ["GET", "HEAD"]
    assert ask(port, "/index.html", "BREW").status == 400
    head = ask(port, "/index.html", "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert int(head.headers["content-length"]) == len(FILES["index.html"])
    assert "server" not in head.headers


def test_ranges_too_long_to_read(port: int) -> None:
    answer = ask(port, "/sw.js", "GET", "Range: bytes=0-" + "9" * 6000)
    assert (answer.status, answer.body) == (200, FILES["sw.js"])


def test_pipelined_requests_are_answered_in_order(port: int) -> None:
    one = b"GET /missing HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET /qingsheng.js HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with connect(port) as connection:
        connection.sendall(one + one + last)
        data = receive_all(connection)
    assert data.count(b"HTTP/1.1 404") == 2
    assert data.endswith(FILES["qingsheng.js"])


@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"GET /index.html HTTP/1.1\r\nHost: localhost\r\n",
        b"POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc",
    ],
)
def test_a_request_that_does_not_come_is_given_up(port: int, beginning: bytes) -> None:
    with connect(port) as connection:
        connection.sendall(beginning)
        data = receive_all(connection)
    # To a body that is not even wanted the answer may come before.
    assert data == b"" or parse(data).status == 405


def test_bodies_over_the_limit(port: int) -> None:
    answer = ask(port, "/api/voices", "POST", "Content-Length: 100000")
    assert answer.status == 413
    assert b"api.too_large" in answer.body
    assert ask(port, "/api/voices", "POST", "Content-Length: " + "9" * 30).status in (400, 413)


POST = b"POST /api/voices HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_what_follows_a_body_is_no_header(port: int) -> None:
    """A trailer that became the Host, or any other header, would pass the checks that were made before."""
    request = b"POST /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nHost: evil\r\n\r\n"
    last = b"GET /qingsheng.js HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with connect(port) as connection:
        connection.sendall(request + last)
        data = receive_all(connection)
    assert data.startswith(b"HTTP/1.1 405")
    assert data.endswith(FILES["qingsheng.js"])


@pytest.mark.parametrize(
    "endless",
    [b"1;" + b"x" * 1000 + b"\r\na\r\n", b"0\r\n" + b"X-More: " + b"y" * 1000 + b"\r\n"],
    ids=["extensions of chunks", "trailers"],
)
def test_what_is_around_a_body_is_bounded(port: int, endless: bytes) -> None:
    sent = 0
    with connect(port) as connection:
        connection.sendall(POST)
        try:
            for _ in range(100_000):
                connection.sendall(endless if sent == 0 or endless[:1] == b"1" else endless.partition(b"\r\n")[2])
                sent += len(endless)
        except OSError:
            pass
        receive_all(connection)
    assert sent < 100_000 * len(endless)


def test_a_change_of_protocol_is_declined_and_nothing_after_it_is_read(port: int) -> None:
    """What follows might be of the other protocol, or a second request in the first one's body."""
    head = b"Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    smuggled = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with connect(port) as connection:
        length = b"Content-Length: %d\r\n\r\n" % len(smuggled)
        connection.sendall(b"POST /index.html HTTP/1.1\r\n" + head + length + smuggled)
        data = receive_all(connection)
    assert data.startswith(b"HTTP/1.1 405")
    assert b"connection: close" in data
    assert b"status" not in data
    assert data.count(b"HTTP/1.1") == 1


def test_requests_far_ahead_are_not_kept(port: int) -> None:
    one = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with connect(port) as connection:
        connection.sendall(one * 500)
        data = receive_all(connection)
    answers = data.count(b"HTTP/1.1 200")
    assert 1 <= answers < 100
    assert ask(port, "/healthz").status == 200


def test_a_head_that_never_ends_is_refused(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        try:
            for number in range(100_000):
                connection.sendall(b"X-%d: y\r\n" % number)
        except OSError:
            pass
        receive_all(connection)
    assert number < 99_999


def test_refusals_of_the_protocol_tell_nothing(port: int) -> None:
    answer = exchange(port, b"\x00\x01 nonsense\r\n\r\n")
    assert answer.status == 400
    assert answer.body == b"Invalid HTTP request received."
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_nonsense_leaves_nothing_in_the_log(tmp_path: Path) -> None:
    """Or anybody could fill it."""
    (tmp_path / "index.html").write_bytes(b"page")
    manifest.write(tmp_path, {"index.html"})
    with run_server("--port", "0", "--dist", str(tmp_path)) as process:
        port = int(re.findall(r":([0-9]+)/", first_line(process))[0])
        for nonsense in (
            b"\x00\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
        ):
            for _ in range(5):
                exchange(port, nonsense)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert errors == ""
