"""A Memorystore instance's local part: redis-server or valkey-server on a free port, in memory only.

With in-transit encryption TLS ends in front of the server: the packages that carry one are built without TLS. The port that
the server itself listens on is told to the world's own programs only, never to what is deployed.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from rehearsal.google.certificates import Authority
from rehearsal.google.front import Loop
from rehearsal.google.processes import Processes, wait_until
from rehearsal.google.splice import TlsFront
from rehearsal.ports import Port

# Against one that hangs; a machine that is busy with other things may take its time.
_START_SECONDS = 60.0
_SECONDS = 10.0


class RedisServer:
    """One server. `password` is empty when the instance has no AUTH; `tls` says whether it speaks TLS and nothing else."""

    host = "127.0.0.1"

    def __init__(
        self, processes: Processes, loop: Loop, binary: str, log: Path, *, password: str = "", tls: bool = False
    ) -> None:
        self.password = password
        self._processes, self._binary, self._log = processes, binary, log
        self._child: subprocess.Popen[bytes] | None = None
        self._authority = Authority(log.stem, self.host) if tls else None
        self._kept = Port()
        self._own_port = self._kept.number
        self._front: TlsFront | None = None
        if self._authority:
            self._front = TlsFront(loop, self._authority.server_context(), self._own_port)
        self.port = self._front.port if self._front else self._own_port

    @property
    def local_url(self) -> str:
        """As any redis client on this machine takes it: past the encryption, with the password when there is one."""
        return f"redis://{f':{self.password}@' if self.password else ''}{self.host}:{self._own_port}"

    @property
    def ca_certificates(self) -> list[dict[str, Any]]:
        """serverCaCerts: empty without in-transit encryption."""
        return [self._authority.described()] if self._authority else []

    def start(self, memory_gb: int) -> RedisServer:
        """Raises StartError when it does not answer. The configuration goes in by stdin: arguments are seen by everybody."""
        lines = [f"bind {self.host}", f"port {self._own_port}", 'save ""', "appendonly no", f"maxmemory {memory_gb}gb"]
        lines += [f"requirepass {self.password}"] if self.password else []
        self._child = self._processes.start(
            [self._binary, "-"], log=self._log, cwd=self._log.parent, stdin="\n".join(lines) + "\n"
        )
        wait_until(self._answers, self._child, _START_SECONDS, "the Redis server", self._log)
        if self._front:
            self._front.start()
        return self

    def resize(self, memory_gb: int) -> None:
        with self._client() as client:
            client.config_set("maxmemory", f"{memory_gb}gb")

    def change_password(self, password: str) -> None:
        """Takes effect for new connections; an empty password switches AUTH off."""
        with self._client() as client:
            client.config_set("requirepass", password)
        self.password = password

    def stop(self) -> None:
        if self._front:
            self._front.stop()
        if self._child:
            self._processes.end(self._child, patience=3.0)

    def _client(self) -> redis.Redis:
        # Left to itself the client repeats what is refused, seconds later; whoever waits here asks again at once.
        once = Retry(NoBackoff(), 0)
        return redis.Redis(self.host, self._own_port, password=self.password or None, socket_timeout=_SECONDS, retry=once)

    def _answers(self) -> bool:
        try:
            with self._client() as client:
                return bool(client.ping())
        except (redis.ConnectionError, redis.TimeoutError):
            return False
