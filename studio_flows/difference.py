"""What differs between two flows, by widget and transition; never by text, and never by an order without meaning.

A widget that has another name but the same type and properties is the same one, renamed: wires to it and Liquid that names it
are no differences then. Where widgets stand on the canvas is told in one line for all of them.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from studio_flows.definition import Flow
from studio_flows.findings import one_line
from studio_flows.plain_secrets import masked

_LONGEST = 160
_REFERENCE = re.compile(r"\bwidgets(?:\.([\w-]+)|\[\s*(['\"])(.*?)\2\s*\])")


class _Absent:
    def __repr__(self) -> str:
        return "nothing"


ABSENT = _Absent()


@dataclass(frozen=True)
class Change:
    """One difference. kind: flow, added, removed, renamed, type, property, transition or moved.

    widget: the name in the new flow, or in the old one where it is gone. path: of a property, or a transition's event.
    old and new: values, ABSENT where there is none; for added and removed the whole widget, for moved the names.
    """

    kind: str
    widget: str
    path: str
    old: Any
    new: Any

    def told(self) -> str:
        """One line for people; what looks like a secret is left out."""
        name = f"widget {self.widget}"
        if self.kind == "added":
            line = f"+ {name} ({_summary(self.new)})"
        elif self.kind == "removed":
            line = f"- {name} ({_summary(self.old)})"
        elif self.kind == "renamed":
            line = f"~ widget {self.old}: renamed to {self.new}"
        elif self.kind == "moved":
            line = f"~ moved on the canvas: {', '.join(self.new)}"
        elif self.kind == "transition":
            line = f"~ {name}: {self.path}: {_target(self.old)} → {_target(self.new)}"
        else:
            old, new = _values(self.old, self.new, self.path)
            line = f"~ {name if self.widget else 'flow'}: {self.path}: {old} → {new}"
        return one_line(line)

    def as_json(self) -> dict[str, Any]:
        """Like the fields, without ABSENT ones; what looks like a secret is left out."""
        values = {name: _hidden(each, self.path) for name, each in (("old", self.old), ("new", self.new)) if each is not ABSENT}
        return {"kind": self.kind, "widget": self.widget, "path": self.path, **values}


def difference(old: Flow, new: Flow) -> list[Change]:
    """The differences of two flows in the structured form; empty when they mean the same and look the same."""
    before, after = old.get("widgets", {}), new.get("widgets", {})
    renamed = renames(before, after)
    found = list(_flow(old, new, renamed))
    moved = []
    for name in before:
        if name not in after and name not in renamed:
            found.append(Change("removed", name, "", before[name], ABSENT))
    former = {renamed.get(name, name): name for name in before}
    for name, widget in after.items():
        if name not in former:
            found.append(Change("added", name, "", ABSENT, widget))
            continue
        one = before[former[name]]
        if former[name] != name:
            found.append(Change("renamed", name, "", former[name], name))
        found += _widget(name, one, widget, renamed)
        if not _same(_offset(one), _offset(widget)):
            moved.append(name)
    if moved:
        found.append(Change("moved", "", "", ABSENT, moved))
    return found


def _flow(old: Flow, new: Flow, renames: dict[str, str]) -> Iterator[Change]:
    keys = [key for key in {**old, **new} if key != "widgets"]
    for key in keys:
        one, other = old.get(key, ABSENT), new.get(key, ABSENT)
        if key == "initial" and isinstance(one, str):
            one = renames.get(one, one)
        for path, left, right in _values_that_differ(key, one, other, {}):
            yield Change("flow", "", path, left, right)


def _widget(name: str, old: Mapping[str, Any], new: Mapping[str, Any], renames: dict[str, str]) -> Iterator[Change]:
    if old.get("type") != new.get("type"):
        yield Change("type", name, "type", old.get("type", ABSENT), new.get("type", ABSENT))
    for key in (key for key in {**old, **new} if key not in ("type", "transitions")):
        one, other = (_without_offset(each.get(key, ABSENT)) if key == "properties" else each.get(key, ABSENT) for each in (old, new))
        for path, left, right in _values_that_differ(key, one, other, renames):
            yield Change("property", name, path, left, right)
    if ("transitions" in old) != ("transitions" in new) and not (old.get("transitions") or new.get("transitions")):
        yield Change("property", name, "transitions", old.get("transitions", ABSENT), new.get("transitions", ABSENT))
    yield from _transitions(name, old.get("transitions") or {}, new.get("transitions") or {}, renames)


def _transitions(name: str, old: Mapping[str, Any], new: Mapping[str, Any], renames: dict[str, str]) -> Iterator[Change]:
    for event in {**old, **new}:
        before, after = (_branches(event, each.get(event, []), renames) for each in (old, new))
        for label in {**before, **after}:
            one, other = before.get(label, ABSENT), after.get(label, ABSENT)
            if not _same_branch(one, other, renames):
                yield Change("transition", name, label, one, other)
        common = [label for label in before if label in after]
        order = [label for label in after if label in before]
        if common != order:
            yield Change("transition", name, f"order of {event}", common, order)


def _branches(event: str, targets: Any, renames: dict[str, str]) -> dict[str, Any]:
    """The branches of one event by a label: the event, and what it asks where it does, by the widgets' new names."""
    branches: dict[str, Any] = {}
    for target in targets if isinstance(targets, list) else [targets]:
        label, number = _label(event, _translated(target, renames)), 1
        while (label if number == 1 else f"{label} #{number}") in branches:
            number += 1
        branches[label if number == 1 else f"{label} #{number}"] = target
    return branches


def _label(event: str, target: Any) -> str:
    conditions = target.get("conditions") if isinstance(target, Mapping) else None
    if not isinstance(conditions, list) or not conditions:
        return event
    return f"{event} [{', '.join(_condition(each) for each in conditions)}]"


def _condition(condition: Any) -> str:
    if not isinstance(condition, Mapping):
        return _shown(condition)
    of = condition.get("arguments")
    subject = ", ".join(map(_shown, of)) if isinstance(of, list) else _shown(of or "")
    return " ".join(part for part in (subject, *(_shown(condition.get(key, "")) for key in ("type", "value"))) if part)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)


def _same_branch(one: Any, other: Any, renames: dict[str, str]) -> bool:
    left, right = (each if isinstance(each, Mapping) else {"next": each} if isinstance(each, str) and each else {} for each in (one, other))
    if one is ABSENT or other is ABSENT:
        return False
    if isinstance(left.get("next"), str):
        left = {**left, "next": renames.get(left["next"], left["next"])}
    return not list(_values_that_differ("", left, right, renames))


def _values_that_differ(path: str, old: Any, new: Any, renames: dict[str, str]) -> Iterator[tuple[str, Any, Any]]:
    """Paths of the leaves that differ; a list of pairs with keys of their own counts as a mapping."""
    one, other = _by_key(old), _by_key(new)
    if isinstance(one, Mapping) and isinstance(other, Mapping) and isinstance(old, Mapping) == isinstance(new, Mapping):
        for key in {**one, **other}:
            yield from _values_that_differ(f"{path}.{key}" if path else str(key), one.get(key, ABSENT), other.get(key, ABSENT), renames)
        if one is not old and list(one) != list(other) and sorted(one) == sorted(other):
            yield f"order of {path}", list(one), list(other)
    elif isinstance(old, list) and isinstance(new, list) and old and new:
        for position in range(max(len(old), len(new))):
            left, right = (each[position] if position < len(each) else ABSENT for each in (old, new))
            yield from _values_that_differ(f"{path}[{position}]", left, right, renames)
    elif not _same(old, new) and not (isinstance(old, str) and _renamed(old, renames) == new):
        yield path, old, new


def _by_key(value: Any) -> Any:
    if isinstance(value, list) and value and all(isinstance(each, Mapping) and isinstance(each.get("key"), str) for each in value):
        keyed = {each["key"]: {key: one for key, one in each.items() if key != "key"} for each in value}
        return keyed if len(keyed) == len(value) else value
    return value


def renames(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, str]:
    """Old name -> new name. Those that name each other in Liquid are found one after the other."""
    known: dict[str, str] = {}
    while True:
        gone = [name for name in before if name not in after and name not in known]
        come = [name for name in after if name not in before and name not in known.values()]
        found: dict[str, str] = {}
        # Where many widgets look the same, those that also stand or lead where the old one did.
        for signature in (_looks, _looks_and_place, _looks_and_wires):
            old = {name: signature(before[name], known | found) for name in gone if name not in found}
            new = {name: signature(after[name], {}) for name in come if name not in found.values()}
            counts = Counter(old.values()), Counter(new.values())
            by_looks = {looks: name for name, looks in new.items()}
            found |= {name: by_looks[looks] for name, looks in old.items() if counts[0][looks] == counts[1][looks] == 1}
        if not found:
            return known
        known |= found


def _looks(widget: Mapping[str, Any], renames: dict[str, str]) -> str:
    return _text({"type": widget.get("type"), "properties": _translated(_without_offset(widget.get("properties")), renames)})


def _looks_and_place(widget: Mapping[str, Any], renames: dict[str, str]) -> str:
    return _looks(widget, renames) + _text(_offset(widget))


def _looks_and_wires(widget: Mapping[str, Any], renames: dict[str, str]) -> str:
    return _looks(widget, renames) + _text(_targets(widget.get("transitions"), renames))


def _targets(value: Any, renames: dict[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _targets(each, renames) for key, each in value.items()}
    if isinstance(value, list):
        return [_targets(each, renames) for each in value]
    return renames.get(value, value) if isinstance(value, str) else value


def _translated(value: Any, renames: dict[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _translated(each, renames) for key, each in value.items()}
    if isinstance(value, list):
        return [_translated(each, renames) for each in value]
    return _renamed(value, renames) if isinstance(value, str) else value


def _renamed(text: str, renames: dict[str, str]) -> str:
    """`text` with the new names where Liquid names widgets."""

    def new(match: re.Match[str]) -> str:
        name = match[1] or match[3] or ""
        return match[0].replace(name, renames[name]) if name in renames else match[0]

    return _REFERENCE.sub(new, text) if renames and "widgets" in text else text


def _offset(widget: Mapping[str, Any]) -> Any:
    properties = widget.get("properties")
    return properties.get("offset") if isinstance(properties, Mapping) else None


def _without_offset(properties: Any) -> Any:
    return {key: value for key, value in properties.items() if key != "offset"} if isinstance(properties, Mapping) else properties


def _same(one: Any, other: Any) -> bool:
    return one is other or (one is not ABSENT and other is not ABSENT and _text(one) == _text(other))


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=repr)


def _summary(widget: Any) -> str:
    wires = [
        f"{label} → {_target(target)}"
        for event, targets in (widget.get("transitions") or {}).items()
        for label, target in _branches(event, targets, {}).items()
        if _target(target) != "the end"
    ]
    return ", ".join([str(widget.get("type")), *wires])


def _target(target: Any) -> str:
    if target is ABSENT:
        return "no transition"
    if isinstance(target, list):
        return ", ".join(map(str, target))
    following = target.get("next") if isinstance(target, Mapping) else target
    return str(following) if following else "the end"


def _values(old: Any, new: Any, path: str) -> tuple[str, str]:
    """Both values as JSON; of long ones the part that differs."""
    left, right = ("nothing" if each is ABSENT else json.dumps(_hidden(each, path), ensure_ascii=False) for each in (old, new))
    if max(len(left), len(right)) <= _LONGEST:
        return left, right
    start = next((at for at, (one, other) in enumerate(zip(left, right, strict=False)) if one != other), min(len(left), len(right)))
    return _part(left, max(0, start - 30)), _part(right, max(0, start - 30))


def _part(text: str, start: int) -> str:
    return ("…" if start else "") + text[start : start + _LONGEST] + ("…" if len(text) > start + _LONGEST else "")


def _hidden(value: Any, place: str) -> Any:
    if isinstance(value, Mapping):
        return {key: _hidden(each, f"{place}.{key}") for key, each in value.items()}
    if isinstance(value, list):
        return [_hidden(each, place) for each in value]
    return masked(value, place) if isinstance(value, str) else value
