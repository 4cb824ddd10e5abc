"""Serves the built site, or writes it for other servers.

python server.py --host 127.0.0.1 --port 8080
python server.py export DIR
"""

from __future__ import annotations

import sys

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from gateway import export, serve
from gateway.api import Api, on_failure, on_http_error
from gateway.files import SiteFiles
from gateway.languages import Languages
from gateway.limits import Admission, BodyLimit, RateLimit, TokenBuckets
from gateway.middleware import RootPath, SecurityHeaders
from gateway.settings import Settings, read_settings
from gateway.site import Site, SiteNotBuilt

# A visit asks for some forty files at once.
BURST_SECONDS = 10


def create_app(settings: Settings) -> ASGIApp:
    """The application that serves the site in `settings.dist`. Raises `SiteNotBuilt` when there is none."""
    site = Site(settings.dist)
    api = Api(site)
    app: ASGIApp = Starlette(
        routes=[
            Route("/healthz", api.health),
            Route("/readyz", api.ready),
            Mount("/api", routes=[Route("/voices", api.voices), Route("/languages", Languages(site).answer)]),
            Route("/{path:path}", SiteFiles(site, settings.memory).serve),
        ],
        exception_handlers={HTTPException: on_http_error, Exception: on_failure},
    )
    app = BodyLimit(app, settings.max_body)
    if settings.rate:
        app = RateLimit(app, TokenBuckets(settings.rate, max(settings.rate * BURST_SECONDS, 1)))
    app = Admission(app, settings.allowed_host, settings.max_headers)
    app = RootPath(app, settings.root_path)
    # Around everything, since what turns a request away passes no other middleware.
    return SecurityHeaders(app, settings.isolation, transport=settings.tls_certificate is not None)


def main() -> int:
    if sys.argv[1:2] == ["export"]:
        return export.main(sys.argv[2:])
    settings = read_settings()
    try:
        # Both are said here once, and not by each process.
        Site(settings.dist)
        serve.check_certificate(settings)
        listener = serve.listen(settings.host, settings.port)
    except (SiteNotBuilt, serve.BadCertificate) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Cannot listen on {settings.host}:{settings.port}: {error}. Try --port 0.", file=sys.stderr)
        return 1
    print(f"Qingsheng is at {serve.address(listener, settings)}  (Ctrl+C stops it)", flush=True)
    serve.run(create_app, settings, listener)
    return 0


if __name__ == "__main__":
    sys.exit(main())
