"""A Studio flow definition: widgets by name, and where each event leads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rehearsal.caller.conditions import PREDICATES
from rehearsal.caller.problem import CallProblem

Render = Callable[[str], str]


@dataclass(frozen=True)
class Widget:
    """One state of the flow, as Studio exports it."""

    name: str
    type: str
    properties: dict[str, Any]
    transitions: list[dict[str, Any]]

    def leads_to(self, event: str) -> str | None:
        """The widget that `event` is wired to; None where the flow ends. Raises CallProblem for an event without a wire."""
        for each in self.transitions:
            if each["event"] == event:
                return each.get("next")
        known = ", ".join(each["event"] for each in self.transitions) or "none"
        raise CallProblem(f"widget {self.name} ({self.type}) has no transition for event {event}; it has {known}")

    def matching(self, render: Render) -> tuple[str, str | None]:
        """A split's outcome: ("match" | "noMatch", next widget). The first transition whose conditions all hold wins."""
        for each in self.transitions:
            if each["event"] == "match" and all(_holds(self, one, render) for one in each.get("conditions") or [{}]):
                return "match", each.get("next")
        return "noMatch", self.leads_to("noMatch")


@dataclass(frozen=True)
class Definition:
    """A whole flow."""

    initial: str
    widgets: dict[str, Widget]

    @classmethod
    def parse(cls, raw: dict[str, Any]) -> Definition:
        states = [
            Widget(each["name"], each["type"], each.get("properties") or {}, each.get("transitions") or [])
            for each in raw["states"]
        ]
        return cls(raw["initial_state"], {each.name: each for each in states})

    def widget(self, name: str, wired_from: str) -> Widget:
        if name not in self.widgets:
            raise CallProblem(f"{wired_from} leads to {name}, which the flow does not have")
        return self.widgets[name]


def _holds(widget: Widget, condition: dict[str, Any], render: Render) -> bool:
    kind = condition.get("type", "")
    if kind not in PREDICATES:
        raise CallProblem(f"widget {widget.name} splits by {kind or 'an empty condition'}, which Studio does not have")
    subject = render(str((condition.get("arguments") or [widget.properties.get("input", "")])[0])).strip()
    return PREDICATES[kind](subject, render(str(condition.get("value", ""))).strip())
