"""Pages of other origins that may frame the site and use its files: content policy, resource policy and CORS."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ANY = "*"
# Scheme, host and maybe a port, and nothing after it (RFC 6454, section 6.2); of IPv6 the address in brackets.
ORIGIN = re.compile(r"https?://(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?")
# What a page of another origin may read of an answer, beyond what browsers always allow.
EXPOSED = (
    "Accept-Ranges, Content-Encoding, Content-Length, Content-Range, ETag, Qingsheng-Sample-Rate, "
    "Qingsheng-Telemetry, Retry-After"
)
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST",
    "Access-Control-Allow-Headers": (
        "Content-Type, If-Match, If-None-Match, If-Range, Last-Event-ID, Range, Traceparent"
    ),
    "Access-Control-Max-Age": "86400",
    "Cache-Control": "no-store",
}


class BadOrigin(ValueError):
    """The message says what was got and what was expected."""


def origin(text: str) -> str:
    """An origin as browsers send it, or `*` for any. Raises: BadOrigin."""
    found = text.strip().lower()
    if found != ANY and not ORIGIN.fullmatch(found):
        raise BadOrigin(f"got {text!r:.80}, expected an origin such as https://www.example.org, without a path, or *")
    scheme, _, rest = found.partition("://")
    # Browsers leave out the scheme's own port.
    return found.removesuffix({"http": ":80", "https": ":443"}[scheme]) if rest else found


def frame_ancestors(origins: Sequence[str]) -> str:
    return ANY if ANY in origins else " ".join(["'self'", *origins])


def resource_policy(origins: Sequence[str]) -> str:
    return "cross-origin" if origins else "same-origin"


def shared_headers(origins: Sequence[str]) -> dict[str, str]:
    """For hosts that send each visitor the same: one origin by name, of several any; the files are public anyway."""
    if not origins:
        return {}
    allowed = origins[0] if len(origins) == 1 else ANY
    return {"Access-Control-Allow-Origin": allowed, "Access-Control-Expose-Headers": EXPOSED}


class CrossOrigin:
    """Lets pages of `origins` read the answers, without credentials, and answers what browsers ask beforehand."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self.app = app
        self.origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        granted = self.granted(headers.get("origin"))
        if granted and scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await Response(status_code=204, headers={**granted, **PREFLIGHT})(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                answer.update(granted)
                # Also on an answer without the grant: a cache must not give it to a page that has it.
                if ANY not in self.origins:
                    answer.add_vary_header("Origin")
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def granted(self, asking: str | None) -> Mapping[str, str]:
        if ANY in self.origins:
            return shared_headers([ANY])
        return shared_headers([asking]) if asking in self.origins and asking else {}
