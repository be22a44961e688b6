"""A flow's file: written as Studio exports it, in the order that the file had, and never half."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio_flows.definition import PARAMETERS, Flow, from_studio, keyed, to_studio
from studio_flows.difference import renames

_STATE_KEYS = ("name", "type", "transitions", "properties")
_TRANSITION_KEYS = ("event", "next", "conditions")
_FLOW_KEYS = ("description", "states", "initial_state", "flags")


def in_order_of(former: Mapping[str, Any], flow: Flow) -> dict[str, Any]:
    """`flow` in Studio's form, with everything where it stands in `former`, the file's content; what is new comes last."""
    made = to_studio(flow)
    old = from_studio(former)
    new_names = renames(old.get("widgets", {}), flow.get("widgets", {}))
    places = {new_names.get(state["name"], state["name"]): (position, state) for position, state in enumerate(former["states"])}
    last = len(places)
    states = sorted(made["states"], key=lambda state: places.get(state["name"], (last, None))[0])
    made["states"] = [_state(places.get(state["name"], (last, {}))[1], state) for state in states]
    return _keys(former, made, _FLOW_KEYS)


def text(definition: Mapping[str, Any]) -> str:
    """As Studio shows it: two blanks for each level."""
    return json.dumps(definition, indent=2, ensure_ascii=False) + "\n"


def write(path: Path, content: str) -> None:
    """Replaces the file in one step, so that whoever reads it sees the old or the new one. Raises OSError."""
    target = path.resolve()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    made = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        made.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o644)
        made.replace(target)
    finally:
        made.unlink(missing_ok=True)


def _state(former: Mapping[str, Any], state: dict[str, Any]) -> dict[str, Any]:
    if "transitions" in state:
        before = list(former.get("transitions") or [])
        events = [each["event"] for each in before]
        position = {event: index for index, event in reversed(list(enumerate(events)))}
        old: dict[tuple[str, Any], list[Mapping[str, Any]]] = {}
        for each in before:
            old.setdefault((each["event"], each.get("next")), []).append(each)
        # Stable, so that several transitions of one event keep the order in which Studio tries them.
        ordered = sorted(state["transitions"], key=lambda each: position.get(each["event"], len(events)))
        same = [old.get((each["event"], each.get("next"))) for each in ordered]
        state["transitions"] = [_keys(one.pop(0) if one else {}, each, _TRANSITION_KEYS) for one, each in zip(same, ordered, strict=True)]
    if "properties" in state:
        state["properties"] = _like(former.get("properties"), state["properties"])
        name = PARAMETERS.get(state["type"], "")
        if name in state["properties"]:
            state["properties"][name] = _pairs((former.get("properties") or {}).get(name), state["properties"][name])
    return _keys(former, state, _STATE_KEYS)


def _like(former: Any, value: Any) -> Any:
    """`value` with keys and pairs in the order of `former`, and its numbers as they are written there."""
    if isinstance(value, Mapping):
        old = former if isinstance(former, Mapping) else {}
        return {key: _like(old.get(key), each) for key, each in _keys(old, value, ()).items()}
    if isinstance(value, list):
        old = former if isinstance(former, list) else []
        return [_like(old[index] if index < len(old) else None, each) for index, each in enumerate(value)]
    return former if not isinstance(value, bool) and isinstance(value, int | float) and former == value else value


def _pairs(former: Any, pairs: Any) -> Any:
    """Pairs whose order means nothing, as the file had them."""
    before, now = keyed(former), keyed(pairs)
    if not isinstance(before, Mapping) or not isinstance(now, Mapping):
        return pairs
    old = {each["key"]: each for each in former}
    order = [key for key in before if key in now] + [key for key in now if key not in before]
    by_key = {each["key"]: each for each in pairs}
    return [_like(old.get(key), by_key[key]) for key in order]


def _keys(former: Mapping[str, Any], value: Mapping[str, Any], usual: tuple[str, ...]) -> dict[str, Any]:
    """`value` with its keys as in `former`, then as usual, then as they come."""
    order = {key: None for key in (*former, *usual) if key in value}
    return {key: value[key] for key in {**order, **value}}
