"""Agents' desks in great number: Socket.IO over WebSocket, as bare protocol objects.

A whole client library per agent would make this driver the limit (docs/adr/0011-measuring-the-connector.md). What a desk does
besides hearing is what socket.io-client 4.8 does: it answers pings, and when its connection is lost it comes back by itself with
the session's `pid` and the last event's offset, if the server gave it any, and does not join again.
"""

from __future__ import annotations

import asyncio
import base64
import json
import random
import re
import secrets
import time
from collections.abc import Callable
from urllib.parse import urlsplit

_MESSAGE_ID = re.compile(rb'"message_id"\s*:\s*"([^"\\]+)"')
_OFFSET = re.compile(rb',\s*"([^"\\]*)"\s*\]\Z')
_TEXT, _BINARY, _CLOSE, _PING, _PONG = 1, 2, 8, 9, 10

Heard = Callable[["Agent", str, float], None]


class Refused(Exception):
    """The service did not let the agent in."""


def frame(text: str, opcode: int = _TEXT) -> bytes:
    """A client's WebSocket frame. Its mask is zero, which is a mask like any other to the server and costs nothing here."""
    payload = text.encode()
    head = bytes([0x80 | opcode])
    if len(payload) < 126:
        head += bytes([0x80 | len(payload)])
    elif len(payload) < 65536:
        head += b"\xfe" + len(payload).to_bytes(2, "big")
    else:
        head += b"\xff" + len(payload).to_bytes(8, "big")
    return head + b"\0\0\0\0" + payload


class _Socket(asyncio.Protocol):
    """One connection of an agent."""

    def __init__(self, agent: Agent, host: str) -> None:
        self._agent, self._host = agent, host
        self._buffer = bytearray()
        self._upgraded = False
        self.connected: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        lines = [
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
            f"Host: {self._host}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
        ]
        self.transport.write("\r\n".join([*lines, "", ""]).encode())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._upgraded:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            if not self._buffer.startswith(b"HTTP/1.1 101"):
                self._fail(bytes(self._buffer[:80]).decode("latin-1"))
                return
            self._upgraded = True
            del self._buffer[: end + 4]
        now = time.perf_counter()
        while (one := self._next()) is not None:
            self._take(*one, now)

    def _next(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        length, start = buffer[1] & 0x7F, 2
        if length == 126:
            length, start = int.from_bytes(buffer[2:4], "big"), 4
        elif length == 127:
            length, start = int.from_bytes(buffer[2:10], "big"), 10
        if len(buffer) < start or len(buffer) < start + length:
            return None
        opcode, payload = buffer[0] & 0x0F, bytes(buffer[start : start + length])
        del buffer[: start + length]
        return opcode, payload

    def _take(self, opcode: int, payload: bytes, now: float) -> None:
        if opcode == _CLOSE:
            self.close()
        elif opcode == _PING:
            self._write(frame(payload.decode("latin-1"), _PONG))
        elif opcode == _TEXT:
            if payload.startswith(b"42"):
                self._agent.takes(payload, now)
            elif payload == b"2":
                self._write(frame("3"))
            elif payload.startswith(b"0"):
                self._write(frame("40" + json.dumps(self._agent.credentials())))
            elif payload.startswith(b"40"):
                self._agent.pid = json.loads(payload[2:]).get("pid")
                if not self.connected.done():
                    self.connected.set_result(None)
            elif payload.startswith(b"43"):
                self._agent.acknowledged(payload)
            elif payload.startswith(b"44"):
                self._fail(payload.decode())
            elif payload.startswith((b"41", b"1")):
                self.close()

    def _write(self, data: bytes) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(data)

    def send(self, text: str) -> None:
        self._write(frame(text))

    def _fail(self, why: str) -> None:
        if not self.connected.done():
            self.connected.set_exception(Refused(why))
        self.close()

    def close(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    def connection_lost(self, _: Exception | None) -> None:
        if not self.connected.done():
            self.connected.set_exception(Refused("the connection was closed"))
        self._agent.lost(self)


class Agent:
    """One desk. `heard` gets (agent, message id, time of arrival) for every event."""

    def __init__(self, token: str, room: str, heard: Heard) -> None:
        self.token, self.room = token, room
        self.pid: str | None = None
        self.offset: str | None = None
        self.reconnects = 0
        self._heard = heard
        self._socket: _Socket | None = None
        self._elsewhere: list[str] = []
        self._acknowledgement: asyncio.Future[bytes] | None = None
        self._returning: asyncio.Task[None] | None = None

    async def connect(self, url: str, seconds: float = 20.0) -> None:
        """Raises Refused, OSError or TimeoutError."""
        parts = urlsplit(url)
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(seconds):
            _, socket = await loop.create_connection(
                lambda: _Socket(self, parts.netloc), parts.hostname or "", parts.port or 80
            )
            self._socket = socket
            try:
                await socket.connected
            except BaseException:
                socket.close()
                raise

    async def join(self, seconds: float = 20.0) -> None:
        """Raises Refused or TimeoutError."""
        assert self._socket is not None, "an agent connects before it joins"  # noqa: S101  # for the reader
        self._acknowledgement = asyncio.get_running_loop().create_future()
        self._socket.send("420" + json.dumps(["join-conversation", self.room]))
        async with asyncio.timeout(seconds):
            answer = await self._acknowledgement
        if b"[true," not in answer:
            raise Refused(answer.decode())

    def comes_back(self, urls: list[str]) -> None:
        """From now on it reconnects by itself, to each of these in turn, beginning anywhere."""
        first = random.randrange(len(urls))  # noqa: S311  # spreads the load, no secret
        self._elsewhere = [*urls[first:], *urls[:first]]

    def leave(self) -> None:
        """Vanishes without a word, as a closed laptop does."""
        self._elsewhere = []
        if self._returning is not None:
            self._returning.cancel()
        if self._socket is not None:
            self._socket.close()

    @property
    def open(self) -> bool:
        socket = self._socket
        return (
            socket is not None
            and socket.transport is not None
            and not socket.transport.is_closing()
            and socket.connected.done()
            and socket.connected.exception() is None
        )

    def credentials(self) -> dict[str, str]:
        told = {"token": self.token, "pid": self.pid, "offset": self.offset if self.pid else None}
        return {name: value for name, value in told.items() if value}

    def takes(self, payload: bytes, now: float) -> None:
        found = _MESSAGE_ID.search(payload)
        if found is None:
            return
        if self.pid and (offset := _OFFSET.search(payload)) is not None:
            self.offset = offset[1].decode()
        self._heard(self, found[1].decode(), now)

    def acknowledged(self, payload: bytes) -> None:
        if self._acknowledgement is not None and not self._acknowledgement.done():
            self._acknowledgement.set_result(payload)

    def lost(self, socket: _Socket) -> None:
        if self._elsewhere and socket is self._socket and socket.connected.exception() is None:
            self._returning = asyncio.get_running_loop().create_task(self._come_back())

    async def _come_back(self) -> None:
        pause = 1.0
        while self._elsewhere:
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311  # socket.io-client's randomizationFactor
            url = self._elsewhere[self.reconnects % len(self._elsewhere)]
            self.reconnects += 1
            try:
                await self.connect(url)
            except (Refused, OSError, TimeoutError):
                pause = min(pause * 2, 5.0)
                continue
            return


async def connect_all(agents: list[Agent], urls: list[str], at_a_time: int = 200) -> list[Agent]:
    """Connects and joins them, spread over the urls; answers those that got in."""
    places = asyncio.Semaphore(at_a_time)

    async def one(number: int, agent: Agent) -> Agent | None:
        async with places:
            try:
                await agent.connect(urls[number % len(urls)])
                await agent.join()
            except (Refused, OSError, TimeoutError):
                agent.leave()
                return None
            return agent

    made = await asyncio.gather(*(one(number, agent) for number, agent in enumerate(agents)))
    return [each for each in made if each is not None]
