"""What is wrong with a flow definition, in the words of Twilio's JSON schema validator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError

_TYPE_NAMES = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}


@dataclass(frozen=True)
class Finding:
    """`property_path` is a JSON pointer below #, as in #/states/3/properties/timeout."""

    property_path: str
    message: str


def pointer(*parts: str | int) -> str:
    return "/".join(["#", *(str(part) for part in parts)])


def schema_findings(schema: dict[str, Any], value: Any, *place: str | int) -> list[Finding]:
    """The findings of `schema` in `value`, which stands at `place` of the definition; each only once."""
    found: dict[Finding, None] = {}
    for error in Draft7Validator(schema).iter_errors(value):
        found.update(dict.fromkeys(_translated(error, [*place, *error.absolute_path])))
    return list(found)


def _translated(error: ValidationError, place: list[str | int]) -> Iterable[Finding]:
    limit: Any = error.validator_value
    here = pointer(*place)
    if error.validator == "required":
        return _missing(error, place)
    if error.validator == "additionalProperties":
        return _unexpected(error, place)
    if error.validator == "enum" and not isinstance(error.instance, str):
        return []  # its type is a finding already
    messages = {
        "type": f"{_type_name(error.instance)} found, {limit} expected",
        "enum": f"does not have a value in the enumeration {limit}",
        "maxLength": f"may only be {limit} characters long",
        "minLength": f"must be at least {limit} characters long",
        "maxItems": f"there must be a maximum of {limit} items in the array",
        "minItems": f"there must be a minimum of {limit} items in the array",
    }
    return [Finding(here, messages.get(str(error.validator), error.message))]


def _missing(error: ValidationError, place: list[str | int]) -> Iterator[Finding]:
    for name in error.validator_value:
        if name not in error.instance:
            yield Finding(pointer(*place, name), "is missing but it is required")


def _unexpected(error: ValidationError, place: list[str | int]) -> Iterator[Finding]:
    for name in sorted(set(error.instance) - set(error.schema.get("properties", {}))):
        yield Finding(
            pointer(*place, name), "is not defined in the schema and the schema does not allow additional properties"
        )


def _type_name(value: Any) -> str:
    return "null" if value is None else _TYPE_NAMES[type(value)]
