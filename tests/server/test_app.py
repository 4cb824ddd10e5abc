"""The application around the files: security headers, API, root path, and the command itself."""

from __future__ import annotations

import re
import signal
import urllib.request
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from gateway.settings import Settings
from scripts import manifest
from server import create_app
from tests.conftest import PAGE
from tests.server.running import first_line, run_server


@pytest.fixture
def client(site: Path) -> TestClient:
    return TestClient(create_app(Settings(dist=site)))


def directives(policy: str) -> dict[str, list[str]]:
    return {name: sources for name, *sources in (directive.split() for directive in policy.split(";"))}


@pytest.mark.parametrize(
    "path", ["/", "/assets/worker-0123abcd.js", "/api/voices", "/healthz", "/missing", "/api/missing"]
)
def test_security_headers_are_on_every_response(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-embedder-policy"] == "require-corp"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'self'" in headers["content-security-policy"]


def test_policy_allows_own_files_and_webassembly_only(client: TestClient) -> None:
    policy = directives(client.get("/").headers["content-security-policy"])
    assert policy["default-src"] == ["'self'"]
    assert policy["script-src"] == ["'self'", "'wasm-unsafe-eval'"]
    assert policy["object-src"] == ["'none'"]
    assert policy["frame-ancestors"] == ["'self'"]
    allowed = {"'self'", "'none'", "'wasm-unsafe-eval'", "data:", "blob:"}
    assert {source for sources in policy.values() for source in sources} <= allowed


def test_isolation_can_be_turned_off(site: Path) -> None:
    headers = TestClient(create_app(Settings(dist=site, isolation=False))).get("/").headers
    assert "cross-origin-opener-policy" not in headers
    assert "cross-origin-embedder-policy" not in headers
    assert "content-security-policy" in headers


def test_failures_keep_the_headers_and_hide_the_cause(site: Path) -> None:
    client = TestClient(create_app(Settings(dist=site)), raise_server_exceptions=False)
    (site / "models" / "catalog.json").write_text("not JSON")
    response = client.get("/api/voices")
    assert response.status_code == 500
    assert response.json()["error"]["code"] == "api.failed"
    assert "content-security-policy" in response.headers
    assert "JSON" not in response.text


def test_files_that_fail_keep_the_headers_and_hide_the_cause(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_arguments: object) -> None:
        raise RuntimeError("the cause")

    monkeypatch.setattr("gateway.files.SiteFiles.serve", fail)
    app = create_app(Settings(dist=site))
    client = TestClient(app, client=("127.0.0.1", 1), raise_server_exceptions=False)
    response = client.get("/index.html")
    assert (response.status_code, response.text) == (500, "Internal Server Error\n")
    assert "content-security-policy" in response.headers
    assert 'http_requests_total{method="GET",route="none",status="500"} 1.0' in client.get("/metrics").text
    with pytest.raises(RuntimeError, match="the cause"):
        TestClient(app).get("/index.html")


def test_voices(client: TestClient) -> None:
    response = client.get("/api/voices")
    assert response.json() == {"format": 1, "default": "li", "voices": [{"id": "li", "name": "丽"}]}


def test_health_names_the_build(client: TestClient) -> None:
    version = client.get("/build.json").json()["version"]
    assert client.get("/healthz").json() == {"status": "ok", "version": version}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/nothing", 404, "api.not_found"),
        ("DELETE", "/api/nothing", 404, "api.not_found"),
        ("POST", "/api/voices", 405, "api.method_not_allowed"),
        ("POST", "/healthz", 405, "api.method_not_allowed"),
    ],
)
def test_api_errors_have_stable_codes(client: TestClient, method: str, path: str, status: int, code: str) -> None:
    response = client.request(method, path)
    assert response.status_code == status
    error = response.json()["error"]
    assert error["code"] == code
    assert path in error["message"]
    assert error["remedy"]


@pytest.mark.parametrize("root_path", ["/speech", "speech/"])
@pytest.mark.parametrize("prefix", ["/speech", ""])
def test_root_path_with_and_without_the_prefix(site: Path, root_path: str, prefix: str) -> None:
    client = TestClient(create_app(Settings(dist=site, root_path=root_path)))
    assert client.get(f"{prefix}/").headers["content-type"].startswith("text/html")
    assert client.get(f"{prefix}/assets/main-0123abcd.js").status_code == 200
    assert client.get(f"{prefix}/api/voices").json()["default"] == "li"
    assert client.get(f"{prefix}/api/nothing").json()["error"]["code"] == "api.not_found"


def test_root_path_without_its_slash_is_completed(site: Path) -> None:
    response = TestClient(create_app(Settings(dist=site, root_path="/speech"))).get("/speech", follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (307, "/speech/")


def test_command_serves_on_a_free_port_and_stops(site: Path) -> None:
    with run_server("--port", "0", "--dist", str(site), "--root-path", "/speech") as process:
        found = re.search(r"http://127\.0\.0\.1:\d+/speech/", first_line(process))
        assert found
        with urllib.request.urlopen(found.group() + "healthz", timeout=60) as response:  # noqa: S310
            assert response.status == 200
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def test_command_says_when_the_site_is_not_built(tmp_path: Path) -> None:
    with run_server("--port", "0", "--dist", str(tmp_path)) as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "make build" in errors
    assert "Traceback" not in errors


def test_command_says_when_the_port_is_taken(site: Path) -> None:
    with run_server("--port", "0", "--dist", str(site)) as first:
        found = re.search(r":(\d+)/", first_line(first))
        assert found
        with run_server("--port", found.group(1), "--dist", str(site)) as second:
            _, errors = second.communicate(timeout=60)
    assert second.returncode == 1
    assert "Cannot listen" in errors


def test_a_folder_without_its_slash_is_the_one_with_it(site: Path) -> None:
    (site / "examples" / "one").mkdir(parents=True)
    (site / "examples" / "one" / "index.html").write_text("<p>One</p>")
    manifest.write(site, PAGE)
    client = TestClient(create_app(Settings(dist=site, root_path="/tts")), follow_redirects=False)
    answer = client.get("/tts/examples/one?a=b")
    assert (answer.status_code, answer.headers["location"]) == (308, "one/?a=b")
    assert client.get("/tts/examples/one/?a=b").text == "<p>One</p>"
    assert [client.get(f"/tts{path}").status_code for path in ("/models", "/examples", "/nothing")] == [404] * 3
