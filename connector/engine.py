"""What of Engine.IO and Socket.IO is done otherwise than in python-engineio and python-socketio, and only here.

tests/connector/test_library_internals.py fails when the libraries change what this relies on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import engineio
import socketio
from engineio.packet import PONG, Packet
from socketio import packet as socketio_packet


class Queue(asyncio.Queue):  # type: ignore[type-arg]
    """What waits to be sent to one client; knows its size in characters. `given_up`: nothing more is worth adding."""

    def __init__(self) -> None:
        super().__init__()
        self.characters = 0
        self.given_up = False

    def _put(self, item: Packet | None) -> None:
        self.characters += _size(item)
        super()._put(item)

    def _get(self) -> Packet | None:
        item = super()._get()
        self.characters -= _size(item)
        return item


def _size(item: Packet | None) -> int:
    data = item.data if item is not None else None
    return len(data) if isinstance(data, (str, bytes)) else 0


class Engine(engineio.AsyncServer):
    """`instance`, eight characters, begins every session ID, so that other instances know whose it is."""

    instance = ""

    def generate_id(self) -> str:
        return self.instance + super().generate_id()

    def create_queue(self, *_: Any, **__: Any) -> Queue:
        return Queue()


class Manager(socketio.AsyncManager):
    """Every client is in the room of all and in one of its own, and we use no others.

    The library looks for a client in all rooms when it goes: five thousand that go at once take it seconds.
    """

    def basic_disconnect(self, sid: str, namespace: str, **_: Any) -> None:
        rooms = self.rooms.get(namespace)
        if rooms is None:
            return
        for room in (sid, None):
            self.basic_leave_room(sid, namespace, room)
        self.callbacks.pop(sid, None)
        for pending in (self.pending_connect, self.pending_disconnect):
            if sid in pending.get(namespace, ()):
                pending[namespace].remove(sid)
                if not pending[namespace]:
                    del pending[namespace]

    def get_rooms(self, sid: str, namespace: str) -> list[str]:
        return [sid] if sid in self.rooms.get(namespace, {}).get(sid, ()) else []


class Server(socketio.AsyncServer):
    """Says when an Engine.IO connection begins, when a client is connected, and what it received.

    `opened(engineio_sid, environ)`, `connected(engineio_sid)`, `received(engineio_sid, pong)`: plain functions.
    `pid(engineio_sid)`: the pid for the connect reply.
    """

    def __init__(self, instance: str, **options: Any) -> None:
        super().__init__(client_manager=Manager(), **options)
        self.eio.instance = instance
        self.opened: Callable[[str, dict[str, Any]], None] = lambda *_: None
        self.connected: Callable[[str], None] = lambda _: None
        self.received: Callable[[str, bool], None] = lambda *_: None
        self.pid: Callable[[str], str | None] = lambda _: None

    def _engineio_server_class(self) -> type[Engine]:
        return Engine

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        await super()._handle_eio_connect(eio_sid, environ)
        socket = self.eio.sockets[eio_sid]
        socket.receive = partial(self._receive, eio_sid, socket.receive)
        self.opened(eio_sid, environ)

    async def _receive(
        self, eio_sid: str, receive: Callable[[Packet], Coroutine[Any, Any, None]], packet: Packet
    ) -> None:
        await receive(packet)
        self.received(eio_sid, packet.packet_type == PONG)

    async def _handle_connect(self, eio_sid: str, namespace: str, data: Any) -> None:
        await super()._handle_connect(eio_sid, namespace, data)
        self.connected(eio_sid)

    async def _send_packet(self, eio_sid: str, pkt: Any) -> None:
        if pkt.packet_type == socketio_packet.CONNECT and (pid := self.pid(eio_sid)):
            pkt.data["pid"] = pid
        await super()._send_packet(eio_sid, pkt)

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        # Socket.IO's own farewell means that the client leaves. Engine.IO's is also sent by a client that lost a request and
        # is about to come back.
        farewell = reason == self.reason.CLIENT_DISCONNECT
        await super()._handle_eio_disconnect(eio_sid, self.reason.TRANSPORT_CLOSE if farewell else reason)
        # Engine.IO lets the hanging poll of a client that said goodbye wait for its time-out of 45 seconds.
        socket = self.eio.sockets.get(eio_sid)
        if socket is not None and farewell:
            socket.queue.put_nowait(None)
