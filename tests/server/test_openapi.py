"""The description fits the server, and no request that can be made of it, or against it, brings the server down."""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from gateway.openapi import description
from gateway.settings import Settings
from scripts import manifest
from server import create_app
from tests.conftest import PAGE

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
ROUNDS = 60
TOKEN = "a token of some length"  # noqa: S105
USER = "00000000-0000-0000-0000-000000000001"
# What must not be told to a client, whatever it sends.
LEAK = re.compile(r"Traceback|File \"|site-packages|/gateway/|sqlite|py_engine/")
STRANGE: list[Any] = [
    None, True, False, 0, -1, 1e308, -1e308, 2**63, 2**200, 0.1, "", "x", "你好。", "\0", "\ud800", "😀" * 50, "{",
    "<speak>", "../../etc/passwd", "a" * 2000, "'; DROP TABLE answers; --", "%s%n", [], {}, [[]], [None], {"": {}},
    [{}] * 200,
]  # fmt: skip


@pytest.fixture
def settings(speaking_site: Path, tmp_path: Path) -> Settings:
    # Of the small site this is no real wheel, which `/api/languages` would look into.
    shutil.rmtree(speaking_site / "wheels")
    manifest.write(speaking_site, PAGE)
    (tmp_path / "styles").mkdir()
    (tmp_path / "styles" / "news.py").write_text("STYLE = {'name': '新闻'}\n", "utf-8")
    return Settings(
        dist=speaking_site,
        styles=tmp_path / "styles",
        telemetry=True,
        synthesis=True,
        synthesis_characters=300,
        listening=tmp_path / "answers.sqlite",
        listening_token=TOKEN,
    )


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings), client=("127.0.0.1", 1), raise_server_exceptions=False) as client:
        yield client


def described(settings: Settings) -> set[tuple[str, str]]:
    paths = description("1", settings)["paths"]
    return {(method.upper(), path) for path, operations in paths.items() for method in operations}


def offered(settings: Settings) -> set[tuple[str, str]]:
    """What the application itself routes."""
    app: Any = create_app(settings)
    while not isinstance(app, Starlette):
        app = app.app
    found = set()
    for route in app.routes:
        for prefix, each in (
            [(route.path, inner) for inner in route.routes] if isinstance(route, Mount) else [("", route)]
        ):
            assert isinstance(each, Route)
            path = re.sub(r"\{(\w+):path\}", r"{\1}", prefix + each.path)
            found |= {(method, path) for method in each.methods or () if method != "HEAD"}
    return found


def test_all_routes_are_described_and_no_other(settings: Settings, site: Path) -> None:
    assert described(settings) == offered(settings)
    assert described(Settings(dist=site)) == offered(Settings(dist=site))
    assert not {path for _, path in described(Settings(dist=site)) if re.search("tts|telemetry|listening", path)}


def check(schema: Any, value: Any, where: str = "") -> None:  # noqa: ANN401
    """As much of JSON Schema as the description uses."""
    if "const" in schema:
        assert value == schema["const"], where
    if "enum" in schema:
        assert value in schema["enum"], where
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "null": type(None)}
    named = schema.get("type")
    if named:
        allowed = [named] if isinstance(named, str) else named
        assert any(isinstance(value, kinds[name]) for name in allowed), where  # type: ignore[arg-type]
    if "pattern" in schema:
        assert re.search(schema["pattern"], value), where
    for name in schema.get("required", ()):
        assert name in value, f"{where}.{name}"
    for name, each in value.items() if isinstance(value, dict) else ():
        inner = schema.get("properties", {}).get(name, schema.get("additionalProperties", True))
        assert inner is not False, f"{where}.{name}"
        if isinstance(inner, dict):
            check(inner, each, f"{where}.{name}")
    for at, each in enumerate(value) if isinstance(value, list) else ():
        check(schema.get("items", {}), each, f"{where}[{at}]")


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/healthz", "", 200),
        ("/readyz", "", 200),
        ("/api/openapi.json", "", 200),
        ("/api/voices", "", 200),
        ("/api/languages", "", 200),
        ("/api/styles", "", 200),
        ("/api/styles/events", "?since=x", 400),
        ("/api/listening", "", 200),
        ("/api/listening/session", f"?scenario=audiobook&user={USER}", 200),
        ("/api/listening/session", "", 400),
        ("/api/listening/results", "", 401),
    ],
)
def test_answers_are_as_described(client: TestClient, settings: Settings, path: str, query: str, status: int) -> None:
    whole = description("1", settings)
    answer = client.get(path + query)
    assert answer.status_code == status
    schema = whole["paths"][path]["get"]["responses"][str(status)]["content"]["application/json"]["schema"]
    check(whole["components"]["schemas"]["Error"] if "$ref" in schema else schema, answer.json(), path)


def test_the_description_itself_is_sent(client: TestClient, settings: Settings) -> None:
    served = client.get("/api/openapi.json").json()
    assert served["openapi"] == "3.1.0"
    assert {*served["paths"]} == {path for _, path in described(settings)}


GOOD: dict[str, Any] = {
    "/api/tts": {"text": "你好。", "options": {"speed": 1.1, "emotion": {"joy": 0.5}}, "format": "pcm"},
    "/api/telemetry": {"format": 1, "events": [{"kind": "memory", "bytes": 1}, {"kind": "error", "code": "x"}]},
    "/api/listening/answers": {
        "scenario": "audiobook", "user": USER, "item": "plum", "preference": "left", "seconds": 1,
        "scores": {each: {"left": 1, "right": 5} for each in ("natural", "phrasing", "expressive")},
    },
}  # fmt: skip


def mutated(value: Any, draw: random.Random) -> Any:  # noqa: ANN401
    """The value with one thing somewhere in it taken away, put there or exchanged."""
    if not isinstance(value, dict | list) or not value or draw.random() < 0.3:
        return draw.choice(STRANGE)
    copy: Any = value.copy()
    place = draw.choice(list(copy)) if isinstance(copy, dict) else draw.randrange(len(copy))
    what = draw.random()
    if what < 0.15:
        del copy[place]
    elif what < 0.3 and isinstance(copy, dict):
        copy[draw.choice(["x", "", "__proto__", "text"])] = draw.choice(STRANGE)
    else:
        copy[place] = mutated(copy[place], draw)
    return copy


def random_bytes(draw: random.Random) -> bytes:
    return bytes(draw.randrange(256) for _ in range(draw.randrange(60)))


def judge(answer: Any, what: object, told: set[int]) -> None:  # noqa: ANN401
    assert answer.status_code < 500, (what, answer.text)
    if answer.status_code >= 400:
        assert not LEAK.search(answer.text), (what, answer.text)
        told.add(answer.status_code)


@pytest.mark.parametrize("path", list(GOOD))
def test_bodies_made_strange(client: TestClient, path: str) -> None:
    draw = random.Random(path)
    headers = {"content-type": "application/json"}
    told: set[int] = set()
    for _ in range(ROUNDS):
        order = GOOD[path]
        for _ in range(draw.randrange(1, 4)):
            order = mutated(order, draw)
        judge(client.post(path, content=json.dumps(order), headers=headers), order, told)
        text = json.dumps(GOOD[path])
        at = draw.randrange(len(text))
        raw = text[:at].encode() + random_bytes(draw) + text[at + draw.randrange(9) :].encode()
        judge(client.post(path, content=raw, headers=headers), raw, told)
    assert 400 in told
    # And afterwards all is as before: the good order is taken, or was sent too often.
    assert client.post(path, content=json.dumps(GOOD[path]), headers=headers).status_code in (200, 204, 400, 429)


def test_paths_methods_and_headers_made_strange(client: TestClient, settings: Settings) -> None:
    draw = random.Random(1)
    paths = [path for _, path in sorted(described(settings)) if not path.endswith("/events")]
    values = [str(value) for value in STRANGE if isinstance(value, str | int) and "\ud800" not in str(value)]
    told: set[int] = set()
    for method in METHODS:
        for path in paths:
            filled = re.sub(r"\{\w+\}", lambda _: draw.choice(["news", "index.html", "..%2f", "%00", "x" * 300]), path)
            query = {
                draw.choice(["scenario", "user", "item", "side", "since", "x"]): draw.choice(values) for _ in range(3)
            }
            headers = {
                draw.choice(
                    ["range", "if-none-match", "if-match", "if-range", "accept-encoding", "traceparent"]
                ): draw.choice(
                    ["bytes=0-0", "bytes=9-1", "*", '"x"', "br;q=2", "00-" + "0" * 32, "x" * 500, ",,,;;;", "\t"]
                ),
                "authorization": draw.choice(["", "Bearer", "Bearer x", "Basic x", "Bearer " + "x" * 400]),
            }
            answer = client.request(method, filled, params=query, headers=headers)
            judge(answer, (method, filled, query, headers), told)
    assert {400, 401, 404, 405} <= told
    assert client.get("/healthz").status_code == 200
