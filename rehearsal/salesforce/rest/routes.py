"""/services/data: versions, query, sobjects."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rehearsal.salesforce.ids import is_id, long_id
from rehearsal.salesforce.org import Org, Session
from rehearsal.salesforce.rest import errors, responses
from rehearsal.salesforce.rest.objects import OBJECTS, SObject
from rehearsal.salesforce.rest.state import Records
from rehearsal.salesforce.serving import answering, json_object

_ROOT = "/services/data/v{version}"

# A Developer Edition's. The calls that this org answers are not counted: it never runs out.
LIMITS = {
    "DailyApiRequests": {"Max": 15000, "Remaining": 15000},
    "DataStorageMB": {"Max": 5, "Remaining": 5},
    "FileStorageMB": {"Max": 20, "Remaining": 20},
    "SingleEmail": {"Max": 15, "Remaining": 15},
}


def routes(org: Org, records: Records) -> list[Route]:
    async def versions(_request: Request) -> Response:
        return JSONResponse(responses.versions())

    async def resources(request: Request, _session: Session) -> Response:
        base = f"/services/data/v{request.path_params['version']}"
        names = ("sobjects", "query", "queryAll", "tooling", "metadata", "connect", "limits")
        return JSONResponse({each: f"{base}/{each}" for each in names})

    async def limits(_request: Request, _session: Session) -> Response:
        return JSONResponse(LIMITS)

    async def query(request: Request, _session: Session) -> Response:
        text = request.query_params.get("q")
        if not text:
            raise errors.malformed_query("SOQL statements cannot be empty or null")
        sobject, parsed, found = records.query(text)
        if request.query_params.get("columns", "").lower() == "true":
            return JSONResponse(responses.columns(sobject, parsed))
        return JSONResponse(responses.queried(sobject, parsed, found, request.path_params["version"]))

    async def listed(request: Request, _session: Session) -> Response:
        return JSONResponse(
            {
                "encoding": "UTF-8",
                "maxBatchSize": 200,
                "sobjects": [responses.described(each) for each in OBJECTS.values()],
            }
        )

    async def described(request: Request, _session: Session) -> Response:
        return JSONResponse(responses.described(records.sobject(request.path_params["name"])))

    async def created(request: Request, session: Session) -> Response:
        made = records.create(session, request.path_params["name"], await json_object(request))
        return JSONResponse({"id": made, "success": True, "errors": []}, 201)

    async def one(request: Request, session: Session) -> Response:
        name, record_id = request.path_params["name"], request.path_params["id"]
        if request.method == "PATCH":
            records.update(session, name, record_id, await json_object(request))
            return Response(status_code=204)
        if request.method == "DELETE":
            records.delete(session, name, record_id)
            return Response(status_code=204)
        sobject, record = records.sobject(name), records.read(name, record_id)
        wanted = request.query_params.get("fields")
        fields = [_field(sobject, each.strip()) for each in wanted.split(",")] if wanted else None
        return JSONResponse(responses.record(sobject, record, request.path_params["version"], fields))

    async def body(request: Request, _session: Session) -> Response:
        record_id = request.path_params["id"]
        component = next(
            (
                each
                for each in org.store.of_type("StaticResource")
                if is_id(record_id) and each.id == long_id(record_id)
            ),
            None,
        )
        if component is None:
            raise errors.no_such_record(record_id)
        return Response(component.files[f"{component.full_name}.resource"], media_type="application/octetstream")

    return [
        Route("/services/data", versions),
        Route("/services/data/", versions),
        Route(_ROOT, answering(org, resources)),
        Route(f"{_ROOT}/", answering(org, resources)),
        Route(f"{_ROOT}/limits", answering(org, limits)),
        Route(f"{_ROOT}/limits/", answering(org, limits)),
        *[Route(f"{_ROOT}/{each}", answering(org, query)) for each in ("query", "query/", "queryAll", "queryAll/")],
        Route(f"{_ROOT}/sobjects", answering(org, listed)),
        Route(f"{_ROOT}/sobjects/StaticResource/{{id}}/Body", answering(org, body)),
        Route(f"{_ROOT}/sobjects/{{name}}", answering(org, described), methods=["GET"]),
        Route(f"{_ROOT}/sobjects/{{name}}", answering(org, created), methods=["POST"]),
        Route(f"{_ROOT}/sobjects/{{name}}/", answering(org, created), methods=["POST"]),
        Route(f"{_ROOT}/sobjects/{{name}}/describe", answering(org, described)),
        Route(f"{_ROOT}/sobjects/{{name}}/{{id}}", answering(org, one), methods=["GET", "PATCH", "DELETE"]),
    ]


def _field(sobject: SObject, name: str) -> str:
    known = sobject.field(name)
    if known is None:
        raise errors.no_such_field(name, sobject.name)
    return known.name
