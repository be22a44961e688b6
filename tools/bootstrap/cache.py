"""The cache outside the clone: each entry is made once, whole or not at all, even when two clones start together."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tools.bootstrap import say


class Missing(Exception):
    """Something that cannot be had on this machine; the message says what, and the official way to get it."""


def root() -> Path:
    """VOICE_CACHE, else the user's cache folder. Raises Missing when it cannot be written."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    place = Path(os.environ.get("VOICE_CACHE") or Path(base) / "agent-assist-voice")
    try:
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        raise Missing(f"The cache folder {place} cannot be written ({error.strerror}). Set VOICE_CACHE to a folder that can.") from None
    return place


def entry(name: str, make: Callable[[Path], None], usable: Callable[[Path], bool]) -> Path:
    """The folder `name` of the cache, made by `make(folder)` unless a usable one is there.

    It counts only once `make` has succeeded: what an interrupted run left is made anew. Made in its final place, since
    virtual environments hold their own path. Raises Missing when `make` does, or when it cannot be written.
    """
    folder = root() / name
    whole = folder / ".whole"
    if whole.exists() and usable(folder):
        return folder
    with _locked(name):
        if whole.exists() and usable(folder):  # somebody else made it while we waited
            return folder
        try:
            # First of all the sign: half a removal must not look whole either.
            whole.unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            whole.touch()
        except OSError as error:
            raise Missing(
                f"{name} could not be made in the cache folder {root()}: {error.strerror}. "
                "Make room there, or set VOICE_CACHE to another folder."
            ) from None
    return folder


@contextlib.contextmanager
def _locked(name: str) -> Iterator[None]:
    with (root() / f".{name}.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say.line(f"Waiting for another run of this bootstrap, which is making {name}")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
