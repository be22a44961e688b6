"""One connected agent's desk, as the rooms know it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from connector.events import Event, Position
from connector.tokens import Token


class Client:
    """`session` is its name across connections, and `pid` the proof of it. `offset`: what it says it heard before.

    `restored`: whether it hears again what it heard before it was cut off; `asked`: the rooms it joined (True) and left (False)
    when that could not be waited for any longer. `asking`: a receipt is on its way, of what stood in `sent`, with the pong of the
    number `receipt`; `received` is what it is known to have.
    """

    __slots__ = (
        "_deliver",
        "asked",
        "asking",
        "engineio_sid",
        "offset",
        "pid",
        "receipt",
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
        self.asked: dict[str, bool] = {}
        self.asking = False
        self.receipt = 0
        self.sent: dict[str, Position] | None = None
        self.received: dict[str, Position] = {}

    async def until_restored(self, patience: float) -> bool:
        """Whether it is, after `patience` seconds at most."""
        if not self.restored.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self.restored.wait()
        return self.restored.is_set()

    def deliver(self, room: str, event: Event) -> None:
        self._deliver(self, room, event)
