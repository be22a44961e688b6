"""Requests of an Engine.IO session that another instance has.

A client of Socket.IO begins with long polling: several requests of one session, which a round robin spreads over all
instances, and then a WebSocket of the same session. Cloud Run's session affinity is a cookie, which browsers do not send to
another site. So every session ID begins with the name of its instance, and whoever else gets a request of it carries it
there and the answer back, over a Redis channel per instance. What is carried is the ASGI conversation itself: the instance
that has the session cannot tell such a request from its own.

A message is KIND, the stream's number, the sender's name, content. To the owner: H (HTTP request), W (WebSocket), T (text),
B (bytes), X (client gone). Back: R (HTTP answer), a (accepted), t, b, x (closed).
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
from collections.abc import Awaitable
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request

from connector import answers, logs
from connector.config import RedisSettings
from connector.cors import App, Receive, Scope, Send
from connector.measures import Measures
from connector.redis_link import KeptLink, ReplyError, StoreUnavailable

_NAME = 8
_STREAM = 12
_HEAD = 1 + _STREAM + _NAME
_SESSION = re.compile(r"[A-Za-z0-9_-]{28}")
_LARGEST_BODY = 1_000_000
# Longer than Engine.IO lets a poll hang.
_ANSWER_SECONDS = 60.0
_WATCH_SECONDS = 1.0
_FAREWELL_SECONDS = 0.3
_LISTENING_SECONDS = 2.0
_MOST_STREAMS = 20_000
_MOST_WAITING = 5_000
_CARRIED_HEADERS = frozenset(
    {b"origin", b"content-type", b"content-length", b"connection", b"upgrade", b"user-agent", b"accept-encoding", b"x-forwarded-for"}
)
_GONE = (b"x", b"")


class _Stream:
    """One relayed request, as the instance sees it that got it, or as the owner does."""

    def __init__(self, number: bytes, other: str) -> None:
        self.number, self.other = number, other
        self.came: asyncio.Queue[tuple[bytes, bytes]] = asyncio.Queue()
        self.missed = 0
        self.ended = False

    def put(self, kind: bytes, content: bytes) -> None:
        if self.came.qsize() >= _MOST_WAITING:
            self.end()
        elif not self.ended:
            self.came.put_nowait((kind, content))

    def end(self) -> None:
        if not self.ended:
            self.ended = True
            self.came.put_nowait(_GONE)


class Relay:
    """`app` answers what others carry here. `link` publishes; what is heard comes over a link of its own."""

    def __init__(self, redis: RedisSettings, link: KeptLink, app: App, measures: Measures) -> None:
        self.instance = secrets.token_urlsafe(6)
        self._link, self._app, self._measures = link, app, measures
        self._ears = KeptLink(redis, heard=self._heard, opened=self._opened)
        self._listening = asyncio.Event()
        self._carried: dict[bytes, _Stream] = {}
        self._served: dict[tuple[str, bytes], _Stream] = {}
        self._tasks: set[asyncio.Future[Any]] = set()

    @property
    def connected(self) -> bool:
        return self._ears.connected and self._listening.is_set()

    @property
    def connections(self) -> int:
        return self._ears.connections

    def start(self) -> None:
        self._ears.start()
        self._run(self._watch())

    async def stop(self) -> None:
        """Ends what is carried, here and for others: their clients connect again elsewhere, and not only when somebody notices."""
        carried, served = list(self._carried.values()), list(self._served.values())
        for stream in carried:
            self._tell(stream, b"X")
        for stream in served:
            self._tell(stream, b"x")
        if carried or served:
            with contextlib.suppress(StoreUnavailable, ReplyError, TimeoutError):
                # Answered after all that was told before; a Redis that hangs shall not keep the process.
                async with asyncio.timeout(_FAREWELL_SECONDS):
                    await self._link.command("PING")
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._ears.stop()

    def owner(self, session: str | None) -> str | None:
        """The other instance that has this session; None for our own and for what is no session of ours at all."""
        if session is None or session.startswith(self.instance) or _SESSION.fullmatch(session) is None:
            return None
        return session[:_NAME]

    async def carry(self, owner: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Has `owner` answer the request."""
        if not await self._would_hear() or len(self._carried) >= _MOST_STREAMS:
            await _refuse(scope, receive, send)
            return
        stream = _Stream(secrets.token_urlsafe(9).encode(), owner)
        self._carried[stream.number] = stream
        self._measures.relayed += 1
        try:
            if scope["type"] == "websocket":
                await self._carry_websocket(stream, scope, receive, send)
            else:
                await self._carry_request(stream, scope, receive, send)
        except StoreUnavailable:
            await _refuse(scope, receive, send)
        finally:
            del self._carried[stream.number]

    async def _would_hear(self) -> bool:
        """Whether an answer would reach this instance, which is not so before Redis has confirmed that it listens."""
        if not self._listening.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LISTENING_SECONDS):
                    await self._listening.wait()
        return self._listening.is_set()

    async def _carry_request(self, stream: _Stream, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await answers.body(Request(scope, receive), _LARGEST_BODY)
        except answers.Refused as refused:
            await refused.response(scope, receive, send)
            return
        except ClientDisconnect:
            return
        kind, content = _GONE
        if await self._told(stream, b"H", _head(scope) + b"\n" + body):
            with contextlib.suppress(TimeoutError):
                kind, content = await asyncio.wait_for(stream.came.get(), _ANSWER_SECONDS)
        if kind != b"R":
            # What the owner's own Engine.IO says of a session that is no more: the client begins a new one.
            await answers.message("The session is gone.", 400)(scope, receive, send)
            return
        head, _, body = content.partition(b"\n")
        status, headers = orjson.loads(head)
        pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": body})

    async def _carry_websocket(self, stream: _Stream, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        if not await self._told(stream, b"W", _head(scope)):
            await send({"type": "websocket.close"})
            return
        reading = self._run(self._read(stream, receive))
        try:
            while True:
                kind, content = await stream.came.get()
                if kind == b"t":
                    await send({"type": "websocket.send", "text": content.decode()})
                elif kind == b"b":
                    await send({"type": "websocket.send", "bytes": content})
                elif kind == b"a":
                    await send({"type": "websocket.accept"})
                else:
                    break
        finally:
            reading.cancel()
            self._tell(stream, b"X")
        # uvicorn says so when the client closed first.
        with contextlib.suppress(RuntimeError):
            await send({"type": "websocket.close"})

    async def _read(self, stream: _Stream, receive: Receive) -> None:
        while (message := await receive())["type"] == "websocket.receive":
            if stream.ended:
                return  # what came before may be lost, so this would come out of turn
            if (text := message.get("text")) is not None:
                self._tell(stream, b"T", text.encode())
            else:
                self._tell(stream, b"B", message.get("bytes") or b"")
        stream.end()

    def _heard(self, _: bytes, message: bytes) -> None:
        kind, number, sender = message[:1], message[1 : 1 + _STREAM], message[1 + _STREAM : _HEAD].decode()
        content = message[_HEAD:]
        if kind in (b"R", b"a", b"t", b"b", b"x"):
            if stream := self._carried.get(number):
                stream.put(kind, content)
        elif kind in (b"H", b"W"):
            stream = self._served[sender, number] = _Stream(number, sender)
            self._run(self._serve(stream, kind, content))
        elif stream := self._served.get((sender, number)):
            stream.put(kind, content)

    async def _serve(self, stream: _Stream, kind: bytes, content: bytes) -> None:
        answered = False
        try:
            if kind == b"H":
                await self._serve_request(stream, content)
                answered = True
            else:
                scope = {**orjson.loads(content), "type": "websocket"}
                conversation = _Conversation(self, stream)
                await self._app(_restored(scope), conversation.receive, conversation.send)
        finally:
            if not answered:
                self._tell(stream, b"x")
            self._served.pop((stream.other, stream.number), None)

    async def _serve_request(self, stream: _Stream, content: bytes) -> None:
        head, _, body = content.partition(b"\n")
        answer: dict[str, Any] = {"status": 500, "headers": [], "body": b""}
        came = False

        async def receive() -> dict[str, Any]:
            nonlocal came
            if came:
                await asyncio.Event().wait()
            came = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                answer.update(status=message["status"], headers=message.get("headers", []))
            else:
                answer["body"] += message.get("body", b"")

        await self._app(_restored({**orjson.loads(head), "type": "http"}), receive, send)
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in answer["headers"]]
        self._tell(stream, b"R", orjson.dumps([answer["status"], headers]) + b"\n" + answer["body"])

    async def _told(self, stream: _Stream, kind: bytes, content: bytes = b"") -> bool:
        """Whether the other instance was there to hear it. Raises StoreUnavailable."""
        if stream.ended:
            return False
        try:
            return bool(await self._link.command("PUBLISH", _channel(stream.other), self._message(stream, kind, content)))
        except ReplyError as error:
            raise StoreUnavailable("Redis refused") from error

    def _tell(self, stream: _Stream, kind: bytes, content: bytes = b"") -> None:
        def answered(ears: Any) -> None:
            if not ears:
                stream.end()

        self._link.tell("PUBLISH", _channel(stream.other), self._message(stream, kind, content), answered=answered)

    def _message(self, stream: _Stream, kind: bytes, content: bytes) -> bytes:
        return b"".join((kind, stream.number, self.instance.encode(), content))

    def _opened(self) -> None:
        """What was said while nobody listened is lost, so what was going on cannot go on: the clients begin again."""
        self._listening.clear()
        self._run(self._listen())
        for stream in (*self._carried.values(), *self._served.values()):
            stream.end()

    async def _listen(self) -> None:
        with contextlib.suppress(StoreUnavailable, ReplyError):
            await self._ears.command("SUBSCRIBE", _channel(self.instance))
            self._listening.set()

    async def _watch(self) -> None:
        """Ends what waits for an instance that is no more: Redis notices at once when a process ends."""
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            owners = sorted({stream.other for stream in self._carried.values()})
            if not owners:
                continue
            try:
                answer = await self._link.command("PUBSUB", "NUMSUB", *(_channel(each) for each in owners))
            except (StoreUnavailable, ReplyError):
                continue
            gone = {owner for owner, ears in zip(owners, answer[1::2], strict=True) if not ears}
            for stream in list(self._carried.values()):
                stream.missed = stream.missed + 1 if stream.other in gone else 0
                # Once may be a moment in which the other connects anew.
                if stream.missed > 1:
                    stream.end()

    def _run(self, work: Awaitable[Any]) -> asyncio.Future[Any]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Future[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logs.log.error("a relayed request failed", exc_info=error)


class _Conversation:
    """The WebSocket of a client that is connected to another instance."""

    def __init__(self, relay: Relay, stream: _Stream) -> None:
        self._relay, self._stream = relay, stream
        self._begun = False

    async def receive(self) -> dict[str, Any]:
        if not self._begun:
            self._begun = True
            return {"type": "websocket.connect"}
        kind, content = await self._stream.came.get()
        if kind == b"T":
            return {"type": "websocket.receive", "text": content.decode()}
        if kind == b"B":
            return {"type": "websocket.receive", "bytes": content}
        return {"type": "websocket.disconnect", "code": 1006}

    async def send(self, message: Any) -> None:
        if self._stream.ended:
            raise OSError("the client is gone")
        match message:
            case {"type": "websocket.send", "text": str(text)}:
                self._relay._tell(self._stream, b"t", text.encode())
            case {"type": "websocket.send", "bytes": bytes(content)}:
                self._relay._tell(self._stream, b"b", content)
            case {"type": "websocket.accept"}:
                self._relay._tell(self._stream, b"a")
            case {"type": "websocket.close"}:
                self._relay._tell(self._stream, b"x")

    def abort(self) -> None:
        self._relay._tell(self._stream, b"x")
        self._stream.end()


def _channel(instance: str) -> str:
    return f"relay:{instance}"


def _head(scope: Scope) -> bytes:
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"] if name in _CARRIED_HEADERS]
    return orjson.dumps(
        {
            "method": scope.get("method", "GET"),
            "path": scope["path"],
            "query_string": scope["query_string"].decode("latin-1"),
            "headers": headers,
        }
    )


def _restored(scope: dict[str, Any]) -> dict[str, Any]:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in scope["headers"]]
    return {**scope, "headers": headers, "query_string": scope["query_string"].encode("latin-1"), "client": None}


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close"})
    else:
        await answers.unavailable("The session store")(scope, receive, send)
