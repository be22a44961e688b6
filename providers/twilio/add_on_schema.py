"""Whether an add-on takes a configuration: as much of JSON schema as Marketplace add-ons use.

Findings never hold a value, it may be a credential.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from providers.handler import Fault

_TYPES: dict[str, type[Any] | tuple[type[Any], ...]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "object": Mapping,
    "array": list,
}


def configuration_faults(schema: Mapping[str, Any], configuration: Mapping[str, Any]) -> list[Fault]:
    """A fault for each setting that is missing, unknown or of a wrong form, under `configuration.<setting>`."""
    settings = schema.get("properties", {})
    known = ", ".join(sorted(settings)) or "none"
    faults = [
        Fault(f"configuration.{name}", f"is required by the add-on, whose settings are {known}")
        for name in schema.get("required", [])
        if name not in configuration
    ]
    for name, value in configuration.items():
        if name in settings:
            faults += [Fault(f"configuration.{name}", reason) for reason in _reasons(settings[name], value)]
        elif schema.get("additionalProperties", True) is False:
            faults.append(Fault(f"configuration.{name}", f"is not a setting of the add-on, which has {known}"))
    return faults


def _reasons(schema: Mapping[str, Any], value: Any) -> list[str]:
    kind = schema.get("type")
    of_kind = isinstance(kind, str) and kind in _TYPES
    if of_kind and (not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        return [f"must be of type {kind}"]
    reasons = []
    if "enum" in schema and value not in schema["enum"]:
        reasons.append(f"must be one of {', '.join(map(str, schema['enum']))}")
    if isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            reasons.append(f"does not match {schema['pattern']}")
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            reasons.append(f"must have {schema.get('minLength', 0)} to {schema.get('maxLength', 'any number of')} characters")
    return reasons
