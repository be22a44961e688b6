"""/lightning and /resource: for an agent's session, in a header or in the cookie `sid`.

A browser that asks for HTML gets the page that it can run; everyone else what that page shows, as JSON.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from rehearsal.salesforce.lightning import errors, modules, platform_files, responses
from rehearsal.salesforce.lightning.errors import PageError
from rehearsal.salesforce.lightning.state import Lightning
from rehearsal.salesforce.org import Org
from rehearsal.salesforce.rules.lightning import bundle_of
from rehearsal.salesforce.serving import token_of

Endpoint = Callable[[Request], Awaitable[Response]]
_JAVASCRIPT = "text/javascript"


def routes(org: Org, lightning: Lightning) -> list[Route]:
    async def view(request: Request) -> Response:
        session = lightning.session(_token(request))
        shown = lightning.contact_page(request.path_params["id"], session)
        headers = {"Content-Security-Policy": responses.policy(shown), "Cache-Control": "no-store"}
        if "text/html" in request.headers.get("accept", ""):
            return HTMLResponse(platform_files.page(), headers=headers)
        return JSONResponse(responses.page(org, shown), headers=headers)

    async def resource(request: Request) -> Response:
        content, media_type = lightning.resource(
            request.path_params["name"], request.path_params.get("path", ""), _token(request)
        )
        return Response(content, media_type=media_type)

    async def resource_url(request: Request) -> Response:
        name = request.path_params["name"]
        if org.store.get("StaticResource", name) is None:
            raise errors.no_resource(name)
        return Response(f"export default {json.dumps(f'/resource/{name}')};\n", media_type=_JAVASCRIPT)

    async def message_channel(request: Request) -> Response:
        return Response(f"export default {json.dumps({'channelName': request.path_params['name']})};\n", media_type=_JAVASCRIPT)

    async def module(request: Request) -> Response:
        name = request.path_params["bundle"]
        bundle = bundle_of(name, org.store)
        if bundle is None:
            raise errors.no_module(f"c/{name}")
        text = await asyncio.to_thread(modules.module, bundle, request.path_params["path"])
        return Response(text, media_type=_JAVASCRIPT)

    async def engine(_request: Request) -> Response:
        return Response(await asyncio.to_thread(modules.engine), media_type=_JAVASCRIPT)

    async def platform(request: Request) -> Response:
        text, media_type = platform_files.file(request.path_params["name"])
        return Response(text, media_type=media_type)

    signed_in = [
        ("/lightning/resourceUrl/{name}", resource_url),
        ("/lightning/messageChannel/{name}", message_channel),
        ("/lightning/modules/c/{bundle}/{path:path}", module),
        ("/lightning/engine/lwc.js", engine),
        ("/lightning/platform/{name}", platform),
    ]
    return [
        Route("/lightning/r/Contact/{id}/view", _answering(view)),
        Route("/resource/{name}", _answering(resource)),
        Route("/resource/{name}/{path:path}", _answering(resource)),
        *(Route(path, _answering(_signed_in(lightning, endpoint))) for path, endpoint in signed_in),
    ]


def _signed_in(lightning: Lightning, endpoint: Endpoint) -> Endpoint:
    async def answer(request: Request) -> Response:
        lightning.session(_token(request))
        return await endpoint(request)

    return answer


def _answering(endpoint: Endpoint) -> Endpoint:
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except PageError as error:
            return JSONResponse({"error": error.message}, error.status)

    return answer


def _token(request: Request) -> str | None:
    return token_of(request) or request.cookies.get("sid")
