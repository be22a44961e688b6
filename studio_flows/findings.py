"""What `check` has to say about a flow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """error: Studio refuses the flow, or a caller, a secret or a value is lost. warning: it works, but perhaps not as meant.
    note: what the check cannot judge."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """widget: its name, or "" for the flow as a whole. place: property path below the widget, or an event's name.

    message says what is wrong, remedy how to put it right; both are parts of one sentence without a full stop. Neither
    holds the value of a text that may be secret. studio: Studio itself refuses the flow for it.
    """

    severity: Severity
    widget: str
    place: str
    message: str
    remedy: str = ""
    studio: bool = False

    def told(self) -> str:
        """One line, without the file's name."""
        where = f"widget {one_line(self.widget)}" if self.widget else "flow"
        fix = f". Fix: {self.remedy}" if self.remedy else ""
        return f"{where}: {self.severity}: {one_line(self.message + fix)}"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def errors(findings: Iterable[Finding]) -> list[Finding]:
    return [each for each in findings if each.severity is Severity.ERROR]


def one_line(text: str) -> str:
    """Names come from files that others have written: a line break in one must not look like a second finding."""
    return "".join(each if each.isprintable() else " " for each in text)
