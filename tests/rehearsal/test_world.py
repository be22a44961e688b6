"""Whose world it is: nobody disturbs one that is being started, and none outlives a rehearsal that was killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from operations import processes
from operations.processes import Process
from rehearsal import world, world_process
from rehearsal.home import Home
from rehearsal.plan import Plan
from rehearsal.world import WorldProblem

_ADDRESSES = {
    "google": {"url": "g", "pubsub": "p", "redis": None},
    "twilio": {"base_url": "t"},
    "salesforce": {"instance_url": "s"},
}
_SOMEBODY = """
import subprocess, sys
subprocess.Popen(["sleep", "600"], start_new_session=True)
print(flush=True)
sys.stdin.read()
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "rehearsal")
    made.empty()
    return made


@pytest.fixture
def somebody() -> Iterator[subprocess.Popen[bytes]]:
    """A process that goes on until it is ended, with a child in a session of its own, as the engine is."""
    process = subprocess.Popen([sys.executable, "-c", _SOMEBODY], stdin=-1, stdout=-1)
    assert process.stdout is not None
    process.stdout.readline()
    children = processes.descendants(process.pid)
    yield process
    process.kill()
    process.wait()
    processes.end(children, 3.0)


def known(process: subprocess.Popen[bytes]) -> Process:
    found = processes.find(process.pid)
    assert found is not None
    return found


def recorded(home: Home, **told: Process) -> None:
    home.processes.write_text(json.dumps({"started": [], **{name: asdict(each) for name, each in told.items()}}))


def test_a_world_that_somebody_else_is_just_starting_is_left_alone(home: Home, somebody: subprocess.Popen[bytes]) -> None:
    one = known(somebody)
    recorded(home, world=one, starter=one)
    with pytest.raises(WorldProblem, match=f"just being started here by process {one.pid}: wait for it, or end that process"):
        world.start(home.folder, home)
    assert processes.lives(one)


def test_what_somebody_began_to_start_and_left_is_ended_by_the_next(home: Home, somebody: subprocess.Popen[bytes]) -> None:
    one = known(somebody)
    recorded(home, world=one, starter=replace(one, born="long ago"))
    world.sweep(home)
    assert somebody.wait(60) != 0
    assert not home.processes.exists()


def test_a_world_whose_rehearsal_was_killed_runs_no_more(home: Home, somebody: subprocess.Popen[bytes]) -> None:
    one, me = known(somebody), processes.find(os.getpid())
    assert me is not None
    home.world.write_text(json.dumps(_ADDRESSES))
    recorded(home, world=one, owner=me)
    assert world.status(home).running
    recorded(home, world=one, owner=replace(one, born="long ago"))
    assert not world.status(home).running


def test_a_world_that_is_just_ending_is_no_error(home: Home, somebody: subprocess.Popen[bytes]) -> None:
    """Its files go before its process does."""
    recorded(home, world=known(somebody))
    assert not world.status(home).running


def test_a_world_is_found_by_the_next_before_it_is_ready(home: Home, tmp_path: Path) -> None:
    """A kill of whoever starts it, before the world itself has written down where it is."""
    project = tmp_path / "project"
    (project / "rehearsal").mkdir(parents=True)
    (project / "rehearsal" / "world_process.py").write_text(
        "import shutil, sys, time\n"
        "from pathlib import Path\n"
        "home = Path(sys.argv[2])\n"
        "while not (home / 'processes.json').exists():\n"
        "    time.sleep(0.01)\n"
        "shutil.copy(home / 'processes.json', home / 'seen.json')\n"
        "sys.exit('it was found')\n"
    )
    with pytest.raises(WorldProblem, match="it was found"):
        world.start(project, home)
    seen = json.loads((home.folder / "seen.json").read_text())
    assert "rehearsal.world_process" in seen["world"]["command"]
    assert seen["starter"]["pid"] == os.getpid()


class Brief:
    """Stands in for the stand-ins; with the first look at them the owner ends."""

    owner: subprocess.Popen[bytes]
    told: list[str]

    def __init__(self, _project: Path, _home: Home, _plan: Plan, _environments: int, owner: Process | None) -> None:
        assert owner is not None and owner.pid == self.owner.pid
        type(self).told = []

    def start(self) -> None:
        self.told.append("started")

    def record(self) -> None:
        # The first look at what is beside comes before this.
        self.told.append("recorded")
        self.owner.kill()
        self.owner.wait()

    def stop(self) -> None:
        self.told.append("stopped")


def test_it_ends_with_whoever_it_was_started_for(
    home: Home, somebody: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    handlers: list[Any] = []
    monkeypatch.setattr(world_process.signal, "signal", lambda *which: handlers.append(which))
    monkeypatch.setattr(world_process, "World", Brief)
    monkeypatch.setattr(world_process, "_WATCH_SECONDS", 0.01)
    Brief.owner = somebody
    beside = processes.descendants(somebody.pid)
    assert len(beside) == 1
    world_process.main(Path(__file__).parents[2], home, 1, somebody.pid)
    assert Brief.told == ["started", "recorded", "stopped"]
    # What the owner had started besides, an engine in a session of its own, has gone too.
    assert [each.command for each in beside if processes.lives(each)] == []
    # Whoever comes too late starts nothing at all.
    Brief.told = []
    world_process.main(Path(__file__).parents[2], home, 1, somebody.pid)
    assert Brief.told == []
