"""Is the engine only previewing? A provider is not told, and a check that costs something should happen only then.

The program knows (`is_dry_run`). It leaves a note under the address of the engine that runs it, which is the one thing that
it and the provider share; each phase of a run has an address of its own. Where the note cannot be written, everything
counts as no preview.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import re
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from providers.local_state import state_folder

_ADDRESS = re.compile(r"[\w.\[\]:-]+:\d+")


def announce(previewing: bool, arguments: Sequence[str] | None = None) -> None:
    """Called by the program, before it registers anything. arguments: of this process, as it was started."""
    note = _note(_of_program(sys.orig_argv if arguments is None else arguments))
    if note is None:
        return
    with contextlib.suppress(OSError):
        if not previewing:
            note.unlink(missing_ok=True)
            return
        own = str(os.getpid())
        if not note.exists() or note.read_text(encoding="ascii") != own:
            note.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _sweep(note.parent)
            note.write_text(own, encoding="ascii")
            atexit.register(_forget, note)


def _sweep(folder: Path) -> None:
    """The engine kills the program of a preview that failed; what such ones left goes with the next."""
    for each in folder.iterdir():
        with contextlib.suppress(OSError, ValueError):
            if not _lives(int(each.read_text(encoding="ascii"))):
                each.unlink(missing_ok=True)


def under_way(arguments: Sequence[str] | None = None) -> bool:
    """Asked by a provider: is the program that this engine runs a preview? A note of a program that is gone does not count."""
    note = _note(_of_provider(sys.orig_argv if arguments is None else arguments))
    try:
        return note is not None and _lives(int(note.read_text(encoding="ascii")))
    except (OSError, ValueError):
        return False


def _of_program(arguments: Sequence[str]) -> str | None:
    """The language host starts it with `--engine HOST:PORT`."""
    for name, value in pairwise(arguments):
        if name == "--engine":
            return value
    return None


def _of_provider(arguments: Sequence[str]) -> str | None:
    """The engine starts it with its address as the last argument."""
    return arguments[-1] if len(arguments) > 1 and _ADDRESS.fullmatch(arguments[-1]) else None


def _note(address: str | None) -> Path | None:
    if address is None:
        return None
    try:
        return state_folder("previews") / re.sub(r"[^\w.-]", "_", address)
    except RuntimeError:
        return None


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _forget(note: Path) -> None:
    with contextlib.suppress(OSError):
        note.unlink(missing_ok=True)
