"""The way out of one browser window: hosts that the desk serves lead to an address on this machine, all others nowhere."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping

_CHUNK = 65536
_REFUSAL = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_TUNNEL = b"HTTP/1.1 200 Connection established\r\n\r\n"


class Proxy:
    """An HTTP proxy on loopback. addresses: "host:port" by host name. `refused`: every other host that was asked for."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self._addresses = addresses
        self.refused: set[str] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        """Answers the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = await reader.readuntil(b"\r\n\r\n")
            method, target = head.decode("latin-1").split(" ", 2)[:2]
            address = self._addresses.get(target.rpartition(":")[0]) if method == "CONNECT" else None
            if address is None:
                self.refused.add(target.partition("?")[0])
                writer.write(_REFUSAL)
                await writer.drain()
            else:
                await self._tunnel(reader, writer, address)
        writer.close()

    async def _tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str) -> None:
        host, _, port = address.rpartition(":")
        far_reader, far_writer = await asyncio.open_connection(host, int(port))
        writer.write(_TUNNEL)
        ways = [asyncio.create_task(_copy(reader, far_writer)), asyncio.create_task(_copy(far_reader, writer))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        far_writer.close()
        for each in ways:
            each.cancel()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
