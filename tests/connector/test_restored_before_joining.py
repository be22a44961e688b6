"""The narrow moments of coming back: the client acts, or is gone, while it is being given what it heard before."""

from __future__ import annotations

import asyncio
import time

import pytest

from connector import sockets
from connector.events import BEGINNING, Position
from tests.connector.turns import Browser, Instance, run_through, turns
from tests.connector.world import World, conversation, room

HEARD: Position = (7, 0)
AROUND = range(-6, 7)


def former(name: str) -> dict[str, dict[str, Position]]:
    return {"former": {room(name): HEARD}}


async def says_around(instance: Instance, browser: Browser, name: str, text: str, after: int) -> None:
    """Has `text` come `after` turns of the loop after Redis' answer (or before it), and waits for its acknowledgement."""
    for turn in range(min(after, 0), max(after, 0) + 1):
        if turn == 0:
            instance.known.answer.set_result(former(name))
        if turn == after:
            browser.say(text)
        await asyncio.sleep(0)
    await browser.hears("431")


@pytest.mark.parametrize("after", AROUND)
def test_nothing_that_was_heard_is_read_again(world: World, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    async def scenario() -> tuple[list[Position], int]:
        instance, name = Instance(world, monkeypatch), conversation()
        browser, serving = await instance.connected()
        await says_around(instance, browser, name, f'421["join-conversation","{name}"]', after)
        browser.vanish()
        await serving
        return instance.log.reads, instance.measures.restored

    assert run_through(scenario()) == ([HEARD], 1)


@pytest.mark.parametrize("after", AROUND)
def test_who_leaves_has_left(world: World, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    async def scenario() -> tuple[int, dict[tuple[str, str], Position]]:
        instance, name = Instance(world, monkeypatch), conversation()
        browser, serving = await instance.connected()
        await says_around(instance, browser, name, f'421["leave-conversation","{name}"]', after)
        rooms = len(instance.rooms)
        browser.vanish()
        await serving
        assert ("former", room(name)) in instance.known.forgotten
        return rooms, instance.known.members

    assert run_through(scenario()) == (0, {})


@pytest.mark.parametrize(("event", "rooms", "reads"), [("join", 1, [HEARD]), ("leave", 0, [])])
def test_redis_that_is_away_for_longer_is_not_waited_for_and_changes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, event: str, rooms: int, reads: list[Position]
) -> None:
    """The acknowledgement comes; what was asked for is done once it is known what was heard before."""
    monkeypatch.setattr(sockets, "_JOIN_SECONDS", 0.01)

    async def scenario() -> tuple[int, list[Position]]:
        instance, name = Instance(world, monkeypatch), conversation()
        browser, serving = await instance.connected()
        browser.say(f'421["{event}-conversation","{name}"]')
        assert await browser.hears("431") == f'431[true,"{room(name)}"]'
        before = (len(instance.rooms), instance.log.reads.copy(), instance.known.members.copy())
        assert before == (0, [], {})
        instance.known.answer.set_result(former(name))
        await turns(10)
        found = len(instance.rooms), instance.log.reads
        browser.vanish()
        await serving
        assert list(instance.known.members.values()) == reads
        return found

    assert run_through(scenario()) == (rooms, reads)


def test_a_new_room_is_joined_when_redis_is_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "_JOIN_SECONDS", 0.01)

    async def scenario() -> list[Position]:
        instance, new = Instance(world, monkeypatch), conversation()
        browser, serving = await instance.connected()
        browser.say(f'421["join-conversation","{new}"]')
        await browser.hears("431")
        instance.known.answer.set_result({})
        await turns(10)
        browser.vanish()
        await serving
        assert list(instance.known.members.values()) == [BEGINNING]
        return instance.log.reads

    assert run_through(scenario()) == [BEGINNING]


@pytest.mark.parametrize("after", AROUND)
def test_who_is_gone_joins_nothing(world: World, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Cut off by another task than the one that waits to join: a room must not keep a member that nobody will take out."""

    async def scenario() -> tuple[int, int]:
        instance, name = Instance(world, monkeypatch), conversation()
        browser, serving = await instance.connected()
        browser.say(f'421["join-conversation","{name}"]')
        await turns(10)
        [(sid, connection)] = instance.sockets._server.eio.sockets.items()
        for turn in range(min(after, 0), max(after, 0) + 1):
            if turn == 0:
                instance.known.answer.set_result({})
            if turn == after:
                instance.sockets._cut(sid, connection)
            await asyncio.sleep(0)
        browser.vanish()
        await serving
        return len(instance.rooms), len(instance.sockets)

    assert run_through(scenario()) == (0, 0)


@pytest.mark.parametrize("after", AROUND)
def test_who_is_gone_while_its_token_is_looked_up_is_no_client(world: World, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Only a token past its time is looked up: whether it belongs to somebody who was cut off."""

    async def scenario() -> tuple[int, int]:
        instance, name = Instance(world, monkeypatch), conversation()
        browser, serving = await instance.opened()
        browser.say('40{"token":"' + world.token(exp=int(time.time()) - 60) + '"}')
        await turns(10)
        [(sid, connection)] = instance.sockets._server.eio.sockets.items()
        for turn in range(min(after, 0), max(after, 0) + 1):
            if turn == 0:
                instance.known.answer.set_result(former(name))
            if turn == after:
                instance.sockets._cut(sid, connection)
            await asyncio.sleep(0)
        browser.vanish()
        await serving
        await turns(10)
        return len(instance.sockets), len(instance.rooms)

    assert run_through(scenario()) == (0, 0)
