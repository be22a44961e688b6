"""The narrow moments of one connection: its end, its pings, and what is told about it meanwhile."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from engineio.packet import MESSAGE, Packet

from connector import redis_link, sockets
from connector.engine import Engine, Queue, Socket
from connector.events import BEGINNING
from connector.redis_link import ReplyError, StoreUnavailable, _Link
from tests.connector.turns import Instance, run_through, turns
from tests.connector.world import World, conversation, room


def test_the_end_of_a_queue_is_found_behind_its_last_packets() -> None:
    async def scenario() -> list[Any]:
        queue, packet = Queue(), Packet(MESSAGE, "last")
        queue.put_nowait(packet)
        queue.put_nowait(None)
        found = [await queue.all(), await queue.all()]
        assert found[0] == [packet]
        await queue.join()
        return found[1:]

    assert run_through(scenario()) == [None]


@pytest.mark.parametrize("after", range(9))
def test_a_packet_that_is_none_ends_the_connection_whatever_is_being_sent(
    world: World, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    async def scenario() -> tuple[int, int]:
        instance = Instance(world, monkeypatch)
        instance.known.answer.set_result({})
        browser, serving = await instance.opened()
        browser.say('40{"token":"' + world.token() + '"}')
        await turns(after)
        browser.say("no packet")
        await serving
        return len(instance.sockets), len(instance.sockets._server.eio.sockets)

    assert run_through(scenario()) == (0, 0)


def test_a_connection_that_the_server_ends_is_told_so_and_closed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The farewell and the end of the queue come together."""

    async def scenario() -> int:
        instance = Instance(world, monkeypatch)
        instance.known.answer.set_result({})
        browser, serving = await instance.connected()
        engine = instance.sockets._server.eio
        await engine.disconnect(*engine.sockets)
        assert await browser.hears("1") == "1"
        await browser.closed.wait()
        await serving
        return len(instance.sockets)

    assert run_through(scenario()) == 0


def test_an_upgrade_of_a_session_that_ends_meanwhile_is_none() -> None:
    async def scenario() -> tuple[bool, bool]:
        session, said = Socket(Engine(async_mode="asgi"), "sid"), ["2probe", "5"]

        class Upgrading:
            async def wait(self) -> str:
                session.closing = len(said) == 1
                return said.pop(0)

            async def send(self, _: str) -> None: ...

        return await session._upgrade_by(Upgrading()), session.upgrading

    assert run_through(scenario()) == (False, False)


def test_the_pong_of_an_earlier_ping_is_no_receipt(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written while the event was on its way, it would make a client that is cut off now miss that event."""
    monkeypatch.setattr(sockets, "_RECEIPT_SECONDS", 0)

    async def scenario() -> list[Any]:
        instance, name = Instance(world, monkeypatch), conversation()
        instance.known.answer.set_result({})
        browser, serving = await instance.connected()
        browser.say(f'421["join-conversation","{name}"]')
        await browser.hears("431")
        [connection] = instance.sockets._server.eio.sockets.values()
        connection._ping()
        await browser.hears("2")
        instance.publish(room(name), 1)
        await browser.hears('42["new-message-event"')
        await browser.hears("2")
        found = []
        for _ in range(2):
            browser.say("3")
            await turns(10)
            found += instance.known.members.values()
        browser.vanish()
        await serving
        return found

    assert run_through(scenario()) == [BEGINNING, (1, 0)]


def test_a_connection_without_a_login_leaves_nothing_behind(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "_LOGIN_SECONDS", 0.01)

    async def scenario() -> dict[str, Any]:
        instance = Instance(world, monkeypatch)
        browser, serving = await instance.opened()
        await browser.aborted.wait()
        await serving
        await turns(10)
        assert not instance.sockets._server.eio.sockets
        return instance.sockets._aborts

    assert run_through(scenario()) == {}


def test_a_client_that_logs_in_twice_over_one_connection_can_still_be_cut_off(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> bool:
        instance = Instance(world, monkeypatch)
        instance.known.answer.set_result({})
        browser, serving = await instance.connected()
        browser.say("41")
        browser.say('40{"token":"' + world.token() + '"}')
        await browser.hears("40")
        [(sid, connection)] = instance.sockets._server.eio.sockets.items()
        instance.sockets._cut(sid, connection)
        await serving
        return browser.aborted.is_set()

    assert run_through(scenario())


def test_what_was_left_while_redis_was_away_is_told_when_it_is_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> set[str]:
        instance, left, joined = Instance(world, monkeypatch), conversation(), conversation()
        instance.known.answer.set_result({})
        browser, serving = await instance.connected()
        for name in (left, joined):
            browser.say(f'421["join-conversation","{name}"]')
            await browser.hears("431")
        as_redis_has_it = dict(instance.known.members)
        browser.say(f'421["leave-conversation","{left}"]')
        await browser.hears("431")
        instance.known.members = as_redis_has_it
        instance.sockets.redis_is_back()
        await turns(5)
        members = {name for _, name in instance.known.members}
        browser.vanish()
        await serving
        return members - {room(joined)}

    assert run_through(scenario()) == set()


def test_who_joins_again_goes_on_from_what_it_received(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "_RECEIPT_SECONDS", 0)

    async def scenario() -> list[Any]:
        instance, name = Instance(world, monkeypatch), conversation()
        instance.known.answer.set_result({})
        browser, serving = await instance.connected()

        async def says(event: str) -> None:
            browser.say(f'421["{event}-conversation","{name}"]')
            await browser.hears("431")

        await says("join")
        instance.publish(room(name), 1, 2)
        await browser.hears("2")
        browser.say("3")
        await turns(10)
        await says("leave")
        await says("join")
        browser.vanish()
        await serving
        return list(instance.known.members.values())

    assert run_through(scenario()) == [(2, 0)]


class Transport:
    """Takes what is written, and notes an abort."""

    aborted = False

    def writelines(self, _: list[bytes]) -> None: ...

    def is_closing(self) -> bool:
        return self.aborted

    def abort(self) -> None:
        self.aborted = True


def a_link() -> tuple[_Link, Transport]:
    link, transport = _Link(None), Transport()
    link.connection_made(transport)  # type: ignore[arg-type]
    return link, transport


def test_a_word_of_redis_that_nobody_asked_for_ends_the_connection() -> None:
    async def scenario() -> bool:
        link, transport = a_link()
        link.data_received(b"-ERR max number of clients reached\r\n")
        return transport.aborted

    assert run_through(scenario())


@pytest.mark.parametrize(("reply", "told"), [(b"+PONG\r\n", b"PONG"), (b"-ERR no\r\n", ReplyError)])
def test_a_process_that_stood_still_reads_the_reply_before_it_gives_up(
    monkeypatch: pytest.MonkeyPatch, reply: bytes, told: Any
) -> None:
    """The time is over before what lies in the socket's buffer is read."""
    monkeypatch.setattr(redis_link, "_REPLY_SECONDS", -1)

    async def scenario() -> tuple[Any, bool]:
        link, transport = a_link()
        asking = asyncio.create_task(link.command("PING"))
        await turns(1)
        link._look()
        link.data_received(reply)
        try:
            return await asking, transport.aborted
        except ReplyError as error:
            return type(error), transport.aborted

    assert run_through(scenario()) == (told, False)


def test_a_connection_without_a_reply_is_given_up_and_not_before_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_link, "_SECOND_LOOK_SECONDS", 0.01)

    async def scenario() -> list[bool]:
        link, transport = a_link()
        asking = [asyncio.create_task(link.command("PING")) for _ in range(2)]
        await turns(2)
        found = []
        link._look()
        link._look()
        found.append(transport.aborted)
        monkeypatch.setattr(redis_link, "_REPLY_SECONDS", -1)
        link._look()
        link.data_received(b"+PONG\r\n")
        link._look()
        found.append(transport.aborted)
        # One was answered; the other is what the next look is for.
        link._look()
        assert transport.aborted
        link.connection_lost(None)
        assert await asking[0] == b"PONG"
        with pytest.raises(StoreUnavailable):
            await asking[1]
        return found

    assert run_through(scenario()) == [False, False]
