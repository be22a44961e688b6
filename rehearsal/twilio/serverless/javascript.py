"""Does a function's content parse? Node itself decides, where there is one."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

_CHECK_SECONDS = 30


def node() -> str | None:
    """The Node to ask: VOICE_NODE, else the one on PATH, else None."""
    return os.environ.get("VOICE_NODE") or shutil.which("node")


def syntax_fault(content: str) -> str:
    """Node's own words for what does not parse as CommonJS; empty when it parses, or when there is no Node to ask."""
    if (executable := node()) is None:
        return ""
    with tempfile.TemporaryDirectory(prefix="twilio-build-") as folder:
        file = Path(folder) / "function.cjs"
        file.write_text(content, encoding="utf-8")
        checked = subprocess.run(
            [executable, "--check", str(file)], capture_output=True, text=True, timeout=_CHECK_SECONDS, check=False
        )
    if checked.returncode == 0:
        return ""
    lines = [line for line in checked.stderr.splitlines() if "Error" in line]
    return lines[0] if lines else f"node --check ended with {checked.returncode}"
