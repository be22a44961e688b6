"""The UI connector's two routes that Twilio's side calls, with switches for going wrong."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


@dataclass
class Connector:
    """`seen` has path, body and Authorization of every call, `names` what was registered; delay: seconds before each answer."""

    account_sid: str
    auth_token: str = field(repr=False)
    jwt: str = field(default_factory=lambda: secrets.token_hex(24), repr=False)
    seen: list[tuple[str, dict[str, Any], str | None]] = field(default_factory=list, repr=False)
    names: dict[str, str] = field(default_factory=dict)
    refuse: bool = False
    delay: float = 0.0

    def application(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/register-app", self._register_app, methods=["POST"]),
                Route("/conversation-name", self._conversation_name, methods=["POST"]),
            ]
        )

    async def _register_app(self, request: Request) -> Response:
        body = await self._noted(request)
        right = body == {"accountSid": self.account_sid, "authToken": self.auth_token} and not self.refuse
        return JSONResponse({"token": self.jwt} if right else {}, 200 if right else 401)

    async def _conversation_name(self, request: Request) -> Response:
        body = await self._noted(request)
        if request.headers.get("authorization") != self.jwt:
            return JSONResponse({}, 401)
        self.names[body["conversationIntegrationKey"]] = body["conversationName"]
        return JSONResponse(body)

    async def _noted(self, request: Request) -> dict[str, Any]:
        body = await request.json()
        self.seen.append((request.url.path, body, request.headers.get("authorization")))
        await asyncio.sleep(self.delay)
        return body
