"""Which conversations a client hears, kept in Redis, so that any instance can let it go on hearing them.

Per token a hash: for each of its clients and each conversation the last event that the client is known to have received.
A client that was cut off connects again with the same token, wherever, and is where it was without joining again. A client
that leaves on purpose is forgotten.

A client's name across connections is its Socket.IO session (the `pid` of connection state recovery).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from connector import events
from connector.events import Position
from connector.redis_link import KeptLink, ReplyError, refused_for_now

# As long as events are kept: whoever comes back later has missed some anyway, and joins anew.
TTL_SECONDS = events.KEPT_SECONDS
REFRESH_SECONDS = TTL_SECONDS / 5


class Memberships:
    """What is written is not waited for: while Redis is away it is lost, and written again by `keep` when that is back."""

    def __init__(self, link: KeptLink) -> None:
        self._link = link

    async def of(self, token_id: str) -> dict[str, dict[str, Position]]:
        """Session → room → position. Raises StoreUnavailable."""
        try:
            answer = await self._link.command("HGETALL", _key(token_id))
        except ReplyError as error:
            raise refused_for_now(error) from error
        found: dict[str, dict[str, Position]] = {}
        for name, position in zip(answer[::2], answer[1::2], strict=True):
            session, _, room = name.decode().partition(" ")
            found.setdefault(session, {})[room] = events.position_of(position)
        return found

    def keep(self, token_id: str, session: str, received: Mapping[str, Position]) -> None:
        """The client is a member of these rooms, and has received everything up to these positions."""
        if received:
            fields = [part for room, position in received.items() for part in (f"{session} {room}", events.text(position))]
            self._link.tell("HSET", _key(token_id), *fields)
            self._link.tell("EXPIRE", _key(token_id), str(TTL_SECONDS))

    def forget(self, token_id: str, session: str, rooms: Iterable[str]) -> None:
        if fields := [f"{session} {room}" for room in rooms]:
            self._link.tell("HDEL", _key(token_id), *fields)


def _key(token_id: str) -> str:
    return f"member:{{{token_id}}}"
