"""The local world as one background process: start it, stop it, ask how it is."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from operations import processes
from operations.processes import Process
from rehearsal.home import Home
from rehearsal.world_file import write_private

# How slow Google is, as a scale from 0 to 1 (rehearsal/google/provisioning.py).
PROVISIONING = "VOICE_REHEARSAL_PROVISIONING"
_START_SECONDS = 120.0
_STOP_SECONDS = 20.0
_POLL_SECONDS = 0.1


class WorldProblem(Exception):
    """The world did not start or stop; the message says why."""


@dataclass(frozen=True)
class Status:
    """addresses: what can be told without a secret, by name; empty when the world is not running."""

    running: bool
    pid: int | None
    addresses: dict[str, str]


def start(project: Path, home: Home, environments: int = 1, owned: bool = False) -> Status:
    """Starts the world unless it runs already, and returns when it is ready. Raises WorldProblem with the first cause.

    environments: 2 adds a second one in the same Google project, in `home.neighbour`. owned: it ends with this process,
    however that ends.
    """
    now = status(home)
    if now.running:
        return now
    if starter := _starting(home):
        raise WorldProblem(f"a local world is just being started here by process {starter.pid}: wait for it, or end that process")
    sweep(home)
    home.empty()
    if environments > 1:
        home.neighbour.empty()
    owner = [str(os.getpid())] if owned else []
    with home.log.open("w") as log:
        home.log.chmod(0o600)
        process = subprocess.Popen(
            [sys.executable, "-m", "rehearsal.world_process", str(project), str(home.folder), str(environments), *owner],
            cwd=project,
            env={**os.environ, "PYTHONPATH": str(project)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Its own session: it outlives the terminal, and a Ctrl-C there does not reach it.
            start_new_session=True,
        )
    try:
        _record(home, process.pid)
        _wait_until_ready(process, home)
    except BaseException:
        _end(home, processes.find(process.pid))
        raise
    return status(home)


def stop(home: Home) -> bool:
    """Ends the world and all that it started; False when there was nothing to end. Raises WorldProblem if something lives on."""
    main = _main(home)
    left = _recorded(home)
    _end(home, main)
    return main is not None or any(left)


def status(home: Home) -> Status:
    """How the world is; it runs when its process lives, world.json is there, and nobody has left it behind."""
    main = _main(home)
    try:
        raw = json.loads(home.world.read_text())
    except FileNotFoundError:  # also when it is ended at this very moment
        raw = None
    if main is None or raw is None or _left_behind(home):
        return Status(False, None, {})
    addresses = {
        "Google": raw["google"]["url"],
        "Pub/Sub": raw["google"]["pubsub"],
        # Without the password; there is none before the program has deployed the session store.
        "Redis": (raw["google"]["redis"] or "not deployed").split("@")[-1].removeprefix("redis://"),
        "Twilio": raw["twilio"]["base_url"],
        "Salesforce": raw["salesforce"]["instance_url"],
    }
    addresses |= {name: raw[name]["url"] for name in ("connector", "interceptor") if name in raw}
    return Status(True, main.pid, addresses)


def sweep(home: Home) -> None:
    """Ends what a world left behind that was killed before it could end its own processes."""
    _end(home, _main(home))


def _wait_until_ready(process: subprocess.Popen[bytes], home: Home) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not home.world.exists():
        if process.poll() is not None:
            raise WorldProblem(f"the local world did not start: {_last_line(home.log)}")
        if time.monotonic() > deadline:
            raise WorldProblem(f"the local world was not ready after {_START_SECONDS:g} s; its log is {home.log}")
        time.sleep(_POLL_SECONDS)


def _end(home: Home, main: Process | None) -> None:
    everything = {each.pid: each for each in _recorded(home)}
    if main is not None:
        everything |= {each.pid: each for each in processes.descendants(main.pid)}
        with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
            os.kill(main.pid, signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        while processes.lives(main) and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
        everything[main.pid] = main
    processes.end(list(everything.values()), 3.0)
    living = [each for each in everything.values() if processes.lives(each)]
    if living:
        raise WorldProblem(f"these processes do not end: {', '.join(str(each.pid) for each in living)}")
    home.remove_private()


def _main(home: Home) -> Process | None:
    """The world's own process, when the one that was recorded still lives."""
    recorded = _read(home)
    if not recorded:
        return None
    main = Process(**recorded["world"])
    return main if processes.lives(main) else None


def _record(home: Home, pid: int) -> None:
    """Writes down what is just being started: whoever comes while it is not ready finds it. Later the world does so itself."""
    world, starter = processes.find(pid), processes.find(os.getpid())
    if world and starter:
        told = {"world": asdict(world), "started": [], "starter": asdict(starter)}
        write_private(home.processes, json.dumps(told))


def _starting(home: Home) -> Process | None:
    """Who is starting a world here just now, when that is somebody else."""
    starter = _read(home).get("starter")
    if _main(home) is None or starter is None:
        return None
    return one if processes.lives(one := Process(**starter)) and one.pid != os.getpid() else None


def _left_behind(home: Home) -> bool:
    """Whether the process that the world was to end with has gone: it is ending, or will in a moment."""
    owner = _read(home).get("owner")
    return owner is not None and not processes.lives(Process(**owner))


def _recorded(home: Home) -> list[Process]:
    """What the world started and what still lives of it."""
    return [one for each in _read(home).get("started", []) if processes.lives(one := Process(**each))]


def _read(home: Home) -> dict[str, Any]:
    try:
        return json.loads(home.processes.read_text())
    except (FileNotFoundError, ValueError):
        return {}


def _last_line(log: Path) -> str:
    lines = [each.strip() for each in log.read_text().splitlines() if each.strip()]
    return lines[-1] if lines else "it said nothing"
