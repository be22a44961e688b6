"""/services/data/vXX.0/metadata/deployRequest."""

from __future__ import annotations

import json
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rehearsal.salesforce.metadata import errors, responses
from rehearsal.salesforce.metadata.state import Deployments, options_of
from rehearsal.salesforce.org import MODIFY_METADATA, Org, Session
from rehearsal.salesforce.serving import answering, json_object, needs

_ROOT = "/services/data/v{version}/metadata/deployRequest"


def routes(org: Org, deployments: Deployments) -> list[Route]:
    def may(session: Session) -> None:
        needs(
            org, session, MODIFY_METADATA, "insufficient access rights: Modify Metadata Through Metadata API Functions"
        )

    async def submitted(request: Request, session: Session) -> Response:
        may(session)
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            content, given = await _parts(request)
            deployment = deployments.submit(content, options_of(given), session.user_id)
        else:
            validated = (await json_object(request)).get("validatedDeployRequestId")
            if not isinstance(validated, str):
                raise errors.bad_request("the body must be multipart/form-data, or name a validatedDeployRequestId")
            deployment = deployments.quick_deploy(validated, session.user_id)
        return JSONResponse(responses.request(org, deployments, deployment, False, request.url.path), 201)

    async def one(request: Request, session: Session) -> Response:
        may(session)
        deploy_id = request.path_params["id"]
        if request.method == "PATCH":
            result = (await json_object(request)).get("deployResult")
            if not isinstance(result, dict) or result.get("status") != "Canceling":
                raise errors.bad_request('the body must be {"deployResult": {"status": "Canceling"}}')
            deployment = deployments.cancel(deploy_id, session.user_id)
        else:
            deployment = deployments.get(deploy_id)
        details = request.query_params.get("includeDetails", "").lower() == "true"
        base = request.url.path.rpartition("/")[0]
        status = 202 if request.method == "PATCH" else 200
        return JSONResponse(responses.request(org, deployments, deployment, details, base), status)

    return [
        Route(_ROOT, answering(org, submitted), methods=["POST"]),
        Route(f"{_ROOT}/{{id}}", answering(org, one), methods=["GET", "PATCH"]),
    ]


async def _parts(request: Request) -> tuple[bytes, Any]:
    """The zip and deployOptions of a multipart request."""
    form = await request.form()
    upload, entity = form.get("file"), form.get("entity_content")
    if not isinstance(upload, UploadFile):
        raise errors.bad_request("the part `file` with the zip is missing")
    text = await entity.read() if isinstance(entity, UploadFile) else entity
    try:
        options = json.loads(text or "")["deployOptions"]
    except (ValueError, KeyError, TypeError):
        raise errors.bad_request('the part `entity_content` must be {"deployOptions": {…}}') from None
    return await upload.read(), options
