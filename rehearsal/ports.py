"""Loopback ports for programs that must be told their port before they start."""

from __future__ import annotations

import socket
import sys
import weakref

# There a second socket may be bound beside one that does not listen, when both allow it, as servers do; elsewhere the
# program itself would be refused.
_MAY_BE_KEPT = sys.platform == "linux"


class Port:
    """A port that belongs to one program for as long as this object is there, also before it starts and between two starts.

    A port that is only looked up and let go may be given to any other program in the second until it is bound.
    """

    def __init__(self, host: str = "127.0.0.1") -> None:
        kept = socket.socket()
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept.bind((host, 0))
        self.number: int = kept.getsockname()[1]
        if not _MAY_BE_KEPT:
            kept.close()
        weakref.finalize(self, kept.close)
