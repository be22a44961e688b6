"""Processes of a dead Pulumi run on a project: providers and language hosts whose engine is gone.

They finish the call in flight and then wait for ever; a second run beside them could make things twice.
"""

from __future__ import annotations

import os
from pathlib import Path

from operations import processes
from operations.processes import Process

_KINDS = ("pulumi.dynamic", "pulumi-resource-", "pulumi-language-")


def find(project: Path) -> list[Process]:
    """Those that run in `project` (or name it) and have no living engine among their ancestors."""
    everything = processes.table()
    own = {os.getpid(), os.getppid()}
    return [
        each
        for each in everything.values()
        if each.pid not in own and any(kind in each.command for kind in _KINDS) and not _led(each, everything) and _at(each, project)
    ]


def end(project: Path, seconds: float) -> list[Process]:
    """Ends them by id; answers which."""
    return processes.end(find(project), seconds)


def _led(process: Process, everything: dict[int, Process]) -> bool:
    """Whether an engine lives among the ancestors."""
    seen = set()
    parent = everything.get(process.parent)
    while parent is not None and parent.pid not in seen:
        if Path(parent.command.split(" ", 1)[0]).name == "pulumi":
            return True
        seen.add(parent.pid)
        parent = everything.get(parent.parent)
    return False


def _at(process: Process, project: Path) -> bool:
    try:
        place = Path(f"/proc/{process.pid}/cwd").readlink()
    except OSError:
        # No /proc (or not ours to see): only what its arguments say.
        return str(project) in process.command
    return place == project or project in place.parents
