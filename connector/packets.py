"""Packets that a Socket.IO client may send here; whatever else comes ends the connection, as Socket.IO's own server does.

The Engine.IO and Socket.IO libraries take what no client sends for an internal error, go on, and write a trace for each: anyone
could fill the logs. What is checked here never reaches them.

Engine.IO 4: one digit for the type, then content. Socket.IO 5 inside a message: one digit for the type, an optional namespace
with a comma, an optional number for the acknowledgement, then JSON. This service has no use for binary packets.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request

from connector import answers, logs
from connector.cors import App, Receive, Scope, Send

LARGEST = 1_000_000
# As many as the library takes apart.
_MOST_IN_A_POST = 16
_SEPARATOR = "\x1e"
# Close, ping (the probe of an upgrade), pong, upgrade, noop.
_ENGINE_IO = re.compile(r"[12356](?:probe)?")
_SOCKET_IO = re.compile(r"4(?P<type>[0-3])(?:(?P<namespace>/[^,]{0,100})(?:,|\Z))?(?P<number>[0-9]{0,15})(?P<content>.*)", re.DOTALL)
_CONNECT, _DISCONNECT, _EVENT = "0", "1", "2"
# Names under which the libraries tell a server what happened.
_RESERVED = frozenset({"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener", "*"})


def acceptable(packet: str | bytes | None) -> bool:
    """Whether a client may send this. Unknown events may come, with any arguments."""
    if not isinstance(packet, str):
        return False
    found = _SOCKET_IO.fullmatch(packet)
    return _ENGINE_IO.fullmatch(packet) is not None if found is None else _message(**found.groupdict())


def _message(type: str, number: str, content: str, **_: str | None) -> bool:
    if type == _DISCONNECT:
        return not content
    if type == _CONNECT and not content:
        return True
    try:
        said = orjson.loads(content)
    except orjson.JSONDecodeError:
        return False
    if type == _CONNECT:
        return not number
    if type == _EVENT:
        return isinstance(said, list) and bool(said) and isinstance(said[0], str) and said[0] not in _RESERVED
    return isinstance(said, list) and bool(number)


class OnlyPackets:
    """ASGI middleware before the Engine.IO server."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._app(scope, _Checked(receive), send)
        elif scope["method"] == "POST":
            await self._post(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _post(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await answers.body(Request(scope, receive), LARGEST)
        except answers.Refused as refused:
            await refused.response(scope, receive, send)
            return
        except ClientDisconnect:
            return
        if not _all_acceptable(body):
            logs.log.info("malformed packets refused")
            await answers.message("These are no packets of Socket.IO 5.", 400)(scope, receive, send)
            return
        given = False

        async def replay() -> MutableMapping[str, Any]:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replay, send)


def _all_acceptable(body: bytes) -> bool:
    try:
        packets = body.decode().split(_SEPARATOR)
    except UnicodeDecodeError:
        return False
    return len(packets) <= _MOST_IN_A_POST and all(acceptable(each) for each in packets)


class _Checked:
    """`receive` of a WebSocket; after a packet that no client sends it is as if the client had gone."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._over = False

    async def __call__(self) -> MutableMapping[str, Any]:
        if not self._over:
            event = await self._receive()
            if event["type"] != "websocket.receive" or acceptable(event.get("text")):
                return event
            logs.log.info("malformed packet, connection closed")
            self._over = True
        return {"type": "websocket.disconnect", "code": 1002}
