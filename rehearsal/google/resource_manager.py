"""Cloud Resource Manager's REST interface (v1), the one method that a deployer asks before anything else: testIamPermissions."""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rehearsal.google.cloud import Cloud
from rehearsal.google.dialogflow.errors import ApiError, api_disabled
from rehearsal.google.tokens import Tokens

_API = "cloudresourcemanager.googleapis.com"
_PERMISSION = re.compile(r"[a-z][a-zA-Z0-9-]*(\.[a-z][a-zA-Z0-9-]*){2,3}")
_MOST_AT_ONCE = 100


class ResourceManager:
    """The deployer holds every permission but those that a test has taken away by `POST /_standin/permissions`."""

    def __init__(self, cloud: Cloud, tokens: Tokens) -> None:
        self._cloud, self._tokens = cloud, tokens
        self._taken_away: set[str] = set()

    def routes(self) -> list[Route]:
        return [Route("/v1/projects/{project}:testIamPermissions", self._test, methods=["POST"])]

    def control(self) -> dict[tuple[str, str], Any]:
        return {("POST", "/permissions"): self._take_away}

    async def _take_away(self, request: Request) -> Response:
        """{"takenAway": [permission]}; an empty list gives all of them back."""
        self._taken_away = set((await request.json())["takenAway"])
        return JSONResponse({})

    async def _test(self, request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        owner = self._tokens.owner(token) if scheme.lower() == "bearer" else None
        if owner is None:
            raise ApiError(401, "Request had invalid authentication credentials. Expected OAuth 2 access token.")
        if request.path_params["project"] not in (self._cloud.project, self._cloud.number):
            raise ApiError(403, "The caller does not have permission")
        if _API not in self._cloud.apis:
            return api_disabled("Cloud Resource Manager API", self._cloud.number)
        asked = (await request.json()).get("permissions", [])
        if not 1 <= len(asked) <= _MOST_AT_ONCE:
            raise ApiError(400, f"permissions: between 1 and {_MOST_AT_ONCE} can be tested at once.")
        if wrong := [each for each in asked if not _PERMISSION.fullmatch(each)]:
            raise ApiError(400, f"Permission {wrong[0]} is not valid for this resource.")
        held = [each for each in asked if owner == Tokens.DEPLOYER and each not in self._taken_away]
        return JSONResponse({"permissions": held} if held else {})
