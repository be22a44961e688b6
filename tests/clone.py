"""The files of this repository: those that git knows; in a copy without git, all but what is made at run time."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_MADE = {"build", "node_modules", "__pycache__"}
_HIDDEN_BUT_OURS = {".ci", ".github"}


@cache
def files() -> frozenset[str]:
    """Paths below the root, with `/`."""
    return frozenset(each for each in (_known_to_git() or _lying_there()) if (ROOT / each).is_file())


def _known_to_git() -> list[str]:
    """What is tracked; nothing where there is no git or it knows another folder."""
    if not (ROOT / ".git").exists():
        return []
    command = ["git", "ls-files", "-z", "--cached"]
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        return []


def _lying_there() -> Iterator[str]:
    for folder, below, names in os.walk(ROOT):
        below[:] = [each for each in below if each not in _MADE and (each in _HIDDEN_BUT_OURS or not each.startswith("."))]
        yield from ((Path(folder) / each).relative_to(ROOT).as_posix() for each in names if not each.endswith(".pyc"))
