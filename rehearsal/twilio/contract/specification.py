"""Twilio's OpenAPI files, read once: which operation a request is, and the compiled schemas of each operation."""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from rehearsal.twilio.contract.known_faults import (
    CLEARED_BY_NOTHING,
    EXTRA,
    RELATIVE_URIS,
    REPEATED,
    UNSPECIFIED,
    WIDER,
)
from rehearsal.twilio.contract.schemas import Schema, Schemas, validator

# Below node_modules; and the files of the hosts that the stand-in plays.
_FOLDER = Path("@twilio") / "cli-core" / "src" / "services" / "twilio-api"
_PACKAGE = Path("@twilio") / "cli-core" / "package.json"
_FILES = {
    "studio": "twilio_studio_v2.json",
    "serverless": "twilio_serverless_v1.json",
    "marketplace": "twilio_marketplace_v1.json",
    "api": "twilio_api_v2010.json",
    "taskrouter": "twilio_taskrouter_v1.json",
    "flex-api": "twilio_flex_v1.json",
}
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
_METHODS = ("get", "post", "put", "patch", "delete")


class NoSpecification(Exception):
    """The OpenAPI files cannot be read; the message says which, and what to do."""


@dataclass
class Operation:
    """One operation of one file; validators are compiled when they are first used."""

    id: str
    file: str
    method: str
    path: str
    raw: dict[str, Any] = field(repr=False)
    schemas: Schemas = field(repr=False)
    unspecified: bool = False

    @property
    def name(self) -> str:
        """As in "CreateFlow (POST /v2/Flows)"."""
        return f"{self.id} ({self.method} {self.path})"

    @functools.cached_property
    def path_parameters(self) -> Draft202012Validator:
        return self._parameters("path")

    @functools.cached_property
    def query(self) -> Draft202012Validator:
        return self._parameters("query")

    def _parameters(self, place: str) -> Draft202012Validator:
        listed = [each for each in self.raw.get("parameters", []) if each["in"] == place]
        schema = {
            "type": "object",
            "properties": {each["name"]: self._wider(each["name"], each["schema"]) for each in listed},
            "required": [each["name"] for each in listed if each.get("required")],
        }
        # Where an operation knows no parameter, any is too much.
        return validator(self.schemas.translated(schema) | {"additionalProperties": False})

    def _wider(self, name: str, schema: Schema) -> Schema:
        return {"type": "string"} if (self.id, name) in WIDER else schema

    def query_value(self, name: str, given: list[str]) -> Any:
        for each in self.raw.get("parameters", []):
            if each["in"] == "query" and each["name"] == name:
                return self.schemas.from_text(each["schema"], given)
        return given[-1]

    @functools.cached_property
    def _content(self) -> dict[str, Any]:
        return self.raw.get("requestBody", {}).get("content", {})

    @property
    def media_types(self) -> list[str]:
        return list(self._content)

    @functools.cached_property
    def _body_schema(self) -> Schema:
        schema = next((each["schema"] for each in self._content.values()), {"type": "object"})
        return self.schemas.resolved(schema)

    @functools.cached_property
    def body(self) -> Draft202012Validator:
        extra: dict[str, Schema] = {name: {} for operation, name in EXTRA if operation == self.id}
        properties = {**self._body_schema.get("properties", {}), **extra}
        return self.schemas.compiled({**self._body_schema, "properties": properties} if properties else self._body_schema)

    def form(self, pairs: dict[str, list[str]]) -> dict[str, Any]:
        """The values of a form's parameters by their schemas; what clears a setting is left out."""
        clears = self.id in CLEARED_BY_NOTHING
        return {name: self._form_value(name, given) for name, given in pairs.items() if any(given) or not clears}

    def _form_value(self, name: str, given: list[str]) -> Any:
        schema = self.schemas.resolved(self._body_schema.get("properties", {}).get(name, {}))
        encoded = any(name in each.get("encoding", {}) for each in self._content.values())
        if schema.get("type") == "array" and not encoded and (self.id, name) not in REPEATED:
            return given[-1]
        return self.schemas.from_text(schema, given)

    @functools.cached_property
    def answers(self) -> dict[int, Draft202012Validator | None]:
        """By status; None where the answer has no body."""
        made: dict[int, Draft202012Validator | None] = {}
        for status, answer in self.raw["responses"].items():
            schema = answer.get("content", {}).get(JSON, {}).get("schema")
            made[int(status)] = self.schemas.compiled(schema, complete=int(status) < 300) if schema else None
        return made


class Specification:
    """All files together. `version` is that of the npm package."""

    def __init__(self, version: str, operations: list[Operation]) -> None:
        self.version = version
        self._by_host: dict[str, list[tuple[re.Pattern[str], Operation]]] = {}
        # A literal part of a path goes before a parameter: /v2/Flows/Validate is no flow.
        for each in sorted(operations, key=lambda one: one.path.count("{")):
            self._by_host.setdefault(each.file, []).append((_pattern(each.path), each))

    @property
    def operations(self) -> list[Operation]:
        return [operation for each in self._by_host.values() for _, operation in each]

    def find(self, host: str, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation and its path parameters. host: "studio.twilio.com", or any other name for all hosts at once."""
        product = host.partition(".")[0] if host.endswith(".twilio.com") else ""
        product = product.removesuffix("-upload")
        for file, operations in self._by_host.items():
            if product in ("", file):
                for pattern, operation in operations:
                    if operation.method == method and (found := pattern.fullmatch(path)):
                        return operation, found.groupdict()
        return None


@functools.lru_cache(maxsize=2)
def read(node_packages: Path) -> Specification:
    """The files below `node_packages` (a folder node_modules). Raises NoSpecification."""
    try:
        version = json.loads((node_packages / _PACKAGE).read_text())["version"]
        operations = [one for host, name in _FILES.items() for one in _operations(host, node_packages / _FOLDER / name)]
    except (OSError, ValueError, KeyError) as error:
        raise NoSpecification(
            f"Twilio's OpenAPI files cannot be read below {node_packages} ({error}): run `make engine`, or unset VOICE_NODE_PACKAGES"
        ) from None
    return Specification(version, operations)


def _operations(host: str, file: Path) -> list[Operation]:
    raw = json.loads(file.read_text())
    schemas = Schemas(raw["components"]["schemas"], relative_uris=host in RELATIVE_URIS)
    found = []
    for path, item in raw["paths"].items():
        shared = item.get("parameters", [])
        for method in _METHODS:
            if method in item:
                one = {**item[method], "parameters": [*shared, *item[method].get("parameters", [])]}
                found.append(Operation(one["operationId"], host, method.upper(), path, one, schemas))
    return found + _unspecified(found)


def _unspecified(known: list[Operation]) -> list[Operation]:
    by_id = {each.id: each for each in known}
    made = []
    for (method, path), (like, _) in UNSPECIFIED.items():
        if known_one := by_id.get(like):
            parameters = [each for each in known_one.raw["parameters"] if f"{{{each['name']}}}" in path]
            raw = {"parameters": parameters, "responses": {"201": known_one.raw["responses"]["200"]}}
            name = like.replace("Fetch", "Upload")
            made.append(Operation(name, known_one.file, method, path, raw, known_one.schemas, unspecified=True))
    return made


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", path)
    text = "".join(f"(?P<{each}>[^/]+?)" if number % 2 else re.escape(each) for number, each in enumerate(parts))
    return re.compile(text)
