"""Google's own Pub/Sub emulator, where its jar and Java are installed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import httpx

from rehearsal.google.processes import Processes, wait_until
from rehearsal.ports import Port


class PubsubEmulator:
    """The emulator as a child process; everything is in memory. It pushes, but signs nothing and knows no dead letters."""

    kind = "google-emulator"

    def __init__(self, processes: Processes, java: str, jar: str, log: Path) -> None:
        self._port = Port()
        self.url = f"http://127.0.0.1:{self._port.number}"
        self._processes, self._java, self._jar, self._log = processes, java, jar, log
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> PubsubEmulator:
        """Ready within about one second. Raises StartError when it does not come up."""
        command = [self._java, "-Xmx256m", "-jar", self._jar, "--host=127.0.0.1", f"--port={self._port.number}"]
        self._child = self._processes.start(command, log=self._log)
        wait_until(self._answers, self._child, 30.0, "Google's Pub/Sub emulator", self._log)
        return self

    def stop(self) -> None:
        if self._child:
            self._processes.end(self._child, patience=3.0)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/v1/projects/probe/topics", timeout=2).status_code == 200
        except httpx.TransportError:
            return False
