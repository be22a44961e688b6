"""Engine.IO 4 and Socket.IO 5 on the wire, packet by packet, over either transport."""

from __future__ import annotations

import json
from typing import Any

import httpx
from websockets.sync.client import connect

SECONDS = 20


class Polling:
    """A session over long polling; `opened` is the answer to the handshake."""

    def __init__(self, url: str, **headers: str) -> None:
        self._client = httpx.Client(base_url=url, headers=headers, timeout=SECONDS, trust_env=False)
        self.opened = self._client.get("/socket.io/", params={"EIO": "4", "transport": "polling"})
        self.session = json.loads(self.opened.text[1:])["sid"] if self.opened.text.startswith("0") else ""
        self._packets: list[str] = []

    def _place(self) -> dict[str, str]:
        return {"EIO": "4", "transport": "polling", "sid": self.session}

    def send(self, packet: str) -> httpx.Response:
        return self._client.post("/socket.io/", params=self._place(), content=packet)

    def receive(self) -> str:
        while not self._packets:
            answer = self._client.get("/socket.io/", params=self._place())
            assert answer.status_code == 200, f"{answer.status_code} {answer.text[:80]}"
            self._packets = answer.text.split("\x1e")
        return self._packets.pop(0)

    def close(self) -> None:
        # Says goodbye, so that no thread of the service waits for this client any longer.
        if self.session:
            self.send("1")
        self._client.close()


class WebSocket:
    """A session over WebSocket from its beginning; `open_packet` is what came first."""

    def __init__(self, url: str, **headers: str) -> None:
        origin = headers.pop("Origin", None)
        self._connection = connect(
            url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket",
            open_timeout=SECONDS,
            close_timeout=1,
            origin=origin,  # type: ignore[arg-type]
            additional_headers=headers,
            compression=None,
            proxy=None,
        )
        self._socket = self._connection.__enter__()
        self.open_packet = self.receive()

    def send(self, packet: str) -> None:
        self._socket.send(packet)

    def receive(self) -> str:
        packet = self._socket.recv(timeout=SECONDS)
        return packet if isinstance(packet, str) else packet.decode()

    def close(self) -> None:
        self._connection.__exit__(None, None, None)


TRANSPORTS = {"polling": Polling, "websocket": WebSocket}


def until(wire: Any, start: str) -> list[str]:
    """Everything that comes up to and with the first packet that begins so; pings are answered and left out."""
    packets: list[str] = []
    while not packets or not packets[-1].startswith(start):
        packet = wire.receive()
        if packet == "2":
            wire.send("3")
            continue
        packets.append(packet)
    return packets


def connected(transport: str, url: str, token: Any) -> Any:
    """A session whose Socket.IO connection was accepted."""
    wire = TRANSPORTS[transport](url)
    wire.send("40" + json.dumps({"token": token}))
    try:
        until(wire, "40")
    except BaseException:
        wire.close()
        raise
    return wire


def asked(wire: Any, event: str, *arguments: Any) -> str:
    """The acknowledgement's content, as JSON text."""
    wire.send("427" + json.dumps([event, *arguments]))
    return until(wire, "437")[-1][3:]
