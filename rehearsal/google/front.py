"""What stands in front of every Cloud Run service: one stable address, the ingress and the invoker check, and then a plain
splice of bytes, so that WebSockets and long polling pass."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from rehearsal.google.splice import splice

_HEAD_LIMIT = 65536
_HEAD_SECONDS = 60.0
_TRIES = 8
_SIGNED = re.compile(r"(\s*bearer\s+[^.]+\.[^.]+\.).*", re.IGNORECASE)


@dataclass(frozen=True)
class Denial:
    """An answer that the service itself never sees."""

    status: int
    reason: str
    title: str


# method and headers (lower-case names) of a request -> None when it may pass
Guard = Callable[[dict[str, str]], Denial | None]


class Loop:
    """One event loop in a thread, for the fronts of all services."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True, name="cloud-run-fronts")
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run `work` there and wait for it."""
        waiting: Future[Any] = asyncio.run_coroutine_threadsafe(work, self.loop)
        return waiting.result(timeout=15)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(timeout=5)
        self.loop.close()


class Front:
    """`upstream()` gives the port of the instance whose turn it is, 0 when none serves; it may block."""

    def __init__(self, loop: Loop, guard: Guard, public: Callable[[], bool], upstream: Callable[[], int]) -> None:
        self._loop, self._guard, self._public, self._upstream = loop, guard, public, upstream
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.uri = f"http://127.0.0.1:{self.port}"
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[Any]] = set()

    def start(self) -> Front:
        self._loop.run(self._start())
        return self

    def stop(self) -> None:
        self._loop.run(self._stop())

    def drop_connections(self) -> None:
        """Let every open connection prove again that it may pass."""
        self._loop.run(self._drop())

    async def _start(self) -> None:
        self._server = await asyncio.start_server(self._accept, sock=self._socket, limit=_HEAD_LIMIT)

    async def _stop(self) -> None:
        if self._server:
            self._server.close()
        await self._drop()

    async def _drop(self) -> None:
        tasks = list(self._open)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._open.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            # A client that went away or sent no HTTP: nobody is left to tell.
            return
        finally:
            self._open.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _HEAD_SECONDS)
        headers = _headers(head)
        if denial := self._guard(headers):
            writer.write(_answer(denial))
            await writer.drain()
            return
        connection = await self._connect()
        if connection is None:
            writer.write(_answer(Denial(503, "Service Unavailable", "The service is not available")))
            await writer.drain()
            return
        service, to_service = connection
        try:
            to_service.write(_forwarded(head, keep_alive=self._public()))
            await splice(reader, to_service, service, writer)
        finally:
            to_service.close()


    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """To the next instance; one that died a moment ago is passed over, because it has seen nothing of the request."""
        for _ in range(_TRIES):
            port = await asyncio.get_running_loop().run_in_executor(None, self._upstream)
            if not port:
                return None
            with contextlib.suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", port)
        return None


def _headers(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines if ":" in line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _forwarded(head: bytes, keep_alive: bool) -> bytes:
    """The head as the container sees it: without the platform's own marks, the token's signature taken away, and, where every
    request has to be checked, told to close the connection after this one."""
    lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    upgrade = any(line.lower().startswith("upgrade:") for line in lines)
    kept = []
    for line in lines:
        name = line.partition(":")[0].lower()
        if name.startswith("x-standin-") or (name == "connection" and not keep_alive and not upgrade):
            continue
        checked = name in ("authorization", "x-serverless-authorization") and not keep_alive
        kept.append(_SIGNED.sub(r"\1SIGNATURE_REMOVED_BY_GOOGLE", line) if checked else line)
    if not keep_alive and not upgrade:
        kept.append("Connection: close")
    return ("\r\n".join(kept) + "\r\n\r\n").encode("latin-1")


def _answer(denial: Denial) -> bytes:
    page = (
        f"<html><head><title>{denial.status} {denial.reason}</title></head><body><h1>Error: {denial.reason}</h1>"
        f"<h2>{denial.title}</h2></body></html>\n"
    )
    head = f"HTTP/1.1 {denial.status} {denial.reason}\r\ncontent-type: text/html; charset=UTF-8\r\n"
    return f"{head}content-length: {len(page.encode())}\r\nconnection: close\r\n\r\n{page}".encode()
