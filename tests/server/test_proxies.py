"""The shipped proxies' examples, run as they are but for addresses: what reaches a client through them."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import brotli
import pytest

from tests.conftest import FILES
from tests.server.running import ROOT, free_port, serving

FILE = "assets/main-0123abcd.js"
MODEL = "models/li/acoustic.onnx"
NAME = "speech.example.org"
AROUND = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  include {folder}/site.conf;
}}
"""


def program(name: str) -> str:
    """A program of the system, or the one that the variable NGINX or CADDY names."""
    found = os.environ.get(name.upper()) or shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not found:
        pytest.skip(f"{name} is not installed here")
    return found


@dataclass(frozen=True)
class Proxy:
    port: int
    plain: int
    styles: Path

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[http.client.HTTPResponse, bytes]:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(self.connect()) as connection:
            connection.request(method, path, body=body, headers={"Host": NAME, **given})
            answer = connection.getresponse()
            return answer, answer.read()

    def connect(self) -> http.client.HTTPSConnection:
        context = ssl.create_default_context()
        # The certificate of the test is in nobody's name that counts.
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=context)


def certificate(folder: Path) -> None:
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split()
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "chain.pem")]
    subprocess.run(["openssl", *words, "-subj", f"/CN={NAME}", *files], check=True, capture_output=True)


def documented(language: str) -> str:
    """The lines that docs/deploy.md gives for a site under a path."""
    (block,) = re.findall(rf"```{language}\n(.*?)```", (ROOT / "docs" / "deploy.md").read_text("utf-8"), re.DOTALL)
    return str(block)


def below_a_path(text: str) -> str:
    """The shipped file with the documented lines in place of its own, and another site beside them."""
    begin = text.index("    # Prometheus asks")
    end = text.index("}\n\nserver {\n    listen 80;")
    return f'{text[:begin]}    location / {{ return 200 "another site"; }}\n{documented("nginx")}{text[end:]}'


def configured(folder: Path, gateway: int, port: int, plain: int, text: str) -> Path:
    for shipped, here in {
        "server 127.0.0.1:8080;": f"server 127.0.0.1:{gateway};",
        "    listen [::]:443 ssl http2;\n": "",
        "    listen [::]:80;\n": "",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2;",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        f"/etc/ssl/{NAME}.pem": str(folder / "chain.pem"),
        f"/etc/ssl/private/{NAME}.key": str(folder / "key.pem"),
    }.items():
        assert text.count(shipped) == 1, shipped
        text = text.replace(shipped, here)
    (folder / "site.conf").write_text(text)
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder))
    return folder / "nginx.conf"


@contextmanager
def running(command: list[str], port: int, environment: Mapping[str, str] | None = None) -> Iterator[None]:
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        try:
            for _ in range(300):
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    assert process.poll() is None, process.communicate()
                    time.sleep(0.1)
            yield
        finally:
            process.terminate()


@contextmanager
def nginx_with(text: str, site: Path, place: Path, *further: str) -> Iterator[Proxy]:
    binary, folder, styles = program("nginx"), place / "nginx", place / "styles"
    folder.mkdir()
    styles.mkdir()
    certificate(folder)
    port, plain = free_port(), free_port()
    options = ("--dist", str(site), "--styles", str(styles), "--telemetry", "--allowed-host", NAME, *further)
    with serving(*options, "--metrics-from", "127.0.0.0/8") as gateway:
        words = [binary, "-p", str(folder), "-c", str(configured(folder, gateway, port, plain, text)), "-e", "stderr"]
        tested = subprocess.run([*words, "-t"], capture_output=True, text=True, check=False)
        assert tested.returncode == 0, tested.stderr
        with running(words, port):
            yield Proxy(port, plain, styles)


@pytest.fixture
def nginx(site: Path, tmp_path: Path) -> Iterator[Proxy]:
    with nginx_with((ROOT / "deploy" / "nginx.conf").read_text("utf-8"), site, tmp_path) as proxy:
        yield proxy


def test_headers_and_encodings_come_through(nginx: Proxy) -> None:
    page, body = nginx.ask("GET", "/")
    assert (page.status, body) == (200, FILES["index.html"])
    for name in ("Content-Security-Policy", "Cross-Origin-Opener-Policy", "X-Content-Type-Options"):
        assert len(page.headers.get_all(name) or []) == 1, name
    assert page.headers.get_all("Strict-Transport-Security") == ["max-age=15768000"]
    for encoding, decode in (("br", brotli.decompress), ("gzip", gzip.decompress)):
        answer, sent = nginx.ask("GET", f"/{FILE}", Accept_Encoding=encoding)
        assert answer.headers["Content-Encoding"] == encoding
        assert decode(sent) == FILES[FILE]
        assert not answer.headers["ETag"].startswith("W/")
        again, nothing = nginx.ask("GET", f"/{FILE}", Accept_Encoding=encoding, If_None_Match=answer.headers["ETag"])
        assert (again.status, nothing) == (304, b"")


def test_a_download_goes_on_where_it_was_broken_off(nginx: Proxy) -> None:
    whole, sent = nginx.ask("GET", f"/{MODEL}", Accept_Encoding="br")
    part, rest = nginx.ask("GET", f"/{MODEL}", Accept_Encoding="br", Range="bytes=20-", If_Range=whole.headers["ETag"])
    assert (part.status, part.headers["Content-Encoding"]) == (206, "br")
    assert part.headers["Content-Range"] == f"bytes 20-{len(sent) - 1}/{len(sent)}"
    assert sent[:20] + rest == sent
    own, slice_ = nginx.ask("GET", f"/{MODEL}", Range="bytes=0-9")
    assert (own.status, slice_) == (206, FILES[MODEL][:10])
    assert nginx.ask("GET", f"/{MODEL}", Range="bytes=99999-")[0].status == 416
    head, nothing = nginx.ask("HEAD", f"/{MODEL}")
    assert (head.headers["Content-Length"], nothing) == (str(len(FILES[MODEL])), b"")


def test_events_come_at_once(nginx: Proxy) -> None:
    with closing(nginx.connect()) as connection:
        connection.request("GET", "/api/styles/events", headers={"Host": NAME})
        answer = connection.getresponse()
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert answer.readline().startswith(b"retry:")
        (nginx.styles / "news.py").write_text("STYLE = {'name': '新闻'}\n", "utf-8")
        lines = [answer.readline() for _ in range(5)]
        assert b"event: style-added\n" in lines
        answer.close()


def test_what_the_proxy_keeps_to_itself(nginx: Proxy) -> None:
    assert nginx.ask("GET", "/metrics")[0].status == 404
    # A report larger than the server takes does not even reach it.
    assert nginx.ask("POST", "/api/telemetry", b"x" * 100_000)[0].status == 413
    with closing(http.client.HTTPConnection("127.0.0.1", nginx.plain, timeout=30)) as connection:
        connection.request("GET", "/listening/?a=b", headers={"Host": NAME})
        moved = connection.getresponse()
    assert (moved.status, moved.headers["Location"]) == (308, f"https://{NAME}/listening/?a=b")


def test_reports_come_through_and_others_do_not(nginx: Proxy) -> None:
    body = json.dumps({"format": 1, "events": [{"kind": "memory", "bytes": 1}]}).encode()
    for origin, status in ((f"https://{NAME}", 204), ("https://evil.example", 403)):
        answer, _ = nginx.ask("POST", "/api/telemetry", body, Content_Type="application/json", Origin=origin)
        assert answer.status == status


def test_http_2(nginx: Proxy) -> None:
    curl = program("curl")
    words = [curl, "-sk", "--http2", "--resolve", f"{NAME}:{nginx.port}:127.0.0.1", "-o", "/dev/null"]
    words += ["-w", "%{http_version} %{http_code}", f"https://{NAME}:{nginx.port}/sw.js"]
    if "HTTP2" not in subprocess.run([curl, "-V"], capture_output=True, text=True, check=True).stdout:
        pytest.skip("this curl speaks no HTTP/2")
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "2 200"


@pytest.mark.parametrize("taken_off", [False, True])
def test_under_a_path(taken_off: bool, site: Path, tmp_path: Path) -> None:
    text = below_a_path((ROOT / "deploy" / "nginx.conf").read_text("utf-8"))
    if taken_off:
        text = text.replace("proxy_pass http://qingsheng;", "proxy_pass http://qingsheng/;")
    with nginx_with(text, site, tmp_path, "--root-path", "/tts") as proxy:
        moved, _ = proxy.ask("GET", "/tts")
        assert (moved.status, moved.headers["Location"]) == (308, f"https://{NAME}:{proxy.port}/tts/")
        check_site(proxy, "/tts")
        assert proxy.ask("GET", "/")[1] == b"another site"
        assert proxy.ask("POST", "/tts/api/telemetry", b"x" * 100_000)[0].status == 413


@pytest.mark.parametrize("path", ["", "/tts"])
def test_caddy(path: str, site: Path, tmp_path: Path) -> None:
    binary, port, styles = program("caddy"), free_port(), tmp_path / "styles"
    certificate(tmp_path)
    styles.mkdir()
    with serving("--dist", str(site), "--styles", str(styles), "--root-path", path) as gateway:
        shipped = (ROOT / "deploy" / "Caddyfile").read_text("utf-8")
        if path:
            shipped = f"{NAME} {{\n{documented('caddyfile')}}}\n"
        own = f"{NAME}:{port} {{\n\tbind 127.0.0.1\n\ttls {tmp_path}/chain.pem {tmp_path}/key.pem\n"
        text = shipped.replace(f"{NAME} {{\n", own).replace("127.0.0.1:8080", f"127.0.0.1:{gateway}")
        file = tmp_path / "Caddyfile"
        # One that runs beside others: without an address to steer it, and named by an address that has no name.
        around = f"admin off\n\tauto_https disable_redirects\n\tdefault_sni {NAME}"
        file.write_text(f"{{\n\t{around}\n}}\n{text}")
        environment = {**os.environ, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
        with running([binary, "run", "--adapter", "caddyfile", "--config", str(file)], port, environment):
            proxy = Proxy(port, 0, styles)
            if path:
                moved, _ = proxy.ask("GET", path)
                assert (moved.status, moved.headers["Location"]) == (308, f"{path}/")
            check_site(proxy, path)


def check_site(proxy: Proxy, path: str) -> None:
    page, body = proxy.ask("GET", f"{path}/")
    assert (page.status, body) == (200, FILES["index.html"])
    assert len(page.headers.get_all("Cross-Origin-Opener-Policy") or []) == 1
    place = f"{path}/{FILE}"
    file, sent = proxy.ask("GET", place, Accept_Encoding="br")
    assert (file.headers["Content-Encoding"], brotli.decompress(sent)) == ("br", FILES[FILE])
    part, rest = proxy.ask("GET", place, Accept_Encoding="br", Range="bytes=2-", If_Range=file.headers["ETag"])
    assert (part.status, rest) == (206, sent[2:])
    assert proxy.ask("GET", f"{path}/metrics")[0].status == 404
    with closing(proxy.connect()) as connection:
        connection.request("GET", f"{path}/api/styles/events", headers={"Host": NAME})
        assert connection.getresponse().readline().startswith(b"retry:")


def test_caddy_takes_its_example(tmp_path: Path) -> None:
    words = [program("caddy"), "validate", "--adapter", "caddyfile", "--config", str(ROOT / "deploy" / "Caddyfile")]
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
