"""Cross-origin rules of the HTTP routes. Socket.IO has its own, with the same origins."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response

from connector import answers

METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Cors:
    """ASGI middleware: pages of the `origins` may read the answers; what comes without an Origin (Twilio) is left alone."""

    def __init__(self, app: App, origins: tuple[str, ...]) -> None:
        self._app = app
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if scope["method"] == "OPTIONS" and origin and "access-control-request-method" in headers:
            await self._preflight(origin, headers)(scope, receive, send)
            return

        async def marked(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                answer.add_vary_header("Origin")
                if origin in self._origins:
                    answer["Access-Control-Allow-Origin"] = str(origin)
            await send(message)

        await self._app(scope, receive, marked)

    def _preflight(self, origin: str, headers: Headers) -> Response:
        if origin not in self._origins:
            return answers.message("This origin is not allowed.", 403, {"Vary": "Origin"})
        allowed = {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Methods": METHODS,
            "Vary": "Origin, Access-Control-Request-Headers",
        }
        if requested := headers.get("access-control-request-headers"):
            allowed["Access-Control-Allow-Headers"] = requested
        return Response(b"", 200, allowed, "text/html")
