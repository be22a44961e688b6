"""The narrow moments of joining: what is kept and what is heard overlap, connections change, members come and go."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from connector import events, rooms
from connector.config import RedisSettings
from connector.events import Event, Position
from connector.redis_link import StoreUnavailable
from connector.rooms import Rooms

ROOM = "projects/voice-1/conversations/abc"


class Link:
    """In place of the link for subscriptions: notes the commands, fails as often as it is told."""

    def __init__(self, _: RedisSettings, heard: Callable[[bytes, bytes], None], opened: Callable[[], None]) -> None:
        self.heard, self.opened = heard, opened
        self.commands: list[tuple[str, ...]] = []
        self.failures = 0

    async def command(self, *parts: str) -> list[bytes]:
        self.commands.append(parts)
        if self.failures:
            self.failures -= 1
            raise StoreUnavailable("told to fail")
        return []

    def tell(self, *parts: str) -> None:
        self.commands.append(parts)

    def publish(self, number: int) -> None:
        self.heard(events.channel(ROOM).encode(), b"%d-0 %d" % (number, number))


class Log:
    """In place of the streams: `meanwhile` happens while they are read."""

    def __init__(self, *kept: int) -> None:
        self.kept = list(kept)
        self.reads: list[Position] = []
        self.meanwhile: list[Callable[[], None]] = []

    async def after(self, _: str, position: Position) -> list[Event]:
        self.reads.append(position)
        answer = [Event((number, 0), b"%d" % number) for number in self.kept if (number, 0) > position]
        if self.meanwhile:
            self.meanwhile.pop(0)()
        return answer


class Ear:
    def __init__(self) -> None:
        self.heard: list[int] = []

    def deliver(self, _: str, event: Event) -> None:
        self.heard.append(int(event.payload))


def run(
    monkeypatch: pytest.MonkeyPatch, log: Log, scenario: Callable[[Rooms, Link, Ear], Awaitable[None]]
) -> tuple[Link, Ear]:
    monkeypatch.setattr(rooms, "KeptLink", Link)

    async def whole() -> tuple[Link, Ear]:
        tested, ear = Rooms(log, RedisSettings("", 0, None)), Ear()
        await scenario(tested, tested._link, ear)
        return tested._link, ear

    return asyncio.run(whole())


def test_what_is_both_kept_and_heard_is_delivered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log(1, 2, 3)

    async def scenario(tested: Rooms, link: Link, ear: Ear) -> None:
        log.meanwhile = [lambda: [link.publish(number) for number in (2, 3, 4)]]
        assert await tested.join(ear, ROOM, 1)
        link.publish(5)

    assert run(monkeypatch, log, scenario)[1].heard == [1, 2, 3, 4, 5]


def test_connection_that_changes_while_reading_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log(1)

    async def scenario(tested: Rooms, link: Link, ear: Ear) -> None:
        def reconnect() -> None:
            link.opened()
            log.kept.append(2)

        log.meanwhile = [reconnect]
        assert await tested.join(ear, ROOM, 1)

    link, ear = run(monkeypatch, log, scenario)
    assert ear.heard == [1, 2]
    assert [command[0] for command in link.commands] == ["SUBSCRIBE", "SUBSCRIBE"]


def test_after_a_new_connection_only_what_was_missed_is_delivered(monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log(1, 2)

    async def scenario(tested: Rooms, link: Link, ear: Ear) -> None:
        await tested.join(ear, ROOM, 1)
        log.kept.append(3)
        link.opened()
        assert await tested.join(ear, ROOM, 1)

    link, ear = run(monkeypatch, log, scenario)
    assert ear.heard == [1, 2, 3]
    assert log.reads[-1] == (2, 0)
    assert len(link.commands) == 2


def test_failures_are_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(tested: Rooms, link: Link, ear: Ear) -> None:
        link.failures = 2
        assert await tested.join(ear, ROOM, 0.01) is False
        assert await tested.join(ear, ROOM, 5)

    assert run(monkeypatch, Log(1), scenario)[1].heard == [1]


def test_last_to_leave_ends_the_subscription_and_a_newcomer_begins_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(tested: Rooms, link: Link, ear: Ear) -> None:
        other = Ear()
        await tested.join(ear, ROOM, 1)
        await tested.join(other, ROOM, 1)
        tested.leave(other, ROOM)
        tested.leave(other, ROOM)
        await asyncio.sleep(0)
        assert [command[0] for command in link.commands] == ["SUBSCRIBE", "SUBSCRIBE"]
        tested.drop(ear)
        await asyncio.sleep(0)
        assert link.commands[-1][0] == "UNSUBSCRIBE"
        await tested.join(ear, ROOM, 1)

    link, _ = run(monkeypatch, Log(), scenario)
    assert link.commands[-1][0] == "SUBSCRIBE"


def test_leaving_and_joining_in_one_breath_stays_subscribed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(tested: Rooms, link: Link, ear: Ear) -> None:
        await tested.join(ear, ROOM, 1)
        tested.leave(ear, ROOM)
        assert await tested.join(ear, ROOM, 1)
        link.publish(9)

    link, ear = run(monkeypatch, Log(1), scenario)
    assert ear.heard == [1, 9]
    assert link.commands[-1][0] == "SUBSCRIBE"


def test_who_leaves_while_the_kept_events_are_read_hears_none_of_them_and_all_when_it_joins_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = Log(1, 2)
    heard_at_leaving: list[int] = []

    async def scenario(tested: Rooms, link: Link, ear: Ear) -> None:
        await tested.join(Ear(), ROOM, 1)  # the room goes on without the one who leaves
        log.meanwhile = [lambda: tested.leave(ear, ROOM)]
        assert await tested.join(ear, ROOM, 0.01) is False
        heard_at_leaving.extend(ear.heard)
        assert await tested.join(ear, ROOM, 1)
        link.publish(3)

    assert run(monkeypatch, log, scenario)[1].heard == [1, 2, 3]
    assert heard_at_leaving == []


def test_of_many_rooms_that_were_left_the_last_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "_MOST_LEFT", 2)

    async def scenario(tested: Rooms, _: Link, ear: Ear) -> None:
        for name in ("a", "b", "c", "a", "d"):
            await tested.join(ear, name, 1)
            tested.leave(ear, name)
        await tested.join(ear, "d", 1)
        assert tested.left(ear) == ["a"]
        assert tested.left(Ear()) == []

    run(monkeypatch, Log(), scenario)
