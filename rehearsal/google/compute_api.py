"""Compute Engine's REST interface (v1), as far as a deployer looks at networks: networks.get and subnetworks.get."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rehearsal.google.cloud import Cloud
from rehearsal.google.dialogflow.errors import ApiError, api_disabled
from rehearsal.google.families import compute
from rehearsal.google.tokens import Tokens


class ComputeApi:
    """Answers out of the project's state; networks that nobody made here are `default` and what auto mode makes."""

    def __init__(self, cloud: Cloud, tokens: Tokens) -> None:
        self._cloud, self._tokens = cloud, tokens

    def routes(self) -> list[Route]:
        project = "/compute/v1/projects/{project}"
        return [
            Route(f"{project}/global/networks/{{name}}", self._network, methods=["GET"]),
            Route(f"{project}/regions/{{region}}/subnetworks/{{name}}", self._subnetwork, methods=["GET"]),
        ]

    async def _network(self, request: Request) -> Response:
        return self._answered(request, "networks", compute.seen_network(self._cloud, request.path_params["name"]))

    async def _subnetwork(self, request: Request) -> Response:
        place = request.path_params
        return self._answered(request, "subnetworks", compute.seen_subnetwork(self._cloud, place["region"], place["name"]))

    def _answered(self, request: Request, kind: str, found: dict[str, object] | None) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or self._tokens.owner(token) is None:
            raise ApiError(401, "Request had invalid authentication credentials. Expected OAuth 2 access token.")
        if request.path_params["project"] not in (self._cloud.project, self._cloud.number):
            raise ApiError(403, f"Required 'compute.{kind}.get' permission for '{request.url.path.partition('/v1/')[2]}'")
        if "compute.googleapis.com" not in self._cloud.apis:
            return api_disabled("Compute Engine API", self._cloud.number)
        if found is None:
            raise ApiError(404, f"The resource '{request.url.path.partition('/v1/')[2]}' was not found")
        return JSONResponse(found)
