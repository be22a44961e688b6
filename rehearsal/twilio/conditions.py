"""What Twilio is like on a bad day, switched on by `POST /_standin/conditions` and off by `DELETE`.

An account may have only so many requests under way at once (error 20429); answers take time; and what was just saved in
Studio is not seen at once everywhere.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from rehearsal.twilio.errors import refused, too_many_requests

_WINDOW_SECONDS = 1.0


@dataclass(frozen=True)
class Conditions:
    """latency: seconds that an answer takes, or [least, most]; concurrent_requests, requests_per_second: more are refused
    with 429; retry_after: seconds that the refusal tells to wait; stale_reads: how many reads of a flow answer as before
    the last write to it."""

    latency: float | tuple[float, float] = 0.0
    concurrent_requests: int | None = None
    requests_per_second: int | None = None
    retry_after: int = 1
    stale_reads: int = 0

    @classmethod
    def parse(cls, given: Any) -> Conditions:
        """Raises ValueError for a name or a value that is none of these."""
        if not isinstance(given, dict) or not set(given) <= set(cls.__dataclass_fields__):
            raise ValueError(f"conditions are {', '.join(cls.__dataclass_fields__)}")
        latency = given.get("latency", 0.0)
        conditions = cls(**{**given, "latency": tuple(latency) if isinstance(latency, list) else latency})
        numbers = [*conditions.span(), *(each for name, each in given.items() if name != "latency" and each is not None)]
        if len(conditions.span()) != 2 or not all(_is_amount(each) for each in numbers):
            raise ValueError("conditions are numbers from 0 on")
        return conditions

    def span(self) -> tuple[float, float]:
        return self.latency if isinstance(self.latency, tuple) else (self.latency, self.latency)


def _is_amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


class Throttle:
    """ASGI middleware that makes the weather of `conditions`."""

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self._app = app
        self.conditions = Conditions()
        self._under_way = 0
        self._began: deque[float] = deque()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._under_way += 1
        try:
            if self._too_many():
                refusal = refused(too_many_requests(), {"Retry-After": str(self.conditions.retry_after)})
                await refusal(scope, receive, self._counted(send))
                return
            least, most = self.conditions.span()
            if most:
                await asyncio.sleep(random.uniform(least, most))  # noqa: S311
            await self._app(scope, receive, self._counted(send))
        finally:
            self._under_way -= 1

    def _too_many(self) -> bool:
        conditions, now = self.conditions, time.monotonic()
        if conditions.concurrent_requests is not None and self._under_way > conditions.concurrent_requests:
            return True
        if conditions.requests_per_second is None:
            return False
        while self._began and now - self._began[0] > _WINDOW_SECONDS:
            self._began.popleft()
        if len(self._began) >= conditions.requests_per_second:
            return True
        self._began.append(now)
        return False

    def _counted(self, send: Any) -> Any:
        """Every answer of Twilio tells how many requests of the account are under way."""
        told = (b"twilio-concurrent-requests", str(self._under_way).encode())

        async def tell(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], told]}
            await send(message)

        return tell


async def take(request: Request, put: Callable[[Conditions], None]) -> Response:
    """`POST /_standin/conditions` with the conditions as JSON; those that are not named are as always."""
    try:
        put(Conditions.parse(await request.json()))
    except (TypeError, ValueError) as error:
        return JSONResponse({"error": str(error)}, status_code=400)
    return JSONResponse({})
