"""Whether the server's memory grows: mixed requests for a while, its resident memory, descriptors and threads beside.

``python -m tests.benchmarks.soak [--seconds 600] [--rate 40]``. Sound, odd, broken and broken-off requests in turns,
those of styles' listeners among them. Says the slope of the second half, when all that is kept has been filled.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryFile

from scripts.paths import DIST, ROOT
from tests.benchmarks.load import visited
from tests.server.running import connect, exchange, first_line, parse

TELEMETRY = {"format": 1, "events": [{"kind": "memory", "bytes": 70_000_000}]}


def ask(port: int, target: str, *lines: str, method: str = "GET", body: bytes = b"") -> str:
    head = "".join(f"{line}\r\n" for line in ("Host: localhost", "Connection: close", *lines))
    request = f"{method} {target} HTTP/1.1\r\n{head}".encode() + b"\r\n" + body
    return str(exchange(port, request).status)


def broken_off(port: int, target: str) -> str:
    with connect(port) as connection:
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        connection.recv(2000)
    return "broken off"


def nonsense(port: int, source: random.Random) -> str:
    data = source.choice([b"GET / HTTP/1.1\r\n", b"", b"POST /api/styles HTTP/1.1\r\nContent-Length: 9\r\n\r\n"])
    data += source.randbytes(source.randrange(400))
    with connect(port) as connection:
        connection.sendall(data + b"\r\n\r\n")
        connection.shutdown(1)
        answer = connection.recv(2000)
    return f"nonsense {parse(answer).status}" if answer else "nonsense, closed"


def kinds(port: int, source: random.Random) -> list[Callable[[], str]]:
    paths = visited()
    report = json.dumps(TELEMETRY).encode()
    user = "".join(f"{source.randrange(16):x}" for _ in range(32))
    uuid = f"{user[:8]}-{user[8:12]}-{user[12:16]}-{user[16:20]}-{user[20:]}"
    return [
        lambda: ask(port, source.choice(paths), f"Accept-Encoding: {source.choice(['br', 'gzip', 'zstd', ''])}"),
        lambda: ask(port, source.choice(paths), f"Range: bytes={source.randrange(4000)}-"),
        lambda: ask(port, source.choice(paths), method="HEAD"),
        lambda: broken_off(port, source.choice(paths)),
        lambda: broken_off(port, "/api/styles/events"),
        lambda: ask(port, f"/{source.randrange(10**9)}?{source.randrange(10**9)}"),
        lambda: ask(
            port, source.choice(["/api/voices", "/api/styles", "/api/languages", "/api/openapi.json", "/readyz"])
        ),
        lambda: ask(port, "/metrics"),
        lambda: ask(
            port,
            "/api/telemetry",
            "Content-Type: application/json",
            f"Content-Length: {len(report)}",
            f"traceparent: 00-{user}-{user[:16]}-01",
            method="POST",
            body=report,
        ),
        lambda: ask(port, f"/api/listening/session?scenario=audiobook&user={uuid}"),
        lambda: nonsense(port, source),
    ]


def held(process: int) -> tuple[float, int, int]:
    """Resident megabytes, descriptors, threads."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines())
    descriptors = len(list(Path(f"/proc/{process}/fd").iterdir()))
    return int(status["VmRSS"].split()[0]) / 1024, descriptors, int(status["Threads"])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--rate", type=float, default=40, help="requests a second")
    given = parser.parse_args()
    source, seen = random.Random(1), Counter[str]()
    answers = ROOT / ".cache" / "soak.sqlite"
    options = ["--port", "0", "--dist", str(DIST), "--telemetry", "--listening", str(answers), "--request-seconds", "5"]
    command = [sys.executable, "server.py", *options]
    with (
        TemporaryFile("w+") as log,
        subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=log) as process,
    ):
        port = int(first_line(process).rpartition(":")[2].partition("/")[0])
        began, marks = time.monotonic(), list[tuple[float, float, int, int]]()
        while (now := time.monotonic() - began) < given.seconds:
            seen[source.choice(kinds(port, source))()] += 1
            if not marks or now - marks[-1][0] > 10:
                marks.append((now, *held(process.pid)))
            time.sleep(max(0.0, sum(seen.values()) / given.rate - now))
        process.terminate()
        process.wait(timeout=60)
        log.seek(0)
        errors = log.read()
    later = [(at, megabytes) for at, megabytes, *_ in marks if at > given.seconds / 2]
    slope = statistics.linear_regression([at / 60 for at, _ in later], [size for _, size in later]).slope
    print(f"{sum(seen.values())} requests in {given.seconds:.0f} s: {dict(sorted(seen.items()))}")
    print(f"memory {marks[0][1]:.1f} MB at first, {later[0][1]:.1f} halfway, {later[-1][1]:.1f} at the end;")
    print(f"second half {1024 * slope:+.0f} kB a minute; descriptors {marks[-1][2]}, threads {marks[-1][3]}")
    print(f"lines on standard error: {len(errors.splitlines())}")
    print(errors[-2000:])


if __name__ == "__main__":
    main()
