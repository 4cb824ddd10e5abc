"""Many clients fetch the whole site, from this server and from nginx in turns:

``python -m tests.benchmarks.load [--clients 1000] [--seconds 20] [--workers 1] [--rounds 3]``, as a Markdown table.

It takes the programs ``nginx`` and ``wrk`` (Debian's packages of these names), from the path or from ``--nginx`` and
``--wrk``. Each connection asks for all files that a first visit takes, over and over, each from another place in the
list, and accepts gzip, which both servers send from the same compressed copies.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from gateway.site import MANIFEST, MEDIA_TYPES
from scripts.paths import DIST, ROOT
from tests.server.running import free_port

CONFIGURATION = """
daemon off;
worker_processes {workers};
pid {folder}/nginx.pid;
error_log {folder}/error.log error;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  gzip_static on;
  keepalive_requests 1000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  types {{ {types} }}
  server {{ listen 127.0.0.1:{port} backlog=4096; root {site}; }}
}}
"""
SCRIPT = """
local paths = {{ {paths} }}
local threads = 0
function setup(thread) thread:set("at", threads * 7); threads = threads + 1 end
function request()
  at = at % #paths + 1
  return wrk.format("GET", paths[at], {{ ["Accept-Encoding"] = "gzip", ["Host"] = "localhost" }})
end
"""
UNITS = {"B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}


@dataclass(frozen=True)
class Round:
    requests: float
    megabytes: float
    errors: int
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    """Of the server's processes, for each megabyte: what is left of the comparison on a machine that others use too."""


@dataclass(frozen=True)
class Server:
    process: int
    port: int


def visited() -> list[str]:
    """What a first visit asks for."""
    built = json.loads((DIST / MANIFEST).read_text("utf-8"))
    default = json.loads((DIST / "models" / "catalog.json").read_text("utf-8"))["default"]
    groups = {"page", "runtime", "models", f"voice:{default}"}
    return [f"/{file['path']}" for file in built["files"] if file["group"] in groups]


@contextmanager
def started(command: list[str], port: int) -> Iterator[Server]:
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            for _ in range(600):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/{MANIFEST}", timeout=30).close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield Server(process.pid, port)
        finally:
            process.terminate()


def milliseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([0-9.]+)(us|ms|s|m)", text).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 1e-3, "ms": 1, "s": 1e3, "m": 6e4}[unit]


def processor_seconds(root: int) -> float:
    """User and system time of a process and those it started."""
    ticks = 0
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = place.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if root in (int(place.parent.name), int(fields[1])):
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def measure(wrk: str, script: Path, server: Server, clients: int, seconds: int) -> Round:
    before = processor_seconds(server.process)
    command = [wrk, "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "120s", "--latency", "-s", str(script)]
    done = subprocess.run([*command, f"http://127.0.0.1:{server.port}/"], capture_output=True, text=True, check=True)
    spent = processor_seconds(server.process) - before
    text = done.stdout
    amount, unit = re.search(r"Transfer/sec:\s+([0-9.]+)([KMG]?B)", text).groups()  # type: ignore[union-attr]
    rate = re.search(r"Requests/sec:\s+([0-9.]+)", text)
    wrong = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    errors = sum(map(int, wrong.groups())) if wrong else 0
    read, read_unit = re.search(r"requests in \S+, ([0-9.]+)([KMG]?B) read", text).groups()  # type: ignore[union-attr]
    times = dict(re.findall(r"(50|99)%\s+(\S+)", text))
    return Round(
        requests=float(rate.group(1)) if rate else 0.0,
        megabytes=float(amount) * UNITS[unit] / 1e6,
        errors=errors + (int(refused.group(1)) if refused else 0),
        p50_ms=milliseconds(times["50"]),
        p99_ms=milliseconds(times["99"]),
        cpu_ms=1e3 * spent / (float(read) * UNITS[read_unit] / 1e6),
    )


def run(given: argparse.Namespace) -> dict[str, list[Round]]:
    ports = {"nginx": free_port(), "server.py": free_port()}
    found: dict[str, list[Round]] = {name: [] for name in ports}
    with TemporaryDirectory(prefix="qingsheng-load-") as place:
        folder = Path(place)
        script = folder / "visit.lua"
        script.write_text(SCRIPT.format(paths=", ".join(f'"{path}"' for path in visited())))
        types = " ".join(f"{kind.partition(';')[0]} {ending[1:]};" for ending, kind in MEDIA_TYPES.items())
        values = {"workers": given.workers, "folder": folder, "port": ports["nginx"], "site": DIST, "types": types}
        (folder / "nginx.conf").write_text(CONFIGURATION.format(**values))
        nginx = [given.nginx, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
        own = [sys.executable, "server.py", "--port", str(ports["server.py"]), "--workers", str(given.workers)]
        with (
            started(nginx, ports["nginx"]) as other,
            started([*own, "--connections", "4000"], ports["server.py"]) as ours,
        ):
            for _ in range(given.rounds):
                for name, server in (("nginx", other), ("server.py", ours)):
                    found[name].append(measure(given.wrk, script, server, given.clients, given.seconds))
    return found


def table(found: Mapping[str, list[Round]], clients: int, workers: int) -> str:
    lines = [
        f"{clients} clients, {workers} process(es) each, medians of {len(found['nginx'])} rounds in turns:",
        "",
        "| server | requests/s | MB/s | median, ms | 99 %, ms | processor, ms/MB | errors |",
        "|---|---|---|---|---|---|---|",
    ]
    for server, rounds in found.items():
        digits = {"requests": 0, "megabytes": 0, "p50_ms": 0, "p99_ms": 0, "cpu_ms": 2}
        middle = {name: statistics.median(getattr(each, name) for each in rounds) for name in digits}
        figures = " | ".join(f"{middle[name]:.{places}f}" for name, places in digits.items())
        lines.append(f"| {server} | {figures} | {sum(each.errors for each in rounds)} |")
    ratios = [own.megabytes / other.megabytes for own, other in zip(found["server.py"], found["nginx"], strict=True)]
    spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
    return "\n".join([*lines, "", f"Throughput of server.py / nginx: {statistics.median(ratios):.2f} ({spread})."])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--nginx", default=shutil.which("nginx"))
    parser.add_argument("--wrk", default=shutil.which("wrk"))
    given = parser.parse_args()
    if not given.nginx or not given.wrk:
        parser.error("nginx and wrk are needed; name them with --nginx and --wrk")
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the start.")
    print(table(run(given), given.clients, given.workers))


if __name__ == "__main__":
    main()
