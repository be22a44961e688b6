"""What an instance says of carried requests in its narrow moments; that they are carried, test_instances.py shows."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from connector import relay as relaying
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
        relay._listening.set()

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


HEAD = b'{"path":"/socket.io/","query_string":"","headers":[],"method":"GET"}'


class Carrier:
    """One that has no connection to Redis for what it hears."""

    def __init__(self, app: Any = nothing) -> None:
        self.link = Link()
        self.relay = Relay(RedisSettings("127.0.0.1", 1, None), self.link, app, Measures())  # type: ignore[arg-type]
        self.sent: list[Any] = []

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    def carries(self, scope_type: str, receive: Any) -> asyncio.Future[None]:
        scope = {"type": scope_type, "method": "GET", "path": "/socket.io/", "query_string": b"sid=x", "headers": []}
        return asyncio.ensure_future(self.relay.carry(OTHER, scope, receive, self.send))


async def a_get() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


async def turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def test_nothing_is_asked_whose_answer_would_not_be_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the connection to Redis and the confirmed subscription; an answer in this moment would be waited for in vain."""

    async def scenario() -> tuple[list[str], int]:
        carrier = Carrier()
        confirmed = asyncio.get_running_loop().create_future()

        async def subscribe(*_: str) -> None:
            await confirmed

        monkeypatch.setattr(carrier.relay._ears, "command", subscribe)
        carrier.relay._opened()
        carrying = carrier.carries("http", a_get)
        await turns()
        assert carrier.link.order == []
        confirmed.set_result(None)
        await turns()
        [stream] = carrier.relay._carried.values()
        stream.put(b"R", b"[200,[]]\nok")
        await carrying
        return carrier.link.order, carrier.sent[0]["status"]

    assert asyncio.run(scenario()) == (["PUBLISH"], 200)


def test_an_instance_that_cannot_listen_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relaying, "_LISTENING_SECONDS", 0.01)

    async def scenario() -> tuple[list[str], int]:
        carrier = Carrier()
        await carrier.carries("http", a_get)
        return carrier.link.order, carrier.sent[0]["status"]

    assert asyncio.run(scenario()) == ([], 503)


@pytest.mark.parametrize(("kind", "rest"), [(b"H", b"\n"), (b"W", b"")])
def test_a_request_that_fails_is_not_waited_for(kind: bytes, rest: bytes) -> None:
    async def scenario() -> list[bytes]:
        async def fails(*_: Any) -> None:
            raise ValueError("as the library might")

        owner = Carrier(fails)
        owner.relay._heard(b"", kind + b"n" * 12 + OTHER.encode() + HEAD + rest)
        await turns()
        assert owner.relay._served == {}
        return [message[:13] for _, message in owner.link.published]

    assert asyncio.run(scenario()) == [b"x" + b"n" * 12]


def test_nothing_follows_a_message_that_was_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client goes on talking while it is not told yet that its session is over."""

    async def scenario() -> list[bytes]:
        carrier = Carrier()
        carrier.relay._listening.set()
        said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        stuck = asyncio.Event()

        async def slow(_: Any) -> None:
            await stuck.wait()

        monkeypatch.setattr(carrier, "send", slow)
        said.put_nowait({"type": "websocket.connect"})
        carrying = carrier.carries("websocket", said.get)
        await turns()
        [stream] = carrier.relay._carried.values()
        stream.put(b"t", b"while it does not read")
        await turns()
        stream.end()
        said.put_nowait({"type": "websocket.receive", "text": "too late"})
        await turns()
        stuck.set()
        await carrying
        return [message[:1] for _, message in carrier.link.published]

    assert asyncio.run(scenario()) == [b"W", b"X"]
