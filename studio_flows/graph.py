"""A flow as a graph, however faulty its file is: what cannot be read as a widget or a wire is left out here.

`structure` has reported it before, so that the other checks need not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from studio_flows.widget_types import WIDGET_TYPES, WidgetType

Follow = Callable[["Widget", "Wire"], bool]


@dataclass(frozen=True)
class Wire:
    """One transition. next: the widget it leads to; "" where it ends; None where it names one that does not exist."""

    event: str
    next: str | None
    conditions: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Widget:
    """One state of the flow. known: its type's entry in the table, or None."""

    name: str
    type: str
    properties: Mapping[str, Any]
    wires: tuple[Wire, ...]

    @property
    def known(self) -> WidgetType | None:
        return WIDGET_TYPES.get(self.type)

    @property
    def agent(self) -> bool:
        return self.known is not None and self.known.agent


class Graph:
    """The widgets of a definition in Studio's form; of several with one name the first counts."""

    def __init__(self, definition: Any) -> None:
        states = definition.get("states") if isinstance(definition, Mapping) else None
        named: dict[str, Mapping[str, Any]] = {}
        for state in states if isinstance(states, list) else []:
            if isinstance(state, Mapping) and isinstance(state.get("name"), str) and isinstance(state.get("type"), str):
                named.setdefault(state["name"], state)
        self.widgets = {name: _widget(state, set(named)) for name, state in named.items()}
        initial = definition.get("initial_state") if isinstance(definition, Mapping) else None
        self.initial = self.widgets.get(initial) if isinstance(initial, str) else None

    @cached_property
    def reachable(self) -> list[str]:
        """The names of the widgets that some event of the trigger leads to, and the trigger's; nearest first."""
        return self.reached([self.initial.name] if self.initial else [], lambda *_: True)

    def reached(self, starts: Iterable[str], follow: Follow) -> list[str]:
        """The widgets on all ways from `starts` along the wires that `follow` takes; nearest first."""
        found = dict.fromkeys(starts)
        waiting = list(found)
        for name in waiting:
            widget = self.widgets[name]
            for wire in widget.wires:
                if wire.next and wire.next not in found and follow(widget, wire):
                    found[wire.next] = None
                    waiting.append(wire.next)
        return list(found)

    @cached_property
    def sources(self) -> dict[str, list[str]]:
        """By widget, the reachable ones with a wire to it."""
        sources: dict[str, list[str]] = {name: [] for name in self.widgets}
        for name in self.reachable:
            for target in dict.fromkeys(wire.next for wire in self.widgets[name].wires if wire.next):
                sources[target].append(name)
        return sources


def _widget(state: Mapping[str, Any], names: set[str]) -> Widget:
    properties, transitions = state.get("properties"), state.get("transitions")
    wires = [
        Wire(each["event"], _next(each.get("next"), names), _conditions(each.get("conditions")))
        for each in (transitions if isinstance(transitions, list) else [])
        if isinstance(each, Mapping) and isinstance(each.get("event"), str)
    ]
    return Widget(state["name"], state["type"], properties if isinstance(properties, Mapping) else {}, tuple(wires))


def _next(value: Any, names: set[str]) -> str | None:
    if value is None or value == "":
        return ""
    return value if isinstance(value, str) and value in names else None


def _conditions(value: Any) -> tuple[Mapping[str, Any], ...]:
    return tuple(each for each in value if isinstance(each, Mapping)) if isinstance(value, list) else ()
