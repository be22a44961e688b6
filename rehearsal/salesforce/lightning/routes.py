"""/lightning/r/Contact/{id}/view and /resource: for an agent's session, in a header or in the cookie `sid`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rehearsal.salesforce.lightning import responses
from rehearsal.salesforce.lightning.errors import PageError
from rehearsal.salesforce.lightning.state import Lightning
from rehearsal.salesforce.org import Org
from rehearsal.salesforce.serving import token_of


def routes(org: Org, lightning: Lightning) -> list[Route]:
    async def view(request: Request) -> Response:
        lightning.session(_token(request))
        shown = lightning.contact_page(request.path_params["id"])
        return JSONResponse(responses.page(org, shown), headers={"Content-Security-Policy": responses.policy(shown)})

    async def resource(request: Request) -> Response:
        content, media_type = lightning.resource(
            request.path_params["name"], request.path_params.get("path", ""), _token(request)
        )
        return Response(content, media_type=media_type)

    return [
        Route("/lightning/r/Contact/{id}/view", _answering(view)),
        Route("/resource/{name}", _answering(resource)),
        Route("/resource/{name}/{path:path}", _answering(resource)),
    ]


def _answering(endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except PageError as error:
            return JSONResponse({"error": error.message}, error.status)

    return answer


def _token(request: Request) -> str | None:
    return token_of(request) or request.cookies.get("sid")
