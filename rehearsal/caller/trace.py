"""What happened during a call, widget by widget."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Step:
    """One widget: `event` is what it answered (None: the call ended there); `at` milliseconds since the call began."""

    widget: str
    type: str
    event: str | None
    at: float
    milliseconds: float
    note: str = ""


@dataclass
class Trace:
    """The whole of a call's way through the flow; holds no secret.

    problems: causes in words, first one first; a call with problems may have reached the agent all the same.
    """

    call_sid: str
    caller: str
    called: str
    flow_sid: str = ""
    definition: dict[str, Any] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    conversation: str | None = None
    conversation_profile: str | None = None
    track: str | None = None
    # Google's answer to the recording session: what it published because the call began, and what it could not.
    taken: dict[str, Any] = field(default_factory=dict)
    taken_at: float = 0.0
    task: dict[str, Any] | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def path(self) -> list[str]:
        return [step.widget for step in self.steps]

    @property
    def reached_agent(self) -> bool:
        return self.task is not None

    def told(self) -> list[dict[str, Any]]:
        """The steps as plain dictionaries, for reports."""
        return [asdict(step) for step in self.steps]
