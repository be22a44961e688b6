"""uvicorn's protocols, with bounds that it has not: on a request's head, on what a text message may hold, and on how much of one
turn of the event loop the agents' desks take together."""

from __future__ import annotations

from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode

from connector.pace import Pace

# Request line and headers; Cloud Run's own front end lets through less.
_LARGEST_HEAD = 64 * 1024
_OF_THE_CROWD = (b"GET /socket.io", b"POST /socket.io")


def frame(text: str) -> bytes:
    """As a server sends it: the same bytes for every client."""
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)


class Http(HttpToolsProtocol):
    """400 for a head that does not end; uvicorn would keep all of it. What is for Socket.IO goes at the pace, the rest at once."""

    def __init__(self, *arguments: Any, pace: Pace, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._pace = pace
        self._in_head, self._head = True, 0

    def on_message_begin(self) -> None:
        self._in_head, self._head = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        if not data.startswith(_OF_THE_CROWD):
            self._take(data)
        elif not self._pace.run(partial(self._take_later, data)) and not self.transport.is_closing():
            self.transport.pause_reading()

    def _take_later(self, data: bytes) -> None:
        # None: the client is gone already.
        if self.parser is None or self.transport.is_closing():
            return
        self._take(data)
        if not self.flow.read_paused and not self.transport.is_closing():
            self.transport.resume_reading()

    def _take(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head:
            self._head += len(data)
            if self._head > _LARGEST_HEAD and not self.transport.is_closing():
                self.send_400_response("The head of the request is too large.")


class WebSocket(WebSocketsSansIOProtocol):
    """Ends the connection at once over text that is no UTF-8; uvicorn writes two traces about it. Goes at the pace."""

    def __init__(self, *arguments: Any, pace: Pace, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._pace, self._at_pace = pace, False

    def data_received(self, data: bytes) -> None:
        if not self.handshake_initiated:
            super().data_received(data)
        elif not self._pace.run(partial(self._take_later, data)) and not self.transport.is_closing():
            self.transport.pause_reading()

    def _take_later(self, data: bytes) -> None:
        if self.disconnected:
            return
        super().data_received(data)
        if not self.read_paused and not self.transport.is_closing():
            self.transport.resume_reading()

    def eof_received(self) -> bool:  # type: ignore[override]
        # True: uvloop leaves it to us to close the connection, and thousands may have gone in this turn.
        self._unreachable()
        self._at_pace = True
        self._pace.run(self.transport.close)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._unreachable()
        if self._at_pace:
            super().connection_lost(exc)
        else:
            self._pace.run(partial(super().connection_lost, exc))

    def _unreachable(self) -> None:
        """Nobody is to write to it from now on, though the application is told later."""
        self.disconnected = True
        self.writable.set()

    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "text":
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.transport.abort()
                return
        super().send_receive_event_to_app()

    async def send_frames(self, frames: bytes) -> None:
        """What `frame` made, in one write. Raises OSError when the client is gone, as `send` does."""
        await self.writable.wait()
        if self.disconnected or self.close_sent or self.transport.is_closing():
            raise ClientDisconnected
        self.transport.write(frames)

    def shutdown(self) -> None:
        """Says goodbye in the way that makes a client connect again, without waking the application: the process ends."""
        if not self.handshake_complete:
            self.transport.close()
        elif not self.close_sent:
            self.conn.send_close(1012)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()
