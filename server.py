"""Serves the built site: `python server.py --host 127.0.0.1 --port 8080`."""

from __future__ import annotations

import argparse
import socket
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from gateway.api import Api, on_failure, on_http_error
from gateway.files import SiteFiles
from gateway.middleware import RootPath, SecurityHeaders
from gateway.site import Site, SiteNotBuilt

DIST = Path(__file__).resolve().parent / "static" / "dist"


def create_app(dist: Path = DIST, root_path: str = "", isolation: bool = True) -> ASGIApp:
    """The application that serves the site in `dist`. Raises `SiteNotBuilt` when there is none."""
    site = Site(dist)
    api = Api(site)
    app = Starlette(
        routes=[
            Route("/healthz", api.health),
            Mount("/api", routes=[Route("/voices", api.voices)]),
            Route("/{path:path}", SiteFiles(site).serve),
        ],
        exception_handlers={HTTPException: on_http_error, Exception: on_failure},
    )
    # Around the whole application, since Starlette's own answer to a failure passes no middleware.
    return SecurityHeaders(RootPath(app, root_path), isolation)


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Serve Qingsheng's built site.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8080, help="port; 0 takes a free one (default: %(default)s)")
    parser.add_argument("--root-path", default="", help="path of the site behind a proxy, such as /speech")
    parser.add_argument("--dist", type=Path, default=DIST, help="folder of the built site (default: static/dist)")
    parser.add_argument(
        "--no-isolation",
        dest="isolation",
        action="store_false",
        help="leave out the headers for cross-origin isolation: one thread, no shared memory",
    )
    return parser.parse_args(arguments)


def listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    # From here on a client is made to wait, not turned away: the address that is printed is good at once.
    listener.listen(2048)
    return listener


def address(listener: socket.socket, root_path: str) -> str:
    host, port = listener.getsockname()[:2]
    path = root_path.strip("/")
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/{f'{path}/' if path else ''}"


def main() -> int:
    options = parse_arguments()
    try:
        app = create_app(options.dist, options.root_path, options.isolation)
        listener = listen(options.host, options.port)
    except SiteNotBuilt as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Cannot listen on {options.host}:{options.port}: {error}. Try --port 0.", file=sys.stderr)
        return 1
    print(f"Qingsheng is at {address(listener, options.root_path)}  (Ctrl+C stops it)", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off")).run(sockets=[listener])
    return 0


if __name__ == "__main__":
    sys.exit(main())
