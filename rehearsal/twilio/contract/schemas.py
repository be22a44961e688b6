"""OpenAPI 3.0 schemas as JSON Schema, compiled once: `nullable`, references, Twilio's formats, and no unknown fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker

Schema = dict[str, Any]
_PREFIX = "#/components/schemas/"
_KEPT = ("type", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "format")

formats = FormatChecker(formats=())


@formats.checks("date-time", raises=ValueError)
def _iso(value: object) -> bool:
    if isinstance(value, str):
        datetime.fromisoformat(value)
    return not isinstance(value, str) or "T" in value


@formats.checks("date-time-rfc-2822", raises=(TypeError, ValueError))
def _rfc2822(value: object) -> bool:
    return not isinstance(value, str) or parsedate_to_datetime(value) is not None


@formats.checks("phone-number")
def _e164(value: object) -> bool:
    return not isinstance(value, str) or re.fullmatch(r"\+\d{7,15}", value) is not None


@formats.checks("uri")
def _uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme and urlsplit(value).netloc)


@formats.checks("uri-path")
def _uri_path(value: object) -> bool:
    return not isinstance(value, str) or value.startswith("/") or _uri(value)


@formats.checks("uri-map")
def _uri_map(value: object) -> bool:
    return not isinstance(value, dict) or all(isinstance(each, str) and _uri_path(each) for each in value.values())


def validator(schema: Schema) -> Draft202012Validator:
    """Of a schema that is JSON Schema already."""
    return Draft202012Validator(schema, format_checker=formats)


class Schemas:
    """The schemas of one file. relative_uris: its `format: uri` may be a path."""

    def __init__(self, components: dict[str, Schema], relative_uris: bool = False) -> None:
        self._components, self._relative_uris = components, relative_uris

    def compiled(self, schema: Schema, complete: bool = False) -> Draft202012Validator:
        """complete: every property that the schema names must be there, as Twilio's answers have it."""
        return validator(self.translated(schema, complete))

    def translated(self, schema: Schema, complete: bool = False) -> Schema:
        schema = self.resolved(schema)
        made: Schema = {name: schema[name] for name in _KEPT if name in schema}
        if self._relative_uris and made.get("format") == "uri":
            made["format"] = "uri-path"
        if "properties" in schema:
            properties = schema["properties"]
            made["properties"] = {name: self.translated(each, complete) for name, each in properties.items()}
            made["required"] = sorted(properties) if complete else schema.get("required", [])
            # A schema without a single property says nothing about what may be in it.
            if properties and "additionalProperties" not in schema:
                made["additionalProperties"] = False
        if isinstance(schema.get("additionalProperties"), dict):
            made["additionalProperties"] = self.translated(schema["additionalProperties"], complete)
        if "items" in schema:
            made["items"] = self.translated(schema["items"], complete)
        for name in ("oneOf", "anyOf", "allOf"):
            if name in schema:
                made[name] = [self.translated(each, complete) for each in schema[name]]
        return self._nullable(made) if schema.get("nullable") else made

    def resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self._components[schema["$ref"].removeprefix(_PREFIX)]
        return schema

    @staticmethod
    def _nullable(made: Schema) -> Schema:
        if "type" in made:
            made["type"] = [made["type"], "null"]
        if "enum" in made:
            made["enum"] = [*made["enum"], None]
        return made

    def from_text(self, schema: Schema, given: list[str]) -> Any:
        """What form or query parameters mean by their schema; what cannot be read stays text, for the schema to refuse."""
        kind = self.resolved(schema).get("type")
        if kind == "array":
            return [self.from_text(self.resolved(schema)["items"], [each]) for each in given]
        text = given[-1]
        if kind == "integer" and re.fullmatch(r"-?\d+", text):
            return int(text)
        if kind == "boolean" and text.lower() in ("true", "false"):
            return text.lower() == "true"
        return text


def faults(validator: Draft202012Validator, value: Any) -> Iterator[str]:
    """What is wrong with `value`, by place; never the value itself, which may be a secret."""
    for error in validator.iter_errors(value):
        place = ".".join(str(part) for part in error.absolute_path)
        limit: Any = error.validator_value
        if error.validator == "required":
            missing = [name for name in limit if name not in error.instance]
            # The validator reports each missing property by itself: one line for all of them is enough.
            yield f"lacks {', '.join(_at(place, name) for name in missing)}"
        elif error.validator == "additionalProperties":
            known = error.schema.get("properties", {})
            extra = sorted(name for name in error.instance if name not in known)
            yield f"has {', '.join(_at(place, name) for name in extra)}, which the file does not know"
        elif error.validator == "type":
            yield f"{place or 'body'} is {_kind(error.instance)}, not {limit if isinstance(limit, str) else ' or '.join(limit)}"
        elif error.validator == "enum":
            yield f"{place or 'body'} is none of {', '.join(str(each) for each in limit)}"
        else:
            yield f"{place or 'body'} does not fit its {error.validator} {limit}"


def _at(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _kind(value: Any) -> str:
    names = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}
    return "null" if value is None else names[type(value)]
