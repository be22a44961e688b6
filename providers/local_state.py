"""Where this program keeps what must outlive a process on this machine, and belongs to no stack: notes without secrets."""

from __future__ import annotations

import os
from pathlib import Path


def state_folder(name: str) -> Path:
    """`$XDG_STATE_HOME/agent-assist-voice/NAME`, by default below ~/.local/state; not made yet.

    Raises RuntimeError where there is no home.
    """
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "agent-assist-voice" / name
