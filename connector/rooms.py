"""Who hears which conversation, on this instance.

Every member of a room hears every event once: those that are still kept when it joins, and all that follow, also across
an outage of Redis. A member *waits* while it is not known whether the subscription and the kept events are complete;
what is published meanwhile is put aside. One task per room settles its waiting members and tries again until it can.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from connector import events
from connector.config import RedisSettings
from connector.events import BEGINNING, Event, EventLog, Position
from connector.measures import Measures
from connector.pace import Pace
from connector.redis_link import KeptLink, ReplyError, StoreUnavailable

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0
# Of the rooms that a client left; who joins one again that it left long before hears what is kept of it.
_MOST_LEFT = 100


class Listener(Protocol):
    """One connected client."""

    def deliver(self, room: str, event: Event) -> None:
        """Sends one event; never blocks and never fails: whether the client is still there is its own affair."""


@dataclass(eq=False, slots=True)
class _Member:
    listener: Listener
    room: str
    heard: Position
    aside: list[Event] | None = field(default_factory=list)
    settled: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, event: Event) -> None:
        if self.aside is not None:
            self.aside.append(event)
        elif event.position > self.heard:
            self.heard = event.position
            self.listener.deliver(self.room, event)

    def wait(self) -> None:
        if self.aside is None:
            self.aside = []
            self.settled.clear()

    def settle(self, kept: list[Event]) -> None:
        aside, self.aside = self.aside or [], None
        for event in (*kept, *aside):
            self.take(event)
        self.settled.set()


@dataclass(eq=False, slots=True)
class _Room:
    members: dict[Listener, _Member] = field(default_factory=dict)
    settling: asyncio.Task[None] | None = None

    def waiting(self) -> list[_Member]:
        return [each for each in self.members.values() if each.aside is not None]


@dataclass(eq=False, slots=True)
class _Seat:
    """One client's rooms, and where it stood in those it left, so that joining again neither repeats nor skips."""

    joined: set[str] = field(default_factory=set)
    left: dict[str, Position] = field(default_factory=dict)


class Rooms:
    """`log` reads what was kept; subscriptions go over a link of their own, which `start` opens."""

    def __init__(
        self, log: EventLog, redis: RedisSettings, measures: Measures | None = None, pace: Pace | None = None
    ) -> None:
        self._log = log
        self._pace = pace or Pace()
        self._measures = measures or Measures()
        self._link = KeptLink(redis, heard=self._heard, opened=self._opened)
        self._connection = 0
        self._rooms: dict[str, _Room] = {}
        self._seats: dict[Listener, _Seat] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def connected(self) -> bool:
        return self._link.connected

    @property
    def connections(self) -> int:
        return self._link.connections

    def __len__(self) -> int:
        """How many rooms have members here."""
        return len(self._rooms)

    def positions(self, listener: Listener) -> dict[str, Position]:
        """The client's rooms, each with the last event that was delivered to it."""
        seat = self._seats.get(listener)
        return {name: self._rooms[name].members[listener].heard for name in seat.joined} if seat else {}

    def left(self, listener: Listener) -> list[str]:
        """The rooms it left and did not join again."""
        seat = self._seats.get(listener)
        return list(seat.left) if seat else []

    def start(self) -> None:
        """Returns at once, connected or not."""
        self._link.start()

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._link.stop()

    async def join(self, listener: Listener, name: str, patience: float) -> bool:
        """Makes the client a member who hears what is kept, and what follows; joining twice is joining once.

        Answers whether it hears already: if Redis is away it does so as soon as that is back, though not within
        `patience` seconds.
        """
        settled = self._admit(listener, name, BEGINNING).settled
        if not settled.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await settled.wait()
        return settled.is_set()

    def rejoin(self, listener: Listener, name: str, after: Position) -> None:
        """Makes the client a member, at once, who hears what comes after `after`: a join that follows finds it there."""
        self._admit(listener, name, after)

    def _admit(self, listener: Listener, name: str, after: Position) -> _Member:
        room = self._rooms.setdefault(name, _Room())
        member = room.members.get(listener)
        if member is None:
            seat = self._seats.setdefault(listener, _Seat())
            member = _Member(listener, name, max(seat.left.pop(name, BEGINNING), after))
            seat.joined.add(name)
            room.members[listener] = member
            self._settle(name, room)
        return member

    def leave(self, listener: Listener, name: str) -> None:
        """Takes only this client out of the room; leaving where one is not a member does nothing."""
        seat = self._seats.get(listener)
        if seat is None or name not in seat.joined:
            return
        seat.joined.discard(name)
        seat.left[name] = self._remove(listener, name).heard
        if len(seat.left) > _MOST_LEFT:
            del seat.left[next(iter(seat.left))]

    def drop(self, listener: Listener) -> None:
        """Takes a client that is gone out of all its rooms."""
        seat = self._seats.pop(listener, None)
        for name in seat.joined if seat else ():
            self._remove(listener, name)

    def _remove(self, listener: Listener, name: str) -> _Member:
        room = self._rooms[name]
        member = room.members.pop(listener)
        if not room.members:
            del self._rooms[name]
            if room.settling is not None:
                room.settling.cancel()
            # In order with whatever follows: who joins again in the next moment subscribes anew after it.
            self._link.tell("UNSUBSCRIBE", events.channel(name))
        return member

    def _heard(self, channel: bytes, message: bytes) -> None:
        name, event = events.published(channel, message)
        if room := self._rooms.get(name):
            self._measures.heard(event.position)
            for member in list(room.members.values()):
                member.take(event)

    def _opened(self) -> None:
        """A new connection has no subscriptions, and something may have been published before it was there."""
        self._connection += 1
        for name, room in self._rooms.items():
            for member in room.members.values():
                member.wait()
            self._pace.run(partial(self._settle, name, room))

    def _settle(self, name: str, room: _Room) -> None:
        if self._rooms.get(name) is room and (room.settling is None or room.settling.done()):
            room.settling = self._run(self._settle_all(name, room))

    async def _settle_all(self, name: str, room: _Room) -> None:
        pause = _FIRST_PAUSE
        while waiting := room.waiting():
            connection = self._connection
            try:
                # Answered only when Redis has confirmed: from then on an event is heard, or kept already, or both.
                await self._link.command("SUBSCRIBE", events.channel(name))
                for member in waiting:
                    kept = await self._log.after(name, member.heard)
                    if connection != self._connection:
                        break
                    if room.members.get(member.listener) is not member:
                        continue  # it left meanwhile
                    self._measures.replayed += len(kept)
                    member.settle(kept)
            except (StoreUnavailable, ReplyError):
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    def _run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
