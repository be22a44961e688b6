"""Processes by id, and whether one that we started is still the same: a number alone may be given to another program."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_POLL_SECONDS = 0.05
_BECOMING_SECONDS = 0.1
_KERNEL_PARENTS = ("0", "2")


@dataclass(frozen=True)
class Process:
    """born: what the system says about the start; with the id it names a process for good."""

    pid: int
    parent: int
    born: str
    command: str


def table() -> dict[int, Process]:
    """Every process that this user can see, by id; ended ones that only wait to be collected are left out."""
    return _from_proc() if _has_proc() else _from_ps()


def find(pid: int) -> Process | None:
    """The process with this id, if it lives."""
    return _read(_PROC / str(pid)) if _has_proc() else _from_ps().get(pid)


def descendants(pid: int) -> list[Process]:
    """The children of `pid`, their children, and so on."""
    everything = table()
    found: list[Process] = []
    parents = {pid}
    while parents:
        children = [each for each in everything.values() if each.parent in parents]
        found += children
        parents = {each.pid for each in children}
    return found


def lives(process: Process) -> bool:
    """True while the same process, not only the same number, is there."""
    now = find(process.pid)
    return now is not None and now.born == process.born


def end(processes: list[Process], seconds: float) -> list[Process]:
    """SIGTERM, and SIGKILL to what lives after `seconds`; answers those that had to be ended."""
    alive = [each for each in processes if lives(each)]
    for number, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, seconds)):
        for each in alive:
            if lives(each):
                _send(each.pid, number)
        deadline = time.monotonic() + patience
        while any(lives(each) for each in alive) and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
    return alive


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _has_proc() -> bool:
    return (_PROC / "self" / "stat").exists()


def _from_proc() -> dict[int, Process]:
    found = (_read(folder) for folder in _PROC.iterdir() if folder.name.isdigit())
    return {each.pid: each for each in found if each}


def _read(folder: Path) -> Process | None:
    try:
        # The name in parentheses may hold blanks: the fields are counted behind it.
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        if fields[0] == "Z":
            return None
        command = _command(folder, kernels_own=fields[1] in _KERNEL_PARENTS)
    except OSError:
        return None  # it ended while we looked
    return Process(int(folder.name), int(fields[1]), fields[19], command)


def _command(folder: Path, *, kernels_own: bool) -> str:
    """What it was called with. A process that is just becoming its program has none for a moment; the kernel's own never have one."""
    deadline = time.monotonic() + _BECOMING_SECONDS
    while True:
        command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        if command or kernels_own or time.monotonic() > deadline:
            return command
        time.sleep(_BECOMING_SECONDS / 100)


def _from_ps() -> dict[int, Process]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat=,lstart=,command="], capture_output=True, text=True, check=True).stdout
    found = {}
    for line in listed.splitlines():
        words = line.split(None, 8)
        if len(words) >= 8 and not words[2].startswith("Z"):
            pid = int(words[0])
            found[pid] = Process(pid, int(words[1]), " ".join(words[3:8]), words[8] if len(words) > 8 else "")
    return found
