"""The narrow moment of coming back: the client joins again while it is being given what it heard before."""

from __future__ import annotations

import asyncio
import json
import secrets
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
from tests.connector.world import PROJECT, World, conversation, room

HEARD: Position = (7, 0)
SCOPE = {
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


class Answered(Memberships):
    """What Redis knows of the client, told when the test says so."""

    def __init__(self, name: str) -> None:
        self.answer: asyncio.Future[dict[str, dict[str, Position]]] = asyncio.get_running_loop().create_future()
        self.known = {"former": {room(name): HEARD}}

    async def of(self, _: str) -> dict[str, dict[str, Position]]:
        return await self.answer

    def keep(self, *_: object) -> None: ...

    def forget(self, *_: object) -> None: ...


class Browser:
    """The other end of one WebSocket, without a network between."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.told: asyncio.Queue[str] = asyncio.Queue()
        self.said.put_nowait({"type": "websocket.connect"})

    def say(self, text: str) -> None:
        self.said.put_nowait({"type": "websocket.receive", "text": text})

    async def send(self, message: dict[str, Any]) -> None:
        if "text" in message:
            self.told.put_nowait(message["text"])

    async def hears(self, beginning: str) -> None:
        while not (await self.told.get()).startswith(beginning):
            pass


async def read_from(world: World, monkeypatch: pytest.MonkeyPatch, turns: int) -> list[Position]:
    """From where the conversation was read for a client whose `join` comes `turns` turns of the loop after Redis' answer."""
    name, log = conversation(), Log()
    rooms, memberships, measures = Rooms(log, RedisSettings("", 0, None)), Answered(name), Measures()

    async def subscribed(*_: str) -> list[bytes]:
        return []

    monkeypatch.setattr(rooms._link, "command", subscribed)
    key = world.key.encode()
    sockets = Sockets(
        instance=secrets.token_urlsafe(6),
        tokens=Tokens((key,), PROJECT),
        sessions=Sessions((key,)),
        rooms=rooms,
        memberships=memberships,
        project=PROJECT,
        origins=(),
        address=lambda _: "127.0.0.1",
        refusals=Rate(60),
        most_clients=1,
        measures=measures,
    )
    browser = Browser()
    serving = asyncio.create_task(sockets.asgi(SCOPE, browser.said.get, browser.send))
    await browser.hears("0")
    browser.say("40" + json.dumps({"token": world.token()}))
    await browser.hears("40")
    join = f'421["join-conversation","{name}"]'
    for turn in range(min(turns, 0), max(turns, 0) + 1):
        if turn == 0:
            memberships.answer.set_result(memberships.known)
        if turn == turns:
            browser.say(join)
        await asyncio.sleep(0)
    await browser.hears("431")
    browser.said.put_nowait({"type": "websocket.disconnect", "code": 1006})
    await serving
    assert measures.restored == 1
    return log.reads


@pytest.mark.parametrize("turns", range(-6, 7))
def test_nothing_that_was_heard_is_read_again(world: World, monkeypatch: pytest.MonkeyPatch, turns: int) -> None:
    assert asyncio.run(asyncio.wait_for(read_from(world, monkeypatch, turns), 10)) == [HEARD]
