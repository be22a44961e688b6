"""A Memorystore instance's local part: redis-server or valkey-server on a free port, in memory only."""

from __future__ import annotations

import subprocess
from pathlib import Path

import redis

from rehearsal.google.processes import Processes, free_port, wait_until


class RedisServer:
    """One server. `password` is empty when the instance has no AUTH."""

    host = "127.0.0.1"

    def __init__(self, processes: Processes, binary: str, log: Path, password: str = "") -> None:
        self.port, self.password = free_port(), password
        self._processes, self._binary, self._log = processes, binary, log
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """As redis clients take it, with the password when there is one."""
        return f"redis://{f':{self.password}@' if self.password else ''}{self.host}:{self.port}"

    def start(self, memory_gb: int) -> RedisServer:
        """Raises StartError when it does not answer. The configuration goes in by stdin: arguments are seen by everybody."""
        lines = [f"port {self.port}", f"bind {self.host}", 'save ""', "appendonly no", f"maxmemory {memory_gb}gb"]
        lines += [f"requirepass {self.password}"] if self.password else []
        self._child = self._processes.start(
            [self._binary, "-"], log=self._log, cwd=self._log.parent, stdin="\n".join(lines) + "\n"
        )
        wait_until(self._answers, self._child, 10.0, "the Redis server", self._log)
        return self

    def resize(self, memory_gb: int) -> None:
        with redis.Redis(self.host, self.port, password=self.password or None) as client:
            client.config_set("maxmemory", f"{memory_gb}gb")

    def change_password(self, password: str) -> None:
        """Takes effect for new connections; an empty password switches AUTH off."""
        with redis.Redis(self.host, self.port, password=self.password or None) as client:
            client.config_set("requirepass", password)
        self.password = password

    def stop(self) -> None:
        if self._child:
            self._processes.end(self._child, patience=3.0)

    def _answers(self) -> bool:
        try:
            with redis.Redis(self.host, self.port, password=self.password or None, socket_timeout=1) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False
