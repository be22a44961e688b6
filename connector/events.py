"""The events of a conversation in Redis: kept for a while, so that nobody who joins late or comes back misses one.

Per room a stream (what was said lately) and a channel (what is said now), both written by one script: whoever subscribes
first and reads the stream then misses nothing, and the stream's IDs tell what was heard twice.

An event's payload is the Socket.IO argument list as JSON, `["<event name>",{...}]`, encoded once by the interceptor.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from connector.redis_link import KeptLink, ReplyError, Script, refused_for_now

MOST_KEPT = 1000
KEPT_SECONDS = 600
_PAGE = 250

# KEYS: stream, channel, mark of this message; ARGV: payload, kept at most, kept for seconds.
_APPEND = Script("""
if redis.call('SET', KEYS[3], '1', 'NX', 'EX', ARGV[3]) == false then return false end
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'e', ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('PUBLISH', KEYS[2], id .. ' ' .. ARGV[1])
return id
""")

Position = tuple[int, int]
BEGINNING: Position = (0, 0)


@dataclass(slots=True)
class Event:
    """`position` orders the events of a room; `payload` is the Socket.IO argument list as JSON.

    `sent` is the sockets' own: the same event goes to many clients in few forms.
    """

    position: Position
    payload: bytes
    sent: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


class EventLog:
    """The streams and channels of all rooms. Every method raises StoreUnavailable while Redis does not answer."""

    def __init__(self, link: KeptLink) -> None:
        self._link = link

    async def append(self, room: str, payload: bytes, message_id: str) -> bool:
        """Keeps and publishes one event. False when this message was there before: Pub/Sub delivers at least once."""
        keys = (stream(room), channel(room), f"seen:{{{room}}}:{message_id}")
        arguments = (payload, str(MOST_KEPT), str(KEPT_SECONDS))
        answer = await self._link.script(_APPEND, keys, arguments)
        return answer is not None

    async def after(self, room: str, position: Position) -> list[Event]:
        """What was kept after `position`, oldest first."""
        events: list[Event] = []
        while True:
            try:
                page = await self._link.command("XRANGE", stream(room), f"({text(position)}", "+", "COUNT", str(_PAGE))
            except ReplyError as error:
                raise refused_for_now(error) from error
            events += [Event(position_of(identity), fields[1]) for identity, fields in page]
            if len(page) < _PAGE:
                return events
            position = events[-1].position


def stream(room: str) -> str:
    # The braces keep the keys of one room on one node of a cluster.
    return f"events:{{{room}}}"


def channel(room: str) -> str:
    return f"channel:{{{room}}}"


def published(channel_name: bytes, message: bytes) -> tuple[str, Event]:
    """The room and the event of a message heard on a channel."""
    room = channel_name.decode()[len("channel:{") : -1]
    identity, _, payload = message.partition(b" ")
    return room, Event(position_of(identity), payload)


def position_of(identity: bytes) -> Position:
    milliseconds, _, sequence = identity.partition(b"-")
    return int(milliseconds), int(sequence)


def text(position: Position) -> str:
    return f"{position[0]}-{position[1]}"

