"""An org and a connector as plain tables, so that each rule of the desk has its own test."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import socketio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from rehearsal.desk import kinds
from rehearsal.desk.kinds import Desks
from rehearsal.desk.site import Agent
from rehearsal.salesforce import SalesforceStandIn
from rehearsal.serving import Server
from tests.rehearsal.desk.deployed import DeployedOrg

PROFILE = "projects/p/locations/global/conversationProfiles/profile"
CONVERSATION = "projects/p/locations/global/conversations/TW-15550104477-CA1"
ROOM = "projects/p/conversations/TW-15550104477-CA1"
AGENT = Agent("agent.one@rehearsal.example", "agent-session")
LIGHTNING, MY_DOMAIN = "https://rehearsal.lightning.force.com", "https://rehearsal.my.salesforce.com"


def token(lifetime: float = 3600) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": time.time() + lifetime}).encode()).decode().rstrip("=")
    return f"head.{claims}.signature"


@dataclass
class Connector:
    """`conversations`: phone as it arrives → name. origins: whom CORS lets read; accepts: the only token of the org, "" for any."""

    token: str = field(default_factory=token)
    origins: list[str] = field(default_factory=lambda: [LIGHTNING])
    conversations: dict[str, str] = field(default_factory=lambda: {"15550104477": CONVERSATION})
    existing: set[str] = field(default_factory=lambda: {CONVERSATION, PROFILE})
    accepts: str = ""
    asked: list[str] = field(default_factory=list)
    events: list[tuple[str, Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    def app(self) -> Any:
        server = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins="*")

        @server.event
        async def connect(_sid: str, _environ: Any, auth: Any) -> None:
            if not auth or auth.get("token") != self.token:
                raise socketio.exceptions.ConnectionRefusedError("authentication failed")

        @server.on("join-conversation")
        async def join(sid: str, _name: str) -> tuple[bool, str]:
            for event, payload in self.events:
                await server.emit(event, payload, to=sid)
            return True, ROOM

        routes = [
            Route("/register", self._allow(self._register), methods=["POST", "OPTIONS"]),
            Route("/conversation-name", self._allow(self._name), methods=["GET", "OPTIONS"]),
            Route("/v2beta1/{name:path}", self._allow(self._conversation), methods=["GET", "OPTIONS"]),
        ]
        return socketio.ASGIApp(server, Starlette(routes=routes))

    def _allow(self, endpoint: Any) -> Any:
        async def answer(request: Request) -> Response:
            response = Response(status_code=200) if request.method == "OPTIONS" else await endpoint(request)
            if request.headers.get("origin") in self.origins:
                response.headers["Access-Control-Allow-Origin"] = request.headers["origin"]
                response.headers["Access-Control-Allow-Headers"] = "authorization,content-type"
            return response

        return answer

    async def _register(self, request: Request) -> Response:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or self.accepts not in ("", given):
            return PlainTextResponse("Could not authenticate user", 401)
        return JSONResponse({"token": self.token})

    async def _name(self, request: Request) -> Response:
        if request.headers.get("authorization") != self.token:
            return JSONResponse({"message": "Failed to parse your token."}, 401)
        key = request.query_params["conversationIntegrationKey"]
        self.asked.append(key)
        return JSONResponse({"conversationName": self.conversations.get("".join(each for each in key if each.isdigit()), "")})

    async def _conversation(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name.endswith("/messages"):
            return JSONResponse({"messages": self.messages})
        return JSONResponse({"name": name}) if name in self.existing else JSONResponse({"error": "no"}, 404)


@pytest.fixture
def connector() -> Iterator[Connector]:
    connector = Connector()
    with Server(connector.app()) as server:
        connector.url = server.url
        yield connector


@pytest.fixture(scope="session", params=kinds.available())
def desks(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desks]:
    """One browser for all tests of a kind; every test has windows of its own."""
    with Desks(request.param, tmp_path_factory.mktemp("desk") / "profile") as started:
        assert started.kind == request.param, started.why
        yield started


@pytest.fixture(scope="session")
def _salesforce() -> Iterator[SalesforceStandIn]:
    with SalesforceStandIn("admin@rehearsal.example", pending=0.0, running=0.0) as started:
        yield started


@pytest.fixture
def org(_salesforce: SalesforceStandIn, connector: Connector) -> DeployedOrg:
    """Everything deployed, so that the call comes to the desk; a test takes one piece away."""
    _salesforce.reset()
    return DeployedOrg(_salesforce, connector.url, PROFILE)
