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

from rehearsal.serving import Server

PROFILE = "projects/p/locations/global/conversationProfiles/profile"
CONVERSATION = "projects/p/locations/global/conversations/TW-15550104477-CA1"
ROOM = "projects/p/conversations/TW-15550104477-CA1"
SESSION = "agent-session"


def token(lifetime: float = 3600) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": time.time() + lifetime}).encode()).decode().rstrip("=")
    return f"head.{claims}.signature"


@dataclass
class Connector:
    """`conversations`: phone as it arrives → name. origins: whom CORS lets read."""

    token: str = field(default_factory=token)
    origins: list[str] = field(default_factory=list)
    conversations: dict[str, str] = field(default_factory=lambda: {"15550104477": CONVERSATION})
    existing: set[str] = field(default_factory=lambda: {CONVERSATION})
    accepts: str = "access-token"
    asked: list[str] = field(default_factory=list)
    events: list[tuple[str, Any]] = field(default_factory=list)
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
        if request.headers.get("authorization") != f"Bearer {self.accepts}":
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
        return JSONResponse({"name": name}) if name in self.existing else JSONResponse({"error": "no"}, 404)


@dataclass
class Org:
    """What the page of the one contact answers; a test changes what it wants to see go wrong."""

    phone: str = "+1 (555) 010-4477"
    page: str | None = "Agent_Assist_Contact"
    properties: dict[str, Any] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)
    resources: dict[str, str] = field(default_factory=dict)
    oauth_cors: bool = True
    script: str = "window.module = 1;"
    url: str = ""

    def app(self) -> Starlette:
        routes = [
            Route("/lightning/r/Contact/{id}/view", self._view),
            Route("/resource/ui_modules/{script}", self._script),
            Route("/services/oauth2/token", self._token),
        ]
        return Starlette(routes=routes)

    async def _view(self, _request: Request) -> Response:
        component = {
            "componentName": "agentAssistContainerModule",
            "properties": self.properties,
            "defaults": {"debugMode": True, "channel": "chat"},
        }
        shown = {
            "page": self.page,
            "components": [component] if self.page else [],
            "contact": {"Id": "003", "Name": "Riley Caller", "Phone": self.phone},
            "static_resources": {name: {"url": url} for name, url in self.resources.items()},
        }
        policy = f"connect-src 'self' {' '.join(self.sources)}; img-src 'self'"
        return JSONResponse(shown, headers={"Content-Security-Policy": policy})

    async def _script(self, request: Request) -> Response:
        known = request.path_params["script"] in ("transcript.js", "container.js", "common.js")
        return PlainTextResponse(self.script if known else "", 200 if known else 404)

    async def _token(self, request: Request) -> Response:
        query = request.query_params
        if (query["client_id"], query["client_secret"]) != ("the-key", "the-secret"):
            return JSONResponse({"error": "invalid_client", "error_description": "invalid client credentials"}, 400)
        headers = {"Access-Control-Allow-Origin": request.headers["origin"]} if self.oauth_cors else {}
        return JSONResponse({"access_token": "access-token"}, headers=headers)


@pytest.fixture
def connector() -> Iterator[Connector]:
    connector = Connector()
    with Server(connector.app()) as server:
        connector.url = server.url
        yield connector


@pytest.fixture
def org(connector: Connector) -> Iterator[Org]:
    org = Org()
    with Server(org.app()) as server:
        org.url = server.url
        org.properties = {
            "endpoint": connector.url,
            "conversationProfile": PROFILE,
            "channel": "voice",
            "platform": "twilioflex",
            "debugMode": False,
            "consumerKey": "the-key",
            "consumerSecret": "the-secret",
        }
        org.sources = [connector.url, connector.url.replace("http", "ws")]
        org.resources = {name: f"{org.url}/resource/{name}" for name in ("ui_modules", "global_styles", "google_logo")}
        connector.origins = [org.url]
        yield org


