"""Request parameters: form fields and query strings, declared per operation and refused when they do not fit.

An operation declares `{"FriendlyName": Text(required=True, longest=255), ...}`; `read_form` and `read_query` answer the
parsed values by name, only those that were given. Unknown, missing and malformed parameters raise TwilioError 400/20001
naming the parameter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import parse_qsl

from starlette.requests import Request

from rehearsal.twilio.errors import invalid, missing, unknown, unsupported_body

FORM = "application/x-www-form-urlencoded"


class Parameter(Protocol):
    required: bool
    repeated: bool

    def parse(self, name: str, raw: str) -> Any: ...


Declared = Mapping[str, Parameter]


@dataclass(frozen=True)
class Text:
    """A string. `longest` counts characters, `most_bytes` bytes of UTF-8; `empty_clears` lets "" mean None."""

    required: bool = False
    longest: int | None = None
    most_bytes: int | None = None
    pattern: str = ""
    empty_clears: bool = False
    repeated: bool = False

    def parse(self, name: str, raw: str) -> str | None:
        if raw == "" and self.empty_clears:
            return None
        if raw == "" and self.required:
            raise missing(name)
        if self.longest is not None and len(raw) > self.longest:
            raise invalid(name, f"{len(raw)} characters, at most {self.longest} are allowed")
        if self.most_bytes is not None and len(raw.encode()) > self.most_bytes:
            raise invalid(name, f"{len(raw.encode())} bytes, at most {self.most_bytes} are allowed")
        if self.pattern and not re.search(self.pattern, raw):
            raise invalid(name, f"does not match {self.pattern}")
        return raw


@dataclass(frozen=True)
class Choice:
    values: tuple[str, ...]
    required: bool = False
    repeated: bool = False

    def parse(self, name: str, raw: str) -> str:
        if raw not in self.values:
            raise invalid(name, f"must be one of {', '.join(self.values)}")
        return raw


@dataclass(frozen=True)
class Flag:
    required: bool = False
    repeated: bool = False

    def parse(self, name: str, raw: str) -> bool:
        if raw.lower() not in ("true", "false"):
            raise invalid(name, "must be true or false")
        return raw.lower() == "true"


@dataclass(frozen=True)
class Whole:
    """A whole number between two bounds, both included."""

    least: int = 0
    most: int | None = None
    required: bool = False
    repeated: bool = False

    def parse(self, name: str, raw: str) -> int:
        if not re.fullmatch(r"\d{1,18}", raw):
            raise invalid(name, "must be a whole number")
        if int(raw) < self.least or (self.most is not None and int(raw) > self.most):
            raise invalid(name, f"must be between {self.least} and {self.most}")
        return int(raw)


@dataclass(frozen=True)
class Moment:
    """A date with time in ISO 8601; without an offset it is UTC."""

    required: bool = False
    repeated: bool = False

    def parse(self, name: str, raw: str) -> datetime:
        try:
            moment = datetime.fromisoformat(raw)
        except ValueError:
            raise invalid(name, "must be a date and time such as 2018-11-10T20:00:00Z") from None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Ignored:
    """Sent by a client of Twilio's own, and without any effect."""

    required: bool = False
    repeated: bool = False

    def parse(self, name: str, raw: str) -> str:
        return raw


@dataclass(frozen=True)
class Json:
    """JSON text. quoted: also with a pair of quotes around it, as @twilio-labs/serverless-api sends Dependencies."""

    required: bool = False
    repeated: bool = False
    quoted: bool = False

    def parse(self, name: str, raw: str) -> Any:
        if raw == "" and self.required:
            raise missing(name)
        if self.quoted and raw.startswith('"[') and raw.endswith(']"'):
            raw = raw[1:-1]
        try:
            return json.loads(raw)
        except json.JSONDecodeError as error:
            raise invalid(name, f"is not JSON ({error.msg} at character {error.pos})") from None


async def read_form(request: Request, declared: Declared) -> dict[str, Any]:
    """The parsed form fields; a repeated parameter gives a list."""
    body = await request.body()
    content_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if body and content_type != FORM:
        raise unsupported_body(content_type)
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise invalid("body", "is not UTF-8") from None
    refuse_query(request)
    values = _parsed(fields, declared)
    for name, parameter in declared.items():
        if parameter.required and name not in values:
            raise missing(name)
    return values


def read_query(request: Request, declared: Declared) -> dict[str, Any]:
    return _parsed(list(request.query_params.multi_items()), declared)


def refuse_query(request: Request) -> None:
    """For operations that take nothing in the query string."""
    read_query(request, {})


def _parsed(fields: list[tuple[str, str]], declared: Declared) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, raw in fields:
        if name not in declared:
            raise unknown(name)
        parameter = declared[name]
        value = parameter.parse(name, raw)
        if parameter.repeated:
            values.setdefault(name, []).append(value)
        elif name in values:
            raise invalid(name, "is given more than once")
        else:
            values[name] = value
    return values
