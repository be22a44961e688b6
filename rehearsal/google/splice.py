"""Two connections tied together byte by byte, and the TLS that ends in front of a server that speaks none."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from typing import Protocol

_CHUNK = 65536


async def splice(
    reader: asyncio.StreamReader,
    to_server: asyncio.StreamWriter,
    server: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    """Both directions until the server has ended its answer; a client that stops sending may still read."""
    sending = asyncio.ensure_future(_copy(reader, to_server))
    try:
        await _copy(server, writer)
    finally:
        sending.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sending


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await source.read(_CHUNK):
            sink.write(chunk)
            await sink.drain()
        if sink.can_write_eof():
            sink.write_eof()


class Runs(Protocol):
    """An event loop in a thread, see front.Loop."""

    def run(self, work: object) -> object: ...


class TlsFront:
    """Ends TLS on a loopback port and passes the bytes on to another one. Clients without TLS get nothing but the alert."""

    def __init__(self, loop: Runs, context: ssl.SSLContext, upstream: int) -> None:
        self._loop, self._context, self._upstream = loop, context, upstream
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        self._loop.run(self._start())

    def stop(self) -> None:
        self._loop.run(self._stop())

    async def _start(self) -> None:
        self._server = await asyncio.start_server(self._accept, sock=self._socket, ssl=self._context)

    async def _stop(self) -> None:
        if self._server:
            self._server.close()
        tasks = list(self._open)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._open.add(task)
        try:
            server, to_server = await asyncio.open_connection("127.0.0.1", self._upstream)
            try:
                await splice(reader, to_server, server, writer)
            finally:
                to_server.close()
        except OSError:
            # The server behind is gone, or the client is: closing the line says all there is to say.
            return
        finally:
            self._open.discard(task)
            writer.close()
