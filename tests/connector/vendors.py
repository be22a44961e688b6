"""Small stand-ins of what the connector asks: Salesforce's userinfo, Twilio's account, Google's metadata and Dialogflow.

They say no by default, and remember every request.
"""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from rehearsal.serving import Server


@dataclass
class Seen:
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Vendor:
    """Serves on a loopback port; `seen` is every request, newest last."""

    seen: list[Seen] = field(default_factory=list)

    def start(self) -> Vendor:
        self.server = Server(self).start()
        self.url = self.server.url
        return self

    def stop(self) -> None:
        self.server.stop()

    async def __call__(self, scope, receive, send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        path, _, query = request.scope["raw_path"].decode(), None, request.scope["query_string"].decode()
        self.seen.append(Seen(request.method, path, query, dict(request.headers), body))
        await (await self.answer(self.seen[-1]))(scope, receive, send)

    async def answer(self, seen: Seen) -> Response:
        raise AssertionError("every vendor answers in its own way")


@dataclass
class Salesforce(Vendor):
    """`organizations`: access token → the organization_id that userinfo answers."""

    organizations: dict[str, str] = field(default_factory=dict)
    hanging: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)

    async def answer(self, seen: Seen) -> Response:
        token = seen.headers.get("authorization", "").removeprefix("Bearer ")
        if seen.path != "/services/oauth2/userinfo":
            return JSONResponse({}, 404)
        if token in self.hanging:
            await asyncio.sleep(20)
        if token in self.broken:
            return JSONResponse({}, 503)
        if token not in self.organizations:
            return Response("Bad_OAuth_Token", 403)
        return JSONResponse({"user_id": "005xx", "organization_id": self.organizations[token]})


@dataclass
class Twilio(Vendor):
    account_sid: str = ""
    auth_token: str = ""

    async def answer(self, seen: Seen) -> Response:
        expected = base64.b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode()
        if seen.headers.get("authorization") != f"Basic {expected}":
            return JSONResponse({"code": 20003, "message": "Authenticate", "status": 401}, 401)
        if seen.path != f"/2010-04-01/Accounts/{self.account_sid}.json":
            return JSONResponse({"code": 20404}, 404)
        return JSONResponse({"sid": self.account_sid, "status": "active"})


@dataclass
class Google(Vendor):
    """The metadata server and Dialogflow; `answers`: path → (status, content)."""

    access_token: str = ""
    answers: dict[str, tuple[int, object]] = field(default_factory=dict)
    without_identity: bool = False

    async def answer(self, seen: Seen) -> Response:
        if seen.path.startswith("/computeMetadata/"):
            if seen.headers.get("metadata-flavor") != "Google" or self.without_identity:
                return Response("", 403)
            return JSONResponse({"access_token": self.access_token, "expires_in": 3600, "token_type": "Bearer"})
        if seen.headers.get("authorization") != f"Bearer {self.access_token}":
            return JSONResponse({"error": {"code": 401, "status": "UNAUTHENTICATED"}}, 401)
        status, content = self.answers.get(seen.path, (404, {"error": {"code": 404, "status": "NOT_FOUND"}}))
        body = gzip.compress(json.dumps(content).encode())
        headers = {
            "Content-Type": "application/json; charset=UTF-8",
            "Content-Encoding": "gzip",
            "X-Private": "yes",
            "Vary": "X-Origin",
        }
        return Response(body, status, headers)

    def dialogflow_calls(self) -> list[Seen]:
        return [each for each in self.seen if not each.path.startswith("/computeMetadata/")]
