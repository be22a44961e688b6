"""What of Engine.IO and Socket.IO is done otherwise than in python-engineio and python-socketio, and only here.

tests/connector/test_library_internals.py fails when the libraries change what this relies on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import engineio
import socketio
from engineio import exceptions
from engineio.async_socket import AsyncSocket
from engineio.packet import MESSAGE, NOOP, OPEN, PING, PONG, UPGRADE, Packet
from socketio import packet as socketio_packet

from connector.protocols import frame


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

    async def all(self) -> list[Packet] | None:
        """Waits for packets and takes all there are; None when nothing more will come."""
        packets = []
        while True:
            packet = self.get_nowait() if packets and not self.empty() else await self.get()
            self.task_done()
            if packet is None:
                if packets:
                    self.put_nowait(None)  # the end is found again after these
                return packets or None
            packets.append(packet)
            if self.empty():
                return packets


def _size(item: Packet | None) -> int:
    data = item.data if item is not None else None
    return len(data) if isinstance(data, (str, bytes)) else 0


class Message(Packet):
    """One that goes to many clients: its WebSocket frame is made once."""

    def __init__(self, text: str) -> None:
        super().__init__(MESSAGE, text)
        self._frame: bytes | None = None

    @property
    def frame(self) -> bytes:
        if self._frame is None:
            self._frame = frame(self.encode())
        return self._frame


class Socket(AsyncSocket):
    """Two tasks per WebSocket where the library has five, and one write for all that waits.

    The library waits for each packet with a time-out of its own. Here its round of all clients ends those that answer no pings.
    `pongs`: how many pings were answered; a client answers each, in their order.
    """

    pings = pongs = 0

    def schedule_ping(self) -> None:
        if self.last_ping:
            self.last_ping = None
            asyncio.get_running_loop().call_later(self.server.ping_interval, self._ping)

    def _ping(self) -> None:
        if not self.closing and not self.closed:
            self.last_ping = time.time()
            self.ping()

    def ping(self) -> int:
        """How many pongs there are once this one is answered."""
        self.queue.put_nowait(Packet(PING))
        self.pings += 1
        return self.pings

    async def close(self, wait: bool = True, abort: bool = False, reason: str | None = None) -> None:
        closes = not self.closed and not self.closing
        await super().close(wait=False, abort=abort, reason=reason)
        if closes and self.upgraded:
            self.queue.put_nowait(None)
        if wait:
            await self.queue.join()

    async def receive(self, pkt: Packet) -> None:
        if pkt.packet_type == PONG:
            self.pongs += 1
        await super().receive(pkt)
        self.server.received(self.sid)

    async def _websocket_handler(self, ws: Any) -> None:
        if self.connected:
            if not await self._upgrade_by(ws):
                return
        else:
            self.connected = self.upgraded = True
        writer = asyncio.ensure_future(self._write(ws))
        try:
            await self._read(ws)
        finally:
            self.queue.put_nowait(None)
            await writer
            await self.close(wait=False, abort=True, reason=self.server.reason.TRANSPORT_CLOSE)

    async def _upgrade_by(self, ws: Any) -> bool:
        """Whether a session that began with polling goes on over this WebSocket."""
        self.upgrading = True  # polls are answered with nothing from now on
        try:
            if await ws.wait() != f"{PING}probe":
                return False
            await ws.send(f"{PONG}probe")
            self.queue.put_nowait(Packet(NOOP))  # ends the poll that hangs
            self.upgraded = await ws.wait() == str(UPGRADE) and not self.closing
        except OSError:
            return False
        finally:
            self.upgrading = False
        return self.upgraded

    async def _read(self, ws: Any) -> None:
        while True:
            try:
                text = await ws.wait()
                await self.receive(Packet(encoded_packet=text))
            except exceptions.UnknownPacketError:
                continue
            except (OSError, exceptions.SocketIsClosedError):
                return

    async def _write(self, ws: Any) -> None:
        frames = getattr(getattr(ws.asgi_send, "__self__", None), "send_frames", None)
        try:
            while (packets := await self.queue.all()) is not None:
                if frames is not None:
                    await frames(b"".join(_frame(packet) for packet in packets))
                    continue
                for packet in packets:
                    await ws.send(packet.encode())
        except (OSError, RuntimeError):  # RuntimeError: uvicorn, when it has sent its close already
            return
        await ws.close()


def _frame(packet: Packet) -> bytes:
    return packet.frame if isinstance(packet, Message) else frame(packet.encode())


class Engine(engineio.AsyncServer):
    """`instance`, eight characters, begins every session ID, so that other instances know whose it is.

    `received(sid)` is told of every packet.
    """

    instance = ""
    received: Callable[[str], None] = staticmethod(lambda _: None)

    def generate_id(self) -> str:
        return self.instance + super().generate_id()

    def create_queue(self, *_: Any, **__: Any) -> Queue:
        return Queue()

    async def _handle_connect(self, environ: dict[str, Any], transport: str, jsonp_index: int | None = None) -> Any:
        """As the library does it, with our `Socket` and without cookies."""
        if self.start_service_task:
            self.start_service_task = False
            self.service_task_handle = self.start_background_task(self._service_task)
        sid = self.generate_id()
        socket = self.sockets[sid] = Socket(self, sid)
        opening = {
            "sid": sid,
            "upgrades": self._upgrades(sid, transport),
            "pingTimeout": int(self.ping_timeout * 1000),
            "pingInterval": int(self.ping_interval + self.ping_interval_grace_period) * 1000,
            "maxPayload": self.max_http_buffer_size,
        }
        await socket.send(Packet(OPEN, opening))
        await self._trigger_event("connect", sid, environ, run_async=False)
        socket.schedule_ping()
        if transport == "websocket":
            answer = await socket.handle_get_request(environ)
            if socket.closed:
                self.sockets.pop(sid, None)
            return answer
        socket.connected = True
        try:
            return self._ok(await socket.poll(), jsonp_index=jsonp_index)
        except exceptions.QueueEmpty:
            return self._bad_request()


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
    """Says when an Engine.IO connection begins, and when a client is connected.

    `opened(engineio_sid, environ)`, `connected(engineio_sid)`, `ended(engineio_sid)`: plain functions; `eio.received` is one more.
    `pid(engineio_sid)`: the pid for the connect reply.
    """

    def __init__(self, instance: str, **options: Any) -> None:
        super().__init__(client_manager=Manager(), **options)
        self.eio.instance = instance
        self.opened: Callable[[str, dict[str, Any]], None] = lambda *_: None
        self.connected: Callable[[str], None] = lambda _: None
        self.ended: Callable[[str], None] = lambda _: None
        self.pid: Callable[[str], str | None] = lambda _: None

    def _engineio_server_class(self) -> type[Engine]:
        return Engine

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        # A body that an opening has not. It is of a class of its own, which only the collector frees.
        environ.pop("wsgi.input", None)
        await super()._handle_eio_connect(eio_sid, environ)
        self.opened(eio_sid, environ)

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
        self.ended(eio_sid)
        # Engine.IO lets the hanging poll of a client that said goodbye wait for its time-out of 45 seconds.
        socket = self.eio.sockets.get(eio_sid)
        if socket is not None and farewell:
            socket.queue.put_nowait(None)
