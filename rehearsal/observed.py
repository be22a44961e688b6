"""What every stand-in answers below `/_standin`: what exists, what was called, and faults that can be switched on.

The shapes are in docs/architecture.md. The vendor's own routes never see these requests.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

PREFIX = "/_standin"
# Until the server knows that a line is closed: the event loop tells it on a later turn.
_TURNS = 3


@dataclass
class Fault:
    """Something that goes wrong at the next `times` calls whose method and path match.

    when: "before" the effect (the vendor does nothing) or "after" it (the caller never learns).
    action: "status" answers `status`; "kill" ends `pids` with SIGKILL and drops the connection; "drop" only drops it;
    "hang" waits `delay` seconds and then goes on; "slow" is the same.
    """

    method: str
    path: str
    when: str = "before"
    action: str = "status"
    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)
    pids: list[int] = field(default_factory=list)
    delay: float = 0.0
    times: int = 1

    def matches(self, method: str, path: str) -> bool:
        return self.times > 0 and re.fullmatch(self.method, method) is not None and re.search(self.path, path) is not None


class Faults:
    """The faults that are switched on; thread-safe, so that gRPC stand-ins can use it too."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def replace(self, faults: list[dict[str, Any]]) -> None:
        with self._lock:
            self._faults = [Fault(**each) for each in faults]

    def take(self, method: str, path: str, when: str) -> Fault | None:
        """The fault that strikes this call, used up by one."""
        with self._lock:
            for each in self._faults:
                if each.when == when and each.matches(method, path):
                    each.times -= 1
                    return each
        return None


def kill(pids: list[int]) -> None:
    """SIGKILL for every process of `pids` that still lives."""
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _plain(status: int, headers: dict[str, str]) -> Response:
    return JSONResponse({"message": "switched on"}, status, headers)


class Observed:
    """ASGI middleware: serves `/_standin`, notes every other call, and lets faults strike.

    `snapshot` answers all that exists as `{"kind/natural key": {...}}`; `extra` adds routes below the prefix; `refusal`
    makes the answer of a fault with a status, from that status and the fault's headers, in the vendor's own form.
    """

    def __init__(
        self,
        app: Callable[..., Awaitable[None]],
        snapshot: Callable[[], dict[str, Any]],
        extra: dict[tuple[str, str], Callable[[Request], Awaitable[Response]]] | None = None,
        refusal: Callable[[int, dict[str, str]], Response] = _plain,
    ) -> None:
        self._app, self._snapshot, self._extra, self._refusal = app, snapshot, extra or {}, refusal
        self.calls: list[dict[str, Any]] = []
        self.faults = Faults()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"].startswith(PREFIX):
            await (await self._own(Request(scope, receive)))(scope, receive, send)
        else:
            await self._vendor(scope, receive, send)

    async def _own(self, request: Request) -> Response:
        place = (request.method, request.url.path.removeprefix(PREFIX))
        if place in self._extra:
            return await self._extra[place](request)
        if place == ("GET", "/snapshot"):
            return JSONResponse(self._snapshot())
        if place == ("GET", "/calls"):
            return JSONResponse(self.calls)
        if place == ("DELETE", "/calls"):
            self.calls.clear()
            return JSONResponse({})
        if place in (("POST", "/faults"), ("DELETE", "/faults")):
            self.faults.replace(await request.json() if request.method == "POST" else [])
            return JSONResponse({})
        return JSONResponse({"error": f"no {place[0]} {PREFIX}{place[1]}"}, status_code=404)

    async def _vendor(self, scope: Any, receive: Any, send: Any) -> None:
        method, path = scope["method"], scope["path"]
        before = self.faults.take(method, path, "before")
        if before and await self._strike(before, scope, receive, send):
            return
        after = self.faults.take(method, path, "after")
        answer: list[Any] = []

        async def keep(message: Any) -> None:
            answer.append(message)

        await self._app(scope, receive, keep)
        status = next((m["status"] for m in answer if m["type"] == "http.response.start"), 500)
        self.calls.append({"method": method, "path": path, "status": status})
        if after and await self._strike(after, scope, receive, send):
            return
        for message in answer:
            await send(message)

    async def _strike(self, fault: Fault, scope: Any, receive: Any, send: Any) -> bool:
        """True when the call is over."""
        await asyncio.sleep(fault.delay)
        if fault.action in ("hang", "slow"):
            return False
        if fault.action == "status":
            self.calls.append({"method": scope["method"], "path": scope["path"], "status": fault.status})
            await self._refusal(fault.status, fault.headers)(scope, receive, send)
            return True
        kill(fault.pids)
        # An answer that is announced and never sent: the client sees the connection break in the middle of it.
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
        await _hang_up(send)
        return True


async def _hang_up(send: Any) -> None:
    """Closes the connection under the answer. A server would log an answer that is broken off, unless the line is gone."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:  # no server, but a client in this process
        raise ConnectionResetError("the connection was dropped on purpose")
    transport.close()
    for _ in range(_TURNS):
        await asyncio.sleep(0)
