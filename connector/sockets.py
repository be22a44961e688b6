"""Socket.IO for the agents' desks: who may connect, joining and leaving, and sending what the rooms hear."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import socketio
from engineio.packet import MESSAGE, Packet
from socketio.exceptions import ConnectionRefusedError as Refused

from connector import logs, names, tokens
from connector.names import NotAConversation
from connector.rooms import Rooms
from connector.tokens import TokenRefused, Tokens

LARGEST_MESSAGE = 1_000_000
# Longer than a short outage of Redis; the client's own patience for an answer is its own affair.
_JOIN_SECONDS = 3.0
_CLOSE_SECONDS = 0.5
_EVENT = "2"


class _Json:
    """orjson in the form that python-socketio asks for."""

    @staticmethod
    def dumps(content: Any, **_: Any) -> str:
        return orjson.dumps(content).decode()

    loads = staticmethod(orjson.loads)


class _Client:
    """One connected socket, as the rooms know it."""

    __slots__ = ("_engineio", "_sid")

    def __init__(self, engineio: Any, sid: str) -> None:
        self._engineio, self._sid = engineio, sid

    def deliver(self, payload: bytes) -> None:
        # The queue instead of `emit`: the payload is encoded already, and no task is needed per client.
        socket = self._engineio.sockets.get(self._sid)
        if socket is not None and not socket.closed:
            socket.queue.put_nowait(Packet(MESSAGE, _EVENT + payload.decode()))


class _Server(socketio.AsyncServer):
    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        await super()._handle_eio_disconnect(eio_sid, reason)
        # Engine.IO lets the hanging poll of a client that said goodbye wait for its time-out of 45 seconds.
        socket = self.eio.sockets.get(eio_sid)
        if socket is not None and reason == self.reason.CLIENT_DISCONNECT:
            socket.queue.put_nowait(None)


class Sockets:
    """`asgi` serves /socket.io/."""

    def __init__(self, tokens: Tokens, rooms: Rooms, project: str, origins: tuple[str, ...]) -> None:
        self._tokens, self._rooms, self._project = tokens, rooms, project
        self._clients: dict[str, _Client] = {}
        self._server = _Server(
            async_mode="asgi",
            # One at a time per client, so that a leave cannot overtake its join.
            async_handlers=False,
            cors_allowed_origins=list(origins),
            json=_Json,
            max_http_buffer_size=LARGEST_MESSAGE,
            logger=logs.library("socketio"),
            engineio_logger=logs.library("engineio"),
        )
        self._server.on("connect", self._connect)
        self._server.on("disconnect", self._disconnect)
        self._server.on("join-conversation", self._join)
        self._server.on("leave-conversation", self._leave)
        self.asgi = socketio.ASGIApp(self._server)

    async def stop(self) -> None:
        """Closes every connection in the way that makes a client connect again by itself, elsewhere."""
        closing = [asyncio.create_task(self._server.eio.disconnect(sid)) for sid in list(self._server.eio.sockets)]
        if closing:
            # A client that no longer reads never takes its last packet.
            await asyncio.wait(closing, timeout=_CLOSE_SECONDS)
        await self._server.shutdown()

    async def _connect(self, sid: str, _: dict[str, Any], auth: Any = None) -> None:
        try:
            token = self._tokens.read(auth.get("token") if isinstance(auth, dict) else None)
            if tokens.JOIN not in token.scope:
                raise TokenRefused("not a token of an agent")
        except TokenRefused:
            await self._server.emit("unauthenticated", to=sid)
            raise Refused("authentication failed") from None
        engineio_sid = self._server.manager.eio_sid_from_sid(sid, "/")
        self._clients[sid] = _Client(self._server.eio, engineio_sid)

    async def _disconnect(self, sid: str, *_: Any) -> None:
        if client := self._clients.pop(sid, None):
            self._rooms.drop(client)

    async def _join(self, sid: str, *arguments: Any) -> Any:
        room = self._room(arguments)
        client = self._clients.get(sid)
        if isinstance(room, str) and client is not None:
            await self._rooms.join(client, room, _JOIN_SECONDS)
            return True, room
        return room

    async def _leave(self, sid: str, *arguments: Any) -> Any:
        room = self._room(arguments)
        client = self._clients.get(sid)
        if isinstance(room, str) and client is not None:
            self._rooms.leave(client, room)
            return True, room
        return room

    def _room(self, arguments: tuple[Any, ...]) -> str | tuple[bool, str] | None:
        """The room's name; else the acknowledgement: none for what is no name at all, else what is wrong with it."""
        if len(arguments) != 1 or not isinstance(arguments[0], str):
            return None
        try:
            return names.parse(arguments[0], self._project).room
        except NotAConversation as error:
            return False, str(error)
