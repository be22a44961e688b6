"""/services/oauth2: token (POST, and GET as the Lightning component calls it) and userinfo."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from rehearsal.salesforce.oauth import errors, responses
from rehearsal.salesforce.oauth.state import Oauth
from rehearsal.salesforce.org import Org
from rehearsal.salesforce.serving import token_of

_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_IDENTITY_SCOPES = {"full", "id", "openid", "profile"}


def basic_credentials(header: str | None) -> dict[str, str]:
    """client_id and client_secret out of HTTP's Basic authentication, which stands for both in a form."""
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return {}
    return {"client_id": unquote(name), "client_secret": unquote(secret)}


def routes(org: Org, oauth: Oauth) -> list[Route]:
    async def token(request: Request) -> Response:
        form = dict(request.query_params) if request.method == "GET" else dict(await request.form())
        given = {name: value for name, value in form.items() if isinstance(value, str)}
        given |= basic_credentials(request.headers.get("authorization"))
        address = request.client.host if request.client else None
        try:
            grant_type = given.get("grant_type")
            if grant_type == "client_credentials":
                grant = oauth.client_credentials(given.get("client_id"), given.get("client_secret"), address)
            elif grant_type == _JWT_BEARER:
                grant = oauth.jwt_bearer(given.get("assertion"), address)
            else:
                raise errors.unsupported_grant() if grant_type else errors.missing("grant_type")
        except errors.OauthError as error:
            return with_cors(
                request, JSONResponse({"error": error.error, "error_description": error.description}, error.status)
            )
        body = responses.token(org, grant, given.get("client_secret", ""))
        return with_cors(request, JSONResponse(body, headers={"Cache-Control": "no-cache, no-store"}))

    async def userinfo(request: Request) -> Response:
        given = token_of(request) or request.query_params.get("access_token")
        if not given:
            return with_cors(request, PlainTextResponse("Missing_OAuth_Token", 403))
        session = org.session(given)
        if session is None or not session.scopes & _IDENTITY_SCOPES:
            return with_cors(request, PlainTextResponse("Bad_OAuth_Token", 403))
        return with_cors(request, JSONResponse(responses.user(org, session.user_id)))

    async def preflight(request: Request) -> Response:
        answer = with_cors(request, Response(status_code=200))
        if "access-control-allow-origin" in answer.headers:
            answer.headers["Access-Control-Allow-Methods"] = "GET, POST, HEAD, OPTIONS"
            answer.headers["Access-Control-Allow-Headers"] = request.headers.get(
                "access-control-request-headers", "authorization"
            )
        return answer

    def with_cors(request: Request, answer: Response) -> Response:
        if origin := oauth.allowed_origin(request.headers.get("origin")):
            answer.headers["Access-Control-Allow-Origin"] = origin
            answer.headers["Vary"] = "Origin"
        return answer

    return [
        Route("/services/oauth2/token", token, methods=["GET", "POST"]),
        Route("/services/oauth2/userinfo", userinfo, methods=["GET", "POST"]),
        Route("/services/oauth2/{endpoint:path}", preflight, methods=["OPTIONS"]),
    ]
