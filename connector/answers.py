"""Reading requests and writing answers, alike for all routes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

_BODY_SECONDS = 10.0


class Refused(Exception):
    """Ends a request with this answer."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


def json_answer(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON with a newline at its end, as the Flask service that callers know."""
    return Response(orjson.dumps(content) + b"\n", status, dict(headers or {}), "application/json")


def message(text: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    return json_answer({"message": text}, status, headers)


def unavailable(what: str) -> Response:
    """503: the same request may succeed in a moment."""
    return message(f"{what} does not answer at the moment. Try again.", 503, {"Retry-After": "1"})


def readiness(ready: bool) -> Response:
    return json_answer({"ready": ready}, 200 if ready else 503, {"Cache-Control": "no-store"})


def too_often(retry_after: int) -> Response:
    return message("Too many requests. Try again later.", 429, {"Retry-After": str(retry_after)})


async def body(request: Request, most: int) -> bytes:
    """The whole body. Raises Refused: 413 when it has more than `most` bytes, 408 when it takes longer than ten seconds."""
    parts = bytearray()
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for part in request.stream():
                parts += part
                if len(parts) > most:
                    raise Refused(message(f"The body is larger than {most} bytes.", 413, {"Connection": "close"}))
    except TimeoutError:
        raise Refused(message("The body did not come in time.", 408, {"Connection": "close"})) from None
    return bytes(parts)


def is_json(content_type: str) -> bool:
    """application/json, or a type that ends in +json."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


async def json_body(request: Request, most: int) -> bytes:
    """The body, known to be JSON. Raises Refused: 415 without a JSON content type, 400 for what is not JSON, 413."""
    if not is_json(request.headers.get("content-type", "")):
        raise Refused(message("Content-Type must be application/json.", 415))
    raw = await body(request, most)
    try:
        orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise Refused(message("The body is not JSON.", 400)) from None
    return raw


async def json_object(request: Request, most: int) -> dict[str, Any]:
    """As `json_body`, and 400 for JSON that is not an object."""
    content = orjson.loads(await json_body(request, most))
    if not isinstance(content, dict):
        raise Refused(message("The body must be a JSON object.", 400))
    return content
