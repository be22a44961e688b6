"""The ASGI application: checks who calls, picks the host's paths, and answers refusals in Twilio's form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rehearsal.twilio.credentials import Credentials
from rehearsal.twilio.errors import NotFoundError, TwilioError, authenticate, method_not_allowed, refused
from rehearsal.twilio.sids import new_sid

_VENDOR = ".twilio.com"


class Application:
    """`hosts` maps a product (the first label of its host: "studio", "flex-api") to its routes.

    A Host header that names a twilio.com host gets only that host's paths; any other gets all of them, told apart by
    path. An edge and a region between product and domain make no difference.
    """

    def __init__(self, credentials: Credentials, hosts: Mapping[str, Sequence[Route]]) -> None:
        self._credentials = credentials
        self._hosts = {product: _application(routes) for product, routes in hosts.items()}
        self._all = _application([route for routes in hosts.values() for route in routes])
        self._none = _application([])

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope)
        caller = self._credentials.caller(request.headers.get("authorization", ""))
        if caller is None:
            refusal = refused(authenticate(), {"WWW-Authenticate": 'Basic realm="Twilio API"'})
            await refusal(scope, receive, send)
            return
        scope.setdefault("state", {})["caller"] = caller
        await self._for_host(request.headers.get("host", ""))(scope, receive, send)

    def _for_host(self, header: str) -> Starlette:
        host = header.partition(":")[0].lower()
        if not host.endswith(_VENDOR):
            return self._all
        return self._hosts.get(host.partition(".")[0], self._none)


def _application(routes: Sequence[Route]) -> Starlette:
    handlers: dict[Any, Any] = {
        TwilioError: _on_refusal,
        NotFoundError: _on_not_found,
        404: _on_not_found,
        405: _on_method,
    }
    application = Starlette(routes=list(routes), exception_handlers=handlers)
    application.router.redirect_slashes = False  # Twilio never redirects
    return application


async def _on_refusal(_: Request, error: TwilioError) -> Response:
    return refused(error)


async def _on_not_found(request: Request, _: Exception) -> Response:
    return refused(NotFoundError.told_for(request.url.path))


async def _on_method(request: Request, _: Exception) -> Response:
    return refused(method_not_allowed(request.method))


def answer(body: Any, status: int = 200) -> Response:
    return JSONResponse(body, status, {"Twilio-Request-Id": new_sid("RQ")})


def no_content() -> Response:
    return Response(status_code=204, headers={"Twilio-Request-Id": new_sid("RQ")})
