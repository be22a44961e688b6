"""A Dialogflow of telephony numbers, in one process and as strict as Google about tokens, masks and profiles."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from rehearsal.observed import Observed
from rehearsal.serving import Server

PROJECT, LOCATION = "voice-test-1234", "us-central1"
PARENT = f"projects/{PROJECT}/locations/{LOCATION}"


def profile(id: str) -> str:
    return f"{PARENT}/conversationProfiles/{id}"


class Dialogflow:
    """`numbers` by resource name; `profiles` are those that exist. Accepts the bearer token `token` only."""

    def __init__(self, token: str, page_size: int = 2) -> None:
        self._token, self._page_size = token, page_size
        self.numbers: dict[str, dict[str, Any]] = {}
        self.profiles: set[str] = set()
        self.refusal: tuple[int, dict[str, Any]] | None = None
        routes = [
            Route("/v2beta1/{parent:path}/phoneNumbers", self._list),
            Route("/v2beta1/{name:path}", self._patch, methods=["PATCH"]),
        ]
        self.observed = Observed(Starlette(routes=routes), lambda: dict(self.numbers))
        self.server = Server(self.observed)

    def add(self, id: str, number: str, bound: str = "") -> str:
        name = f"{PARENT}/phoneNumbers/{id}"
        self.numbers[name] = {"name": name, "phoneNumber": number, "lifecycleState": "ACTIVE"}
        if bound:
            self.profiles.add(bound)
            self.numbers[name]["conversationProfile"] = bound
        return name

    def bound(self, name: str) -> str:
        return self.numbers[name].get("conversationProfile", "")

    async def _list(self, request: Request) -> JSONResponse:
        if no := self._no(request):
            return no
        if request.path_params["parent"] != PARENT:
            return error(403, "The caller does not have permission")
        start = int(request.query_params.get("pageToken", 0))
        page = list(self.numbers.values())[start : start + self._page_size]
        more = start + self._page_size
        return JSONResponse(
            {"phoneNumbers": page} | ({"nextPageToken": str(more)} if more < len(self.numbers) else {})
        )

    async def _patch(self, request: Request) -> JSONResponse:
        if no := self._no(request):
            return no
        number = self.numbers.get(request.path_params["name"])
        if number is None:
            return error(404, "Phone number not found")
        if request.query_params.get("updateMask") != "conversationProfile":
            return error(400, "updateMask must be conversationProfile")
        wanted = (await request.json())["conversationProfile"]
        if wanted and wanted not in self.profiles:
            return error(404, f"Conversation profile {wanted} does not exist")
        number["conversationProfile"] = wanted
        return JSONResponse(number)

    def _no(self, request: Request) -> JSONResponse | None:
        if request.headers.get("authorization") != f"Bearer {self._token}":
            return error(401, "Request had invalid authentication credentials")
        if self.refusal:
            status, body = self.refusal
            return JSONResponse(body, status)
        return None


def error(status: int, message: str) -> JSONResponse:
    return JSONResponse({"error": {"code": status, "message": message}}, status)
