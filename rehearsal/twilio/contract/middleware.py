"""ASGI middleware: every request and every answer that passes is held against the operation it belongs to."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import parse_qsl

from jsonschema import Draft202012Validator

from rehearsal.twilio.contract.schemas import faults
from rehearsal.twilio.contract.specification import JSON, Operation, Specification

# What every refusal looks like; the files declare it for hardly any operation. Source: twilio.com/docs/usage/twilios-response.
_ERROR = Draft202012Validator(
    {
        "type": "object",
        "properties": {
            "code": {"type": "integer"},
            "message": {"type": "string", "minLength": 1},
            "more_info": {"type": "string", "pattern": "^https://www.twilio.com/docs/errors/[0-9]+$"},
            "status": {"type": "integer"},
            "details": {"type": "object"},
        },
        "required": ["code", "message", "more_info", "status"],
        "additionalProperties": False,
    }
)


@dataclass(frozen=True)
class Deviation:
    """`where` is "request" or "response". A request that deviates and was refused says nothing against the stand-in, but
    something about its caller."""

    operation: str
    where: str
    what: str
    status: int

    @property
    def refused(self) -> bool:
        return self.where == "request" and self.status >= 400

    def __str__(self) -> str:
        return f"{self.operation}: the {self.where} {self.what} (answered {self.status})"


class Contract:
    """Counts what was checked by operation, and collects what deviates; each deviation once."""

    def __init__(self, app: Callable[..., Awaitable[None]], specification: Specification) -> None:
        self._app, self._specification = app, specification
        self.checked: Counter[str] = Counter()
        self._found: dict[Deviation, None] = {}

    @property
    def deviations(self) -> list[Deviation]:
        return list(self._found)

    def clear(self) -> None:
        self.checked.clear()
        self._found.clear()

    def told(self) -> dict[str, Any]:
        """What `GET /_standin/contract` answers."""
        return {
            "specification": self._specification.version,
            "operations": dict(sorted(self.checked.items())),
            "checked": self.checked.total(),
            "deviations": [{**asdict(each), "refused": each.refused, "told": str(each)} for each in self.deviations],
        }

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, answer = await _read(receive), bytearray()
        status, media = 0, ""
        parts = [{"type": "http.request", "body": body}]

        async def hear() -> Any:
            return parts.pop() if parts else await receive()

        async def tell(message: Any) -> None:
            nonlocal status, media
            if message["type"] == "http.response.start":
                status = message["status"]
                media = _header(message["headers"], b"content-type")
            else:
                answer.extend(message.get("body", b""))
            await send(message)

        await self._app(scope, hear, tell)
        self._check(scope, body, status, media, bytes(answer))

    def _check(self, scope: Any, body: bytes, status: int, media: str, answer: bytes) -> None:
        method, path = scope["method"], scope["path"]
        host = _header(scope["headers"], b"host").partition(":")[0].lower()
        found = self._specification.find(host, method, path)
        if found is None:
            self._note(f"{method} {path}", "request", "is no operation of Twilio's OpenAPI files", status)
            if status >= 400:
                self._answered(f"{method} {path}", None, status, media, answer)
            return
        operation, parameters = found
        self.checked[operation.name] += 1
        # Who is not signed in learns nothing of the request: Twilio has not looked at it.
        if status != 401:
            for fault in _request_faults(operation, parameters, scope, body):
                self._note(operation.name, "request", fault, status)
        self._answered(operation.name, operation, status, media, answer)

    def _answered(self, name: str, operation: Operation | None, status: int, media: str, answer: bytes) -> None:
        for fault in _answer_faults(operation, status, media, answer):
            self._note(name, "response", fault, status)

    def _note(self, operation: str, where: str, what: str, status: int) -> None:
        self._found.setdefault(Deviation(operation, where, what, status))


async def _read(receive: Any) -> bytes:
    """The whole body: it is held to the files even where nobody looks at it."""
    body = bytearray()
    while True:
        message = await receive()
        body.extend(message.get("body", b""))
        if not message.get("more_body"):
            return bytes(body)


def _request_faults(operation: Operation, parameters: dict[str, str], scope: Any, body: bytes) -> Iterator[str]:
    yield from (f"has a wrong path: {each}" for each in faults(operation.path_parameters, parameters))
    query = _pairs(scope.get("query_string", b"").decode())
    values = {name: operation.query_value(name, given) for name, given in query.items()}
    yield from (f"has a wrong query: {each}" for each in faults(operation.query, values))
    if not operation.unspecified:
        yield from _body_faults(operation, _header(scope["headers"], b"content-type"), body)


def _body_faults(operation: Operation, media: str, body: bytes) -> Iterator[str]:
    kind = media.partition(";")[0].strip().lower()
    if not operation.media_types:
        if body:
            yield "has a body where none is known"
        return
    if body and kind not in operation.media_types:
        yield f"is {kind or 'of no media type'}, not {' or '.join(operation.media_types)}"
        return
    try:
        values = json.loads(body or b"{}") if JSON in operation.media_types else operation.form(_pairs(body.decode()))
    except ValueError:
        yield "has a body that cannot be read"
        return
    yield from faults(operation.body, values)


def _answer_faults(operation: Operation | None, status: int, media: str, answer: bytes) -> Iterator[str]:
    known = operation.answers if operation else {}
    if status not in known and status < 400:
        yield f"has a status that is none of {', '.join(map(str, known))}"
        return
    validator = known.get(status) if status < 400 else _ERROR
    if validator is None:
        if answer:
            yield "has a body where none is known"
        return
    if media.partition(";")[0] != JSON:
        yield f"is {media or 'of no media type'}, not {JSON}"
        return
    try:
        value = json.loads(answer)
    except ValueError:
        yield "is not JSON"
        return
    yield from faults(validator, value)
    if status >= 400 and isinstance(value, dict) and value.get("status") != status:
        yield "has another status in its body"


def _pairs(text: str) -> dict[str, list[str]]:
    pairs: dict[str, list[str]] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        pairs.setdefault(name, []).append(value)
    return pairs


def _header(headers: Any, name: bytes) -> str:
    return next((value.decode("latin-1") for each, value in headers if each.lower() == name), "")
