"""Google's discovery documents: what each interface takes, as Google itself publishes it.

The documents come with google-api-python-client; of the package nothing else is used. Each is read when the first body of its
interface comes by, and only the schemas that a body really meets are looked at.
"""

from __future__ import annotations

import datetime
import functools
import importlib.util
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rehearsal.google.wire import UNKNOWN

_DURATION = re.compile(r"-?[0-9]+(\.[0-9]{1,9})?s")
_WHOLE = re.compile(r"-?[0-9]+")
_REQUIRED = re.compile(r"Required\b")
# Fields whose description says "Required." although the address of the request gives them.
_FROM_THE_ADDRESS = frozenset({"name", "project", "parent"})
Fault = tuple[str, str]


class Discovery:
    """Holds bodies against the documents and counts them. Thread-safe enough: counting is all that it keeps."""

    def __init__(self) -> None:
        self.bodies: Counter[str] = Counter()
        self.revisions: dict[str, str] = {}

    def faults(self, document: str, schema: str, body: Any) -> list[Fault]:
        """[(path, reason)] of `body` against `schema` of a document such as run.v2, sorted by path."""
        known = _document(document)
        self.revisions[document] = known["revision"]
        self.bodies[f"{document} {schema}"] += 1
        return sorted(_value(known["schemas"], {"$ref": schema}, body, ""))


@functools.cache
def _document(name: str) -> dict[str, Any]:
    spec = importlib.util.find_spec("googleapiclient")
    if spec is None or spec.origin is None:
        raise RuntimeError("the Python package google-api-python-client is not installed. Fix: install requirements-dev.txt.")
    place = Path(spec.origin).parent / "discovery_cache" / "documents" / f"{name}.json"
    return json.loads(place.read_text("utf-8"))


def properties(document: str, schema: str) -> frozenset[str]:
    """The fields of a schema that may be written."""
    known = _document(document)["schemas"][schema]["properties"]
    return frozenset(name for name, each in known.items() if not each.get("readOnly"))


def _value(schemas: Mapping[str, Any], schema: Mapping[str, Any], value: Any, path: str) -> Iterator[Fault]:
    if value is UNKNOWN or value is None:
        return
    if "$ref" in schema:
        schema = schemas[schema["$ref"]]
    kind = schema.get("type", "any")
    if kind == "object":
        yield from _object(schemas, schema, value, path)
    elif kind == "array":
        if not isinstance(value, list):
            yield path, "expected a list"
            return
        for index, each in enumerate(value):
            yield from _value(schemas, schema["items"], each, f"{path}[{index}]")
    elif (reason := _scalar(kind, schema, value)) is not None:
        yield path, reason


def _object(schemas: Mapping[str, Any], schema: Mapping[str, Any], value: Any, path: str) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield path, "expected an object"
        return
    properties, rest = schema.get("properties", {}), schema.get("additionalProperties")
    for name, each in value.items():
        below = f"{path}.{name}" if path else name
        if name in properties:
            if properties[name].get("readOnly"):
                yield below, "is set by Google only"
            else:
                yield from _value(schemas, properties[name], each, below)
        elif rest is not None:
            yield from _value(schemas, rest, each, below)
        else:
            yield below, "is no field of Google's interface"
    for name, property_ in properties.items():
        needed = _REQUIRED.match(property_.get("description", "")) is not None
        if needed and name not in value and not (not path and name in _FROM_THE_ADDRESS):
            yield (f"{path}.{name}" if path else name), "is required"


def _scalar(kind: str, schema: Mapping[str, Any], value: Any) -> str | None:
    form = schema.get("format", "")
    if kind == "string" and form in ("int64", "uint64"):
        whole = _is_whole(value) or (isinstance(value, str) and _WHOLE.fullmatch(value))
        return None if whole else "expected a whole number"
    fits, expected = _SCALARS.get(kind, (lambda _: True, ""))
    if not fits(value):
        return f"expected {expected}"
    return _text(schema, form, value) if kind == "string" else None


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_SCALARS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "string": (lambda value: isinstance(value, str), "a string"),
    "boolean": (lambda value: isinstance(value, bool), "a boolean"),
    "integer": (_is_whole, "an integer"),
    "number": (lambda value: _is_whole(value) or isinstance(value, float), "a number"),
}


def _text(schema: Mapping[str, Any], form: str, value: str) -> str | None:
    if "enum" in schema and value not in schema["enum"]:
        shown = [each for each in schema["enum"] if not each.endswith("UNSPECIFIED")]
        return f"expected one of {', '.join(shown)}, got {value!r}"
    if form == "google-duration" and not _DURATION.fullmatch(value):
        return f"expected a duration such as 10s, got {value!r}"
    if form == "google-datetime" and not _is_time(value):
        return f"expected a time such as 2026-01-31T12:00:00Z, got {value!r}"
    if "pattern" in schema and not re.fullmatch(schema["pattern"], value):
        return f"{value!r} does not match {schema['pattern']}"
    return None


def _is_time(value: str) -> bool:
    try:
        datetime.datetime.fromisoformat(value)
    except ValueError:
        return False
    return "T" in value
