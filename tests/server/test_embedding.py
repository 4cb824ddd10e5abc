"""Pages of other origins: who may frame the site, who may read its files, and that nobody else may."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from gateway import export
from gateway.embedding import BadOrigin, origin
from gateway.settings import Settings, read_settings
from server import create_app
from tests.server.running import ask, serving

PAGE, OTHER = "https://reader.example", "https://evil.example"
FILE = "/assets/main-0123abcd.js"

MakeClient = Callable[..., TestClient]


@pytest.fixture
def client(site: Path) -> MakeClient:
    def make(*origins: str) -> TestClient:
        return TestClient(create_app(Settings(dist=site, embed_origins=origins)))

    return make


def directive(policy: str, name: str) -> list[str]:
    (found,) = [each.split()[1:] for each in policy.split(";") if each.split()[0] == name]
    return found


def test_nobody_else_may_embed_unless_the_owner_says_so(client: MakeClient) -> None:
    headers = client().get("/", headers={"origin": PAGE}).headers
    assert directive(headers["content-security-policy"], "frame-ancestors") == ["'self'"]
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert not [name for name in headers if name.startswith("access-control")]
    preflight = client().options(FILE, headers={"origin": PAGE, "access-control-request-method": "GET"})
    assert preflight.status_code == 405


@pytest.mark.parametrize("path", ["/", FILE, "/api/styles", "/api/missing", "/missing"])
def test_a_named_page_may_frame_and_read(client: MakeClient, path: str) -> None:
    headers = client(PAGE).get(path, headers={"origin": PAGE}).headers
    assert directive(headers["content-security-policy"], "frame-ancestors") == ["'self'", PAGE]
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    assert headers["access-control-allow-origin"] == PAGE
    assert "access-control-allow-credentials" not in headers
    assert "Origin" in headers["vary"]
    assert headers["cross-origin-embedder-policy"] == "require-corp"


@pytest.mark.parametrize("asking", [OTHER, "null", "https://reader.example.evil.example", f"{PAGE}:8443", "", None])
def test_another_page_may_not(client: MakeClient, asking: str | None) -> None:
    headers = {} if asking is None else {"origin": asking}
    answer = client(PAGE).get(FILE, headers=headers)
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers
    assert "Origin" in answer.headers["vary"]
    assert "Accept-Encoding" in answer.headers["vary"]


def test_any_page_may_where_any_is_allowed(client: MakeClient) -> None:
    headers = client("*").get(FILE, headers={"origin": OTHER}).headers
    assert headers["access-control-allow-origin"] == "*"
    assert directive(headers["content-security-policy"], "frame-ancestors") == ["*"]
    assert headers["vary"] == "Accept-Encoding"


def test_browsers_that_ask_beforehand_are_told(client: MakeClient) -> None:
    asked = {
        "origin": PAGE,
        "access-control-request-method": "GET",
        "access-control-request-headers": "if-range,range",
    }
    answer = client(PAGE).options(FILE, headers=asked)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, PAGE)
    allowed = {name.strip().lower() for name in answer.headers["access-control-allow-headers"].split(",")}
    assert {"range", "if-range", "if-none-match", "content-type", "last-event-id"} <= allowed
    assert "authorization" not in allowed
    assert client(PAGE).options(FILE, headers={**asked, "origin": OTHER}).status_code == 405


def test_parts_of_a_file_can_be_read(client: MakeClient) -> None:
    answer = client(PAGE).get("/models/li/acoustic.onnx", headers={"origin": PAGE, "range": "bytes=0-9"})
    assert answer.status_code == 206
    assert {"Content-Range", "ETag"} <= set(answer.headers["access-control-expose-headers"].split(", "))


def test_what_a_refused_page_is_told_it_can_read(site: Path) -> None:
    limited = TestClient(create_app(Settings(dist=site, embed_origins=(PAGE,), rate=0.1)))
    limited.get("/")
    refused = limited.get("/", headers={"origin": PAGE})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (429, PAGE)


def test_reports_and_answers_still_come_from_own_pages_only(site: Path, tmp_path: Path) -> None:
    settings = Settings(dist=site, embed_origins=(PAGE,), telemetry=True, listening=tmp_path / "answers.sqlite")
    client = TestClient(create_app(settings))
    for path in ("/api/telemetry", "/api/listening/answers"):
        answer = client.post(path, json={}, headers={"origin": PAGE, "sec-fetch-site": "cross-site"})
        assert answer.status_code == 403


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://A.example", "https://a.example"),
        ("https://a.example:443", "https://a.example"),
        ("http://a.example:80", "http://a.example"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://[::1]:9", "http://[::1]:9"),
        (" * ", "*"),
    ],
)
def test_origins_are_read_as_browsers_send_them(text: str, found: str) -> None:
    assert origin(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "a.example",
        "https://a.example/",
        "https://a.example/x",
        "ftp://a",
        "https://",
        "https://a b",
        "null",
        "https://a.example; script-src *",
        "https://a.example,https://b.example",
        "https://*.a.example",
        "https://a\r\nX: y",
    ],
)
def test_what_is_no_origin_is_refused(text: str) -> None:
    with pytest.raises(BadOrigin, match="expected an origin"):
        origin(text)


def test_several_are_separated_by_commas_or_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--embed-origins", "https://a.example, https://b.example", "--embed-origins", "https://c.example"]
    expected = ("https://a.example", "https://b.example", "https://c.example")
    assert read_settings(given, {}).embed_origins == expected
    assert (
        read_settings([], {"QINGSHENG_EMBED_ORIGINS": "https://a.example,https://b.example"}).embed_origins
        == expected[:2]
    )
    with pytest.raises(SystemExit):
        read_settings(["--embed-origins", "https://a.example/page"], {})
    assert "without a path" in capsys.readouterr().err


def test_the_running_server_serves_a_page_of_another_origin(site: Path) -> None:
    with serving("--dist", str(site), "--embed-origins", PAGE) as port:
        answer = ask(port, FILE, "GET", f"Origin: {PAGE}")
        assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, PAGE)
        asked = ask(port, FILE, "OPTIONS", f"Origin: {PAGE}", "Access-Control-Request-Method: GET")
        assert (asked.status, asked.body) == (204, b"")


@pytest.mark.parametrize(("given", "allowed"), [(PAGE, PAGE), (f"{PAGE},{OTHER}", "*"), ("*", "*")])
def test_an_export_says_it_in_the_headers_files(site: Path, tmp_path: Path, given: str, allowed: str) -> None:
    target = tmp_path / "out"
    assert export.main([str(target), "--dist", str(site), "--styles", str(tmp_path), "--embed-origins", given]) == 0
    rules = json.loads((target / "vercel.json").read_text())["headers"]
    headers = {each["key"]: each["value"] for each in rules[0]["headers"]}
    assert headers["Access-Control-Allow-Origin"] == allowed
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    ancestors = ["*"] if given == "*" else ["'self'", *given.split(",")]
    assert directive(headers["Content-Security-Policy"], "frame-ancestors") == ancestors
    for name in ("_headers", ".htaccess"):
        text = (target / name).read_text()
        assert "Access-Control-Allow-Origin" in text
        assert "Cross-Origin-Resource-Policy" in text


def test_an_export_names_nobody_unless_told(site: Path, tmp_path: Path) -> None:
    assert export.main([str(tmp_path / "out"), "--dist", str(site), "--styles", str(tmp_path)]) == 0
    assert "Access-Control" not in (tmp_path / "out" / "_headers").read_text()
