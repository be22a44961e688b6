"""What is measured: our services, or another implementation of the contract that the environment names."""

from __future__ import annotations

import asyncio
import os
import secrets
import shlex
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tools.bench.connector.processes import PROJECT, CannotMeasure, Process, answers, free_port


@dataclass
class Subject:
    """`urls`: UI connectors; `token` answers one that the connector accepts; the pids are None where nobody can see them.

    `start` starts one more UI connector with an environment that has PORT: for start-up and stop.
    """

    name: str
    urls: list[str]
    interceptor_url: str
    project: str
    token: Callable[[], str]
    connector_pid: int | None = None
    interceptor_pid: int | None = None
    start: Callable[[], tuple[Process, str, float]] | None = None
    notes: list[str] = field(default_factory=list)

    def room(self) -> str:
        """A conversation that nobody else has."""
        return f"projects/{self.project}/locations/global/conversations/TW-{secrets.token_hex(8)}"


def peer(environment: Mapping[str, str], folder: Path) -> Subject | None:
    """The other implementation, or None. Raises CannotMeasure for half a description."""
    told = {
        name: environment.get(f"CONNECTOR_BENCH_PEER_{name}", "").strip().rstrip("/")
        for name in ("URL", "INTERCEPTOR_URL", "TOKEN", "PROJECT", "PID", "INTERCEPTOR_PID", "COMMAND", "NAME")
    }
    if not any(told.values()):
        return None
    if missing := [f"CONNECTOR_BENCH_PEER_{name}" for name in ("URL", "INTERCEPTOR_URL", "TOKEN") if not told[name]]:
        raise CannotMeasure(f"{', '.join(missing)}: missing. Another implementation is measured at both its addresses.")
    for name in ("URL", "INTERCEPTOR_URL"):
        if not answers(f"{told[name]}/status", 3):
            raise CannotMeasure(f"CONNECTOR_BENCH_PEER_{name}: nothing answers at {told[name]}. Start it first.")

    def start() -> tuple[Process, str, float]:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        command = Process(shlex.split(told["COMMAND"]), {**os.environ, "PORT": str(port)}, folder / f"peer-{port}.log")
        return command, url, command.started(f"{url}/status")

    return Subject(
        told["NAME"] or "peer",
        [told["URL"]],
        told["INTERCEPTOR_URL"],
        told["PROJECT"] or PROJECT,
        lambda: told["TOKEN"],
        int(told["PID"]) if told["PID"] else None,
        int(told["INTERCEPTOR_PID"]) if told["INTERCEPTOR_PID"] else None,
        start if told["COMMAND"] else None,
    )


@dataclass
class Probe:
    """(Unix seconds, milliseconds) of every /status; -1 where there was no answer."""

    answers: list[tuple[float, float]] = field(default_factory=list)

    def between(self, began: float, ended: float) -> list[float]:
        return [took for at, took in self.answers if began <= at <= ended]


@asynccontextmanager
async def probing(url: str) -> AsyncIterator[Probe]:
    """Asks /status fifty times a second from another process, until the block ends."""
    command = [sys.executable, "-m", "tools.bench.connector.prober", url]
    process = await asyncio.create_subprocess_exec(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    probe = Probe()

    async def read() -> None:
        assert process.stdout is not None  # noqa: S101  # asked for above
        async for line in process.stdout:
            at, took = line.split()
            probe.answers.append((float(at), float(took)))

    reading = asyncio.create_task(read())
    try:
        yield probe
    finally:
        assert process.stdin is not None  # noqa: S101  # asked for above
        process.stdin.close()
        await reading
        await process.wait()
