"""The Pub/Sub interceptor: four push subscriptions in, Redis out.

204 means that the event is kept, or that it can never be delivered; 503 that Pub/Sub shall send it again.
"""

from __future__ import annotations

from collections import Counter

import orjson
from starlette.datastructures import Headers
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from connector import answers, logs, push, serving
from connector.config import InterceptorSettings
from connector.cors import Receive, Scope, Send
from connector.events import EventLog
from connector.redis_link import KeptLink, StoreUnavailable

# Pub/Sub's own limit is 10 MB of data, which base64 makes a third more.
_LARGEST_PUSH = 15 * 1024 * 1024
_STATUS = b"Hello, cross-origin-world!"


class Interceptor:
    """`asgi` is the whole service. `counts` says how many events were kept, repeated and discarded since the start."""

    def __init__(self, settings: InterceptorSettings) -> None:
        self._link = KeptLink(settings.redis)
        self._log = EventLog(self._link)
        self.counts: Counter[str] = Counter()
        self.asgi = serving.WithLifespan(ServerErrorMiddleware(self._dispatch), self._start, self._link.stop)

    async def _start(self) -> None:
        self._link.start()

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close"})
            return
        try:
            answer = await self._answer(scope, receive)
        except answers.Refused as refused:
            answer = refused.response
        except ClientDisconnect:
            answer = Response(status_code=400)
        await answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        method, path = scope["method"], scope["path"]
        if path == "/status" and method in ("GET", "HEAD"):
            return Response(_STATUS, media_type="text/html; charset=utf-8")
        data_type = path.removeprefix("/")
        if data_type not in push.DATA_TYPES:
            return answers.message("Not found", 404)
        if method != "POST":
            return answers.message("Method not allowed", 405, {"Allow": "POST"})
        if not answers.is_json(Headers(scope=scope).get("content-type", "")):
            return answers.message("Content-Type must be application/json.", 415)
        body = await answers.body(Request(scope, receive), _LARGEST_PUSH)
        try:
            envelope = orjson.loads(body)
        except orjson.JSONDecodeError:
            return answers.message("The body is not JSON.", 400)
        return await self._keep(data_type, envelope)

    async def _keep(self, data_type: str, envelope: object) -> Response:
        try:
            event = push.read(data_type, envelope)
        except push.BadMessage as fault:
            self.counts["discarded"] += 1
            details = {"data_type": data_type, "cause": str(fault), "discarded": self.counts["discarded"]}
            logs.log.warning("push message discarded", extra={"details": details})
            return Response(status_code=204)
        try:
            new = await self._log.append(event.room, event.payload, event.message_id)
        except StoreUnavailable as error:
            self.counts["put off"] += 1
            logs.log.warning("push message put off", extra={"details": {"data_type": data_type, "cause": str(error)}})
            return answers.unavailable("The session store")
        self.counts["kept" if new else "repeated"] += 1
        return Response(status_code=204)


def run(settings: InterceptorSettings) -> None:
    """Serves until SIGTERM."""
    serving.run(Interceptor(settings).asgi, settings.host, settings.port)
