"""What the connector takes from inside its libraries; this fails when they change it."""

from __future__ import annotations

import asyncio
import inspect
import sys

import engineio
import socketio
from engineio.packet import MESSAGE, Packet

from connector.engine import Manager


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


def test_a_client_is_in_the_room_of_all_and_in_its_own_and_in_no_room_when_it_is_gone() -> None:
    """`engine.Manager` looks only there; the library itself looks everywhere."""

    async def scenario(kind: type[socketio.AsyncManager]) -> list[object]:
        server = socketio.AsyncServer(async_mode="asgi", client_manager=kind())
        manager = server.manager
        stayer = await manager.connect(await manager.pre_connect("stays", "/"), "/")
        goer = await manager.connect(await manager.pre_connect("goes", "/"), "/")
        seen = [set(manager.rooms["/"]) == {None, stayer, goer}, manager.get_rooms(goer, "/") == [goer]]
        assert manager.pre_disconnect(goer, "/") == "goes"
        await manager.disconnect(goer, "/")
        seen += [set(manager.rooms["/"]) == {None, stayer}, manager.pending_disconnect, manager.pending_connect]
        return [*seen, manager.is_connected(stayer, "/"), manager.is_connected(goer, "/"), manager.get_rooms(goer, "/")]

    expected = [True, True, True, {}, {}, True, False, []]
    assert asyncio.run(scenario(socketio.AsyncManager)) == expected
    assert asyncio.run(scenario(Manager)) == expected


def test_vanishing_costs_the_same_however_many_others_there_are() -> None:
    async def scenario(others: int) -> int:
        manager = socketio.AsyncServer(async_mode="asgi", client_manager=Manager()).manager
        sids = [await manager.connect(await manager.pre_connect(f"e{each}", "/"), "/") for each in range(others)]
        steps = 0

        def count(*_: object) -> None:
            nonlocal steps
            steps += 1

        sys.setprofile(count)
        try:
            manager.pre_disconnect(sids[0], "/")
            manager.basic_disconnect(sids[0], "/")
        finally:
            sys.setprofile(None)
        return steps

    assert asyncio.run(scenario(1000)) == asyncio.run(scenario(10))


def test_what_the_server_overrides_is_still_called_so() -> None:
    signatures = {
        (socketio.AsyncServer, "_handle_eio_connect"): ["self", "eio_sid", "environ"],
        (socketio.AsyncServer, "_handle_eio_disconnect"): ["self", "eio_sid", "reason"],
        (socketio.AsyncServer, "_handle_connect"): ["self", "eio_sid", "namespace", "data"],
        (socketio.AsyncServer, "_send_packet"): ["self", "eio_sid", "pkt"],
        (socketio.AsyncServer, "_engineio_server_class"): ["self"],
        (engineio.AsyncServer, "generate_id"): ["self"],
        (engineio.AsyncServer, "_handle_connect"): ["self", "environ", "transport", "jsonp_index"],
        (engineio.AsyncServer, "_upgrades"): ["self", "sid", "transport"],
        (engineio.async_socket.AsyncSocket, "_websocket_handler"): ["self", "ws"],
        (engineio.async_socket.AsyncSocket, "schedule_ping"): ["self"],
        (engineio.async_socket.AsyncSocket, "receive"): ["self", "pkt"],
        (engineio.async_socket.AsyncSocket, "close"): ["self", "wait", "abort", "reason"],
    }
    for (owner, name), parameters in signatures.items():
        assert list(inspect.signature(getattr(owner, name)).parameters) == parameters, name


def test_uvicorn_gives_the_application_a_connection_that_can_be_aborted() -> None:
    from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol  # noqa: PLC0415

    assert "self.transport = " in inspect.getsource(WebSocketsSansIOProtocol.connection_made)
    assert "self.app(self.scope, self.receive, self.send)" in inspect.getsource(WebSocketsSansIOProtocol.run_asgi)


def test_uvicorn_tells_the_protocol_what_the_pace_relies_on() -> None:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol  # noqa: PLC0415
    from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol  # noqa: PLC0415

    websocket = inspect.getsource(WebSocketsSansIOProtocol)
    for said in ("handshake_initiated = True", "handshake_complete = True", "read_paused = True", "close_sent = True"):
        assert f"self.{said}" in websocket
    assert "await self.writable.wait()" in websocket
    assert "self.flow.pause_reading()" in inspect.getsource(HttpToolsProtocol)
    assert "self.parser = None" in inspect.getsource(HttpToolsProtocol.connection_lost)
