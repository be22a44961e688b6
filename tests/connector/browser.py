"""An agent's desk with the unmodified JavaScript client of Socket.IO, in Node."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections import Counter
from pathlib import Path
from typing import Any

from tests.connector.world import eventually

_SCRIPT = Path(__file__).parent / "javascript" / "desk.js"


class Browser:
    """`said` is everything that happened, oldest first."""

    def __init__(self, url: str, token: str, conversation: str, **options: Any) -> None:
        node = os.environ.get("VOICE_NODE") or shutil.which("node")
        packages = os.environ.get("VOICE_NODE_PACKAGES", "")
        if not node or not (Path(packages) / "socket.io-client").is_dir():
            raise RuntimeError("This test needs Node.js and the packages of tools/npm. Run: make engine, then . .voice/env")
        self.said: list[dict[str, Any]] = []
        self._process = subprocess.Popen(
            [node, str(_SCRIPT)],
            env={**os.environ, "NODE_PATH": packages},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        start = {"url": url, "token": token, "conversation": conversation, "options": options}
        self._write(json.dumps(start))

    def leaves_and_connects_again(self) -> None:
        self._write("again")

    def _write(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.said.append(json.loads(line))

    def all(self, what: str) -> list[Any]:
        return [each[what] for each in self.said if what in each]

    def waits_for(self, what: str, count: int = 1) -> None:
        try:
            eventually(lambda: len(self.all(what)) >= count)
        except AssertionError:
            tail = [each for each in self.said if "heard" not in each][-8:]
            raise AssertionError(f"{len(self.all(what))} of {count} {what!r}; at last {tail}") from None

    def hears_all(self, wanted: list[str]) -> Counter[str]:
        """How often each was heard; waits until each of `wanted` was."""
        eventually(lambda: set(wanted) <= set(self.all("heard")))
        return Counter(self.all("heard"))

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(5)
