"""Child processes of the stand-in: they end with it, even when it is killed."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_LAUNCHER = Path(__file__).with_name("launcher.py")


class StartError(Exception):
    """A local part did not come up; the message says which, and what its log ended with."""


class Processes:
    """Starts and ends children. Thread-safe.

    One thread starts them all and lives as long as this object: Linux ends a child when the *thread* that made it ends.
    """

    def __init__(self) -> None:
        self._starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="children")
        self._children: list[subprocess.Popen[bytes]] = []

    def start(
        self,
        command: list[str],
        *,
        log: Path,
        env: dict[str, str] | None = None,
        cwd: Path | None = None,
        stdin: str = "",
    ) -> subprocess.Popen[bytes]:
        """Start `command`, its output appended to `log` (mode 0600); `stdin` is what it reads there."""
        return self._starter.submit(self._start, command, log, env, cwd, stdin).result()

    def _start(
        self, command: list[str], log: Path, env: dict[str, str] | None, cwd: Path | None, stdin: str
    ) -> subprocess.Popen[bytes]:
        log.parent.mkdir(parents=True, exist_ok=True)
        sink = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            child = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_LAUNCHER), str(os.getpid()), *command],
                stdin=subprocess.PIPE,
                stdout=sink,
                stderr=sink,
                env=env,
                cwd=cwd,
                start_new_session=True,
            )
        finally:
            os.close(sink)
        self._children.append(child)
        with contextlib.suppress(BrokenPipeError):  # a program that ended at once is reported by whoever waits for it
            child.stdin.write(stdin.encode())
            child.stdin.close()
        return child

    def end(self, child: subprocess.Popen[bytes], patience: float = 10.0) -> None:
        """SIGTERM, and SIGKILL for whatever of its group is left after `patience` seconds. Ended already is fine."""
        if child.poll() is None:
            child.terminate()
            try:
                child.wait(patience)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        if child in self._children:
            self._children.remove(child)

    def close(self) -> None:
        """End every child that is left."""
        for child in list(self._children):
            if child.poll() is None:
                child.terminate()
        for child in list(self._children):
            self.end(child, patience=3.0)
        self._starter.shutdown()


def accepts(port: int, host: str = "127.0.0.1") -> bool:
    """Whether something accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((host, port)) == 0


def wait_until(ready: Callable[[], bool], child: subprocess.Popen[bytes], seconds: float, what: str, log: Path) -> None:
    """Poll `ready`. Raises StartError when `child` ends first, or when `seconds` have passed."""
    deadline = time.monotonic() + seconds
    while not ready():
        if child.poll() is not None:
            raise StartError(f"{what} ended with code {child.returncode}. Last lines of its log:\n{tail(log)}")
        if time.monotonic() > deadline:
            raise StartError(f"{what} did not come up within {seconds:.0f} s. Last lines of its log:\n{tail(log)}")
        time.sleep(0.03)


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of `log`; empty when there is none."""
    if not log.is_file():
        return ""
    return "\n".join(log.read_text("utf-8", errors="replace").splitlines()[-lines:])
