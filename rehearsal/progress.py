"""What a person sees while a rehearsal goes on: a live line on a terminal, plain lines elsewhere (and with NO_COLOR)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape
from rich.status import Status

from operations.engine import Operation

_STYLES = {"create": "green", "update": "yellow", "delete": "red", "replace": "magenta"}


class Progress:
    """Steps, one after the other."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, soft_wrap=True)
        self._status: Status | None = None
        self._doing, self._done = "", 0

    @contextlib.contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """Shows that `what` goes on until the block ends."""
        self._doing, self._done = what, 0
        if not self._console.is_terminal:
            self._console.print(f"{what} …", markup=False)
            yield
            return
        with self._console.status(f"[bold]{escape(what)}[/] …") as self._status:
            yield
        self._status = None

    def operation(self, operation: Operation) -> None:
        """One resource is done; shown on a terminal only."""
        self._done += operation.op != "same"
        if self._status:
            color = _STYLES.get(operation.op, "dim")
            self._status.update(
                f"[bold]{escape(self._doing)}[/] … {self._done} "
                f"[{color}]{escape(operation.op)}[/] [dim]{escape(operation.type.rpartition(':')[2])}[/] {escape(operation.name)}"
            )

    def finished(self, name: str, ok: bool, seconds: float, told: str) -> None:
        """The line that stays."""
        mark, color = ("ok", "green") if ok else ("failed", "red")
        self._console.print(f"[{color}]{mark:>6}[/] [bold]{name:<10}[/] {seconds:6.1f} s  {escape(told)}")

    def say(self, text: str) -> None:
        self._console.print(text, markup=False)

    def failure(self, cause: str) -> None:
        """The first cause, last."""
        self._console.print(f"[bold red]{escape(cause)}[/]")
