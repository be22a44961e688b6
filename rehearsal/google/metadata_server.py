"""The metadata server that a Cloud Run instance finds at GCE_METADATA_HOST: its identity, its tokens, its project."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from rehearsal.google.tokens import Tokens
from rehearsal.serving import Server

_FLAVOR = {"Metadata-Flavor": "Google"}
_ROOT = "/computeMetadata/v1"


class MetadataServer:
    """One per service, because each has its own identity. `email` may change with a new revision."""

    def __init__(self, tokens: Tokens, project: str, number: str, region: str, email: str) -> None:
        self.email = email
        self._tokens, self._project, self._number, self._region = tokens, project, number, region
        account = f"{_ROOT}/instance/service-accounts/{{account}}"
        routes = [
            Route("/", self._root),
            Route(f"{_ROOT}/", self._root),
            Route(f"{_ROOT}/project/project-id", self._answer(lambda: self._project)),
            Route(f"{_ROOT}/project/numeric-project-id", self._answer(lambda: self._number)),
            Route(f"{_ROOT}/instance/region", self._answer(lambda: f"projects/{self._number}/regions/{self._region}")),
            Route(f"{_ROOT}/instance/zone", self._answer(lambda: f"projects/{self._number}/zones/{self._region}-1")),
            Route(f"{account}/", self._account),
            Route(f"{account}/email", self._answer(lambda: self.email)),
            Route(f"{account}/token", self._token),
            Route(f"{account}/identity", self._identity),
        ]
        self._server = Server(Starlette(routes=routes))
        self.host = f"127.0.0.1:{self._server.port}"

    def start(self) -> MetadataServer:
        self._server.start()
        return self

    def stop(self) -> None:
        self._server.stop()

    async def _root(self, _request: Request) -> Response:
        return PlainTextResponse("computeMetadata/\n", headers=_FLAVOR)

    def _answer(self, value: Callable[[], str]) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            return _refused(request) or PlainTextResponse(value(), headers=_FLAVOR)

        return answer

    async def _account(self, request: Request) -> Response:
        scopes = ["https://www.googleapis.com/auth/cloud-platform"]
        answer = {"aliases": ["default"], "email": self.email, "scopes": scopes}
        return _refused(request) or JSONResponse(answer, headers=_FLAVOR)

    async def _token(self, request: Request) -> Response:
        return _refused(request) or JSONResponse(self._tokens.access_token(self.email), headers=_FLAVOR)

    async def _identity(self, request: Request) -> Response:
        if refused := _refused(request):
            return refused
        audience = request.query_params.get("audience")
        if not audience:
            return PlainTextResponse("non-empty audience parameter required", 400, headers=_FLAVOR)
        return PlainTextResponse(self._tokens.identity_token(self.email, audience), headers=_FLAVOR)


def _refused(request: Request) -> Response | None:
    """The real server answers nobody who does not say that they mean it."""
    if request.headers.get("metadata-flavor") == "Google":
        return None
    return PlainTextResponse("Missing required header: Metadata-Flavor: Google", 403, headers=_FLAVOR)
