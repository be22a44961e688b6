"""An agent's desk over Socket.IO, with the public python-socketio client."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import socketio

from connector.push import DATA_TYPES
from tests.connector.world import PATIENCE

TRANSPORTS = ("polling", "websocket")


class Desk:
    """`heard`: (event, payload) of everything that came, `unauthenticated` included; `ended`: the connection is gone."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Any]] = []
        self.ended = asyncio.Event()
        self.client = socketio.AsyncClient(reconnection=False, request_timeout=PATIENCE)
        self.client.on("disconnect", self._end)
        for data_type in (*DATA_TYPES, "unauthenticated"):
            self.client.on(data_type, self._note(data_type))

    async def _end(self, *_: object) -> None:
        self.ended.set()

    def _note(self, data_type: str) -> Any:
        async def note(*payload: Any) -> None:
            self.heard.append((data_type, payload[0] if payload else None))

        return note

    async def join(self, name: str) -> Any:
        return await self.client.call("join-conversation", name, timeout=PATIENCE)

    async def leave(self, name: str) -> Any:
        return await self.client.call("leave-conversation", name, timeout=PATIENCE)

    def message_ids(self) -> list[str]:
        return [payload["message_id"] for _, payload in self.heard]

    async def connects(self, url: str, token: Any, *transports: str) -> None:
        """The library itself gives a server one second to answer."""
        await self.client.connect(url, auth={"token": token}, transports=list(transports), wait_timeout=PATIENCE)

    async def hears(self, count: int) -> None:
        """Waits until so many events have come."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while len(self.heard) < count:
            if asyncio.get_running_loop().time() > deadline:
                raise AssertionError(f"heard {len(self.heard)} of {count} events")
            await asyncio.sleep(0.02)


@asynccontextmanager
async def desk(url: str, token: Any, transports: tuple[str, ...] = ("websocket",)) -> AsyncIterator[Desk]:
    agent = Desk()
    await agent.connects(url, token, *transports)
    try:
        yield agent
    finally:
        await agent.client.disconnect()


async def with_a_token_that_ends(connect: Callable[[int], Awaitable[None]]) -> None:
    """Calls `connect` with an expiry as near as it can be on this machine, and returns when that is past."""
    for seconds in (2, 4, 8, 16, 32):
        expires = int(time.time()) + seconds
        with contextlib.suppress(socketio.exceptions.ConnectionError):
            await connect(expires)
            # Tokens end at full seconds.
            await asyncio.sleep(max(0.0, expires + 1.1 - time.time()))
            return
    raise AssertionError("no token lived until it was shown")
