"""Holds a resource's inputs against its schema and its rules, and says what is wrong and where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rehearsal.google.rules import Rules
from rehearsal.google.wire import UNKNOWN

Fault = tuple[str, str]
_MATCHES = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "map": lambda value: isinstance(value, dict),
    "object": lambda value: isinstance(value, dict),
}
_EXPECTED = {
    **{kind: f"a {kind}" for kind in ("string", "boolean", "number", "map")},
    **{kind: f"an {kind}" for kind in ("integer", "array", "object")},
}


def faults(schema: dict[str, Any], token: str, rules: Rules, inputs: dict[str, Any]) -> list[Fault]:
    """Every fault of `inputs` as (property path, reason). Unknown values pass: they are checked when they are known."""
    found = sorted(_properties(schema["resources"][token]["inputs"], schema["objects"], inputs, ""))
    # Rules read values whose types are right; without that they would only repeat the same fault in other words.
    return found or list(_ruled(rules, inputs))


def _properties(
    declared: dict[str, Any], objects: dict[str, Any], values: dict[str, Any], path: str
) -> Iterator[Fault]:
    for name, value in values.items():
        if name.startswith("__"):
            continue
        if name not in declared:
            yield f"{path}{name}", f"unknown property; known here: {', '.join(sorted(declared))}"
        elif value is not None:
            yield from _value(declared[name]["type"], objects, value, f"{path}{name}")
            allowed = declared[name].get("enum")
            if allowed and isinstance(value, str) and value not in allowed:
                yield f"{path}{name}", f"expected one of {', '.join(allowed)}, got {value!r}"
    for name, property_ in declared.items():
        if property_["required"] and values.get(name) is None:
            yield f"{path}{name}", "missing required property"


def _value(type_: dict[str, Any], objects: dict[str, Any], value: Any, path: str) -> Iterator[Fault]:
    kind = type_["kind"]
    if value is UNKNOWN or kind == "any":
        return
    if not _MATCHES[kind](value):
        yield path, f"expected {_EXPECTED[kind]}, got {_named(value)}"
    elif kind == "array":
        for index, each in enumerate(value):
            yield from _value(type_["of"], objects, each, f"{path}[{index}]")
    elif kind == "map":
        for name, each in value.items():
            yield from _value(type_["of"], objects, each, f"{path}.{name}")
    elif kind == "object":
        yield from _properties(objects[type_["ref"]], objects, value, f"{path}.")


def _named(value: Any) -> str:
    """The JSON type of `value`; never the value itself, which may be secret."""
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "a list", dict: "an object"}
    return names.get(type(value), "nothing")


def _ruled(rules: Rules, inputs: dict[str, Any]) -> Iterator[Fault]:
    yield from _exclusions(rules, inputs)
    for place, pattern in rules.patterns.items():
        for path, value in at(inputs, place):
            if isinstance(value, str) and re.fullmatch(pattern, value) is None:
                yield path, f"{value!r} does not match {pattern}"
    for place, (low, high) in rules.ranges.items():
        for path, value in at(inputs, place):
            if isinstance(value, int | float) and not low <= value <= high:
                yield path, f"{value} is not between {low} and {high}"
    for place, allowed in rules.enums.items():
        for path, value in at(inputs, place):
            if isinstance(value, str) and value not in allowed:
                yield path, f"expected one of {', '.join(allowed)}, got {value!r}"


def _exclusions(rules: Rules, inputs: dict[str, Any]) -> Iterator[Fault]:
    for place, names in rules.one_of:
        for path, value in at(inputs, place):
            given = _given(value, names)
            if len(given) != 1 and isinstance(value, dict):
                yield (
                    path or names[0],
                    f"exactly one of {', '.join(names)} must be given, got {', '.join(given) or 'none'}",
                )
    for place, names in rules.conflicts:
        for path, value in at(inputs, place):
            given = _given(value, names)
            if len(given) > 1:
                yield ".".join(part for part in (path, given[-1]) if part), f"conflicts with {', '.join(given[:-1])}"


def _given(value: Any, names: tuple[str, ...]) -> list[str]:
    return [name for name in names if isinstance(value, dict) and value.get(name) is not None]


def at(value: Any, place: str, path: str = "") -> Iterator[tuple[str, Any]]:
    """(path, value) of everything at `place` below `value`; `[]` in `place` stands for every item of a list."""
    if not place:
        yield path, value
        return
    head, _, rest = place.partition(".")
    name, every = head.removesuffix("[]"), head.endswith("[]")
    below = value.get(name) if isinstance(value, dict) else None
    if below is None or below is UNKNOWN:
        return
    path = f"{path}.{name}" if path else name
    if not every:
        yield from at(below, rest, path)
    elif isinstance(below, list):
        for index, each in enumerate(below):
            yield from at(each, rest, f"{path}[{index}]")
