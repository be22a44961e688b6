"""Is this flow definition one that Studio takes? The same answer for Validate, create and update.

First the envelope (draft-07, $id https://schemas.twilio.com/studio/draft/2019-09/flow-definition); when its shape is
right, also what no schema can say: unique names, wires that lead somewhere, events that the widget has.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rehearsal.twilio.studio.findings import Finding, pointer, schema_findings
from rehearsal.twilio.studio.widgets import CONDITION_TYPES, WIDGETS

_FILLED = {"type": "string", "minLength": 1}

_CONDITION = {
    "type": "object",
    "properties": {
        "friendly_name": {"type": "string"},
        "arguments": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "type": {"type": "string", "enum": list(CONDITION_TYPES)},
        "value": {"type": "string"},
    },
    "required": ["friendly_name", "arguments", "type", "value"],
    "additionalProperties": False,
}

_TRANSITION = {
    "type": "object",
    "properties": {"event": _FILLED, "next": _FILLED, "conditions": {"type": "array", "items": _CONDITION}},
    "required": ["event"],
    "additionalProperties": False,
}

_STATE = {
    "type": "object",
    "properties": {
        "name": _FILLED,
        "type": {"type": "string", "enum": sorted(WIDGETS)},
        "transitions": {"type": "array", "items": _TRANSITION},
        "properties": {"type": "object"},
    },
    "required": ["name", "type", "transitions", "properties"],
    "additionalProperties": False,
}

ENVELOPE = {
    "type": "object",
    "properties": {
        "$schema": {"type": "string"},
        "description": {"type": "string"},
        "initial_state": _FILLED,
        "flags": {
            "type": "object",
            "properties": {"allow_concurrent_calls": {"type": "boolean"}},
            "required": ["allow_concurrent_calls"],
        },
        "states": {"type": "array", "items": _STATE, "minItems": 1, "maxItems": 1000},
    },
    "required": ["description", "initial_state", "flags", "states"],
    "additionalProperties": False,
}


def findings(definition: Any) -> list[Finding]:
    """Everything that is wrong with `definition`; empty when Studio would take it."""
    found = schema_findings(ENVELOPE, definition)
    states = definition.get("states") if isinstance(definition, dict) else None
    if isinstance(states, list):
        for position, state in enumerate(states):
            found += _properties(position, state)
    return found or list(_wiring(definition))


def _properties(position: int, state: Any) -> list[Finding]:
    if not isinstance(state, dict) or not isinstance(state.get("properties"), dict):
        return []
    widget = WIDGETS.get(str(state.get("type")))
    if widget is None:
        return []
    return schema_findings(widget.properties, state["properties"], "states", position, "properties")


def _wiring(definition: dict[str, Any]) -> Iterator[Finding]:
    """What is wrong between the states of a definition whose shape is right."""
    states = definition["states"]
    types: dict[str, str] = {}
    for position, state in enumerate(states):
        if state["name"] in types:
            yield Finding(pointer("states", position, "name"), f"widget name '{state['name']}' is not unique")
        types.setdefault(state["name"], state["type"])
    initial = definition["initial_state"]
    if initial not in types:
        yield Finding("#/initial_state", f"state '{initial}' does not exist")
    elif types[initial] != "trigger":
        yield Finding(
            "#/initial_state", f"state '{initial}' is a {types[initial]}, the initial state must be a trigger"
        )
    for position, state in enumerate(states):
        yield from _transitions(position, state, set(types))


def _transitions(position: int, state: dict[str, Any], names: set[str]) -> Iterator[Finding]:
    widget, seen = WIDGETS[state["type"]], set()
    for number, transition in enumerate(state["transitions"]):
        place, event = ("states", position, "transitions", number), transition["event"]
        if widget.events is not None and event not in widget.events:
            known = ", ".join(sorted(widget.events))
            yield Finding(pointer(*place, "event"), f"a {state['type']} has no event '{event}', it has {known}")
        if event in seen and event not in widget.conditional:
            yield Finding(pointer(*place, "event"), f"event '{event}' has more than one transition")
        seen.add(event)
        if "next" in transition and transition["next"] not in names:
            yield Finding(pointer(*place, "next"), f"state '{transition['next']}' does not exist")
        if event in widget.conditional and not transition.get("conditions"):
            yield Finding(pointer(*place, "conditions"), f"event '{event}' needs at least one condition")
        if event not in widget.conditional and widget.events is not None and transition.get("conditions"):
            yield Finding(pointer(*place, "conditions"), f"event '{event}' takes no conditions")
