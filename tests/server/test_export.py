"""The exported site on a server that knows nothing of it."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
import tomllib
import urllib.request
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from gateway.export import NotExported, export, folders
from gateway.middleware import security_headers
from gateway.site import Site
from tests.server.running import ROOT


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "export" / "under" / "speech"


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "export").mkdir()
    handler = partial(Quiet, directory=str(tmp_path / "export"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/under/speech/"
        server.shutdown()
        thread.join()


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as response:  # noqa: S310
        content: bytes = response.read()
        return content


def check(url: str, original: Path) -> None:
    """Everything that build.json lists is there, byte by byte, and the page itself at the folder's address."""
    build = json.loads(fetch(url + "build.json"))
    assert fetch(url) == (original / "index.html").read_bytes()
    for file in build["files"]:
        content = fetch(url + file["path"])
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file["bytes"], file["sha256"])


def test_a_dumb_server_serves_it_under_any_path(site: Path, folder: Path, url: str) -> None:
    paths = export(Site(site), folder, styles=site)
    check(url, site)
    assert len(paths) == 16
    copies = {file.relative_to(site) for file in site.rglob("*") if file.suffix in {".br", ".gz", ".zst"}}
    assert copies == {file.relative_to(folder) for file in folder.rglob("*") if file.suffix in {".br", ".gz", ".zst"}}


def test_the_built_site(folder: Path, url: str) -> None:
    dist = ROOT / "static" / "dist"
    if not (dist / "build.json").exists():
        pytest.skip("the site is not built")
    export(Site(dist), folder, encodings=False)
    check(url, dist)


def test_nothing_unlisted_and_no_copies_if_not_wanted(site: Path, folder: Path) -> None:
    (site / "unlisted.txt").write_text("secret")
    export(Site(site), folder, encodings=False)
    assert not (folder / "unlisted.txt").exists()
    assert not list(folder.rglob("*.br"))


def headers_rules(text: str) -> dict[str, dict[str, str]]:
    rules: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        if not line.startswith(" "):
            current = rules.setdefault(line, {})
        else:
            name, _, value = line.strip().partition(": ")
            current[name] = value
    return rules


@pytest.mark.parametrize("isolation", [True, False])
def test_headers_files_say_what_the_server_says(site: Path, folder: Path, isolation: bool) -> None:
    export(Site(site), folder, isolation)
    expected = security_headers(isolation)
    rules = headers_rules((folder / "_headers").read_text())
    assert rules["/*"] == expected
    assert all("immutable" in rules[f"/{name}/*"]["Cache-Control"] for name in ("assets", "pyodide", "wheels"))
    vercel = json.loads((folder / "vercel.json").read_text())["headers"]
    assert {rule["key"]: rule["value"] for rule in vercel[0]["headers"]} == expected
    assert tomllib.loads((folder / "netlify.toml").read_text())["build"]["publish"] == "."
    apache = (folder / ".htaccess").read_text()
    assert all(f'Header always set {name} "{value}"' in apache for name, value in expected.items())
    assert apache.count("<IfModule") == apache.count("</IfModule>")
    assert apache.count("<FilesMatch") == apache.count("</FilesMatch>")
    assert ("Cross-Origin-Opener-Policy" in apache) is isolation
    assert max(map(len, (folder / "_headers").read_text().splitlines())) < 2000
    assert (folder / ".nojekyll").exists()


def test_only_folders_without_stable_names_are_kept_for_ever() -> None:
    paths = ["index.html", "assets/a-1.js", "models/catalog.json", "models/li/0123456789abcdef/voice.json"]
    assert folders(paths) == ["assets", "models/li/0123456789abcdef"]


def test_a_folder_with_other_things_is_left_alone(site: Path, tmp_path: Path) -> None:
    target = tmp_path / "home"
    target.mkdir()
    (target / "letter.txt").write_text("dear")
    with pytest.raises(NotExported, match="something else"):
        export(Site(site), target)
    assert [file.name for file in target.iterdir()] == ["letter.txt"]


def test_an_earlier_export_is_replaced(site: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    export(Site(site), target)
    (target / "old.js").write_text("old")
    export(Site(site), target)
    assert not (target / "old.js").exists()


def test_a_file_that_went_bad_is_not_exported(site: Path, tmp_path: Path) -> None:
    file = site / "sw.js"
    file.write_bytes(b"x" * file.stat().st_size)
    with pytest.raises(NotExported, match=r"sw\.js is not the file"):
        export(Site(site), tmp_path / "out")


def test_command(site: Path, tmp_path: Path) -> None:
    command = [sys.executable, "server.py", "export", str(tmp_path / "out"), "--dist", str(site)]
    command += ["--styles", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "16 files" in done.stdout
    failed = subprocess.run([*command[:5], str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    assert "make build" in failed.stderr
