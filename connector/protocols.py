"""uvicorn's protocols, with bounds that it has not: on a request's head, and on what a text message may hold."""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

# Request line and headers; Cloud Run's own front end lets through less.
_LARGEST_HEAD = 64 * 1024


class Http(HttpToolsProtocol):
    """400 for a head that does not end; uvicorn would keep all of it."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._in_head, self._head = True, 0

    def on_message_begin(self) -> None:
        self._in_head, self._head = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head:
            self._head += len(data)
            if self._head > _LARGEST_HEAD and not self.transport.is_closing():
                self.send_400_response("The head of the request is too large.")


class WebSocket(WebSocketsSansIOProtocol):
    """Ends the connection at once over text that is no UTF-8; uvicorn writes two traces about it."""

    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "text":
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.transport.abort()
                return
        super().send_receive_event_to_app()
