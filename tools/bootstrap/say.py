"""Progress for people: one line that moves on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time

_QUIET_SECONDS = 15.0


def line(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Counter:
    """Counts steps of a long job under a title. Without a terminal it speaks at most every 15 seconds."""

    def __init__(self, title: str, total: int | None = None) -> None:
        self._title, self._total, self._done = title, total, 0
        self._terminal = sys.stderr.isatty()
        self._started = self._spoken = time.monotonic()

    def step(self) -> None:
        self._done += 1
        if self._terminal:
            print(f"\r\033[K{self._text()}", end="", file=sys.stderr, flush=True)
        elif time.monotonic() - self._spoken > _QUIET_SECONDS:
            self._spoken = time.monotonic()
            line(self._text())

    def end(self) -> None:
        if self._terminal:
            print("\r\033[K", end="", file=sys.stderr)
        line(f"{self._title}: done in {time.monotonic() - self._started:.0f} s")

    def _text(self) -> str:
        of = f" of about {self._total:,}" if self._total else ""
        return f"{self._title}: {self._done:,}{of} packages, {time.monotonic() - self._started:.0f} s"
