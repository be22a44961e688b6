"""Our own small event service, where Google's Pub/Sub emulator is not installed.

Speaks the part of the Pub/Sub REST API (v1) that the rehearsal uses, on one port: PUT, GET, DELETE and lists of topics and
subscriptions, PATCH of a subscription, `:publish`, `:modifyPushConfig`, `:pull`, `:acknowledge`. Push deliveries are
repeated with back-off until they are acknowledged, as `retryPolicy` says. Like the emulator it neither signs nor forwards
dead letters: both do so through push_forwarder.py.
"""

from __future__ import annotations

import asyncio
import datetime
import itertools
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from rehearsal.serving import Server

ACKNOWLEDGED = frozenset({102, 200, 201, 202, 204})
_RETENTION = "604800s"


class _ApiError(Exception):
    def __init__(self, code: int, status: str, message: str) -> None:
        self.code, self.status = code, status
        super().__init__(message)


@dataclass
class _Subscription:
    body: dict[str, Any]
    # Messages that wait for somebody to pull them, by ack id; a push subscription has none.
    backlog: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def endpoint(self) -> str:
        return (self.body.get("pushConfig") or {}).get("pushEndpoint", "")


class EventService:
    """Topics, subscriptions and deliveries in memory; one event loop, so nothing here needs a lock."""

    kind = "own"

    def __init__(self) -> None:
        self._topics: dict[str, dict[str, Any]] = {}
        self._subscriptions: dict[str, _Subscription] = {}
        self._ids = itertools.count(1)
        self._deliveries: set[asyncio.Task[None]] = set()
        self._client: httpx.AsyncClient | None = None
        self._server = Server(self._app())
        self.url = self._server.url

    def start(self) -> EventService:
        self._server.start()
        return self

    def stop(self) -> None:
        self._server.stop()

    def _app(self) -> Starlette:
        routes = [
            Route("/v1/projects/{project}/topics", self._list, methods=["GET"]),
            Route("/v1/projects/{project}/subscriptions", self._list, methods=["GET"]),
            Route("/v1/projects/{project}/topics/{name}", self._topic, methods=["PUT", "GET", "DELETE"]),
            Route("/v1/projects/{project}/topics/{name}:publish", self._publish, methods=["POST"]),
            Route(
                "/v1/projects/{project}/subscriptions/{name}",
                self._subscription,
                methods=["PUT", "GET", "PATCH", "DELETE"],
            ),
            Route("/v1/projects/{project}/subscriptions/{name}:{verb}", self._verb, methods=["POST"]),
        ]
        # Routes with a verb first: a name never holds a colon.
        routes.sort(key=lambda route: ":" not in route.path.replace("{", ""))
        return Starlette(routes=routes, exception_handlers={_ApiError: _answer_error})

    async def _list(self, request: Request) -> JSONResponse:
        kind = request.url.path.rpartition("/")[2]
        prefix = f"projects/{request.path_params['project']}/"
        things = self._topics if kind == "topics" else {n: s.body for n, s in self._subscriptions.items()}
        return JSONResponse({kind: [body for name, body in things.items() if name.startswith(prefix)]})

    async def _topic(self, request: Request) -> JSONResponse:
        name = _name(request)
        if request.method == "PUT":
            if name in self._topics:
                raise _ApiError(409, "ALREADY_EXISTS", "Topic already exists")
            self._topics[name] = {**await _body(request), "name": name}
            return JSONResponse(self._topics[name])
        topic = self._need_topic(name)
        if request.method == "DELETE":
            del self._topics[name]
            for each in self._subscriptions.values():
                if each.body["topic"] == name:
                    each.body["topic"] = "_deleted-topic_"
            return JSONResponse({})
        return JSONResponse(topic)

    async def _publish(self, request: Request) -> JSONResponse:
        name = _name(request)
        self._need_topic(name)
        messages = (await _body(request)).get("messages", [])
        if not messages or any(not each.get("data") and not each.get("attributes") for each in messages):
            raise _ApiError(400, "INVALID_ARGUMENT", "messages: each needs data or attributes")
        published = [{**each, "messageId": str(next(self._ids)), "publishTime": _now()} for each in messages]
        for subscription in self._subscriptions.values():
            if subscription.body["topic"] == name:
                for message in published:
                    self._hand_out(subscription, message)
        return JSONResponse({"messageIds": [each["messageId"] for each in published]})

    async def _subscription(self, request: Request) -> JSONResponse:
        name = _name(request)
        if request.method == "PUT":
            return self._subscribe(name, await _body(request))
        subscription = self._need_subscription(name)
        if request.method == "DELETE":
            del self._subscriptions[name]
            return JSONResponse({})
        if request.method == "PATCH":
            body = await _body(request)
            for path in body.get("updateMask", "").split(","):
                subscription.body[path] = body["subscription"].get(path)
        return JSONResponse(subscription.body)

    def _subscribe(self, name: str, body: dict[str, Any]) -> JSONResponse:
        if name in self._subscriptions:
            raise _ApiError(409, "ALREADY_EXISTS", "Subscription already exists")
        if body.get("topic") not in self._topics:
            raise _ApiError(404, "NOT_FOUND", "Subscription topic does not exist")
        for unsupported in ("filter", "enableMessageOrdering"):
            if body.get(unsupported):
                raise _ApiError(501, "UNIMPLEMENTED", f"{unsupported} needs Google's Pub/Sub emulator")
        defaults = {"pushConfig": {}, "ackDeadlineSeconds": 10, "messageRetentionDuration": _RETENTION}
        self._subscriptions[name] = _Subscription({**defaults, **body, "name": name})
        return JSONResponse(self._subscriptions[name].body)

    async def _verb(self, request: Request) -> JSONResponse:
        subscription = self._need_subscription(_name(request))
        body, verb = await _body(request), request.path_params["verb"]
        if verb == "modifyPushConfig":
            subscription.body["pushConfig"] = body.get("pushConfig") or {}
            waiting, subscription.backlog = list(subscription.backlog.values()), {}
            for message in waiting:
                self._hand_out(subscription, message)
            return JSONResponse({})
        if verb == "pull":
            waiting = list(subscription.backlog.items())[: body.get("maxMessages", 1)]
            return JSONResponse(
                {"receivedMessages": [{"ackId": ack, "message": m} for ack, m in waiting]} if waiting else {}
            )
        if verb == "acknowledge":
            for ack in body.get("ackIds", []):
                subscription.backlog.pop(ack, None)
            return JSONResponse({})
        raise _ApiError(404, "NOT_FOUND", f"Method {verb} not found")

    def _hand_out(self, subscription: _Subscription, message: dict[str, Any]) -> None:
        if not subscription.endpoint:
            subscription.backlog[f"ack-{message['messageId']}"] = message
            return
        task = asyncio.get_running_loop().create_task(self._push(subscription, message))
        self._deliveries.add(task)
        task.add_done_callback(self._deliveries.discard)

    async def _push(self, subscription: _Subscription, message: dict[str, Any]) -> None:
        """Deliver until somebody acknowledges, the subscription goes, or it stops being a push subscription."""
        if self._client is None:
            self._client = httpx.AsyncClient(trust_env=False)
        name = subscription.body["name"]
        twins = {"message_id": message["messageId"], "publish_time": message["publishTime"]}
        for attempt in itertools.count():
            if self._subscriptions.get(name) is not subscription:
                return
            if not subscription.endpoint:
                self._hand_out(subscription, message)
                return
            try:
                answer = await self._client.post(
                    subscription.endpoint,
                    json={"subscription": name, "message": {**message, **twins}},
                    timeout=subscription.body["ackDeadlineSeconds"],
                )
                if answer.status_code in ACKNOWLEDGED:
                    return
            except httpx.HTTPError:
                # Nobody there, or too slow: the same to Pub/Sub as a refusal, so it tries again below.
                answer = None
            await asyncio.sleep(_pause(subscription.body.get("retryPolicy"), attempt))

    def _need_topic(self, name: str) -> dict[str, Any]:
        if name not in self._topics:
            raise _ApiError(404, "NOT_FOUND", "Topic not found")
        return self._topics[name]

    def _need_subscription(self, name: str) -> _Subscription:
        if name not in self._subscriptions:
            raise _ApiError(404, "NOT_FOUND", "Subscription does not exist")
        return self._subscriptions[name]


def _pause(policy: dict[str, str] | None, attempt: int) -> float:
    """Seconds until the next try: doubling from minimumBackoff (10 s when only the other is given) to maximumBackoff (600 s);
    without a policy at once, slowed down as Pub/Sub slows down pushes to an endpoint that fails."""
    if policy is None:
        return min(0.1 * 2**attempt, 60.0)
    low = float((policy.get("minimumBackoff") or "10s").rstrip("s"))
    high = float((policy.get("maximumBackoff") or "600s").rstrip("s"))
    return min(low * 2**attempt, high)


def _name(request: Request) -> str:
    kind = "topics" if "/topics/" in request.url.path else "subscriptions"
    return f"projects/{request.path_params['project']}/{kind}/{request.path_params['name']}"


async def _body(request: Request) -> dict[str, Any]:
    return await request.json() if await request.body() else {}


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


async def _answer_error(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, _ApiError):
        raise error
    return JSONResponse({"error": {"code": error.code, "message": str(error), "status": error.status}}, error.code)
