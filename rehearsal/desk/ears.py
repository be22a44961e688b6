"""Socket.IO at the desk: joins the conversation's room and keeps every event that comes."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import socketio
from socketio import exceptions

from rehearsal.desk.problem import DeskProblem

EVENTS = (
    "human-agent-assistant-event",
    "conversation-lifecycle-event",
    "new-message-event",
    "new-recognition-result-notification-event",
)
_CONNECT_SECONDS = 10.0


@dataclass(frozen=True)
class Heard:
    """One event as it came; `at` is seconds on the monotonic clock."""

    message_id: str
    data_type: str
    at: float
    fault: str = ""
    data: dict[str, Any] = field(default_factory=dict, repr=False)


def event(name: str, payload: Any) -> Heard:
    """What came under the name `name`, looked at as the UI modules look at it."""
    message_id = str(payload.get("message_id", "")) if isinstance(payload, dict) else ""
    fault = _fault(name, payload)
    return Heard(message_id, name, time.monotonic(), fault, {} if fault else json.loads(payload["data"]))


def twice(heard: list[Heard]) -> list[str]:
    """Message ids that came more than once."""
    return [each for each, times in Counter(one.message_id for one in heard).items() if times > 1]


class Ears:
    """One Socket.IO connection to `endpoint`, from a page at `origin`."""

    def __init__(self, endpoint: str, origin: str) -> None:
        self._endpoint, self._origin = endpoint, origin
        self._client = socketio.AsyncClient(reconnection=False)
        self.heard: list[Heard] = []
        self._news = asyncio.Event()
        for name in EVENTS:
            self._client.on(name, self._keeper(name))

    def _keeper(self, name: str) -> Any:
        async def keep(payload: Any = None) -> None:
            self.heard.append(event(name, payload))
            self._news.set()

        return keep

    async def join(self, token: str, conversation: str) -> str:
        """Connects with the connector's token and joins; answers the room's name. Raises DeskProblem when refused."""
        try:
            await self._client.connect(
                self._endpoint, auth={"token": token}, headers={"Origin": self._origin}, wait_timeout=_CONNECT_SECONDS
            )
            answer = await self._client.call("join-conversation", conversation, timeout=_CONNECT_SECONDS)
        except exceptions.TimeoutError:
            raise DeskProblem("the connector did not answer join-conversation over Socket.IO") from None
        except exceptions.SocketIOError as error:
            raise DeskProblem(f"the connector refused the Socket.IO connection: {error}") from None
        if not isinstance(answer, (list, tuple)) or len(answer) != 2 or answer[0] is not True:
            raise DeskProblem(f"the connector did not let the desk join {conversation}: {answer!r}")
        return str(answer[1])

    async def wait_for(self, message_ids: set[str], seconds: float) -> None:
        """Returns when all of `message_ids` were heard, or when nothing has come for `seconds`."""
        while message_ids - {each.message_id for each in self.heard}:
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), seconds)
            except TimeoutError:
                return

    async def close(self) -> None:
        await self._client.disconnect()


def _fault(name: str, payload: Any) -> str:
    """Why the UI modules could not use `payload`; empty when they can."""
    if not isinstance(payload, dict):
        return f"{name}: the payload is no object"
    if payload.get("data_type") != name:
        return f"{name}: data_type is {payload.get('data_type')!r}"
    if not payload.get("message_id"):
        return f"{name}: there is no message_id"
    try:
        data = json.loads(payload["data"])
    except (KeyError, TypeError, ValueError):
        return f"{name}: data is not JSON as a string"
    if not isinstance(data, dict) or not data.get("conversation"):
        return f"{name}: data names no conversation"
    return ""
