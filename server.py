"""Serves the built site, or writes it for other servers.

python server.py --host 127.0.0.1 --port 8080
python server.py export DIR
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial

import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from gateway import export, serve
from gateway.api import Api, on_failure, on_http_error
from gateway.embedding import CrossOrigin
from gateway.files import SiteFiles
from gateway.languages import Languages
from gateway.limits import Admission, BodyLimit, RateLimit, TokenBuckets
from gateway.listening.faults import BadScenarios, BadStore
from gateway.listening.scenarios import Scenario, read_scenarios, without_parts
from gateway.metrics import Metrics, MetricsPage
from gateway.middleware import RootPath, SecurityHeaders
from gateway.observation import named
from gateway.observe import Observe
from gateway.openapi import OpenApi
from gateway.settings import Settings, read_settings
from gateway.site import Site, SiteNotBuilt
from gateway.style_events import StyleEvents
from gateway.styles import StyleFiles, StyleFolder
from gateway.telemetry import Telemetry
from gateway.tracing import ExtraMissing, Spans, spans_if_asked
from py_engine.errors import QingshengError
from py_engine.synthesis.library import read_catalog

# A visit asks for some forty files at once.
BURST_SECONDS = 10
TELEMETRY = "/api/telemetry"
ANSWERS = "/api/listening/answers"
# A page reports every minute at most; several people may share an address.
REPORTS_PER_SECOND, REPORTS_AT_ONCE = 1, 30
# How a page learns where to report to: with the manifest, so that no page asks in vain.
ANNOUNCED = {"Qingsheng-Telemetry": TELEMETRY.removeprefix("/")}


def api_routes(site: Site, metrics: Metrics, settings: Settings, spans: Spans | None) -> list[BaseRoute]:
    styles = StyleFolder(settings.styles)
    found = [
        Route("/voices", named("api_voices", Api(site).voices)),
        Route("/languages", named("api_languages", Languages(site).answer)),
        Route("/openapi.json", named("api_openapi", OpenApi(site, settings).serve)),
        Route("/styles", named("api_styles", StyleFiles(styles).list)),
        Route("/styles/events", named("api_styles_events", StyleEvents(styles).serve)),
    ]
    if settings.telemetry:
        report = named("api_telemetry", Telemetry(site, metrics, spans).receive)
        found.append(Route(TELEMETRY.removeprefix("/api"), report, methods=["POST"]))
    return [*found]


def routes(site: Site, metrics: Metrics, settings: Settings, api: list[BaseRoute]) -> list[BaseRoute]:
    return [
        Route("/healthz", named("healthz", Api(site).health)),
        Route("/readyz", named("readyz", Api(site).ready)),
        Route("/metrics", named("metrics", MetricsPage(metrics, settings.metrics_from).serve)),
        Mount("/api", routes=api),
        Route("/styles/{id}.py", named("styles", StyleFiles(StyleFolder(settings.styles)).module)),
        Route("/{path:path}", Api(site).elsewhere),
    ]


def listening_scenarios(site: Site, settings: Settings) -> tuple[dict[str, Scenario], list[str]]:
    """What can be heard on this site, and what of the scenarios cannot and why. Raises: BadScenarios."""
    found = read_scenarios(settings.listening_scenarios, settings.listening_clips)
    voices = {file.group.partition(":")[2] for file in site.files() if file.kind == "voice"}
    return without_parts(found, voices, StyleFolder(settings.styles).styles())


@asynccontextmanager
async def sending(spans: Spans, _app: Starlette) -> AsyncIterator[None]:
    """Spans that were not sent yet are sent at the end."""
    try:
        yield
    finally:
        await anyio.to_thread.run_sync(spans.close)


@asynccontextmanager
async def all_running(
    parts: Sequence[Callable[[Starlette], AbstractAsyncContextManager[None]]], app: Starlette
) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for part in parts:
            await stack.enter_async_context(part(app))
        yield


def create_app(settings: Settings) -> ASGIApp:
    """The application that serves the site in `settings.dist`. Raises `SiteNotBuilt` when there is none."""
    site, metrics, spans = Site(settings.dist), Metrics(), spans_if_asked()
    api = api_routes(site, metrics, settings, spans)
    running: list[Callable[[Starlette], AbstractAsyncContextManager[None]]] = []
    if spans:
        running.append(partial(sending, spans))
    if settings.synthesis:
        from gateway.synthesis.endpoint import Synthesis
        from gateway.synthesis.studio import Studios

        studios = Studios(
            settings.dist / "models",
            settings.synthesis_threads,
            settings.synthesis_streams,
            settings.synthesis_packs,
            settings.synthesis_models,
        )
        synthesis = Synthesis(studios, settings.synthesis_characters, metrics, spans)
        api.append(Route("/tts", named("api_tts", synthesis.speak), methods=["POST"]))
        running.append(studios.running)
    if settings.listening:
        from gateway.listening.endpoints import Listening
        from gateway.listening.store import Store

        scenarios, _ = listening_scenarios(site, settings)
        listening = Listening(Store(settings.listening), scenarios, settings.listening_clips, settings.listening_token)
        api += listening.routes()
    announced = ANNOUNCED if settings.telemetry else None
    app: ASGIApp = Starlette(
        routes=routes(site, metrics, settings, api),
        exception_handlers={HTTPException: on_http_error, Exception: on_failure},
        lifespan=partial(all_running, running),
    )
    app = SiteFiles(app, site, settings.memory, announced)
    app = BodyLimit(app, settings.max_body)
    if settings.telemetry:
        app = RateLimit(app, TokenBuckets(REPORTS_PER_SECOND, REPORTS_AT_ONCE), only=TELEMETRY)
    if settings.listening:
        app = RateLimit(app, TokenBuckets(REPORTS_PER_SECOND, REPORTS_AT_ONCE), only=ANSWERS)
    if settings.rate:
        app = RateLimit(app, TokenBuckets(settings.rate, max(settings.rate * BURST_SECONDS, 1)))
    if settings.embed_origins:
        app = CrossOrigin(app, settings.embed_origins)
    app = Admission(app, settings.allowed_host, settings.max_headers)
    if settings.root_path:
        app = RootPath(app, settings.root_path)
    app = Observe(app, metrics, spans)
    # Around everything, since what turns a request away passes no other middleware.
    transport = settings.tls_certificate is not None
    return SecurityHeaders(app, settings.isolation, transport, settings.embed_origins)


def main() -> int:
    if sys.argv[1:2] == ["export"]:
        return export.main(sys.argv[2:])
    settings = read_settings()
    try:
        # All this is said here once, and not by each process.
        site = Site(settings.dist)
        serve.check_certificate(settings)
        spans_if_asked()
        if settings.listening:
            from gateway.listening.store import Store

            for reason in listening_scenarios(site, settings)[1]:
                print(reason, file=sys.stderr)
            Store(settings.listening)
        if settings.synthesis:
            read_catalog(settings.dist / "models").find(None)
        listener = serve.listen(settings.host, settings.port)
    except (SiteNotBuilt, serve.BadCertificate, ExtraMissing, QingshengError, BadScenarios, BadStore) as error:
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
