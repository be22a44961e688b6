"""What an instance says of carried requests when it stops; that they are carried, test_instances.py shows."""

from __future__ import annotations

import asyncio
from typing import Any

from connector.config import RedisSettings
from connector.measures import Measures
from connector.relay import Relay

OTHER = "otherone"
SESSION = OTHER + "A" * 20


class Link:
    """Redis, as the relay uses it: everything published has one receiver."""

    def __init__(self) -> None:
        self.published: list[tuple[str, bytes]] = []
        self.order: list[str] = []

    def tell(self, _: str, channel: str, message: bytes, answered: Any) -> None:
        self.published.append((channel, message))
        self.order.append(message[:1].decode())
        answered(1)

    async def command(self, *parts: Any) -> Any:
        if parts[0] == "PUBLISH":
            self.published.append((parts[1], parts[2]))
        self.order.append(parts[0])
        return 1


async def nothing(*_: Any) -> None:
    raise AssertionError("nobody carries anything here")


def test_who_stops_says_so_to_the_owner_and_to_the_carrier() -> None:
    async def scenario() -> Link:
        link = Link()

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await receive()
            await send({"type": "websocket.accept"})
            await receive()

        relay = Relay(RedisSettings("127.0.0.1", 1, None), link, app, Measures())  # type: ignore[arg-type]

        async def receive() -> dict[str, Any]:
            if not link.published:
                return {"type": "websocket.connect"}
            return await asyncio.Future()

        scope = {"type": "websocket", "path": "/socket.io/", "query_string": b"sid=x", "headers": []}
        carrying = asyncio.ensure_future(relay.carry(OTHER, scope, receive, nothing))
        await asyncio.sleep(0)
        head = b'{"path":"/socket.io/","query_string":"","headers":[],"method":"GET"}'
        relay._heard(b"", b"W" + b"n" * 12 + OTHER.encode() + head)
        for _ in range(10):
            await asyncio.sleep(0)
        assert [message[:1] for _, message in link.published] == [b"W", b"a"]
        await relay.stop()
        carrying.cancel()
        return link

    link = asyncio.run(scenario())
    assert [message[:1] for _, message in link.published[2:4]] == [b"X", b"x"]
    assert {channel for channel, _ in link.published} == {f"relay:{OTHER}"}
    # Whatever is answered after them: they are on their way when the process ends.
    assert link.order.index("PING") > link.order.index("x")


def test_only_sessions_of_others_are_carried() -> None:
    relay = Relay(RedisSettings("127.0.0.1", 1, None), Link(), nothing, Measures())  # type: ignore[arg-type]
    assert relay.owner(SESSION) == OTHER
    assert relay.owner(relay.instance + "A" * 20) is None
    assert relay.owner("A" * 27) is None
    assert relay.owner(None) is None
