"""One address before several instances: each new connection goes to the next one that accepts it, without cookies."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Sequence

from tests.connector.redis_server import free_port


class RoundRobin:
    """Serves on `url` until `stop`; `ports` are tried in turn."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports = list(ports)
        self._next = 0
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()
        self.taken: list[int] = []

    def start(self) -> RoundRobin:
        self._thread.start()
        assert self._ready.wait(5)
        return self

    def only(self, *ports: int) -> None:
        """New connections go to these from now on."""
        self._ports = list(ports)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._server = self._loop.run_until_complete(asyncio.start_server(self._take, "127.0.0.1", self.port))
        self._ready.set()
        self._loop.run_forever()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, self._next = self._next, self._next + 1
        for further in range(len(self._ports)):
            port = self._ports[(first + further) % len(self._ports)]
            try:
                there = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                continue
            self.taken.append(port)
            await asyncio.gather(_pipe(reader, there[1]), _pipe(there[0], writer))
            return
        writer.close()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while part := await reader.read(65536):
            writer.write(part)
            await writer.drain()
    writer.close()
