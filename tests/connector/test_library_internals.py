"""What the connector takes from inside its libraries; this fails when they change it."""

from __future__ import annotations

import asyncio

import engineio
import socketio
from engineio.packet import MESSAGE, Packet


def test_engineio_sockets_have_a_queue_and_say_when_they_are_closed() -> None:
    async def scenario() -> tuple[bool, str]:
        server = socketio.AsyncServer(async_mode="asgi")
        connection = engineio.async_socket.AsyncSocket(server.eio, "sid")
        server.eio.sockets["sid"] = connection
        connection.queue.put_nowait(Packet(MESSAGE, '2["event",{}]'))
        [packet] = await connection.poll()
        return connection.closed, packet.encode()

    assert asyncio.run(scenario()) == (False, '42["event",{}]')


def test_socketio_lets_the_end_of_a_connection_be_heard() -> None:
    assert asyncio.iscoroutinefunction(socketio.AsyncServer._handle_eio_disconnect)
