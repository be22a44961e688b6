"""Asks /status fifty times a second from a process of its own, so that this driver's work is not measured with it.

`python -m tools.bench.connector.prober URL`: one line per request on stdout, `<unix seconds> <milliseconds>`, -1 for no answer
within the time; ends when stdin is closed.
"""

from __future__ import annotations

import select
import socket
import sys
import time
from urllib.parse import urlsplit

_PAUSE = 0.02
_PATIENCE = 5.0


def _answer(connection: socket.socket) -> bytes:
    """The whole of it, or nothing when the connection ended before."""
    answer = b""
    while True:
        head, end, body = answer.partition(b"\r\n\r\n")
        if end and len(body) >= int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0):
            return answer
        part = connection.recv(65536)
        if not part:
            return b""
        answer += part


def main(url: str) -> None:
    parts = urlsplit(url)
    request = f"GET /status HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()
    connection: socket.socket | None = None
    while not select.select([sys.stdin], [], [], _PAUSE)[0]:
        began, at = time.perf_counter(), time.time()
        try:
            if connection is None:
                connection = socket.create_connection((parts.hostname, parts.port or 80), _PATIENCE)
            connection.sendall(request)
            answer = _answer(connection)
            took = (time.perf_counter() - began) * 1000 if answer.startswith(b"HTTP/1.1 200") else -1.0
            if not answer or b"connection: close" in answer.lower():
                connection.close()
                connection = None
        except OSError:
            took, connection = -1.0, None
        sys.stdout.write(f"{at:.3f} {took:.3f}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
