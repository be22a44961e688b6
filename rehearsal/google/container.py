"""One instance of a Cloud Run revision as a local process: environment, mounted files, command, start-up probe."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rehearsal.google.images import Image
from rehearsal.google.prober import NOTHING_LISTENS, Probe
from rehearsal.google.processes import Processes, tail
from rehearsal.ports import Port

# How long a container may take here; Cloud Run itself waits up to four minutes.
_PATIENCE = 30.0
# Without a probe of its own an instance must listen within four minutes.
_DEFAULT_PROBE = {"tcpSocket": {}, "periodSeconds": 240, "failureThreshold": 1}
# Ports that an instance opens for its own sidecars. On Cloud Run every instance has a loopback of its own; here they share one.
_OWN_PORTS = ("METRICS_PORT",)


class NotReady(Exception):
    """The container did not pass its start-up probe. `why` fits behind "The user-provided container failed"."""

    def __init__(self, why: str, log: str) -> None:
        self.why, self.log = why, log
        super().__init__(why)


@dataclass
class Container:
    """What Cloud Run knows about a revision. `files` are the mounted secrets: path in the container -> content; `probes` are
    startupProbe, livenessProbe and readinessProbe as far as the program gave them."""

    service: str
    revision: str
    image: Image
    command: list[str]
    env: dict[str, str]
    files: dict[str, str]
    mounts: list[str]
    probes: dict[str, dict[str, Any]]
    home: Path
    log: Path
    process: subprocess.Popen[bytes] | None = None
    _ports: dict[str, Port] = field(default_factory=lambda: {name: Port() for name in ("PORT", *_OWN_PORTS)}, repr=False)

    @property
    def port(self) -> int:
        return self._ports["PORT"].number

    def start(self, processes: Processes, metadata_host: str) -> None:
        """Raises NotReady when the process ends or the probe fails."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path, content in self.files.items():
            _write_secret(self.home / path.lstrip("/"), content)
        platform = {
            "PORT": str(self.port),
            "K_SERVICE": self.service,
            "K_REVISION": self.revision,
            "K_CONFIGURATION": self.service,
            "GCE_METADATA_HOST": metadata_host,
            # Google's own libraries first look for an answer at the address behind the name.
            "GCE_METADATA_IP": metadata_host,
            **{name: str(self._ports[name].number) for name in _OWN_PORTS if name in self.env},
        }
        image_env = {
            name: self._below(value, self.image.root) for name, value in self.image.env.items() if name != "PATH"
        }
        own = {name: self._local(value) for name, value in self.env.items()}
        # PATH belongs to the image as much as its files do; what is installed there is this machine's.
        # HOST: a container may listen on every address, on this machine nothing may listen beyond loopback.
        env = {"PATH": os.defpath, "HOME": str(self.home), "HOST": "127.0.0.1", **image_env, **own, **platform}
        command = [self._local(part) for part in self.command]
        if Path(command[0]).name in ("python", "python3"):
            command[0] = sys.executable
        cwd = self.image.root / self.image.workdir.lstrip("/")
        self.process = processes.start(command, log=self.log, env=env, cwd=cwd)
        try:
            self._pass_startup_probe()
        except NotReady:
            self.stop(processes)
            raise

    def stop(self, processes: Processes) -> None:
        """SIGTERM, and after Cloud Run's ten seconds SIGKILL. Its secret files go with it."""
        if self.process:
            processes.end(self.process)
        shutil.rmtree(self.home, ignore_errors=True)

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def _local(self, value: str) -> str:
        """Nothing can be mounted at / here: a path below a mount becomes the local one."""
        below = any(value == mount or value.startswith(f"{mount}/") for mount in self.mounts)
        return str(self.home / value.lstrip("/")) if below else value

    @staticmethod
    def _below(value: str, root: Path) -> str:
        local = root / value.lstrip("/")
        return str(local) if value.startswith("/") and local.exists() else value

    def probe(self, name: str) -> Probe | None:
        """A fresh probe of this instance: startupProbe, livenessProbe or readinessProbe; None when there is none."""
        return Probe(self.probes[name]) if self.probes.get(name) else None

    def _pass_startup_probe(self) -> None:
        probe = self.probe("startupProbe") or Probe(_DEFAULT_PROBE)
        seconds = min(probe.allowed_seconds, _PATIENCE)
        deadline = time.monotonic() + seconds
        seen = NOTHING_LISTENS
        while time.monotonic() < deadline:
            if not self.alive:
                code = self.process.returncode if self.process else None
                raise NotReady(f"to start: it exited with code {code}", tail(self.log))
            if (saw := probe.ask(self.port)) is None:
                return
            seen = saw
            time.sleep(0.05)
        raise NotReady(f"its start-up probe ({probe.what}) for {seconds:.0f} s: {seen}", tail(self.log))


def _write_secret(place: Path, content: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    place.unlink(missing_ok=True)
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content)
