"""/services/data/vXX.0/tooling: query and sobjects."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rehearsal.salesforce.org import Org, Session
from rehearsal.salesforce.rest import errors as record_errors
from rehearsal.salesforce.rest import responses as record_responses
from rehearsal.salesforce.serving import answering, json_object
from rehearsal.salesforce.tooling import responses
from rehearsal.salesforce.tooling.state import Tooling

_ROOT = "/services/data/v{version}/tooling"


def routes(org: Org, tooling: Tooling) -> list[Route]:
    async def query(request: Request, _session: Session) -> Response:
        text = request.query_params.get("q")
        if not text:
            raise record_errors.malformed_query("SOQL statements cannot be empty or null")
        sobject, parsed, found = tooling.query(text)
        if request.query_params.get("columns", "").lower() == "true":
            return JSONResponse(record_responses.columns(sobject, parsed))
        return JSONResponse(responses.queried(sobject, parsed, found, request.path_params["version"]))

    async def created(request: Request, session: Session) -> Response:
        made = tooling.create(session, request.path_params["name"], await json_object(request))
        return JSONResponse(responses.created(made), 201)

    async def one(request: Request, _session: Session) -> Response:
        sobject, record = tooling.read(request.path_params["name"], request.path_params["id"])
        return JSONResponse(responses.record(sobject, record, request.path_params["version"]))

    return [
        *[Route(f"{_ROOT}/{each}", answering(org, query)) for each in ("query", "query/")],
        Route(f"{_ROOT}/sobjects/{{name}}", answering(org, created), methods=["POST"]),
        Route(f"{_ROOT}/sobjects/{{name}}/", answering(org, created), methods=["POST"]),
        Route(f"{_ROOT}/sobjects/{{name}}/{{id}}", answering(org, one)),
    ]
