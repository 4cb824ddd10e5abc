"""Runs the application: one listening socket, one or several processes, an end in good order."""

from __future__ import annotations

import os
import socket
import ssl
import sys
from collections.abc import Callable
from functools import partial
from tempfile import TemporaryDirectory

import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from gateway import logs
from gateway.metrics import MULTIPROCESS
from gateway.protocol import PunctualConfig, PunctualProtocol
from gateway.settings import Settings

BACKLOG = 2048
# For files, listeners, the log and what the libraries open.
SPARE_DESCRIPTORS = 512

MakeApp = Callable[[Settings], ASGIApp]


class BadCertificate(Exception):
    """The files for TLS cannot be used."""


def check_certificate(settings: Settings) -> None:
    if settings.tls_certificate is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.tls_certificate, settings.tls_key)
    except OSError as error:
        files = " and ".join(str(file) for file in (settings.tls_certificate, settings.tls_key) if file)
        raise BadCertificate(f"{files} cannot be used: {error}. Expected a PEM certificate with its key.") from error


def listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    # From here on a client is made to wait, not turned away: the address that is printed is good at once.
    listener.listen(BACKLOG)
    return listener


def address(listener: socket.socket, settings: Settings) -> str:
    host, port = listener.getsockname()[:2]
    path = settings.root_path.strip("/")
    scheme = "https" if settings.tls_certificate else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}/{f'{path}/' if path else ''}"


def configuration(make_app: MakeApp, settings: Settings) -> PunctualConfig:
    """What each process is started with; it goes to the others by pickling."""
    config = PunctualConfig(
        partial(make_app, settings),
        factory=True,
        http=PunctualProtocol,
        # uvloop, where there is one.
        loop="auto",
        ws="none",
        lifespan="on",
        log_config=logs.configuration(settings.log_format, settings.log_requests),
        access_log=False,
        server_header=False,
        workers=settings.workers,
        backlog=BACKLOG,
        limit_concurrency=settings.connections,
        forwarded_allow_ips=list(settings.trusted_proxy),
        timeout_keep_alive=settings.idle_seconds,
        timeout_graceful_shutdown=settings.grace_seconds,
        timeout_worker_healthcheck=30,
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
    )
    config.request_seconds = settings.request_seconds
    config.stall_seconds = settings.stall_seconds
    config.max_head = settings.max_headers
    return config


def allow_descriptors(connections: int) -> None:
    """Two for each connection, whose files are sent over a doubled one, as far as the system lets a program go."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * connections + SPARE_DESCRIPTORS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, allowed), hard))


def run(make_app: MakeApp, settings: Settings, listener: socket.socket) -> None:
    """Serves until a signal ends it; then answers under way get `grace_seconds`."""
    allow_descriptors(settings.connections)
    config = configuration(make_app, settings)
    try:
        if settings.workers > 1:
            with TemporaryDirectory(prefix="qingsheng-metrics-") as folder:
                os.environ.setdefault(MULTIPROCESS, folder)
                Multiprocess(config, sockets=[listener]).run()
        else:
            uvicorn.Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        # Already handled; uvicorn only passes it on.
        pass
