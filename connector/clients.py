"""One connected agent's desk, as the rooms know it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from connector.events import Event, Position
from connector.tokens import Token


class Client:
    """`session` is its name across connections, and `pid` the proof of it. `offset`: what it says it heard before.

    `restored`: whether it hears again what it heard before it was cut off. `asking`: a receipt is on its way, of what stood in
    `sent`; `received` is what it is known to have.
    """

    __slots__ = (
        "_deliver",
        "asking",
        "engineio_sid",
        "offset",
        "pid",
        "received",
        "restored",
        "resumed",
        "sent",
        "session",
        "token",
        "with_offsets",
    )

    def __init__(
        self, deliver: Callable[[Client, str, Event], None], engineio_sid: str, token: Token, session: str, pid: str
    ) -> None:
        self._deliver, self.engineio_sid, self.token, self.session, self.pid = deliver, engineio_sid, token, session, pid
        self.with_offsets = self.resumed = False
        self.offset: object = None
        self.restored = asyncio.Event()
        self.asking = False
        self.sent: dict[str, Position] | None = None
        self.received: dict[str, Position] = {}

    def deliver(self, room: str, event: Event) -> None:
        self._deliver(self, room, event)
