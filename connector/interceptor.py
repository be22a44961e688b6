"""The Pub/Sub interceptor: four push subscriptions in, Redis out.

204 means that the event is kept, or that it is for no conversation; 503 that Pub/Sub shall send it again; 400 that it is broken
for good: Pub/Sub tries as often as the subscription says and then sets it aside, where somebody can look at it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from starlette.datastructures import Headers
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from connector import answers, logs, push, serving
from connector.config import InterceptorSettings, PushSettings
from connector.cors import Receive, Scope, Send
from connector.events import EventLog
from connector.measures import Gauges, Measures
from connector.redis_link import KeptLink, StoreUnavailable

if TYPE_CHECKING:
    from connector.push_identity import PushIdentity

# Pub/Sub's own limit is 10 MB of data, which base64 makes a third more.
_LARGEST_PUSH = 15 * 1024 * 1024
_LINES = {"discarded": "push message discarded", "poison": "push message refused for good"}
_STATUS = b"Hello, cross-origin-world!"


class Interceptor:
    """`asgi` is the whole service."""

    def __init__(self, settings: InterceptorSettings) -> None:
        self._link = KeptLink(settings.redis)
        self._log = EventLog(self._link)
        self._measures = Measures()
        self._identity = _identity(settings.push)
        gauges: Gauges = {
            "redis_up": ("Whether Redis is connected", lambda: self._link.connected),
            "redis_connections_total": (
                "Connections made to Redis; more than one are reconnections",
                lambda: self._link.connections,
            ),
        }
        self.asgi = serving.WithLifespan(
            ServerErrorMiddleware(self._dispatch, handler=_unexpected),
            self._start,
            self._stop,
            serving.Metrics(settings.metrics_port, self._measures, gauges),
        )

    async def _start(self) -> None:
        self._link.start()

    async def _stop(self) -> None:
        await self._link.stop()
        if self._identity is not None:
            await self._identity.close()

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close"})
            return
        logs.of_request(scope["headers"])
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
        if path == "/ready" and method in ("GET", "HEAD"):
            return answers.readiness(self._link.connected)
        if path.removeprefix("/") not in push.DATA_TYPES:
            return answers.message("Not found", 404)
        if method != "POST":
            return answers.message("Method not allowed", 405, {"Allow": "POST"})
        if not answers.is_json(Headers(scope=scope).get("content-type", "")):
            return answers.message("Content-Type must be application/json.", 415)
        return await self._refused(scope) or await self._take(path.removeprefix("/"), scope, receive)

    async def _take(self, data_type: str, scope: Scope, receive: Receive) -> Response:
        body = await answers.body(Request(scope, receive), _LARGEST_PUSH)
        try:
            envelope = orjson.loads(body)
        except orjson.JSONDecodeError:
            return answers.message("The body is not JSON.", 400)
        return await self._keep(data_type, envelope)

    async def _refused(self, scope: Scope) -> Response | None:
        if self._identity is None:
            return None
        from connector import push_identity as identity  # noqa: PLC0415  # as in `_identity`

        try:
            await self._identity.check(Headers(scope=scope).get("authorization"))
        except identity.NotIdentified as fault:
            answer = answers.message("Pushes need the identity's token.", 401, {"WWW-Authenticate": "Bearer"})
            cause = str(fault)
        except identity.WrongIdentity as fault:
            answer, cause = answers.message("This identity may not push.", 403), str(fault)
        except identity.KeysUnavailable as error:
            answer, cause = answers.unavailable("Google's key service"), f"keys: {error}"
        else:
            return None
        self._measures.pushes_refused[cause] += 1
        logs.log.warning("push refused", extra={"details": {"cause": cause}})
        return answer

    async def _keep(self, data_type: str, envelope: object) -> Response:
        try:
            event = push.read(data_type, envelope)
        except push.Unaddressed as fault:
            self._told(data_type, "discarded", fault)
            return Response(status_code=204)
        except push.BadMessage as fault:
            if push.first_attempt(envelope):
                self._told(data_type, "poison", fault)
            return answers.message(f"This message can never be delivered: {fault}.", 400)
        try:
            new = await self._log.append(event.room, event.payload, event.message_id)
        except StoreUnavailable as error:
            self._measures.events[data_type, "put_off"] += 1
            logs.log.warning("push message put off", extra={"details": {"data_type": data_type, "cause": str(error)}})
            return answers.unavailable("The session store")
        self._measures.events[data_type, "kept" if new else "repeated"] += 1
        return Response(status_code=204)

    def _told(self, data_type: str, outcome: str, fault: push.BadMessage) -> None:
        self._measures.events[data_type, outcome] += 1
        so_far = self._measures.events[data_type, outcome]
        details = {"data_type": data_type, "cause": str(fault), "so_far": so_far}
        logs.log.warning(_LINES[outcome], extra={"details": details})


def _identity(settings: PushSettings | None) -> PushIdentity | None:
    if settings is None:
        return None
    # Loaded only where pushes are checked: an HTTP client and cryptography take longer to load than the service itself.
    from connector.push_identity import PushIdentity  # noqa: PLC0415

    return PushIdentity(settings)


async def _unexpected(_: Request, __: Exception) -> Response:
    return answers.message("An internal error occurred.", 500)


def run(settings: InterceptorSettings) -> None:
    """Serves until SIGTERM."""
    serving.run(Interceptor(settings).asgi, settings.host, settings.port)
