"""The list of styles, their files, and the events about them, from the folder to the wire."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from gateway import export
from gateway.settings import Settings
from gateway.site import Site
from gateway.style_events import StyleEvents
from gateway.styles import MOST, StyleFolder, changes, read_state, state_of
from server import create_app
from tests.server.running import Answer, ask, connect, first_line, parse, run_server

NEWS = """
'''Reads the news.'''
raise SystemExit("a style is never run by the server")
STYLE = {"name": {"zh": "新闻", "en": "News"}, "description": {"zh": "平稳", "en": "Level"}, "version": "1.2"}
"""


def module(name: str = "故事") -> str:
    return f'STYLE = {{"name": "{name}", "version": 2}}\n'


@pytest.fixture
def styles(tmp_path: Path) -> Path:
    folder = tmp_path / "styles"
    folder.mkdir()
    (folder / "news.py").write_text(NEWS, "utf-8")
    return folder


@pytest.fixture
def client(site: Path, styles: Path) -> TestClient:
    return TestClient(create_app(Settings(dist=site, styles=styles)))


def replace(place: Path, text: str) -> None:
    """As an editor or an installer does: the whole file at once."""
    new = place.with_suffix(".new")
    new.write_text(text, "utf-8")
    new.rename(place)


def test_the_list_describes_each_file(client: TestClient, styles: Path) -> None:
    content = (styles / "news.py").read_bytes()
    answer = client.get("/api/styles")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.json()["styles"] == [
        {
            "id": "news",
            "name": {"zh": "新闻", "en": "News"},
            "description": {"zh": "平稳", "en": "Level"},
            "version": "1.2",
            "path": "styles/news.py",
            "sha256": hashlib.sha256(content).hexdigest(),
            "bytes": len(content),
        }
    ]


def test_the_module_is_sent_as_listed(client: TestClient, styles: Path) -> None:
    answer = client.get("/styles/news.py")
    assert answer.content == (styles / "news.py").read_bytes()
    assert answer.headers["content-type"] == "text/x-python; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-cache"
    again = client.get("/styles/news.py", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.head("/styles/news.py").headers["content-length"] == str(len(answer.content))
    assert client.get("/styles/other.py").status_code == 404
    assert client.get("/styles/..%2fnews.py").status_code == 404


def test_changes_are_seen_without_a_restart(client: TestClient, styles: Path) -> None:
    before = client.get("/api/styles").json()
    replace(styles / "story.py", module())
    replace(styles / "news.py", NEWS.replace("1.2", "1.3"))
    after = client.get("/api/styles").json()
    assert [style["id"] for style in after["styles"]] == ["news", "story"]
    assert after["styles"][0]["version"] == "1.3"
    assert after["styles"][0]["sha256"] != before["styles"][0]["sha256"]
    assert client.get("/styles/story.py").status_code == 200


@pytest.mark.parametrize(
    ("code", "content"),
    [
        ("style.malformed", "STYLE = {"),
        ("style.malformed", "name = 'no style'"),
        ("style.malformed", "STYLE = {'name': open('/etc/passwd').read()}"),
        ("style.malformed", "STYLE = ['name']"),
        ("style.malformed", "STYLE: dict"),
        ("style.malformed", "STYLE = {'version': '1'}"),
        ("style.malformed", "STYLE = {'name': {'en': 'only English'}}"),
        ("style.malformed", "STYLE = {'name': '好', 'id': '../up'}"),
        ("style.malformed", "STYLE = {'name': '好', 'version': []}"),
        ("style.malformed", "STYLE = " + "[" * 5000),
        ("style.malformed", "STYLE = {'name': '好'}\0"),
        ("style.malformed", "# coding: unknown\nSTYLE = {'name': '好'}"),
        ("style.malformed", "def f():\n    STYLE = {'name': '好'}"),
        ("style.duplicate", "STYLE = {'name': '好', 'id': 'news'}"),
        ("style.too_large", "STYLE = {'name': '好'}\n" + "#" * 70_000),
    ],
)
def test_what_is_no_style_is_left_out_and_logged_once(
    styles: Path, code: str, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    (styles / "wrong.py").write_text(content, "utf-8")
    folder = StyleFolder(styles)
    with caplog.at_level(logging.WARNING, "qingsheng.styles"):
        assert list(folder.styles()) == list(folder.styles()) == ["news"]
    assert [record.getMessage().split(":")[0] for record in caplog.records] == [code]
    assert "wrong.py" in caplog.text


def test_links_may_stay_in_the_folder_only(styles: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (styles / "inner").mkdir()
    (styles / "inner" / "real.py").write_text(module(), "utf-8")
    (styles / "story.py").symlink_to("inner/real.py")
    (tmp_path / "secret.py").write_text(module(), "utf-8")
    (styles / "outside.py").symlink_to(tmp_path / "secret.py")
    assert list(StyleFolder(styles).styles()) == ["news", "story"]
    assert "style.outside" in caplog.text


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert dict(StyleFolder(tmp_path / "nothing").styles()) == {}


def test_no_more_than_so_many(styles: Path) -> None:
    for index in range(MOST + 5):
        (styles / f"story{index:03}.py").write_text(module(), "utf-8")
    assert len(StyleFolder(styles).styles()) == MOST


def test_the_way_from_any_state_to_the_present(styles: Path) -> None:
    folder = StyleFolder(styles)
    first = folder.styles()
    replace(styles / "story.py", module())
    replace(styles / "news.py", NEWS.replace("1.2", "1.3"))
    second = folder.styles()
    forward = list(changes(read_state(state_of(first)) or {}, second, {}))
    assert [(change.kind, change.record["id"]) for change in forward] == [("changed", "news"), ("added", "story")]
    assert forward[-1].state == state_of(second)
    # Cut off between the two: the rest follows.
    rest = list(changes(read_state(forward[0].state) or {}, second, {}))
    assert [change.kind for change in rest] == ["added"]
    back = list(changes(read_state(state_of(second)) or {}, first, second))
    assert [(change.kind, change.record["id"]) for change in back] == [("removed", "story"), ("changed", "news")]
    assert back[0].record["sha256"]


@pytest.mark.parametrize("text", ["news", "news.0a1b2c3", "../x.0a1b2c3d", "News.0a1b2c3d", ",", "你.0a1b2c3d"])
def test_states_that_are_none(client: TestClient, text: str) -> None:
    assert read_state(text) is None
    assert client.get("/api/styles/events", params={"since": text}).status_code == 400


def test_the_export_carries_the_styles(site: Path, styles: Path, tmp_path: Path) -> None:
    target = tmp_path / "export"
    (styles / "wrong.py").write_text("STYLE = {", "utf-8")
    paths = export.export(Site(site), target, styles=styles)
    listed = json.loads((target / "styles" / "index.json").read_text("utf-8"))["styles"]
    assert [style["path"] for style in listed] == ["styles/news.py"]
    content = (target / "styles" / "news.py").read_bytes()
    assert hashlib.sha256(content).hexdigest() == listed[0]["sha256"]
    assert {"styles/index.json", "styles/news.py"} <= set(paths)
    assert not (target / "styles" / "wrong.py").exists()


class Listener:
    """Reads server-sent events from a real connection; chunked transfer coding is taken off by pattern."""

    def __init__(self, port: int, *lines: str, since: str | None = None) -> None:
        self.connection = connect(port, 30)
        query = "" if since is None else f"?since={since}"
        fields = "".join(f"{line}\r\n" for line in ("Host: localhost", *lines))
        self.connection.sendall(f"GET /api/styles/events{query} HTTP/1.1\r\n{fields}\r\n".encode())
        self.data = b""

    def until(self, pattern: str) -> re.Match[str]:
        while not (found := re.search(pattern, self.data.decode(errors="replace"), re.S)):
            piece = self.connection.recv(1 << 16)
            assert piece, self.data
            self.data += piece
        self.data = self.data[len(self.data.decode(errors="replace")[: found.end()].encode()) :]
        return found

    def head(self) -> Answer:
        return parse(self.until(r".*?\r\n\r\n").group().encode())

    def event(self) -> tuple[str, dict[str, object], str]:
        found = self.until(r"event: (style-[a-z]+)\nid: ([^\n]*)\ndata: ([^\n]*)\n\n")
        return found.group(1), json.loads(found.group(3)), found.group(2)

    def state(self) -> str:
        return self.until(r"retry: \d+\nid: ([^\n]*)\n\n").group(1)


@pytest.fixture
def listen() -> Iterator[type[Listener]]:
    """Listeners whose connections are closed in the end."""
    opened: list[Listener] = []

    class Closed(Listener):
        def __init__(self, port: int, *lines: str, since: str | None = None) -> None:
            super().__init__(port, *lines, since=since)
            opened.append(self)

    yield Closed
    for each in opened:
        each.connection.close()


@pytest.fixture
def port(site: Path, styles: Path) -> Iterator[int]:
    with run_server("--port", "0", "--dist", str(site), "--styles", str(styles), "--workers", "2") as process:
        yield int(re.findall(r":([0-9]+)/", first_line(process))[0])
        # A killed supervisor would leave its workers behind.
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def test_events_over_the_wire_from_several_workers(port: int, styles: Path, listen: type[Listener]) -> None:
    listeners = [listen(port) for _ in range(6)]
    for listener in listeners:
        answer = listener.head()
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        listener.state()
    replace(styles / "story.py", module())
    told = [listener.event() for listener in listeners]
    assert {(kind, record["id"]) for kind, record, _ in told} == {("style-added", "story")}
    replace(styles / "story.py", module("童话"))
    kind, record, state = listeners[0].event()
    assert (kind, record["name"]) == ("style-changed", "童话")
    listeners[0].connection.close()
    (styles / "story.py").unlink()
    (styles / "news.py").unlink()
    # Whichever worker answers, maybe one that never saw the two: it knows from the id what to tell.
    again = listen(port, f"Last-Event-ID: {state}")
    assert {again.event()[1]["id"] for _ in range(2)} == {"news", "story"}
    listed = json.loads(ask(port, "/api/styles").body)
    assert listed == {"styles": [], "state": ""}
    assert listen(port, since=state).event()[0] == "style-removed"


def test_the_end_of_the_server_ends_the_streams_at_once(site: Path, styles: Path, listen: type[Listener]) -> None:
    with run_server("--port", "0", "--dist", str(site), "--styles", str(styles), "--grace-seconds", "60") as process:
        listener = listen(int(re.findall(r":([0-9]+)/", first_line(process))[0]))
        listener.state()
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=50)
    assert time.monotonic() - began < 40
    # The end is a proper one: the last chunk, not a cut connection.
    assert listener.connection.recv(1 << 16).endswith(b"0\r\n\r\n")


def test_heartbeats_and_a_bounded_number_of_listeners(styles: Path) -> None:
    events = StyleEvents(StyleFolder(styles), listeners=1, poll_seconds=0.01, heartbeat_seconds=0.01)
    scope = {"type": "http", "method": "GET", "path": "/api/styles/events", "headers": [], "query_string": b""}

    async def go() -> None:
        end = asyncio.Event()
        stream = events.events(None, end)
        assert (await anext(stream)).startswith(b"retry: ")
        assert await anext(stream) == b": still here\n\n"
        refused = await events.serve(Request(scope))
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
        end.set()
        assert [piece async for piece in stream] == []
        assert not events.listeners

    asyncio.run(go())


def test_a_client_that_goes_is_no_listener_any_more(site: Path, styles: Path, listen: type[Listener]) -> None:
    with run_server("--port", "0", "--dist", str(site), "--styles", str(styles)) as process:
        port = int(re.findall(r":([0-9]+)/", first_line(process))[0])
        for _ in range(210):
            # More than may listen at once, one after another.
            listener = listen(port)
            listener.state()
            listener.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            listener.connection.close()
        assert ask(port, "/healthz").status == 200
        assert len(os.listdir(f"/proc/{process.pid}/fd")) < 60  # noqa: PTH208


def test_one_address_takes_no_more_than_its_part_of_the_listeners(styles: Path) -> None:
    events = StyleEvents(StyleFolder(styles), listeners=8)

    def request(host: str) -> Request:
        return Request({"type": "http", "headers": [], "query_string": b"", "path": "/x", "client": (host, 1)})

    async def go() -> None:
        end = asyncio.Event()
        held = [events.events(None, end, "192.0.2.1") for _ in range(2)]
        for stream in held:
            await anext(stream)
        assert (await events.serve(request("192.0.2.1"))).status_code == 503
        assert (await events.serve(request("192.0.2.2"))).status_code == 200
        end.set()
        for stream in held:
            assert [piece async for piece in stream] == []
        assert (await events.serve(request("192.0.2.1"))).status_code == 200

    asyncio.run(go())
