"""What `POST /api/tts` gives to several clients at once: ``python -m tests.benchmarks.speech_load``, as Markdown.

One process with one engine and the released voice; each client orders the same sentence again as soon as it has the
last one. Beside the speech: how long `/healthz` takes meanwhile, which is how long the event loop is kept waiting.
"""

from __future__ import annotations

import argparse
import http.client
import json
import re
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from scripts.paths import ROOT

TEXT = "春天来了，院子里的老梅树开了花。风一吹，花瓣轻轻落在石阶上，像是谁在悄悄说话。"
CLIENTS = (1, 2, 4, 8)
BYTES_PER_SECOND = 32_000


@dataclass
class Account:
    first: list[float] = field(default_factory=list)
    audio: float = 0.0
    health: list[float] = field(default_factory=list)


def order(port: int, account: Account, until: float) -> None:
    body = json.dumps({"text": TEXT, "format": "pcm"}).encode()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    while time.monotonic() < until:
        began = time.monotonic()
        connection.request("POST", "/api/tts", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        if answer.status != 200:
            raise RuntimeError(f"the server answered {answer.status}")
        answer.read(1)
        account.first.append(time.monotonic() - began)
        account.audio += (1 + len(answer.read())) / BYTES_PER_SECOND
    connection.close()


def probe(port: int, account: Account, until: float) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    while time.monotonic() < until:
        began = time.monotonic()
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        account.health.append(time.monotonic() - began)
        time.sleep(0.05)
    connection.close()


def status(process: int, name: str) -> int:
    found = re.search(rf"{name}:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    return int(found.group(1)) if found else 0


def measure(port: int, clients: int, seconds: float) -> tuple[Account, float]:
    account, began = Account(), time.monotonic()
    until = began + seconds
    threads = [threading.Thread(target=order, args=(port, account, until)) for _ in range(clients)]
    threads.append(threading.Thread(target=probe, args=(port, account, until)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return account, time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=15)
    seconds = parser.parse_args().seconds
    command = [sys.executable, "server.py", "--port", "0", "--synthesis", "--memory", "0"]
    command += ["--synthesis-streams", str(max(CLIENTS))]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE) as process:
        assert process.stdout
        port = int(re.findall(r":(\d+)/", process.stdout.readline())[0])
        measure(port, 1, 2)
        print(
            "| clients | speech made, s / s | first chunk, ms | 95 % | /healthz, ms | 95 % | largest resident set, MB |"
        )
        print("|---|---|---|---|---|---|---|")
        for clients in CLIENTS:
            account, took = measure(port, clients, seconds)
            cells = [account.audio / took]
            for values in (account.first, account.health):
                cells += [1000 * statistics.median(values), 1000 * statistics.quantiles(values, n=20)[-1]]
            cells.append(status(process.pid, "VmHWM") * 1024 / 1e6)
            print(f"| {clients} | " + " | ".join(f"{cell:.0f}" for cell in cells) + " |")
        process.terminate()


if __name__ == "__main__":
    main()
