"""Stands between the event service and the push endpoints, and adds what Pub/Sub itself does there and the emulator does not.

An `Authorization: Bearer` identity token of the subscription's push account, and dead letters: after maxDeliveryAttempts the
message goes to the dead-letter topic, provided that the Pub/Sub service agent may do that.
"""

from __future__ import annotations

import base64
import json
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rehearsal.google.event_service import ACKNOWLEDGED
from rehearsal.google.tokens import Tokens
from rehearsal.serving import Server

# Says that a request comes from within Google's network; only the front of a service and this file know its value.
INTERNAL_HEADER = "x-standin-internal"
_KEPT = 500


@dataclass(frozen=True)
class Target:
    """Where the messages of a subscription really go, as the Pub/Sub API writes it."""

    subscription: str
    push_config: dict[str, Any]
    dead_letter: dict[str, Any] | None
    ack_deadline: int


class PushForwarder:
    """`may_forward(subscription, topic)` says whether the service agent may move a message to its dead-letter topic."""

    def __init__(self, tokens: Tokens, internal: str, may_forward: Callable[[str, str], bool]) -> None:
        self._tokens, self._internal, self._may_forward = tokens, internal, may_forward
        self._targets: dict[str, Target] = {}
        self._attempts: Counter[tuple[str, str]] = Counter()
        # The last deliveries, for `/_standin/deliveries`: who got what, how often, with which answer.
        self.deliveries: deque[dict[str, Any]] = deque(maxlen=_KEPT)
        self.events_url = ""
        self._client: httpx.AsyncClient | None = None
        route = Route("/push/{subscription:path}", self._push, methods=["POST"])
        self._server = Server(Starlette(routes=[route]))

    def start(self) -> PushForwarder:
        self._server.start()
        return self

    def stop(self) -> None:
        self._server.stop()

    def endpoint(self, target: Target) -> str:
        """The address that the event service has to push to instead."""
        self._targets[target.subscription] = target
        return f"{self._server.url}/push/{target.subscription}"

    def forget(self, subscription: str) -> None:
        self._targets.pop(subscription, None)

    async def _push(self, request: Request) -> Response:
        target = self._targets.get(request.path_params["subscription"])
        if target is None:
            return JSONResponse({"error": "no such subscription"}, 404)
        body = await request.json()
        message = body["message"]
        key = (target.subscription, message["messageId"])
        self._attempts[key] += 1
        status = await self._deliver(target, body, self._attempts[key])
        self.deliveries.append(
            {
                "subscription": target.subscription,
                "message_id": message["messageId"],
                "attempt": self._attempts[key],
                "status": status,
            }
        )
        if status in ACKNOWLEDGED:
            del self._attempts[key]
            return Response(status_code=204)
        limit = (target.dead_letter or {}).get("maxDeliveryAttempts", 5)
        if target.dead_letter and self._attempts[key] >= limit and await self._bury(target, message):
            del self._attempts[key]
            return Response(status_code=204)
        return JSONResponse({"error": f"the push endpoint answered {status}"}, 502)

    async def _deliver(self, target: Target, body: dict[str, Any], attempt: int) -> int:
        """The endpoint's status; 0 when it could not be reached in time."""
        if self._client is None:
            self._client = httpx.AsyncClient(trust_env=False)
        headers = {
            "content-type": "application/json",
            "user-agent": "APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)",
            INTERNAL_HEADER: self._internal,
        }
        if identity := target.push_config.get("oidcToken"):
            audience = identity.get("audience") or target.push_config["pushEndpoint"]
            token = self._tokens.identity_token(identity["serviceAccountEmail"], audience)
            headers["authorization"] = f"Bearer {token}"
        if target.dead_letter:
            body = {**body, "deliveryAttempt": attempt}
        content = json.dumps(body).encode()
        if wrapper := target.push_config.get("noWrapper"):
            content = base64.b64decode(body["message"].get("data", ""))
            headers |= _metadata(target, body["message"]) if wrapper.get("writeMetadata") else {}
        try:
            answer = await self._client.post(
                target.push_config["pushEndpoint"], content=content, headers=headers, timeout=target.ack_deadline
            )
        except httpx.HTTPError:
            return 0
        return answer.status_code

    async def _bury(self, target: Target, message: dict[str, Any]) -> bool:
        topic = target.dead_letter["deadLetterTopic"]
        if not self._may_forward(target.subscription, topic):
            return False
        origin = {
            "CloudPubSubDeadLetterSourceDeliveryCount": str(self._attempts[target.subscription, message["messageId"]]),
            "CloudPubSubDeadLetterSourceSubscription": target.subscription.rpartition("/")[2],
            "CloudPubSubDeadLetterSourceSubscriptionProject": target.subscription.split("/")[1],
            "CloudPubSubDeadLetterSourceTopicPublishTime": message["publishTime"],
        }
        dead = {"attributes": {**(message.get("attributes") or {}), **origin}}
        if message.get("data"):
            dead["data"] = message["data"]
        answer = await self._client.post(f"{self.events_url}/v1/{topic}:publish", json={"messages": [dead]})
        return answer.status_code == 200


def _metadata(target: Target, message: dict[str, Any]) -> dict[str, str]:
    own = {
        "x-goog-pubsub-subscription-name": target.subscription,
        "x-goog-pubsub-message-id": message["messageId"],
        "x-goog-pubsub-publish-time": message["publishTime"],
    }
    return {**own, **(message.get("attributes") or {})}
