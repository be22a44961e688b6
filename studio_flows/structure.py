"""Is it a flow at all? The envelope, the states and their transitions: what Studio's schema asks of every flow.

What is said here per widget type is only about events; properties.py has the rest.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from studio_flows.findings import Finding, Severity
from studio_flows.widget_types import CONDITIONS, NAMES_ONLY, TRIGGER_EVENTS, WIDGET_TYPES, Meaning, WidgetType

MOST_STATES = 1000
_FLOW_KEYS = ("$schema", "description", "initial_state", "flags", "states")
_STATE_KEYS = ("name", "type", "transitions", "properties")
_TRANSITION_KEYS = ("event", "next", "conditions")
_EXPORT = "export the flow anew (Studio > flow > Trigger > Show flow JSON)"


def findings(definition: Any) -> Iterator[Finding]:
    """What is wrong with the shape of `definition`, which is anything that was read from JSON."""
    if not isinstance(definition, Mapping):
        yield _error("", "", f"a flow is a JSON object, this is {kind(definition)}", _EXPORT)
        return
    if "states" not in definition and isinstance(definition.get("definition"), Mapping):
        yield _error("", "", "this is the answer of Studio's API, not a flow", "keep only what stands in its `definition`")
        return
    yield from _envelope(definition)
    states = definition.get("states")
    if not isinstance(states, list) or not states:
        yield _error("", "states", "`states` must be a list with at least the trigger", _EXPORT)
        return
    if len(states) > MOST_STATES:
        remedy = "move a part of it into a flow of its own, called by run-subflow"
        yield _error("", "states", f"{len(states)} widgets are too many, Studio takes {MOST_STATES}", remedy)
    yield from _names(states)
    names = [state["name"] for state in states if _named(state)]
    yield from _initial(definition.get("initial_state"), states, names)
    for position, state in enumerate(states):
        if not isinstance(state, Mapping):
            yield _error("", f"states[{position}]", f"states[{position}] must be an object, it is {kind(state)}", _EXPORT)
        else:
            yield from _state(state, position, set(names))


def kind(value: Any) -> str:
    """The JSON type of a value, in the words of Studio's own messages."""
    kinds = {str: "a string", bool: "a boolean", int: "an integer", float: "a number", list: "an array", dict: "an object"}
    return "null" if value is None else kinds.get(type(value), type(value).__name__)


def suggestion(name: str, known: list[str] | tuple[str, ...]) -> str:
    """"; did you mean …?" with the nearest of `known`, or nothing."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else ""


def _error(widget: str, place: str, message: str, remedy: str = "") -> Finding:
    return Finding(Severity.ERROR, widget, place, message, remedy, studio=True)


def _warning(widget: str, place: str, message: str, remedy: str = "") -> Finding:
    return Finding(Severity.WARNING, widget, place, message, remedy)


def _named(state: Any) -> bool:
    return isinstance(state, Mapping) and isinstance(state.get("name"), str) and bool(state["name"])


def _envelope(definition: Mapping[str, Any]) -> Iterator[Finding]:
    for name in definition:
        if name not in _FLOW_KEYS:
            yield _error("", name, f"Studio knows no `{name}` beside {', '.join(_FLOW_KEYS)}", f"remove `{name}`")
    if "description" not in definition:
        yield _warning("", "description", "`description` is missing, which every export has", 'add "description": ""')
    elif not isinstance(definition["description"], str):
        yield _error("", "description", f"`description` must be a string, it is {kind(definition['description'])}")
    flags = definition.get("flags")
    concurrent = flags.get("allow_concurrent_calls") if isinstance(flags, Mapping) else None
    if not isinstance(concurrent, bool):
        remedy = 'add "flags": {"allow_concurrent_calls": true}'
        yield _error("", "flags", "`flags` must say whether allow_concurrent_calls is true or false", remedy)


def _names(states: list[Any]) -> Iterator[Finding]:
    seen: set[str] = set()
    for state in states:
        if not _named(state):
            continue
        if state["name"] in seen:
            yield _error(state["name"], "name", "two widgets have this name", "rename one, and what leads to it")
        seen.add(state["name"])


def _initial(initial: Any, states: list[Any], names: list[str]) -> Iterator[Finding]:
    if not isinstance(initial, str) or not initial:
        yield _error("", "initial_state", "`initial_state` must name the trigger", 'add "initial_state": "Trigger"')
    elif initial not in names:
        message = f"`initial_state` names {initial}, which is no widget{suggestion(initial, names)}"
        yield _error("", "initial_state", message, "name the trigger")
    else:
        first = next(state for state in states if _named(state) and state["name"] == initial)
        if first.get("type") != "trigger":
            yield _error(initial, "type", f"`initial_state` names this {first.get('type')}, not a trigger", "name the trigger")


def _state(state: Mapping[str, Any], position: int, names: set[str]) -> Iterator[Finding]:
    name = state["name"] if _named(state) else ""
    where = name or f"states[{position}]"
    if not name:
        yield _error(where, "name", f"`name` must be a text, it is {kind(state.get('name'))}" if "name" in state else "`name` is missing")
    elif "${" in name:
        yield _error(name, "name", "a placeholder cannot stand in a widget's name", "write the name itself")
    if not isinstance(state.get("type"), str) or not state["type"]:
        yield _error(where, "type", f"`type` must be a text, it is {kind(state.get('type'))}" if "type" in state else "`type` is missing")
        return
    known = WIDGET_TYPES.get(state["type"])
    if known is None:
        close = "" if state["type"] in NAMES_ONLY else suggestion(state["type"], tuple(WIDGET_TYPES))
        message = f"this check does not know the type {state['type']} and passes it through as it is{close}"
        yield Finding(Severity.NOTE, where, "type", message)
    if state["type"] != "trigger" and not isinstance(state.get("properties"), Mapping):
        told = kind(state["properties"]) if "properties" in state else "missing"
        yield _error(where, "properties", f"`properties` must be an object, it is {told}", 'add "properties": {}')
    for key in state:
        if key not in _STATE_KEYS:
            yield _warning(where, key, f"Studio knows no `{key}` in a widget and may refuse it", f"remove `{key}`")
    if not isinstance(state.get("transitions"), list):
        told = kind(state["transitions"]) if "transitions" in state else "missing"
        yield _error(where, "transitions", f"`transitions` must be a list, it is {told}", 'add "transitions": []')
        return
    yield from _transitions(where, state, known, names)


def _transitions(where: str, state: Mapping[str, Any], known: WidgetType | None, names: set[str]) -> Iterator[Finding]:
    conditional = known.conditional if known else ""
    events = known.events if known else None
    seen: list[str] = []
    for transition in state["transitions"]:
        if not isinstance(transition, Mapping) or not isinstance(transition.get("event"), str) or not transition["event"]:
            yield _error(where, "transitions", "a transition has no `event`", "name the event, or remove the transition")
            continue
        event = transition["event"]
        if events is not None and event not in events:
            remedy = f"it has {', '.join(events)}"
            yield _error(where, event, f"a {state['type']} has no event {event}{suggestion(event, tuple(events))}", remedy)
        if event in seen and event != conditional and known:
            yield _error(where, event, f"the event {event} has more than one transition", "keep one of them")
        seen.append(event)
        yield from _target(where, event, transition, names)
        yield from _conditions(where, event, transition, conditional, known)
    if events is not None:
        yield from _missing(where, state["type"], events, seen, conditional)


def _target(where: str, event: str, transition: Mapping[str, Any], names: set[str]) -> Iterator[Finding]:
    following = transition.get("next")
    if following == "":
        yield _error(where, event, f"the event {event} leads to an empty name", "remove `next` to end there, or name a widget")
    elif following is not None and not isinstance(following, str):
        yield _error(where, event, f"`next` of the event {event} must be a name, it is {kind(following)}")
    elif following is not None and following not in names:
        if "${" in following:
            yield _error(where, event, f"a placeholder cannot stand in `next` of the event {event}", "write the widget's name")
        else:
            close = suggestion(following, tuple(names))
            remedy = "draw that wire anew, or remove `next` to end there"
            yield _error(where, event, f"the event {event} leads to {following}, which is no widget{close}", remedy)
    for key in transition:
        if key not in _TRANSITION_KEYS:
            yield _warning(where, event, f"Studio knows no `{key}` in a transition ({event}) and may refuse it", f"remove `{key}`")


def _conditions(
    where: str, event: str, transition: Mapping[str, Any], conditional: str, known: WidgetType | None
) -> Iterator[Finding]:
    conditions = transition.get("conditions")
    if event != conditional:
        if conditions and known:
            yield _warning(where, event, f"the event {event} takes no conditions", "move them to a split-based-on")
        return
    if not isinstance(conditions, list) or not conditions:
        yield _error(where, event, f"the event {event} needs at least one condition", "add it, or remove the transition")
        return
    for condition in conditions:
        yield from _condition(where, event, condition)


def _condition(where: str, event: str, condition: Any) -> Iterator[Finding]:
    if not isinstance(condition, Mapping):
        yield _error(where, event, f"a condition must be an object, it is {kind(condition)}")
        return
    for name in ("friendly_name", "type", "value"):
        if not isinstance(condition.get(name), str):
            told = kind(condition[name]) if name in condition else "missing"
            yield _error(where, event, f"a condition's `{name}` must be a string, it is {told}")
    arguments = condition.get("arguments")
    if not isinstance(arguments, list) or not arguments or not all(isinstance(each, str) for each in arguments):
        yield _error(where, event, "a condition's `arguments` must be a list of strings, such as the split's `input`")
    how = condition.get("type")
    if isinstance(how, str) and how not in CONDITIONS:
        yield _error(where, event, f"{how} is no type of condition{suggestion(how, CONDITIONS)}", f"use one of {', '.join(CONDITIONS)}")


def _missing(
    where: str, kind_of_widget: str, events: Mapping[str, Meaning], seen: list[str], conditional: str
) -> Iterator[Finding]:
    """Events without a transition at all, which Studio ignores: the caller stays in the widget (error 81002)."""
    if kind_of_widget == "trigger":
        for event in (each for each in TRIGGER_EVENTS if each not in seen):
            yield Finding(Severity.WARNING, where, event, f"the event {event} has no transition", f'add {{"event": "{event}"}}')
        return
    for event, meaning in events.items():
        if event in seen or event == conditional:
            continue
        # Once an agent has the call, or the caller is gone, nobody waits for the event.
        harmless = meaning in (Meaning.SERVED, Meaning.GONE) or (meaning is Meaning.FAILED and Meaning.SERVED in events.values())
        message = f"the event {event} has no transition, so Studio ignores it and the flow stays here"
        yield Finding(
            Severity.WARNING if harmless else Severity.ERROR, where, event, message, f'add {{"event": "{event}", "next": …}}'
        )
