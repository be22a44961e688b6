"""Pub/Sub's push requests in great number, over kept connections."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections import deque
from urllib.parse import urlsplit

_PATH = "/new-message-event"
# About 1.2 kB of push body: a sentence of a call and what Dialogflow says around it.
_SENTENCE = "The parcel was to come on Tuesday and the driver says that nobody was at home. " * 9


class _Connection(asyncio.Protocol):
    """One request at a time; reads answers with Content-Length or without a body."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._answer: asyncio.Future[int] | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def request(self, data: bytes) -> asyncio.Future[int]:
        self._answer = asyncio.get_running_loop().create_future()
        if self.transport is None or self.transport.is_closing():
            self._answer.set_exception(ConnectionError("closed"))
        else:
            self.transport.write(data)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._buffer[:end]).lower()
        place = head.find(b"content-length:")
        length = int(head[place + 15 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
        if len(self._buffer) < end + 4 + length:
            return
        status = int(head[9:12])
        del self._buffer[: end + 4 + length]
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(status)
        if b"connection: close" in head and self.transport is not None:
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError(str(error or "closed")))


class PubSub:
    """`sent`: message id → when it was sent (perf_counter, seconds); `statuses`: status → how often, 0 for no answer."""

    def __init__(self, url: str, connections: int = 16) -> None:
        parts = urlsplit(url)
        self._host, self._port, self._netloc = parts.hostname or "", parts.port or 80, parts.netloc
        self._connections = connections
        self.sent: dict[str, float] = {}
        self.statuses: dict[int, int] = {}
        self._count = 0

    def _body(self, name: str, message_id: str) -> bytes:
        data = json.dumps({"conversation": name, "newMessagePayload": {"content": _SENTENCE, "languageCode": "en-US"}})
        message = {
            "data": base64.b64encode(data.encode()).decode(),
            "messageId": message_id,
            "publishTime": "2026-01-01T00:00:00.000Z",
            "attributes": {},
        }
        body = json.dumps({"subscription": "projects/bench/subscriptions/new-message", "message": message}).encode()
        head = f"POST {_PATH} HTTP/1.1\r\nHost: {self._netloc}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + body

    def _new(self, name: str) -> tuple[str, bytes]:
        self._count += 1
        message_id = f"m{self._count}"
        return message_id, self._body(name, message_id)

    async def _open(self) -> _Connection:
        _, connection = await asyncio.get_running_loop().create_connection(_Connection, self._host, self._port)
        return connection

    async def _push(self, connection: _Connection, data: bytes) -> _Connection:
        """Answers the connection to go on with."""
        try:
            status = await connection.request(data)
        except ConnectionError:
            status = 0
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if connection.transport is None or connection.transport.is_closing():
            return await self._open()
        return connection

    async def at_rate(self, per_second: float, seconds: float, names: list[str]) -> list[str]:
        """Events to the names in turn, each when it is due whether or not the ones before were answered; the ids sent.

        A service that is slow cannot slow its own measurement down: no push waits for another's answer.
        """
        free: deque[_Connection] = deque([await self._open() for _ in range(self._connections)])
        pending: set[asyncio.Task[None]] = set()
        ids: list[str] = []
        began, total = time.perf_counter(), int(per_second * seconds)

        async def one(data: bytes) -> None:
            connection = free.popleft() if free else await self._open()
            free.append(await self._push(connection, data))

        for number in range(total):
            due = began + number / per_second
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            message_id, data = self._new(names[number % len(names)])
            self.sent[message_id] = time.perf_counter()
            ids.append(message_id)
            task = asyncio.create_task(one(data))
            pending.add(task)
            task.add_done_callback(pending.discard)
        if pending:
            await asyncio.wait(pending, timeout=30)
        for connection in free:
            if connection.transport is not None:
                connection.transport.close()
        return ids

    async def as_fast_as_answered(self, seconds: float, name: str) -> list[str]:
        """Every connection pushes its next event when the one before was answered; the ids sent."""
        ids: list[str] = []
        until = time.perf_counter() + seconds

        async def one() -> None:
            connection = await self._open()
            while time.perf_counter() < until:
                message_id, data = self._new(name)
                self.sent[message_id] = time.perf_counter()
                ids.append(message_id)
                connection = await self._push(connection, data)
            if connection.transport is not None:
                connection.transport.close()

        await asyncio.gather(*(one() for _ in range(self._connections)))
        return ids
