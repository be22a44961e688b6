"""Abuse of Socket.IO and of connections: the abuser gets nowhere, and everybody else does not notice."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.connector.desk import desk
from tests.connector.hostile import request, status
from tests.connector.redis_server import RedisServer
from tests.connector.world import PATIENCE, PROJECT, Service, World, conversation, push, room

OPENING = "/socket.io/?EIO=4&transport=websocket"
# Sent as they are by somebody who is connected as an agent; CALL stands for a conversation that others have joined.
PACKETS: dict[str, list[str | bytes]] = {
    "no packet at all": [""],
    "unknown Engine.IO type": ["9", "7abc", "x"],
    "Engine.IO open from a client": ['0{"sid":"mine"}'],
    "upgrade of nothing": ["5", "2probe", "5"],
    "message without content": ["4"],
    "event without arguments": ["42"],
    "event that is no list": ['42{"a":1}', '42"join-conversation"', "427"],
    "empty list": ["42[]", "427[]"],
    "event name is a number": ["42[7]", "42[null]", '42[["join-conversation"]]', '42[{"a":1}]'],
    "cut off JSON": ['42["join-conversation","pro'],
    "NaN": ['427["join-conversation",NaN]'],
    "deep nesting": ["42" + "[" * 5000 + "]" * 5000],
    "acknowledgement number of a thousand digits": ["42" + "7" * 1000 + '["join-conversation","CALL"]'],
    "acknowledgement of nothing": ["43[]", "4399[1]", '43["a"]'],
    "event that only the server sends": ['42["new-message-event",{"conversation_name":"CALL"}]', '42["unauthenticated"]'],
    "reserved events": ['42["connect"]', '42["disconnect"]', '42["connect_error",{}]', '42["*",1]'],
    "unknown events": [f'42["event-{number}",{{}}]' for number in range(200)],
    "join of a foreign project": ['427["join-conversation","projects/another-project/conversations/abc"]'],
    "join of every conversation": [f'427["join-conversation","projects/{PROJECT}/conversations/*"]'],
    "join of its own session": ['427["join-conversation","MYSELF"]'],
    "join of a Redis channel": ['427["join-conversation","channel:{x}"]', '427["join-conversation","__keyspace@0__:*"]'],
    "join of no text": [f'427["join-conversation",{each}]' for each in ("7", "null", "true", '["CALL"]', '{"a":"CALL"}')],
    "join of two at once": ['427["join-conversation","CALL","CALL"]'],
    "join of a hundred kilobytes": ['427["join-conversation","' + "a" * 100_000 + '"]'],
    "join with a line break": ['427["join-conversation","CALL\\r\\nPUBLISH x y"]'],
    "binary event whose attachment never comes": ['451-["join-conversation",{"_placeholder":true,"num":0}]'],
    "binary event with a million attachments": ['451000000-["join-conversation",{"_placeholder":true,"num":0}]'],
    "binary event with an attachment for another place": [
        '451-["join-conversation",{"_placeholder":true,"num":7}]',
        b"projects",
    ],
    "attachment without event": [b"\0\1\2", b"4" * 1000],
    "binary acknowledgement": ['461-7[{"_placeholder":true,"num":0}]', b"x"],
    "unknown Socket.IO type": ["47", "48[]", "49{}"],
    "second connect": ['40{"token":"forged"}', "40"],
    "other namespaces": ["40/admin,", '40/socket.io,{"token":"x"}', "40/" + "a" * 10_000 + ",", '42/admin,["join-conversation","CALL"]'],
    "disconnecting a foreign namespace": ["41/admin,", "41/,"],
    "sending on after goodbye": ["41", '42["join-conversation","CALL"]', '427["join-conversation","CALL"]'],
    "a megabyte and more": ["4" + "a" * 1_100_000],
    "a megabyte of packets in one frame": ["\x1e".join(['42["x"]'] * 100_000)],
    "pongs that nobody asked for": ["3"] * 200,
    "text that is not UTF-8": [],
}


@pytest.fixture(scope="module")
def besieged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Service, Service]]:
    folder = tmp_path_factory.mktemp("sockets")
    world = World(folder, RedisServer(folder / "redis").start()).start()
    yield world, world.service("ui-connector").start(), world.service("interceptor").start()
    world.stop()


class Abuser:
    """A WebSocket whose packets are written by hand; `heard` is every event that came."""

    def __init__(self, url: str) -> None:
        sender = f"198.51.{secrets.randbelow(250)}.{secrets.randbelow(250)}"
        self._connection = connect(
            url.replace("http", "ws", 1) + OPENING,
            max_size=None,
            close_timeout=1,
            compression=None,
            proxy=None,
            additional_headers={"X-Forwarded-For": sender},
        )
        self.heard: list[str] = []
        self.session = "none"

    async def __aenter__(self) -> Abuser:
        self.socket = await self._connection.__aenter__()
        await self.socket.recv()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self._connection.__aexit__(*error)

    async def sends(self, packet: str | bytes, call: str) -> None:
        if isinstance(packet, str):
            packet = packet.replace("CALL", call).replace("MYSELF", self.session)
        await self.socket.send(packet)

    async def until(self, start: str) -> str:
        """The first packet that begins so; events before it are kept."""
        while True:
            packet = str(await asyncio.wait_for(self.socket.recv(), PATIENCE))
            if packet.startswith('42["'):
                self.heard.append(packet)
            if packet.startswith(start):
                return packet

    async def connected(self, token: Any) -> Abuser:
        await self.socket.send("40" + json.dumps({"token": token}))
        self.session = json.loads((await self.until("40{"))[2:])["sid"]
        return self

    async def what_else_comes(self) -> list[str]:
        """Everything until the service has nothing more to say, or the connection is closed."""
        with contextlib.suppress(TimeoutError, ConnectionClosed):
            while True:
                self.heard.append(str(await asyncio.wait_for(self.socket.recv(), 0.3)))
        return self.heard


@pytest.mark.parametrize("kind", PACKETS)
def test_abuse_by_a_connected_client(besieged: tuple[World, Service, Service], kind: str) -> None:
    world, connector, interceptor = besieged
    name = conversation()

    async def scenario() -> tuple[list[str], list[str]]:
        async with desk(connector.url, world.token()) as bystander, Abuser(connector.url) as abuser:
            await bystander.join(name)
            await abuser.connected(world.token())
            with contextlib.suppress(ConnectionClosed):
                for packet in PACKETS[kind]:
                    await abuser.sends(packet, name)
                if kind == "text that is not UTF-8":
                    await abuser.socket.send(b"\xff\xfe", text=True)
            before = await abuser.what_else_comes()
            assert [each for each in before if '[true,"' in each] == []
            assert await asyncio.to_thread(push, interceptor, "new-message-event", name, "text", "still here") == 204
            await bystander.hears(1)
            return bystander.message_ids(), await abuser.what_else_comes()

    heard, abused = asyncio.run(scenario())
    assert heard == ["still here"]
    assert [each for each in abused if "still here" in each] == []
    assert connector.process.poll() is None


class TestConnecting:
    @pytest.mark.parametrize(
        "packets",
        [
            ['420["join-conversation","CALL"]'],
            ['40{"token":"forged"}', '420["join-conversation","CALL"]'],
            ["40", '420["join-conversation","CALL"]'],
            ["4" * 100],
            ["2", "3", "5", "1"],
        ],
        ids=["at-once", "after-a-forged-token", "without-token", "nonsense", "engine-only"],
    )
    def test_nobody_joins_without_a_token(self, besieged: tuple[World, Service, Service], packets: list[str]) -> None:
        world, connector, interceptor = besieged
        name = conversation()

        async def scenario() -> list[str]:
            async with desk(connector.url, world.token()) as bystander, Abuser(connector.url) as abuser:
                await bystander.join(name)
                with contextlib.suppress(ConnectionClosed):
                    for packet in packets:
                        await abuser.socket.send(packet.replace("CALL", name))
                assert await asyncio.to_thread(push, interceptor, "new-message-event", name, "text", "secret") == 204
                await bystander.hears(1)
                return await abuser.what_else_comes()

        assert [each for each in asyncio.run(scenario()) if "secret" in each or "[true" in each] == []

    def test_flood_of_forged_tokens_disturbs_nobody(self, besieged: tuple[World, Service, Service]) -> None:
        world, connector, interceptor = besieged
        name = conversation()

        async def forged() -> None:
            with contextlib.suppress(ConnectionClosed, InvalidStatus, TimeoutError, OSError):
                async with Abuser(connector.url) as abuser:
                    await abuser.socket.send('40{"token":"forged"}')
                    await abuser.until("44")

        async def scenario() -> list[str]:
            async with desk(connector.url, world.token()) as bystander:
                await bystander.join(name)
                for _ in range(5):
                    await asyncio.gather(*(forged() for _ in range(60)))
                    assert await asyncio.to_thread(push, interceptor, "new-message-event", name) == 204
                await bystander.hears(5)
                return [event for event, _ in bystander.heard]

        assert asyncio.run(scenario()) == ["new-message-event"] * 5

    def test_connections_that_say_nothing_leave_room_for_others(self, besieged: tuple[World, Service, Service]) -> None:
        _, connector, _ = besieged
        with contextlib.ExitStack() as stack:
            for _ in range(300):
                stack.enter_context(contextlib.closing(socket.create_connection(("127.0.0.1", connector.port))))
            assert status(connector.url, request("GET", "/status")) == 200


class TestManyJoins:
    def test_ten_thousand_joins_by_one_client(self, besieged: tuple[World, Service, Service]) -> None:
        world, connector, interceptor = besieged
        name = conversation()

        async def scenario() -> list[str]:
            async with desk(connector.url, world.token()) as bystander, Abuser(connector.url) as abuser:
                await bystander.join(name)
                await abuser.connected(world.token())
                with contextlib.suppress(ConnectionClosed):
                    for number in range(10_000):
                        other = room(conversation())
                        await abuser.socket.send(f'42{number}["join-conversation","{other}"]')
                        if number % 100 == 0:
                            assert await asyncio.to_thread(status, connector.url, request("GET", "/status")) == 200
                assert await asyncio.to_thread(push, interceptor, "new-message-event", name, "text", "still here") == 204
                await bystander.hears(1)
                return bystander.message_ids()

        assert asyncio.run(scenario()) == ["still here"]

    def test_join_and_leave_in_a_storm_end_in_the_last_of_them(self, besieged: tuple[World, Service, Service]) -> None:
        world, connector, interceptor = besieged
        name = conversation()

        async def scenario() -> list[str]:
            async with Abuser(connector.url) as abuser:
                await abuser.connected(world.token())
                for number in range(500):
                    event = "leave-conversation" if number % 2 else "join-conversation"
                    await abuser.socket.send(f'42["{event}","{name}"]')
                await abuser.socket.send(f'429["join-conversation","{name}"]')
                await abuser.until("439[true")
                assert await asyncio.to_thread(push, interceptor, "new-message-event", name, "text", "once") == 204
                await abuser.until('42["new-message-event"')
                return [each for each in await abuser.what_else_comes() if "once" in each]

        assert len(asyncio.run(scenario())) == 1


class TestPolling:
    def _open(self, connector: Service) -> str:
        return json.loads(httpx.get(f"{connector.url}/socket.io/?EIO=4&transport=polling").text[1:])["sid"]

    @pytest.mark.parametrize(
        "body",
        [b"", b"x", b"4" + b"a" * 900_000, b"b!!!notbase64", b"\xff\xfe", b"\x1e" * 5000, b"3\x1e" * 20 + b"3", b"d=42[]"],
        ids=["empty", "nonsense", "nearly-a-megabyte", "bad-base64", "not-utf8", "separators", "more-than-sixteen", "jsonp"],
    )
    def test_malformed_bodies(self, besieged: tuple[World, Service, Service], body: bytes) -> None:
        _, connector, _ = besieged
        target = f"/socket.io/?EIO=4&transport=polling&sid={self._open(connector)}"
        assert status(connector.url, request("POST", target, {"Content-Type": "text/plain"}, body)) == 400
        assert status(connector.url, request("GET", "/status")) == 200

    def test_more_than_a_megabyte(self, besieged: tuple[World, Service, Service]) -> None:
        _, connector, _ = besieged
        target = f"/socket.io/?EIO=4&transport=polling&sid={self._open(connector)}"
        assert status(connector.url, request("POST", target, {}, b"3" * 1_100_000)) == 413

    def test_session_that_has_just_ended(self, besieged: tuple[World, Service, Service]) -> None:
        _, connector, _ = besieged
        target = f"/socket.io/?EIO=4&transport=polling&sid={self._open(connector)}"
        assert status(connector.url, request("POST", target, {}, b"1")) == 200
        assert status(connector.url, request("POST", target, {}, b"3")) == 400

    def test_two_polls_at_once(self, besieged: tuple[World, Service, Service]) -> None:
        """The second must not take the first one's packets."""
        _, connector, _ = besieged
        target = f"/socket.io/?EIO=4&transport=polling&sid={self._open(connector)}"
        with contextlib.ExitStack() as stack:
            for _ in range(5):
                polling = stack.enter_context(socket.create_connection(("127.0.0.1", connector.port), timeout=8))
                polling.sendall(request("GET", target))
            assert status(connector.url, request("GET", "/status")) == 200


def test_no_abuse_was_an_internal_error(besieged: tuple[World, Service, Service]) -> None:
    """Runs the packets once more, connected and not, and reads what the service wrote."""
    world, connector, _ = besieged
    shown = world.token()

    async def scenario() -> None:
        for kind, packets in PACKETS.items():
            for token in (shown, None):
                async with Abuser(connector.url) as abuser:
                    if token is not None:
                        await abuser.connected(token)
                    with contextlib.suppress(ConnectionClosed):
                        for packet in packets:
                            await abuser.sends(packet, conversation())
                        if kind == "text that is not UTF-8":
                            await abuser.socket.send(b"\xff\xfe", text=True)
                    await abuser.what_else_comes()
            assert connector.process.poll() is None, kind

    asyncio.run(scenario())
    lines = [json.loads(line) for line in connector.log.read_text().splitlines()]
    assert [line for line in lines if line["severity"] in ("ERROR", "CRITICAL")] == []
    # The callers' number, as it is part of every conversation's name.
    assert [each for each in ("15550104477", world.key, shown[-40:]) if each in connector.log.read_text()] == []
