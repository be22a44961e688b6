"""Socket.IO of one instance without processes, network or Redis, so that a test says what happens in which turn of the event loop."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from connector.config import RedisSettings
from connector.events import Event, Position
from connector.limits import Rate
from connector.measures import Measures
from connector.memberships import Memberships
from connector.rooms import Rooms
from connector.sessions import Sessions
from connector.sockets import Sockets
from connector.tokens import Tokens
from tests.connector.world import PATIENCE, PROJECT, World

OPENING = {
    "type": "websocket",
    "path": "/socket.io/",
    "query_string": b"EIO=4&transport=websocket",
    "headers": [(b"connection", b"Upgrade"), (b"upgrade", b"websocket")],
    "client": ("127.0.0.1", 1),
    "server": ("127.0.0.1", 2),
}


class Log:
    """In place of the streams: remembers from where they were read."""

    def __init__(self) -> None:
        self.reads: list[Position] = []

    async def after(self, _: str, position: Position) -> list[Event]:
        self.reads.append(position)
        return []


class Known(Memberships):
    """In place of the hashes: `answer` says what Redis knows of the client's token, and when; notes what it is told."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[dict[str, dict[str, Position]]] = asyncio.get_running_loop().create_future()
        self.members: dict[tuple[str, str], Position] = {}
        self.forgotten: set[tuple[str, str]] = set()

    async def of(self, _: str) -> dict[str, dict[str, Position]]:
        return await asyncio.shield(self.answer)

    def keep(self, _: str, session: str, received: Mapping[str, Position]) -> None:
        self.members.update({(session, room): position for room, position in received.items()})

    def forget(self, _: str, session: str, rooms: Iterable[str]) -> None:
        for room in rooms:
            self.members.pop((session, room), None)
            self.forgotten.add((session, room))


class Browser:
    """The other end of one WebSocket, without a network between."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.told: asyncio.Queue[str] = asyncio.Queue()
        self.closed, self.aborted = asyncio.Event(), asyncio.Event()
        self.said.put_nowait({"type": "websocket.connect"})

    def say(self, text: str) -> None:
        self.said.put_nowait({"type": "websocket.receive", "text": text})

    def vanish(self) -> None:
        self.said.put_nowait({"type": "websocket.disconnect", "code": 1006})

    async def send(self, message: dict[str, Any]) -> None:
        if "text" in message:
            self.told.put_nowait(message["text"])
        if message["type"] == "websocket.close":
            self.closed.set()
            self.vanish()

    def abort(self) -> None:
        """What becomes of the connection when the server no longer waits for this end."""
        self.aborted.set()
        self.vanish()

    async def hears(self, beginning: str) -> str:
        while not (text := await self.told.get()).startswith(beginning):
            pass
        return text


class Instance:
    """`sockets` over `rooms` whose subscriptions succeed at once."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        async def subscribed(*_: str) -> list[bytes]:
            return []

        self.world, self.log, self.known, self.measures = world, Log(), Known(), Measures()
        self.rooms = Rooms(self.log, RedisSettings("", 0, None))
        monkeypatch.setattr(self.rooms._link, "command", subscribed)
        key = world.key.encode()
        self.sockets = Sockets(
            instance=secrets.token_urlsafe(6),
            tokens=Tokens((key,), PROJECT),
            sessions=Sessions((key,)),
            rooms=self.rooms,
            memberships=self.known,
            project=PROJECT,
            origins=(),
            address=lambda _: "127.0.0.1",
            refusals=Rate(60),
            most_clients=10,
            measures=self.measures,
        )

    async def opened(self) -> tuple[Browser, asyncio.Task[None]]:
        """A browser whose WebSocket is open, and what serves it."""
        browser = Browser()
        serving = asyncio.create_task(self.sockets.asgi(OPENING, browser.said.get, browser.send))
        await browser.hears("0")
        return browser, serving

    async def connected(self, **claims: Any) -> tuple[Browser, asyncio.Task[None]]:
        """One that has shown its token."""
        browser, serving = await self.opened()
        browser.say("40" + json.dumps({"token": self.world.token(**claims)}))
        await browser.hears("40")
        return browser, serving

    def publish(self, name: str, *numbers: int) -> None:
        """As the interceptor does, heard by this instance."""
        for number in numbers:
            self.rooms._heard(f"channel:{{{name}}}".encode(), b'%d-0 ["new-message-event",{"message_id":"%d"}]' % (number, number))


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def run_through(scenario: Any) -> Any:
    """Runs it; a deadlock fails instead of hanging."""
    return asyncio.run(asyncio.wait_for(scenario, PATIENCE))
