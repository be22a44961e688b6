"""/services/data/vXX.0/apps/oauth: usage, credentials, staged credentials."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rehearsal.salesforce.connect import errors, responses
from rehearsal.salesforce.connect.state import AppCredentials, command_of
from rehearsal.salesforce.org import Org, Session
from rehearsal.salesforce.serving import answering, json_object, not_found

_ROOT = "/services/data/v{version}/apps/oauth"
_CREDENTIALS = f"{_ROOT}/credentials/{{app}}"
# Staged credentials came with this version.
_STAGED_SINCE = 65.0


def _must_have(request: Request) -> None:
    if float(request.path_params["version"]) < _STAGED_SINCE:
        raise not_found()


def routes(org: Org, credentials: AppCredentials) -> list[Route]:
    async def usage(_request: Request, session: Session) -> Response:
        return JSONResponse(responses.usage(credentials.apps(session)))

    async def consumers(request: Request, session: Session) -> Response:
        app, found = credentials.of_app(session, request.path_params["app"])
        return JSONResponse(responses.consumers(app, found, request.url.path))

    async def consumer(request: Request, session: Session) -> Response:
        _, found = credentials.consumer(session, request.path_params["app"], request.path_params["consumer"])
        part = request.query_params.get("part", "key")
        if part not in ("key", "keyandsecret"):
            raise errors.bad_command("part must be key or keyandsecret")
        return JSONResponse(responses.consumer(found, part), headers={"Cache-Control": "no-store"})

    async def stage(request: Request, session: Session) -> Response:
        place = (session, request.path_params["app"], request.path_params["consumer"])
        _must_have(request)
        if request.method == "GET":
            _, found = credentials.consumer(*place)
            return JSONResponse(responses.staged(found.staged, request.url.path), headers={"Cache-Control": "no-store"})
        # Salesforce leaves a request with an empty body waiting for ever; a plain refusal teaches the same.
        if not await request.body():
            raise errors.bad_command("the body must be {}")
        await json_object(request)
        return JSONResponse(responses.staged(credentials.stage(*place), request.url.path), 201)

    async def staged(request: Request, session: Session) -> Response:
        place = (session, request.path_params["app"], request.path_params["consumer"], request.path_params["staged"])
        _must_have(request)
        if request.method == "DELETE":
            credentials.discard(*place)
            return Response(status_code=204)
        command_of(await json_object(request))
        base = request.url.path.rpartition("/")[0]
        return JSONResponse(responses.staged(credentials.rotate(*place), base))

    return [
        Route(f"{_ROOT}/usage", answering(org, usage)),
        Route(_CREDENTIALS, answering(org, consumers)),
        Route(f"{_CREDENTIALS}/{{consumer}}", answering(org, consumer)),
        Route(f"{_CREDENTIALS}/{{consumer}}/staged", answering(org, stage), methods=["GET", "POST"]),
        Route(f"{_CREDENTIALS}/{{consumer}}/staged/{{staged}}", answering(org, staged), methods=["PATCH", "DELETE"]),
    ]
