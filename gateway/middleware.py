"""Pure-ASGI middleware: response headers, and the path the site lives under."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.embedding import frame_ancestors, resource_policy

# Own origin only, nothing inline. WebAssembly has to be compiled; blob: workers and audio are made by the page itself.
POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'wasm-unsafe-eval'",
    "worker-src": "'self' blob:",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' blob:",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
}

SECURITY = {
    # Not bluetooth: where a browser lacks it, naming it is an error in the console of every page.
    "Permissions-Policy": (
        "camera=(), display-capture=(), geolocation=(), hid=(), microphone=(), midi=(), payment=(), serial=(), usb=()"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

# What a page needs for SharedArrayBuffer, and so for threads and the shared audio ring.
ISOLATION = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}

# Half a year of HTTPS only; for this host, since others below it may not have it.
TRANSPORT = {"Strict-Transport-Security": "max-age=15768000"}


def security_headers(isolation: bool, embed_origins: Sequence[str] = ()) -> dict[str, str]:
    """Workers take their policy from their own script's response, so every response carries these.

    embed_origins: whose pages may frame the site and use its files, `*` for all.
    """
    policy = {**POLICY, "frame-ancestors": frame_ancestors(embed_origins)}
    return {
        "Content-Security-Policy": "; ".join(f"{name} {sources}" for name, sources in policy.items()),
        "Cross-Origin-Resource-Policy": resource_policy(embed_origins),
        **SECURITY,
        **(ISOLATION if isolation else {}),
    }


class SecurityHeaders:
    """Adds the security headers to every response, errors included."""

    def __init__(
        self, app: ASGIApp, isolation: bool = True, transport: bool = False, embed_origins: Sequence[str] = ()
    ) -> None:
        self.app = app
        headers = {**security_headers(isolation, embed_origins), **(TRANSPORT if transport else {})}
        self.headers = Headers(headers).raw

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self.headers]
            await send(message)

        await self.app(scope, receive, send_with_headers)


class RootPath:
    """Serves the site under `root_path`, whether or not the proxy in front has taken that prefix off."""

    def __init__(self, app: ASGIApp, root_path: str = "") -> None:
        self.app = app
        self.root_path = "/" + root_path.strip("/") if root_path.strip("/") else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self.root_path:
            await self.app(scope, receive, send)
            return
        path = scope["path"]
        if path == self.root_path:
            # The page's addresses are relative: without the slash they would lead beside the site.
            await RedirectResponse(self.root_path + "/")(scope, receive, send)
            return
        if not path.startswith(self.root_path + "/"):
            path = self.root_path + path
        await self.app({**scope, "root_path": self.root_path, "path": path}, receive, send)
