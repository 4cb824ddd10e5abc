"""Files: media types, caching, encodings, validators, ranges, and nothing outside the site."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import io
import json
import shutil
from pathlib import Path

import brotli
import httpx2 as httpx
import pytest
import zstandard
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from gateway.files import SiteFiles
from gateway.memory import FileMemory
from gateway.negotiation import choose_encoding
from gateway.settings import Settings
from gateway.site import Site
from scripts import compress, manifest
from server import create_app
from tests.conftest import PAGE

FILE = "/assets/main-0123abcd.js"
MODEL = "/models/li/acoustic.onnx"
SMALL = "/qingsheng.js"
DECODERS = {"br": brotli.decompress, "gzip": gzip.decompress, "zstd": zstandard.decompress, None: bytes}
PLAIN = {"accept-encoding": "identity"}


@pytest.fixture
def client(site: Path) -> TestClient:
    return TestClient(create_app(Settings(dist=site)))


def raw(client: TestClient, path: str, headers: dict[str, str]) -> tuple[httpx.Response, bytes]:
    """The response with its body as transferred, not decoded."""
    with client.stream("GET", path, headers=headers) as response:
        return response, b"".join(response.iter_raw())


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/sw.js", "text/javascript; charset=utf-8"),
        ("/manifest.webmanifest", "application/manifest+json"),
        ("/assets/style-0123abcd.css", "text/css; charset=utf-8"),
        ("/assets/ort-0123abcd.wasm", "application/wasm"),
        ("/pyodide/1.2.3/pyodide.mjs", "text/javascript; charset=utf-8"),
        ("/pyodide/1.2.3/python_stdlib.zip", "application/zip"),
        ("/wheels/0011223344556677/py_engine-0.1.0-py3-none-any.whl", "application/octet-stream"),
        ("/models/catalog.json", "application/json"),
        (MODEL, "application/octet-stream"),
        ("/build.json", "application/json"),
    ],
)
def test_media_types(client: TestClient, path: str, media_type: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"] == media_type


def test_every_file_of_the_manifest_is_served_with_its_digest(client: TestClient) -> None:
    files = client.get("/build.json").json()["files"]
    assert len(files) == 14
    for file in files:
        content = client.get(f"/{file['path']}").content
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file["bytes"], file["sha256"])


@pytest.mark.parametrize("path", [FILE, "/pyodide/1.2.3/pyodide.mjs", "/assets/ort-0123abcd.wasm"])
def test_names_with_a_digest_or_version_never_change(client: TestClient, path: str) -> None:
    assert client.get(path).headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", ["/", "/index.html", "/sw.js", "/qingsheng.js", "/build.json", "/models/catalog.json"])
def test_entry_points_are_asked_for_again(client: TestClient, path: str) -> None:
    assert client.get(path).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip", "gzip"),
        ("br;q=0.5, gzip;q=0.9", "gzip"),
        ("br, gzip;q=0.9, zstd;q=0.8", "br"),
        ("br;q=0, gzip;q=0, *", "zstd"),
        ("br;q=0, zstd;q=0, *;q=0.1", "gzip"),
        ("BR", "br"),
        ("br;q=1.5, gzip", "gzip"),
        ("br;q=nan, gzip;q=0.001", "gzip"),
        ("br;q=0.0, gzip;q=0.000", None),
        ("identity", None),
        ("gzip;q=0.3, identity;q=0.8", None),
        ("br;q=much", None),
        ("", None),
    ],
)
def test_encodings(client: TestClient, site: Path, accepted: str, encoding: str | None) -> None:
    response, body = raw(client, FILE, {"accept-encoding": accepted})
    assert response.headers.get("content-encoding") == encoding
    assert response.headers["vary"] == "Accept-Encoding"
    assert response.headers["content-length"] == str(len(body))
    assert DECODERS[encoding](body) == (site / FILE[1:]).read_bytes()


@pytest.mark.parametrize("accepted", ["*", "gzip, deflate, br, zstd", "zstd;q=0.5, gzip;q=0.5, br;q=0.5"])
def test_among_equals_the_smallest_copy_is_sent(accepted: str) -> None:
    assert choose_encoding(accepted, {"br": 20, "zstd": 10, "gzip": 30}) == "zstd"
    assert choose_encoding(accepted, {"br": 10, "zstd": 20, "gzip": 30}) == "br"
    assert choose_encoding(accepted, {}) is None


def test_what_is_compressed_already_has_one_form(site: Path) -> None:
    (site / "icon.png").write_bytes(b"picture" * 500)
    compress.compress_all(site, best=False)
    manifest.write(site, PAGE)
    response = TestClient(create_app(Settings(dist=site))).get("/icon.png")
    assert "content-encoding" not in response.headers
    assert "vary" not in response.headers


def test_each_encoding_has_its_own_strong_tag(client: TestClient) -> None:
    tags = {
        client.get(FILE, headers={"accept-encoding": each}).headers["etag"]
        for each in ("br", "gzip", "zstd", "identity")
    }
    assert len(tags) == 4
    assert not any(tag.startswith("W/") for tag in tags)


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_not_modified(client: TestClient, form: str) -> None:
    tag = client.get(FILE, headers={"accept-encoding": "br"}).headers["etag"]
    response = client.get(FILE, headers={"accept-encoding": "br", "if-none-match": form.format(tag)})
    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["etag"] == tag
    assert response.headers["vary"] == "Accept-Encoding"
    assert response.headers["cross-origin-resource-policy"] == "same-origin"


def test_the_tag_of_another_encoding_is_no_match(client: TestClient) -> None:
    tag = client.get(FILE, headers={"accept-encoding": "br"}).headers["etag"]
    assert client.get(FILE, headers={"accept-encoding": "gzip", "if-none-match": tag}).status_code == 200


def test_head_says_what_get_would(client: TestClient) -> None:
    head, get = client.head(FILE, headers=PLAIN), client.get(FILE, headers=PLAIN)
    assert head.content == b""
    assert dict(head.headers) == dict(get.headers)


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=100-", 100, 10240),
        ("bytes=-10", 10230, 10240),
        ("bytes=10000-99999", 10000, 10240),
    ],
)
def test_ranges(client: TestClient, site: Path, asked: str, start: int, stop: int) -> None:
    response = client.get(MODEL, headers={"range": asked, "accept-encoding": "br, gzip"})
    assert response.status_code == 206
    assert response.headers["content-range"] == f"bytes {start}-{stop - 1}/10240"
    assert response.headers["content-length"] == str(stop - start)
    assert "content-encoding" not in response.headers
    assert response.content == (site / MODEL[1:]).read_bytes()[start:stop]


@pytest.mark.parametrize("asked", ["bytes=10240-", "bytes=99999-100000", "bytes=-0"])
def test_ranges_outside_the_file(client: TestClient, asked: str) -> None:
    response = client.get(MODEL, headers={"range": asked})
    assert (response.status_code, response.headers["content-range"]) == (416, "bytes */10240")


NO_RANGE = ["bytes=0-1,5-6", "lines=0-1", "bytes=-", "bytes=5-1", "nonsense", "bytes=0-" + "9" * 5000, "bytes=\u00b2-3"]


@pytest.mark.parametrize("asked", NO_RANGE)
def test_ranges_that_are_not_one_range_give_the_whole(client: TestClient, asked: str) -> None:
    headers = {b"range": asked.encode("latin-1"), b"accept-encoding": b"br"}
    response = client.get(MODEL, headers=headers)
    assert (response.status_code, len(response.content)) == (200, 10240)
    assert response.headers["content-encoding"] == "br"


def test_two_range_lines_are_no_range(client: TestClient) -> None:
    response = client.get(MODEL, headers=[("range", "bytes=0-1"), ("range", "bytes=2-3")])
    assert response.status_code == 200


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip", None])
def test_if_range_continues_the_representation_that_it_names(client: TestClient, encoding: str | None) -> None:
    accept = {"accept-encoding": encoding or "identity"}
    first, body = raw(client, MODEL, accept)
    tag = first.headers["etag"]
    response, rest = raw(client, MODEL, {**accept, "range": "bytes=10-", "if-range": tag})
    assert (response.status_code, response.headers["etag"]) == (206, tag)
    assert response.headers.get("content-encoding") == encoding
    assert response.headers["content-range"] == f"bytes 10-{len(body) - 1}/{len(body)}"
    assert DECODERS[encoding](body[:10] + rest) == client.get(MODEL).content
    beyond, _ = raw(client, MODEL, {**accept, "range": f"bytes={len(body)}-", "if-range": tag})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(body)}")
    assert "content-encoding" not in beyond.headers


def test_if_range_that_holds_no_more_gives_the_whole(client: TestClient) -> None:
    tag = client.get(MODEL, headers=PLAIN).headers["etag"]
    encoded = client.get(MODEL, headers={"accept-encoding": "br"}).headers["etag"]
    for condition in ('"older"', f"W/{tag}", "Wed, 21 Oct 2015 07:28:00 GMT", encoded):
        headers = {"range": "bytes=0-9", "if-range": condition, "accept-encoding": "gzip"}
        response = client.get(MODEL, headers=headers)
        assert (response.status_code, response.headers["content-encoding"]) == (200, "gzip")


def test_if_match(client: TestClient) -> None:
    tag = client.get(FILE, headers={"accept-encoding": "br"}).headers["etag"]
    for condition, status in ((tag, 200), ("*", 200), (f'"other", {tag}', 200), ('"other"', 412), (f"W/{tag}", 412)):
        assert client.get(FILE, headers={"if-match": condition}).status_code == status


def test_conditions_on_several_lines_are_one_list(client: TestClient) -> None:
    tag = client.get(FILE, headers=PLAIN).headers["etag"]
    lines = [("accept-encoding", "identity"), ("if-none-match", '"other"'), ("if-none-match", tag)]
    assert client.get(FILE, headers=lines).status_code == 304
    both = [("accept-encoding", "identity;q=0.1"), ("accept-encoding", "zstd")]
    assert client.get(FILE, headers=both).headers["content-encoding"] == "zstd"


@pytest.mark.parametrize("memory", [0, 1 << 20])
def test_memory_changes_no_answer(site: Path, memory: int) -> None:
    client = TestClient(create_app(Settings(dist=site, memory=memory)))
    for _ in range(2):
        for encoding in ("br", "identity"):
            response = client.get(MODEL, headers={"accept-encoding": encoding})
            assert response.content == (site / MODEL[1:]).read_bytes()
        part = client.get(MODEL, headers={"range": "bytes=5-9"})
        assert (part.status_code, part.content) == (206, bytes(range(5, 10)))


def test_memory_is_bounded_and_drops_the_oldest() -> None:
    memory = FileMemory(100)
    for name in "abc":
        memory.put((name, None), b"." * 40)
    memory.put(("large", None), b"." * 60)
    assert [memory.get((name, None)) is not None for name in ("a", "b", "c", "large")] == [False, True, True, False]
    assert memory.held == 80


@pytest.mark.parametrize("suffix", ["", ".br"])
@pytest.mark.parametrize("folder", [False, True])
def test_links_out_of_the_site_are_not_followed(site: Path, tmp_path: Path, suffix: str, folder: bool) -> None:
    """Put in place after the server has read the manifest, with the size that it expects."""
    app = create_app(Settings(dist=site))
    file = site / (FILE[1:] + suffix)
    secret = tmp_path / "outside" / file.name
    secret.parent.mkdir()
    secret.write_bytes(b"s" * file.stat().st_size)
    if folder:
        file.parent.rename(tmp_path / "moved")
        file.parent.symlink_to(secret.parent)
    else:
        file.unlink()
        file.symlink_to(secret)
    response = TestClient(app).get(FILE, headers={"accept-encoding": "br" if suffix else "identity"})
    assert response.status_code == 503
    assert b"sss" not in response.content


def test_a_copy_that_leads_out_of_the_site_is_refused_at_the_start(site: Path, tmp_path: Path) -> None:
    copy = site / (FILE[1:] + ".br")
    secret = tmp_path / "secret"
    copy.rename(secret)
    copy.symlink_to(secret)
    with pytest.raises(ValueError, match="outside the site"):
        create_app(Settings(dist=site))


@pytest.mark.parametrize("change", ["missing", "shorter", "longer"])
def test_a_file_that_is_not_as_listed_is_unavailable(site: Path, change: str) -> None:
    client = TestClient(create_app(Settings(dist=site)))
    file = site / FILE[1:]
    content = file.read_bytes()
    file.unlink()
    if change != "missing":
        file.write_bytes(content[:-1] if change == "shorter" else content + b"/")
    response = client.get(FILE, headers=PLAIN)
    assert (response.status_code, response.headers["retry-after"]) == (503, "2")
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["error"]["code"]) == (503, "api.unavailable")
    assert FILE[1:] in ready.json()["error"]["message"]
    assert client.get("/healthz").status_code == 200


def test_a_broken_manifest_leaves_the_build_before_it(client: TestClient, site: Path) -> None:
    assert client.get(FILE).status_code == 200
    for broken in ("{", "[]", '{"version": "2"}'):
        (site / "build.json").write_text(broken)
        assert client.get(FILE).status_code == 200


def test_a_release_changed_by_link_is_taken_up(site: Path, tmp_path: Path) -> None:
    current, second = tmp_path / "current", tmp_path / "second"
    current.symlink_to(site)
    client = TestClient(create_app(Settings(dist=current)))
    assert client.get("/sw.js").status_code == 200
    shutil.copytree(site, second)
    manifest = json.loads((second / "build.json").read_text())
    (second / "build.json").write_text(json.dumps({**manifest, "version": "second"}))
    current.unlink()
    current.symlink_to(second)
    assert client.get("/healthz").json()["version"] == "second"
    assert client.get("/sw.js").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/assets/%2e%2e/%2e%2e/secret.txt",
        "//etc/passwd",
        "/%2Fetc/passwd",
        "/..%5csecret.txt",
        "/index.html%00",
        "/index.html%0A",
        "/index.html/",
        "/INDEX.HTML",
        "/%252e%252e/secret.txt",
        "/%c0%ae%c0%ae/secret.txt",
        "/assets/main-0123abcd.js;x=1",
        "/assets/main-0123abcd.js.zst",
        "/unlisted.txt",
        "/assets",
        "/assets/",
        FILE + ".br",
    ],
)
def test_only_listed_paths_are_served(client: TestClient, site: Path, path: str) -> None:
    (site.parent / "secret.txt").write_text("secret")
    (site / "unlisted.txt").write_text("secret")
    response = client.get(path)
    assert response.status_code == 404
    assert "secret" not in response.text.replace("secret.txt", "")


def test_a_manifest_that_leaves_the_site_is_refused(site: Path) -> None:
    entry = {"path": "../secret.txt", "bytes": 1, "sha256": "0" * 64, "group": "page", "encodings": {}}
    (site / "build.json").write_text(json.dumps({"version": "1", "files": [entry]}))
    with pytest.raises(ValueError, match="outside the site"):
        create_app(Settings(dist=site))


def test_other_methods_are_refused(client: TestClient) -> None:
    response = client.post("/index.html")
    assert response.status_code == 405
    assert "GET" in response.headers["allow"]


def test_a_new_build_is_taken_up(client: TestClient, site: Path) -> None:
    assert client.get("/new.txt").status_code == 404
    (site / "new.txt").write_text("new")
    manifest = json.loads((site / "build.json").read_text())
    entry = {"path": "new.txt", "bytes": 3, "sha256": hashlib.sha256(b"new").hexdigest(), "group": "page"}
    manifest["files"].append({**entry, "encodings": {}})
    (site / "build.json").write_text(json.dumps(manifest))
    assert client.get("/new.txt").text == "new"


def test_many_who_ask_for_a_file_at_once_read_it_once(site: Path) -> None:
    """Or a thousand first visitors would each hold a copy of every file."""
    files = SiteFiles(PlainTextResponse(), Site(site))
    reads = 0

    class Counted(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            nonlocal reads
            reads += 1
            return super().read(size)

    async def go() -> None:
        wanted = [files.fetch(("digest", None), lambda: Counted(b"content")) for _ in range(20)]
        contents = await asyncio.gather(*wanted)
        assert contents == [b"content"] * 20
        assert files.memory.get(("digest", None)) == b"content"

    asyncio.run(go())
    assert reads == 1
