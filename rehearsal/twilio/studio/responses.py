"""Studio v2 over HTTP: parameters in, JSON out. Source: twilio_studio_v2.json of Twilio's OpenAPI files."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from rehearsal.twilio.application import answer, no_content
from rehearsal.twilio.paging import meta_page
from rehearsal.twilio.parameters import Choice, Json, Text, read_form, refuse_query
from rehearsal.twilio.records import iso
from rehearsal.twilio.sids import sid_pattern
from rehearsal.twilio.studio.state import DRAFT, PUBLISHED, Flow, Revision, StudioState, check

BASE = "https://studio.twilio.com"

_STATUS = Choice((DRAFT, PUBLISHED), required=True)
_VALIDATE = {
    "FriendlyName": Text(required=True),
    "Status": _STATUS,
    "Definition": Json(required=True),
    "CommitMessage": Text(),
}
_CREATE = {**_VALIDATE, "AuthorSid": Text(pattern=sid_pattern("US"))}
_UPDATE = {**_CREATE, "FriendlyName": Text(), "Definition": Json()}
_NAMES = {
    "FriendlyName": "friendly_name",
    "Status": "status",
    "Definition": "definition",
    "CommitMessage": "commit_message",
    "AuthorSid": "author_sid",
}


class StudioResponses:
    def __init__(self, state: StudioState) -> None:
        self._state = state

    async def create(self, request: Request) -> Response:
        values = await read_form(request, _CREATE)
        return answer(self._flow(self._state.create(**_renamed(values))), 201)

    async def list(self, request: Request) -> Response:
        flows = self._state.listed()
        return answer(meta_page(request, BASE, "flows", flows, lambda each: self._flow(each) | _UNTOLD | _NO_WARNINGS))

    async def fetch(self, request: Request) -> Response:
        refuse_query(request)
        return answer(self._flow(self._found(request)))

    async def update(self, request: Request) -> Response:
        sid = self._state.flows.get(request.path_params["sid"]).sid
        values = await read_form(request, _UPDATE)
        return answer(self._flow(self._state.update(sid, **_renamed(values))))

    async def delete(self, request: Request) -> Response:
        refuse_query(request)
        self._state.delete(request.path_params["sid"])
        return no_content()

    async def validate(self, request: Request) -> Response:
        values = await read_form(request, _VALIDATE)
        check(values["Definition"])
        return answer({"valid": True})

    async def list_revisions(self, request: Request) -> Response:
        revisions = list(reversed(self._found(request).revisions))
        return answer(meta_page(request, BASE, "revisions", revisions, lambda each: self._revision(each) | _UNTOLD))

    async def fetch_revision(self, request: Request) -> Response:
        refuse_query(request)
        return answer(self._revision(self._found(request).revision(request.path_params["revision"])))

    def _found(self, request: Request) -> Flow:
        return self._state.read(request.path_params["sid"])

    def _flow(self, flow: Flow) -> dict[str, Any]:
        url = f"{BASE}/v2/Flows/{flow.sid}"
        return self._revision(flow.latest) | {
            "warnings": [],
            "webhook_url": self._state.webhook_url(flow),
            "date_created": iso(flow.date_created),
            "date_updated": iso(flow.date_updated),
            "url": url,
            "links": {
                "revisions": f"{url}/Revisions",
                "test_users": f"{url}/TestUsers",
                "executions": f"{url}/Executions",
            },
        }

    def _revision(self, revision: Revision) -> dict[str, Any]:
        return {
            "sid": revision.sid,
            "account_sid": self._state.account_sid,
            "author_sid": revision.author_sid,
            "friendly_name": revision.friendly_name,
            "definition": revision.definition,
            "status": revision.status,
            "revision": revision.number,
            "commit_message": revision.commit_message,
            "valid": True,
            "errors": [],
            "date_created": iso(revision.date_created),
            "date_updated": iso(revision.date_updated),
            "url": f"{BASE}/v2/Flows/{revision.sid}/Revisions/{revision.number}",
        }


# Lists leave out what is large.
_UNTOLD: dict[str, Any] = {"definition": None, "commit_message": None, "valid": None, "errors": None}
_NO_WARNINGS: dict[str, Any] = {"warnings": None}


def _renamed(values: dict[str, Any]) -> dict[str, Any]:
    return {_NAMES[name]: value for name, value in values.items()}
