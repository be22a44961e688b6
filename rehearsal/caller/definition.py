"""A Studio flow definition: widgets by name, and where each event leads."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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
    if kind not in _TESTS:
        raise CallProblem(f"widget {widget.name} splits by {kind or 'an empty condition'}, which the caller does not play")
    subject = render(str((condition.get("arguments") or [widget.properties.get("input", "")])[0])).strip()
    return _TESTS[kind](subject, render(str(condition.get("value", ""))).strip())


def _any_of(value: str) -> list[str]:
    return [each.strip().lower() for each in value.split(",")]


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return float("nan")


# Text is compared without regard to case, as Studio does. Times and dates are not played.
_TESTS: dict[str, Callable[[str, str], bool]] = {
    "equal_to": lambda subject, value: subject.lower() == value.lower(),
    "not_equal_to": lambda subject, value: subject.lower() != value.lower(),
    "matches_any_of": lambda subject, value: subject.lower() in _any_of(value),
    "does_not_match_any_of": lambda subject, value: subject.lower() not in _any_of(value),
    "is_blank": lambda subject, _: subject == "",
    "is_not_blank": lambda subject, _: subject != "",
    "regex": lambda subject, value: re.fullmatch(value, subject) is not None,
    "contains": lambda subject, value: value.lower() in subject.lower(),
    "does_not_contain": lambda subject, value: value.lower() not in subject.lower(),
    "starts_with": lambda subject, value: subject.lower().startswith(value.lower()),
    "does_not_start_with": lambda subject, value: not subject.lower().startswith(value.lower()),
    "less_than": lambda subject, value: _number(subject) < _number(value),
    "greater_than": lambda subject, value: _number(subject) > _number(value),
}
