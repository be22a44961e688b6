"""What the org's APIs share: who is asking, and errors as the REST APIs write them."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from rehearsal.salesforce.archive import NEWEST_VERSION, OLDEST_VERSION
from rehearsal.salesforce.org import API_ENABLED, Org, Session

Endpoint = Callable[[Request], Awaitable[Response]]
# Documented: 21.0 to 30.0 are retired since Summer '25.
_RETIRED = [f"{number}.0" for number in range(21, int(OLDEST_VERSION))]
VERSIONS = [f"{number}.0" for number in range(int(OLDEST_VERSION), int(NEWEST_VERSION) + 1)]


class ApiError(Exception):
    """One entry of the REST APIs' error list. status: HTTP's."""

    def __init__(self, status: int, code: str, message: str, fields: list[str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.fields = status, code, message, fields

    def response(self) -> Response:
        entry: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            entry["fields"] = self.fields
        return JSONResponse([entry], self.status)


def not_found() -> ApiError:
    return ApiError(404, "NOT_FOUND", "The requested resource does not exist")


def token_of(request: Request) -> str | None:
    """The session id of an Authorization header: `Bearer …`, or `OAuth …` as old clients write it."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() in ("bearer", "oauth") else None


def rest_session(org: Org, request: Request) -> Session:
    """The caller's session. Raises ApiError for none, a dead one, one without the scope, or an unknown API version."""
    version = request.path_params.get("version", VERSIONS[0])
    if version in _RETIRED:
        raise ApiError(410, "UNSUPPORTED_API_VERSION", f"The requested API version {version} is retired")
    if version not in VERSIONS:
        raise not_found()
    session = org.session(token_of(request))
    if session is None:
        raise ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")
    if not session.may_call_rest():
        raise ApiError(403, "INVALID_SESSION_ID", "This session is not valid for use with the REST API")
    if not org.may(session.user_id, API_ENABLED):
        raise ApiError(403, "API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner")
    return session


def needs(org: Org, session: Session, permission: str, message: str) -> None:
    """Raises ApiError when the session's user may not."""
    if not org.may(session.user_id, permission):
        raise ApiError(403, "INSUFFICIENT_ACCESS", message)


def answering(org: Org, endpoint: Callable[[Request, Session], Awaitable[Response]]) -> Endpoint:
    """An endpoint that wants a REST session, with ApiErrors turned into answers."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request, rest_session(org, request))
        except ApiError as error:
            return error.response()

    return answer


async def json_object(request: Request) -> dict[str, Any]:
    """The body. Raises ApiError as Salesforce does for what is no JSON object."""
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError as error:
        raise ApiError(400, "JSON_PARSER_ERROR", f"Unexpected character in the body: {error}") from None
    if not isinstance(body, dict):
        raise ApiError(400, "JSON_PARSER_ERROR", "The body must be a JSON object")
    return body
