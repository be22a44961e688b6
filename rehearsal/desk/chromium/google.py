"""Google's static hosts as the page meets them: a style sheet and a picture, so that what the policy allows has an answer.

A server of its own and no interception by Playwright: that loses the Origin of a redirected request (docs/hard-won-facts.md).
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rehearsal import tls
from rehearsal.serving import Server

HOSTS = ("fonts.googleapis.com", "www.gstatic.com")
_STYLE = "/* A stand-in's style sheet: the fonts are this machine's own. */\n"
_PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24">'
    '<path fill="#1a73e8" d="M12 2l2.6 7.4L22 12l-7.4 2.6L12 22l-2.6-7.4L2 12l7.4-2.6z"/></svg>'
)


def server() -> Server:
    """Answers for HOSTS over TLS; a request that the browser's policy refuses never comes here."""
    routes = [Route("/css2", _style), Route("/{path:path}", _picture)]
    return Server(Starlette(routes=routes), tls=tls.server_side(list(HOSTS)))


async def _style(_request: Request) -> Response:
    return Response(_STYLE, media_type="text/css", headers={"Access-Control-Allow-Origin": "*"})


async def _picture(request: Request) -> Response:
    if not request.url.path.endswith(".svg"):
        return Response(status_code=404)
    return Response(_PICTURE, media_type="image/svg+xml")
