"""The real server as a process, and requests to it byte by byte: clients tidy up what a test wants to send."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def run_server(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "server.py", *arguments]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


@contextmanager
def serving(*arguments: str) -> Iterator[int]:
    """The port of a server that listens on 127.0.0.1."""
    with run_server("--port", "0", *arguments) as process:
        found = re.search(r":([0-9]+)/", first_line(process))
        assert found, process.communicate(timeout=60)
        yield int(found.group(1))


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def parse(data: bytes) -> Answer:
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Answer(int(first.split()[1]), headers, body)


def connect(port: int, seconds: float = 60) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=seconds)


def receive_all(connection: socket.socket) -> bytes:
    """Until the server closes the connection."""
    data = bytearray()
    try:
        while piece := connection.recv(1 << 16):
            data += piece
    except ConnectionResetError:
        pass
    return bytes(data)


def exchange(port: int, request: bytes) -> Answer:
    """What the server says to these bytes, after which it has to close the connection."""
    with connect(port) as connection:
        connection.sendall(request)
        return parse(receive_all(connection))


def ask(port: int, target: str | bytes, method: str = "GET", *lines: str, host: str = "localhost") -> Answer:
    target = target.encode() if isinstance(target, str) else target
    fields = "".join(f"{line}\r\n" for line in (f"Host: {host}", "Connection: close", *lines))
    return exchange(port, method.encode() + b" " + target + b" HTTP/1.1\r\n" + fields.encode("latin-1") + b"\r\n")
