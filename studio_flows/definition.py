"""Studio flows as files, and the two forms of a flow.

Studio's form is what its editor exports and its API takes: `states` is a list, each with a list of `transitions`. The
structured form is keyed by natural names, so that a preview shows which widget and which transition changes:

    {"description": str, "initial": widget, "flags": {…},
     "widgets": {name: {"type": str, "transitions": {event: next}, "properties": {…}}}}

In it a transition that leads nowhere is "", one that Studio cannot say so briefly is its object without `event`
(`{"next", "conditions"}`), and several of one event are a list, since Studio tries them in order. The parameters of the
widgets that call or fork are `{key: value}` where their keys allow it. Whatever else a flow holds is passed through.

A file may hold `${placeholders}` in its values. Only braces make one: a bare `$`, as in regular expressions, stays.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Flow = dict[str, Any]

# "$" when it is escaped, and the name.
PLACEHOLDER = re.compile(r"\$(\$?)\{([^{}]*)\}")
_NAME = re.compile(r"[a-z_][a-z0-9_]*")
# Where a list of {"key", "value"} is a mapping in truth.
PARAMETERS = {
    "run-function": "parameters",
    "make-http-request": "parameters",
    "fork-stream": "stream_parameters",
}


class FlowError(ValueError):
    """A flow file or definition that cannot be used; the message says where and why."""


def load(path: Path) -> Flow:
    """The flow in a file as Studio exports it, in the structured form, placeholders left in.

    Raises FlowError when the file is missing, not JSON or not a flow.
    """
    try:
        exported = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FlowError(f"{path.name}: there is no such file") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise FlowError(f"{path.name}: not JSON as Studio exports it: {error}") from None
    try:
        return from_studio(exported)
    except FlowError as error:
        raise FlowError(f"{path.name}: {error}") from None


def from_studio(definition: Any) -> Flow:
    """Studio's form as the structured form. Raises FlowError for what is no flow, such as two widgets of one name."""
    if not isinstance(definition, Mapping) or not isinstance(definition.get("states"), list):
        raise FlowError("a flow is an object with a list of `states`")
    if taken := [key for key in ("initial", "widgets") if key in definition]:
        raise FlowError(f"a flow in Studio's form has no `{taken[0]}`")
    flow = {key: value for key, value in definition.items() if key not in ("states", "initial_state")}
    if "initial_state" in definition:
        flow["initial"] = definition["initial_state"]
    flow["widgets"] = {}
    for state in definition["states"]:
        if not isinstance(state, Mapping) or not isinstance(state.get("name"), str) or not isinstance(state.get("type"), str):
            raise FlowError("every state needs a `name` and a `type`")
        name = state["name"]
        if name in flow["widgets"]:
            raise FlowError(f"two widgets are named {name}")
        flow["widgets"][name] = _widget(state)
    return _plain(flow)


def to_studio(flow: Mapping[str, Any]) -> dict[str, Any]:
    """The structured form as Studio's, widgets and parameters in the order of their names.

    Studio keeps no meaning in that order, and the order of a mapping's keys does not survive the way through Pulumi.
    """
    definition = {key: value for key, value in flow.items() if key not in ("widgets", "initial")}
    if "initial" in flow:
        definition["initial_state"] = flow["initial"]
    definition["states"] = [_state(name, flow["widgets"][name]) for name in widget_order(flow)]
    return _plain(definition)


def widget_order(flow: Mapping[str, Any]) -> list[str]:
    """The widgets' names in the order in which `to_studio` writes them; Studio reports errors by that position."""
    return sorted(flow.get("widgets", {}))


def canonical(definition: Mapping[str, Any]) -> str:
    """A flow in Studio's form as text that is equal for flows that mean the same: no order of keys or widgets counts."""
    return json.dumps(to_studio(from_studio(definition)), sort_keys=True, separators=(",", ":"))


def reconcile(wanted: Any, live: Any) -> Any:
    """`live` as the program would have written it: `wanted` wherever both mean the same.

    Studio adds empty values and leaves some out; neither is a difference. Any other is kept as it is live.
    """
    if isinstance(wanted, Mapping) and isinstance(live, Mapping):
        merged = {key: reconcile(wanted[key], live[key]) for key in wanted if key in live}
        merged |= {key: value for key, value in wanted.items() if key not in live and _empty(value)}
        return merged | {key: value for key, value in live.items() if key not in wanted and not _empty(value)}
    if isinstance(wanted, str) and isinstance(live, Mapping):
        # The brief and the long way to write a transition.
        return wanted if reconcile({"next": wanted}, live) == {"next": wanted} else live
    if isinstance(wanted, list) and isinstance(live, list) and len(wanted) == len(live):
        return [reconcile(left, right) for left, right in zip(wanted, live, strict=True)]
    same = wanted == live and isinstance(wanted, bool) == isinstance(live, bool)
    return wanted if same or (_empty(wanted) and _empty(live)) else live


def placeholders(flow: Any) -> set[str]:
    """The names of the placeholders in a flow's values. Raises FlowError for one that is not a name."""
    if isinstance(flow, Mapping):
        return {name for value in flow.values() for name in placeholders(value)}
    if isinstance(flow, list):
        return {name for value in flow for name in placeholders(value)}
    found = PLACEHOLDER.findall(flow) if isinstance(flow, str) else []
    names = {name for escape, name in found if not escape}
    if bad := sorted(name for name in names if not _NAME.fullmatch(name)):
        raise FlowError(f"${{{bad[0]}}} is no placeholder: small letters, digits and _ only, and $${{ for the characters")
    return names


def fill(flow: Flow, values: Mapping[str, Any], render: Callable[[str, dict[str, Any]], Any] | None = None) -> Flow:
    """The flow with its placeholders replaced by `values`.

    `render(text, values)` makes one value out of a text with placeholders and the values that it names; by default
    `substitute`. A program whose values are not known yet passes its own, so that only the texts that hold such a value
    become unknown. Raises FlowError naming every placeholder for which there is no value.
    """
    if unknown := sorted(placeholders(flow) - set(values)):
        listed = ", ".join(f"${{{name}}}" for name in unknown)
        raise FlowError(f"no value for {listed}; a flow can use {', '.join(f'${{{name}}}' for name in sorted(values))}")
    return _filled(flow, values, render or substitute)


def substitute(text: str, values: Mapping[str, Any]) -> str:
    """`text` with its placeholders replaced; `$${name}` becomes `${name}`."""
    return PLACEHOLDER.sub(lambda m: m.group()[1:] if m.group(1) else str(values[m.group(2)]), text)


def _filled(value: Any, values: Mapping[str, Any], render: Callable[[str, dict[str, Any]], Any]) -> Any:
    if isinstance(value, Mapping):
        return {key: _filled(each, values, render) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, values, render) for each in value]
    if isinstance(value, str) and "${" in value:
        return render(value, {name: values[name] for name in sorted(placeholders(value))})
    return value


def _widget(state: Mapping[str, Any]) -> dict[str, Any]:
    widget = {key: value for key, value in state.items() if key != "name"}
    if "transitions" in state:
        widget["transitions"] = _transitions(state["name"], state["transitions"])
    parameters = PARAMETERS.get(state["type"])
    properties = state.get("properties")
    if parameters and isinstance(properties, Mapping) and parameters in properties:
        if isinstance(properties[parameters], Mapping):
            raise FlowError(f"widget {state['name']}: `{parameters}` must be a list of key and value")
        widget["properties"] = {**properties, parameters: keyed(properties[parameters])}
    return widget


def _state(name: str, widget: Mapping[str, Any]) -> dict[str, Any]:
    state = {"name": name, **widget}
    if "transitions" in widget:
        state["transitions"] = [
            _transition(event, each)
            for event, targets in sorted(widget["transitions"].items())
            for each in (targets if isinstance(targets, list) else [targets])
        ]
    parameters = PARAMETERS.get(widget["type"])
    properties = widget.get("properties")
    if parameters and isinstance(properties, Mapping) and isinstance(properties.get(parameters), Mapping):
        listed = [{"key": key, "value": value} for key, value in sorted(properties[parameters].items())]
        state["properties"] = {**properties, parameters: listed}
    return state


def _transitions(name: str, transitions: Any) -> dict[str, Any]:
    listed = isinstance(transitions, list)
    if not listed or not all(isinstance(each, Mapping) and isinstance(each.get("event"), str) for each in transitions):
        raise FlowError(f"widget {name}: `transitions` must be a list of objects with an `event`")
    by_event: dict[str, list[Any]] = {}
    for each in transitions:
        rest = {key: value for key, value in each.items() if key != "event"}
        brief = rest["next"] if set(rest) == {"next"} and rest["next"] and isinstance(rest["next"], str) else rest or ""
        by_event.setdefault(each["event"], []).append(brief)
    return {event: targets[0] if len(targets) == 1 else targets for event, targets in by_event.items()}


def _transition(event: str, target: Any) -> dict[str, Any]:
    if isinstance(target, str):
        return {"event": event, "next": target} if target else {"event": event}
    return {"event": event, **target}


def keyed(parameters: Any) -> Any:
    """A list of key and value as a mapping, or as it is when a mapping would lose something."""
    if not isinstance(parameters, list):
        return parameters
    # A placeholder is filled in values only, so a key that holds one must stay a value.
    plain = all(
        isinstance(each, Mapping) and set(each) == {"key", "value"} and isinstance(each["key"], str) and "${" not in each["key"]
        for each in parameters
    )
    if plain and len({each["key"] for each in parameters}) == len(parameters):
        return {each["key"]: each["value"] for each in parameters}
    return parameters


def _empty(value: Any) -> bool:
    return value is None or value is False or value in ("", [], {})


def _plain(value: Any) -> Any:
    """A copy with whole numbers as such: on the way through Pulumi every number becomes a float."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
