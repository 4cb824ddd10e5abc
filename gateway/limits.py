"""Pure-ASGI middleware that turns requests away: wrong host, too large, too many."""

from __future__ import annotations

import ipaddress
import math
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.refusal import PROBES, local_path, refusal

# Without a length or chunks these have no body, and nobody reads one.
BODILESS = frozenset({"GET", "HEAD"})
# A name or an address, that of IPv6 in brackets, maybe with a port (RFC 3986, section 3.2.2).
HOST = re.compile(r"(?P<name>[A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{0,5})?")


def host_name(header: str) -> str | None:
    """The host without its port, in lower case; None when the header is no host at all."""
    found = HOST.fullmatch(header)
    return found.group("name").lower() if found else None


def allows(pattern: str, name: str) -> bool:
    """`*` is any host, `*.example.org` any below example.org."""
    if pattern == "*":
        return True
    return name.endswith(pattern[1:].lower()) if pattern.startswith("*.") else name == pattern.lower()


# How the length of a body may be told: in one way.
FRAMINGS = frozenset({b"content-length", b"transfer-encoding"})


class Admission:
    """Only requests that are sound, and under a name that is this server's. Probes come under the machine's address."""

    def __init__(self, app: ASGIApp, allowed: Sequence[str] = ("*",), max_headers: int = 16 << 10) -> None:
        self.app = app
        self.allowed = allowed
        self.max_headers = max_headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (found := self.objection(scope)):
            # Where the next request begins is not certain either.
            await refusal(scope, *found, {"Connection": "close"})(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def objection(self, scope: Scope) -> tuple[int, str] | None:
        hosts: list[bytes] = []
        framings = set()
        size = len(scope.get("raw_path") or b"") + len(scope["query_string"])
        for name, value in scope["headers"]:
            size += len(name) + len(value)
            if name == b"host":
                hosts.append(value)
            elif name in FRAMINGS:
                framings.add(name)
        # The protocol limits only what comes piece by piece.
        if size > self.max_headers:
            return 431, "The request line and its headers are too long."
        if not scope["path"].startswith("/"):
            return 400, "The request target is not a path."
        if len(framings) > 1:
            return 400, "The body's length is given twice."
        return self.wrong_host(scope, [value.decode("latin-1") for value in hosts])

    def wrong_host(self, scope: Scope, hosts: list[str]) -> tuple[int, str] | None:
        name = host_name(hosts[0]) if len(hosts) == 1 else None
        # HTTP/1.0 knows no Host header.
        if name is None and (hosts or "*" not in self.allowed):
            return 400, "The Host header is missing or is not a host."
        if name is None or local_path(scope) in PROBES or any(allows(pattern, name) for pattern in self.allowed):
            return None
        return 421, "This host is not served here."


class TooLarge(Exception):
    """The body has grown over the limit while it was being read."""


class BodyLimit:
    """No more than `limit` bytes in a request's body, whether or not it says its length."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        told = {name: value for name, value in scope["headers"] if name in FRAMINGS}
        if not told and scope["method"] in BODILESS:
            await self.app(scope, receive, send)
            return
        length = told.get(b"content-length", b"0").decode("latin-1")
        if not length.isascii() or not length.isdigit() or len(length) > 20 or int(length) > self.limit:
            await self.refuse(scope, receive, send)
            return
        read, started = 0, False

        async def limited() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self.limit:
                raise TooLarge
            return message

        async def noting(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, limited, noting)
        except TooLarge:
            if not started:
                await self.refuse(scope, receive, send)

    async def refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        # What is still to come of the body is not worth reading.
        response = refusal(scope, 413, f"The body is larger than {self.limit} bytes.", {"Connection": "close"})
        await response(scope, receive, send)


class TokenBuckets:
    """`rate` a second for each client, `burst` at once. Only the `capacity` clients seen last are remembered."""

    def __init__(
        self, rate: float, burst: float, capacity: int = 10_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.rate, self.burst, self.capacity, self.clock = rate, burst, capacity, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str) -> float:
        """Takes one token: 0, or the seconds until there will be one."""
        now = self.clock()
        tokens, since = self._buckets.pop(client, (self.burst, now))
        tokens = min(self.burst, tokens + (now - since) * self.rate)
        taken = tokens >= 1
        self._buckets[client] = (tokens - 1 if taken else tokens, now)
        if len(self._buckets) > self.capacity:
            self._buckets.popitem(last=False)
        return 0.0 if taken else (1 - tokens) / self.rate


def client_key(scope: Scope) -> str:
    """The client's address; of IPv6 the network, since one client may use any address of it."""
    host = scope["client"][0] if scope.get("client") else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 4:
        return host
    return str(ipaddress.ip_network((address, 64), strict=False))


class RateLimit:
    """Turns away, with the time to wait, who asks faster than the buckets allow. Probes are never turned away."""

    def __init__(self, app: ASGIApp, buckets: TokenBuckets, only: str = "") -> None:
        self.app, self.buckets, self.only = app, buckets, only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self.applies(local_path(scope)):
            wait = self.buckets.wait(client_key(scope))
            if wait > 0:
                headers = {"Retry-After": str(math.ceil(wait))}
                await refusal(scope, 429, "Too many requests.", headers)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def applies(self, path: str) -> bool:
        return path == self.only if self.only else path not in PROBES
