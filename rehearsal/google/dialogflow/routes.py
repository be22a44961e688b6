"""Which requests Dialogflow's REST API takes, and who may send them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rehearsal.google.cloud import Cloud
from rehearsal.google.dialogflow import responses
from rehearsal.google.dialogflow.errors import ApiError, api_disabled
from rehearsal.google.dialogflow.profile_fields import change
from rehearsal.google.dialogflow.state import Dialogflow
from rehearsal.google.tokens import Tokens

_VERSIONS = ("v2beta1", "v2")
_API = "dialogflow.googleapis.com"
Handler = Callable[[Request, str], Awaitable[Response]]


class DialogflowApi:
    """`/v2beta1/projects/{p}[/locations/{l}]/…`: phoneNumbers, conversationProfiles, conversations and their suggestions."""

    def __init__(self, cloud: Cloud, state: Dialogflow, tokens: Tokens) -> None:
        self._cloud, self._state, self._tokens = cloud, state, tokens

    def routes(self) -> list[Route]:
        """Every route with and without a location, which then is `global`."""
        table: list[tuple[str, str, str, Handler]] = [
            ("GET", "phoneNumbers", "phoneNumbers.list", self._numbers),
            ("PATCH", "phoneNumbers/{id}", "phoneNumbers.update", self._bind),
            ("GET", "conversationProfiles", "conversationProfiles.list", self._profiles),
            ("GET", "conversationProfiles/{id}", "conversationProfiles.get", self._profile),
            ("PATCH", "conversationProfiles/{id}", "conversationProfiles.update", self._change_profile),
            (
                "POST",
                "conversations/{id}/suggestions:suggestConversationSummary",
                "conversations.update",
                self._summary,
            ),
            ("POST", "conversations/{id}/suggestions:searchKnowledge", "conversations.update", self._search),
            ("POST", "suggestions:searchKnowledge", "conversations.update", self._search),
            ("POST", "conversations/{id}:complete", "conversations.complete", self._complete),
            ("POST", "conversations/{id}:ingestContextReferences", "conversations.update", self._context),
            ("GET", "conversations/{id}/messages", "messages.list", self._messages),
            ("GET", "conversations/{id}/participants", "participants.list", self._participants),
            (
                "POST",
                "conversations/{id}/participants/{participant}/suggestions:suggestKnowledgeAssist",
                "participants.suggest",
                self._knowledge,
            ),
            ("GET", "conversations/{id}", "conversations.get", self._conversation),
            ("PATCH", "answerRecords/{id}", "answerRecords.update", self._answer_record),
        ]
        return [
            Route(
                f"/{{version}}/projects/{{project}}{place}/{path}", self._checked(permission, handler), methods=[method]
            )
            for method, path, permission, handler in table
            for place in ("/locations/{location}", "")
        ]

    def _checked(self, permission: str, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def checked(request: Request) -> Response:
            version, project = request.path_params["version"], request.path_params["project"]
            if version not in _VERSIONS or (version == "v2" and permission.startswith("phoneNumbers")):
                raise ApiError(404, f"Requested entity was not found: no {request.url.path} in version {version}.")
            self._authorize(request, permission)
            if project not in (self._cloud.project, self._cloud.number):
                raise ApiError(403, f"Permission denied on resource project {project}.")
            if _API not in self._cloud.apis:
                return api_disabled(_API, self._cloud.number)
            return await handler(request, request.path_params.get("location", "global"))

        return checked

    def _authorize(self, request: Request, permission: str) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        owner = self._tokens.owner(token) if scheme.lower() == "bearer" else None
        if owner is None:
            raise ApiError(401, "Request had invalid authentication credentials. Expected OAuth 2 access token.")
        if owner == Tokens.DEPLOYER:
            return
        project = f"projects/{self._cloud.project}"
        # agentAssistClient covers conversations, not the set-up of numbers and profiles.
        sets_up = permission in ("phoneNumbers.update", "conversationProfiles.update")
        needed = "roles/dialogflow.admin" if sets_up else "roles/dialogflow.agentAssistClient"
        if not self._cloud.holds(f"serviceAccount:{owner}", needed, project):
            raise ApiError(403, f"IAM permission 'dialogflow.{permission}' on '{project}' denied for {owner}.")

    # -- set-up

    async def _numbers(self, _request: Request, location: str) -> Response:
        listed = self._state.numbers_in(location)
        return JSONResponse({"phoneNumbers": [responses.phone_number(each, self._cloud.project) for each in listed]})

    async def _bind(self, request: Request, location: str) -> Response:
        number = self._state.number(request.path_params["id"], location)
        body, mask = await _body(request), request.query_params.get("updateMask", "")
        if mask not in ("conversationProfile", "conversation_profile"):
            raise ApiError(400, f"update_mask: only conversation_profile can be updated, got {mask!r}.")
        self._state.bind(number, body.get("conversationProfile", ""))
        return JSONResponse(responses.phone_number(number, self._cloud.project))

    async def _profiles(self, _request: Request, location: str) -> Response:
        listed = [responses.profile(each) for each in self._state.profiles_in(location)]
        return JSONResponse({"conversationProfiles": listed} if listed else {})

    async def _profile(self, request: Request, location: str) -> Response:
        name = f"projects/{self._cloud.project}/locations/{location}/conversationProfiles/{request.path_params['id']}"
        return JSONResponse(responses.profile(self._state.profile(name)))

    async def _change_profile(self, request: Request, location: str) -> Response:
        name = f"projects/{self._cloud.project}/locations/{location}/conversationProfiles/{request.path_params['id']}"
        profile, mask = self._state.profile(name), request.query_params.get("updateMask", "")
        change(self._cloud, profile, mask, await _body(request))
        return JSONResponse(responses.profile(profile))

    # -- conversations

    def _find(self, request: Request, location: str) -> Any:
        name = f"projects/{self._cloud.project}/locations/{location}/conversations/{request.path_params['id']}"
        return self._state.conversation(name)

    async def _conversation(self, request: Request, location: str) -> Response:
        return JSONResponse(responses.conversation(self._find(request, location)))

    async def _complete(self, request: Request, location: str) -> Response:
        found = self._find(request, location)
        self._state.complete(found)
        return JSONResponse(responses.conversation(found))

    async def _messages(self, request: Request, location: str) -> Response:
        # Newest first, as the API lists them.
        return JSONResponse({"messages": self._find(request, location).messages[::-1]})

    async def _participants(self, request: Request, location: str) -> Response:
        return JSONResponse({"participants": responses.participants(self._find(request, location))})

    async def _context(self, request: Request, location: str) -> Response:
        self._find(request, location)
        body = await _body(request)
        return JSONResponse({"ingestedContextReferences": body.get("contextReferences", {})})

    # -- suggestions

    async def _summary(self, request: Request, location: str) -> Response:
        return JSONResponse(responses.summary(self._find(request, location)))

    async def _knowledge(self, request: Request, location: str) -> Response:
        found = self._find(request, location)
        if not found.messages:
            raise ApiError(400, "Conversation has no message to assist with.")
        return JSONResponse(responses.knowledge_assist(found, found.messages[-1]))

    async def _search(self, request: Request, location: str) -> Response:
        body = await _body(request)
        query = (body.get("query") or {}).get("text", "")
        if not query:
            raise ApiError(400, "query.text: must not be empty.")
        said = self._find(request, location).messages if "id" in request.path_params else []
        words = set(query.lower().split())
        hits = [each["content"] for each in said if words & set(each["content"].lower().split())]
        return JSONResponse(
            {"answers": [{"answer": hit, "answerType": "GENERATIVE"} for hit in hits], "rewrittenQuery": query}
        )

    async def _answer_record(self, request: Request, location: str) -> Response:
        name = f"projects/{self._cloud.project}/locations/{location}/answerRecords/{request.path_params['id']}"
        return JSONResponse({**await _body(request), "name": name})


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = await request.json() if await request.body() else {}
    except ValueError:
        raise ApiError(400, "Invalid JSON payload received.") from None
    if not isinstance(body, dict):
        raise ApiError(400, "Invalid JSON payload received: an object is expected.")
    return body
