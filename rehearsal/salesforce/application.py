"""The org's APIs as one application."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from rehearsal.observed import Observed
from rehearsal.salesforce.connect.routes import routes as connect_routes
from rehearsal.salesforce.connect.state import AppCredentials
from rehearsal.salesforce.lightning.routes import routes as lightning_routes
from rehearsal.salesforce.lightning.state import Lightning
from rehearsal.salesforce.metadata.routes import routes as metadata_routes
from rehearsal.salesforce.metadata.state import Deployments
from rehearsal.salesforce.oauth.routes import routes as oauth_routes
from rehearsal.salesforce.oauth.state import DeployerApp, Oauth
from rehearsal.salesforce.org import Org
from rehearsal.salesforce.rest.routes import routes as rest_routes
from rehearsal.salesforce.rest.state import Records
from rehearsal.salesforce.serving import not_found
from rehearsal.salesforce.snapshot import snapshot
from rehearsal.salesforce.soap.routes import routes as soap_routes
from rehearsal.salesforce.soap.state import MetadataApi
from rehearsal.salesforce.tooling.routes import routes as tooling_routes
from rehearsal.salesforce.tooling.state import Tooling

_MY_DOMAIN = ".my.salesforce.com"
_NO_SUCH_DOMAIN = "<!doctype html><title>Salesforce</title><p>There is no org with this My Domain.</p>\n"


def application(
    org: Org, deployer: DeployerApp, agents: dict[str, str], origins: Callable[[], dict[str, str]]
) -> Observed:
    """agents: session tokens by username; origins: where a browser finds the org; both for the desk."""
    deployments = Deployments(org)
    tooling = Tooling(org, deployments)
    routes = [
        *oauth_routes(org, Oauth(org, deployer)),
        *metadata_routes(org, deployments),
        *tooling_routes(org, tooling),
        *connect_routes(org, AppCredentials(org)),
        *soap_routes(org, MetadataApi(org, deployments)),
        *lightning_routes(org, Lightning(org)),
        *rest_routes(org, Records(org)),
    ]

    async def unknown(_request: Request, _error: Exception) -> Response:
        return not_found().response()

    starlette = Starlette(routes=routes, exception_handlers={404: unknown})

    async def vendor(scope: Any, receive: Any, send: Any) -> None:
        org.tick()
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1").partition(":")[0]
        if host.endswith(_MY_DOMAIN) and host != org.domain:
            await HTMLResponse(_NO_SUCH_DOMAIN, 404)(scope, receive, send)
            return
        # Salesforce's own command line asks for //services/… when its instance URL ends with a slash.
        path = "/" + scope["path"].lstrip("/")
        await starlette({**scope, "path": path}, receive, send)

    def whole() -> dict[str, Any]:
        org.tick()
        return snapshot(org)

    async def desk_sessions(_request: Request) -> Response:
        return JSONResponse(agents)

    async def desk_origins(_request: Request) -> Response:
        return JSONResponse(await asyncio.to_thread(origins))

    return Observed(vendor, whole, {("GET", "/agents"): desk_sessions, ("GET", "/origins"): desk_origins})
