"""An ASGI application on a loopback port, in a thread of this process."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from typing import Any

import uvicorn

# Against one that hangs; a machine that is busy with other things may take its time.
_START_SECONDS = 60.0
# Longer than any client keeps an idle connection (httpx: 5 s, uvicorn's own default too): whoever closes first must not be
# the one that is just being called.
_KEEP_ALIVE_SECONDS = 75


class Server:
    """Serves `app` on 127.0.0.1 until `stop`. With port 0 the system picks a free one; `url` says which. tls: the server's side."""

    def __init__(self, app: Any, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        config = uvicorn.Config(
            app,
            log_level="error",
            lifespan="off",
            access_log=False,
            timeout_graceful_shutdown=1,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        )
        if tls:
            config.load()
            config.ssl = tls
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, daemon=True, name=f"serve-{self.port}")

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])

    def start(self) -> Server:
        """Answers when requests are accepted. Raises RuntimeError when the server ends or hangs instead."""
        self._thread.start()
        deadline = time.monotonic() + _START_SECONDS
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RuntimeError(f"no server came up on {self.url}")
            time.sleep(0.01)
        return self

    def stop(self) -> None:
        """Also of one that was never started: what failed before it is what people should read."""
        self._server.should_exit = True
        if self._thread.ident is not None:
            self._thread.join(timeout=5)
        self._socket.close()

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
