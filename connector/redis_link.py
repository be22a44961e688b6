"""One connection to Redis that sends the commands of one loop turn together, and hears published messages.

An own protocol on hiredis costs half of what a general client does on the path that every event takes.

Replies come in the order of the commands, so a reply that does not come in time breaks the whole connection: it is then
closed, every waiting command fails with StoreUnavailable, and `KeptLink` opens another.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import random
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import hiredis

from connector import logs
from connector.config import RedisSettings

_CONNECT_SECONDS = 2.0
_REPLY_SECONDS = 2.0
_SECOND_LOOK_SECONDS = 0.05
_HEARTBEAT_SECONDS = 5.0
_MOST_WAITING = 10_000
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0

Heard = Callable[[bytes, bytes], None]


class StoreUnavailable(Exception):
    """Redis does not answer now; the same request may succeed later."""


class ReplyError(Exception):
    """Redis refused a command."""


def refused_for_now(error: ReplyError) -> StoreUnavailable:
    # A replica after a failover, a full memory, data still loading: all pass.
    return StoreUnavailable(f"Redis refused: {str(error).split(' ', 1)[0]}")


class Script:
    """A Lua script and the name that Redis gives it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.digest = hashlib.sha1(text.encode()).hexdigest()  # noqa: S324  # Redis's own choice


class _Link(asyncio.Protocol):
    def __init__(self, heard: Heard | None) -> None:
        self._heard = heard
        self._reader = hiredis.Reader()
        self._waiting: deque[tuple[asyncio.Future[Any], float]] = deque()
        self._looking: asyncio.TimerHandle | None = None
        self._looked = False
        self._unsent: list[bytes] = []
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self.closed: asyncio.Future[None] = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        try:
            self._reader.feed(data)
            while (reply := self._reader.gets()) is not False:
                self._take(reply)
        except hiredis.ProtocolError:
            self.abort()

    def _take(self, reply: Any) -> None:
        if isinstance(reply, list) and reply and reply[0] == b"message":
            if self._heard is not None:
                self._heard(reply[1], reply[2])
            return
        if not self._waiting:
            # Redis ends a connection that it does not want with a word that nobody asked for.
            self.abort()
            return
        waiting, _ = self._waiting.popleft()
        self._looked = False
        if waiting.done():
            return
        if isinstance(reply, hiredis.ReplyError):
            waiting.set_exception(ReplyError(str(reply)))
        else:
            waiting.set_result(reply)

    def connection_lost(self, _: Exception | None) -> None:
        if self._looking is not None:
            self._looking.cancel()
        while self._waiting:
            waiting, _ = self._waiting.popleft()
            if not waiting.done():
                waiting.set_exception(StoreUnavailable("the connection to Redis was lost"))
        if not self.closed.done():
            self.closed.set_result(None)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def send(self, parts: Sequence[str | bytes | int]) -> asyncio.Future[Any]:
        """The future of its reply. Raises StoreUnavailable."""
        if self.closed.done() or len(self._waiting) >= _MOST_WAITING:
            raise StoreUnavailable(
                "Redis is not connected" if self.closed.done() else "too many commands wait for Redis"
            )
        waiting: asyncio.Future[Any] = self._loop.create_future()
        self._waiting.append((waiting, self._loop.time()))
        if self._looking is None:
            self._looking = self._loop.call_later(_REPLY_SECONDS, self._look)
        if not self._unsent:
            self._loop.call_soon(self._send)
        self._unsent.append(hiredis.pack_command(tuple(parts)))
        return waiting

    async def command(self, *parts: str | bytes | int) -> Any:
        return await self.send(parts)

    def _look(self) -> None:
        """Gives the connection up when the oldest command was not answered in time.

        Not at the first look: a process that was given no time itself has not read what came meanwhile, and does so now.
        """
        self._looking = None
        if not self._waiting or self.closed.done():
            return
        left = self._waiting[0][1] + _REPLY_SECONDS - self._loop.time()
        if left <= 0 and self._looked:
            self.abort()
            return
        self._looked = left <= 0
        self._looking = self._loop.call_later(_SECOND_LOOK_SECONDS if left <= 0 else left, self._look)

    def _send(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.writelines(self._unsent)
        self._unsent = []


def _taken(done: asyncio.Future[Any], answered: Callable[[Any], None] | None) -> None:
    failed = done.cancelled() or done.exception() is not None
    if answered is not None:
        answered(None if failed else done.result())


class KeptLink:
    """A link that is opened again, with growing pauses, whenever it is lost.

    `heard` gets channel and payload of every published message; `opened` runs after each new connection, when all
    subscriptions of the former one are gone.
    """

    def __init__(
        self, settings: RedisSettings, heard: Heard | None = None, opened: Callable[[], None] | None = None
    ) -> None:
        self._settings, self._heard, self._opened = settings, heard, opened
        self._tls = settings.tls()
        self._link: _Link | None = None
        self._up = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.connections = 0

    @property
    def connected(self) -> bool:
        return self._link is not None and not self._link.closed.done()

    def start(self) -> None:
        """Returns at once: a service starts without Redis too."""
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def command(self, *parts: str | bytes | int) -> Any:
        """The reply, undecoded. Raises StoreUnavailable, or ReplyError when Redis refuses the command."""
        if self._link is None:
            raise StoreUnavailable("Redis is not connected")
        return await self._link.command(*parts)

    def tell(self, *parts: str | bytes | int, answered: Callable[[Any], None] | None = None) -> None:
        """Sends a command that nobody waits for: what it would have done is lost while Redis is away.

        `answered` gets the reply, or None when there is none or Redis refused.
        """
        try:
            waiting = self._link.send(parts) if self._link is not None else None
        except StoreUnavailable:
            waiting = None
        if waiting is not None:
            waiting.add_done_callback(lambda done: _taken(done, answered))
        elif answered is not None:
            answered(None)

    async def script(self, script: Script, keys: Sequence[str], arguments: Sequence[str | bytes]) -> Any:
        """The script's reply. Raises StoreUnavailable, also when Redis refuses for now."""
        rest = (str(len(keys)), *keys, *arguments)
        try:
            try:
                return await self.command("EVALSHA", script.digest, *rest)
            except ReplyError as error:
                if not str(error).startswith("NOSCRIPT"):
                    raise
                return await self.command("EVAL", script.text, *rest)
        except ReplyError as error:
            raise refused_for_now(error) from error

    async def wait(self, patience: float) -> None:
        """Until there is a connection: a short outage shall not fail what can wait. Raises StoreUnavailable after `patience` seconds."""
        try:
            await asyncio.wait_for(self._up.wait(), patience)
        except TimeoutError:
            raise StoreUnavailable("Redis is not connected") from None

    async def _keep(self) -> None:
        pause = _FIRST_PAUSE
        complaint = ""
        while True:
            try:
                link = await self._open()
            except (OSError, TimeoutError, StoreUnavailable, ReplyError) as error:
                if (cause := self._cause(error)) != complaint:
                    logs.log.warning("no connection to Redis", extra={"details": {"cause": cause}})
                complaint = cause
                await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311  # not a secret: keeps instances apart
                pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            pause, complaint = _FIRST_PAUSE, ""
            logs.log.info("connected to Redis")
            self._link = link
            self.connections += 1
            self._up.set()
            try:
                if self._opened is not None:
                    self._opened()
                await self._watch(link)
            finally:
                self._link = None
                self._up.clear()
                link.abort()
            logs.log.warning("lost the connection to Redis")

    def _cause(self, error: Exception) -> str:
        """For the log: what to look at, without what the server said."""
        if isinstance(error, ssl.SSLCertVerificationError):
            return "the server's certificate is signed by none of REDIS_CA_CERTS"
        if isinstance(error, ssl.SSLError):
            return "the server does not speak TLS on this port; is REDIS_CA_CERTS meant for it?"
        if isinstance(error, ReplyError) and str(error).startswith(("WRONGPASS", "ERR invalid password", "ERR AUTH")):
            return "Redis refused REDIS_PASSWORD"
        if isinstance(error, ReplyError) and str(error).startswith("NOAUTH"):
            return "Redis wants a password; set REDIS_PASSWORD"
        if isinstance(error, ReplyError):
            return str(refused_for_now(error))
        return type(error).__name__

    async def _open(self) -> _Link:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(_CONNECT_SECONDS):
            _, link = await loop.create_connection(
                lambda: _Link(self._heard),
                self._settings.host,
                self._settings.port,
                ssl=self._tls,
                server_hostname="" if self._tls else None,
            )
        try:
            if self._settings.password:
                await link.command("AUTH", self._settings.password)
            # Also finds out whether Redis is up but still loading its data, or wants a password.
            await link.command("PING")
        except (StoreUnavailable, ReplyError):
            link.abort()
            raise
        return link

    async def _watch(self, link: _Link) -> None:
        """Until the link is lost. A connection that a failover left half open is noticed by the heartbeat."""
        while not link.closed.done():
            await asyncio.wait([link.closed], timeout=_HEARTBEAT_SECONDS)
            if not link.closed.done():
                with contextlib.suppress(StoreUnavailable, ReplyError):
                    await link.command("PING")
