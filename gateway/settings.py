"""How the server is set up: options of the command line, each of which an environment variable may give instead."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from gateway.embedding import BadOrigin, origin
from gateway.listening.scenarios import FILE as SCENARIOS
from gateway.logs import FORMATS
from gateway.styles import FOLDER as STYLES

DIST = Path(__file__).resolve().parent.parent / "static" / "dist"
PREFIX = "QINGSHENG_"
SHORTEST_TOKEN = 16


@dataclass(frozen=True)
class Settings:
    """Times are in seconds, sizes in bytes, rates per second and client; a rate of 0 is no limit."""

    host: str = "127.0.0.1"
    port: int = 8080
    dist: Path = DIST
    styles: Path = STYLES
    root_path: str = ""
    isolation: bool = True
    embed_origins: tuple[str, ...] = ()
    allowed_host: tuple[str, ...] = ("*",)
    trusted_proxy: tuple[str, ...] = ("127.0.0.1",)
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    workers: int = 1
    connections: int = 2000
    memory: int = 32 << 20
    max_body: int = 64 << 10
    max_headers: int = 16 << 10
    rate: float = 0.0
    request_seconds: float = 15.0
    stall_seconds: float = 60.0
    idle_seconds: int = 15
    grace_seconds: int = 20
    metrics_from: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    telemetry: bool = False
    synthesis: bool = False
    synthesis_threads: int = 1
    synthesis_streams: int = 4
    synthesis_packs: int = 1
    synthesis_models: bool = False
    synthesis_characters: int = 5000
    listening: Path | None = None
    listening_scenarios: Path = SCENARIOS
    listening_clips: Path | None = None
    listening_token: str = ""
    log_format: str = "text"
    log_requests: bool = False


Reader = Callable[[str], object]


def at_least(smallest: float, kind: type[int] | type[float] = int) -> Reader:
    def read(text: str) -> float:
        value = kind(text)
        if not smallest <= value < float("inf"):
            raise argparse.ArgumentTypeError(f"got {text}, expected {smallest:g} or more")
        return value

    read.__name__ = kind.__name__
    return read


def network(text: str) -> str:
    try:
        return str(ip_network(text, strict=False))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"got {text}, expected an address or a network such as 10.0.0.0/8") from error


def embed_origin(text: str) -> str:
    try:
        return origin(text)
    except BadOrigin as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def truth(text: str) -> bool:
    if text.lower() not in {"0", "1", "false", "true", "no", "yes", "off", "on"}:
        raise argparse.ArgumentTypeError(f"got {text!r}, expected 1 or 0")
    return text.lower() in {"1", "true", "yes", "on"}


def log_format(text: str) -> str:
    if text not in FORMATS:
        raise argparse.ArgumentTypeError(f"got {text!r}, expected {' or '.join(FORMATS)}")
    return text


def separated(reader: Reader) -> Reader:
    """Several values separated by commas."""

    def read(text: str) -> tuple[object, ...]:
        return tuple(reader(part.strip()) for part in text.split(",") if part.strip())

    return read


# How the option is read, and what it is.
OPTIONS: dict[str, tuple[Reader, str]] = {
    "host": (str, "address to listen on"),
    "port": (at_least(0), "port; 0 takes a free one"),
    "dist": (Path, "folder of the built site"),
    "styles": (Path, "folder of the style plugins"),
    "root_path": (str, "path of the site behind a proxy, such as /speech"),
    "isolation": (truth, "headers for cross-origin isolation; without them one thread, no shared memory"),
    "embed_origins": (embed_origin, "origins whose pages may frame the site and use its files, * for all"),
    "allowed_host": (str, "host name that is served, *.example.org for all below it"),
    "trusted_proxy": (network, "proxy whose X-Forwarded-For is believed"),
    "tls_certificate": (Path, "PEM file with the certificate chain; turns HTTPS on"),
    "tls_key": (Path, "PEM file with the key, if it is not with the certificate"),
    "workers": (at_least(1), "processes that answer"),
    "connections": (at_least(1), "connections at once in one process; further ones get 503"),
    "memory": (at_least(0), "bytes of files that each process keeps in memory"),
    "max_body": (at_least(0), "largest body of a request"),
    "max_headers": (at_least(1024), "largest request line with headers"),
    "rate": (at_least(0, float), "requests a second of one client, ten times as many at once; 0: no limit"),
    "request_seconds": (at_least(0.1, float), "time for a request to come in"),
    "stall_seconds": (at_least(0.1, float), "time without progress until an answer is given up"),
    "idle_seconds": (at_least(1), "time that an unused connection is kept"),
    "grace_seconds": (at_least(0), "time for answers under way when the server is stopped"),
    "metrics_from": (network, "network that may read /metrics"),
    "telemetry": (truth, "ask pages for figures of their speech, without any text"),
    "synthesis": (truth, "speak on the server too: POST /api/tts"),
    "synthesis_threads": (at_least(1), "engines that speak, each in a thread of its own, in each process"),
    "synthesis_streams": (at_least(1), "speech streams at once in one process; further ones get 503"),
    "synthesis_packs": (at_least(1), "voice packs that each engine keeps loaded"),
    "synthesis_models": (truth, "load the models of the front end too, where the site has them"),
    "synthesis_characters": (at_least(1), "longest text that is spoken at once"),
    "listening": (Path, "SQLite file of the listening tests' answers; turns the tests on"),
    "listening_scenarios": (Path, "TOML or JSON file of what is compared"),
    "listening_clips": (Path, "folder of recordings to compare"),
    "listening_token": (str, "what the results are asked for with, 16 characters or more; better in the environment"),
    "log_format": (log_format, f"form of the log: {' or '.join(FORMATS)}"),
    "log_requests": (truth, "a line in the log for each request"),
}


def add_option(parser: argparse.ArgumentParser, name: str, default: object) -> None:
    reader, text = OPTIONS[name]
    flag = "--" + name.replace("_", "-")
    shown = ", ".join(default) if isinstance(default, tuple) else default
    shown = "none" if shown in ("", None) else shown
    text += "; may be repeated, or several separated by commas" if isinstance(default, tuple) else ""
    help_text = f"{text} (default: {shown}; environment: {PREFIX}{name.upper()})"
    # Suppressed defaults: an option that is absent is one that the environment may give.
    if reader is truth:
        parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=argparse.SUPPRESS, help=help_text)
    else:
        action = "extend" if isinstance(default, tuple) else "store"
        read = separated(reader) if isinstance(default, tuple) else reader
        parser.add_argument(flag, action=action, type=read, default=argparse.SUPPRESS, help=help_text)


def from_environment(parser: argparse.ArgumentParser, name: str, text: str, default: object) -> object:
    reader = OPTIONS[name][0]
    try:
        if isinstance(default, tuple):
            return separated(reader)(text)
        return reader(text) if text or isinstance(default, str) else default
    except (argparse.ArgumentTypeError, ValueError) as error:
        parser.error(f"{PREFIX}{name.upper()}: {error}")


def read_settings(arguments: list[str] | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
    """The options of the command line before those of the environment, before the defaults."""
    parser = argparse.ArgumentParser(
        prog="server.py",
        description="Serve Qingsheng's built site. `server.py export DIR` writes it for other servers instead.",
    )
    values: dict[str, Any] = {}
    for each in fields(Settings):
        text = environment.get(PREFIX + each.name.upper())
        values[each.name] = each.default if text is None else from_environment(parser, each.name, text, each.default)
        add_option(parser, each.name, each.default)
    for name, value in vars(parser.parse_args(arguments, argparse.Namespace())).items():
        values[name] = tuple(value) if isinstance(value, list) else value
    settings = Settings(**values)
    if 0 < len(settings.listening_token) < SHORTEST_TOKEN:
        parser.error(f"--listening-token has {len(settings.listening_token)} characters, expected {SHORTEST_TOKEN}")
    if settings.tls_key and not settings.tls_certificate:
        parser.error("--tls-key needs --tls-certificate")
    return settings
