"""The org under its own names, over TLS: a page of the Lightning Experience has another origin than My Domain.

Both names lead to one port of this machine; whoever plays a browser maps the names to it. The certificate is made at run time.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from rehearsal import tls
from rehearsal.serving import Server

Application = Callable[[Any, Any, Any], Awaitable[None]]
_MY_DOMAIN, _LIGHTNING = ".my.salesforce.com", ".lightning.force.com"
_OAUTH = "/services/oauth2/"


def lightning_host(my_domain: str) -> str:
    """The Lightning Experience's host beside a My Domain host; a My Domain of another form keeps its own."""
    return my_domain.removesuffix(_MY_DOMAIN) + _LIGHTNING if my_domain.endswith(_MY_DOMAIN) else f"{my_domain}{_LIGHTNING}"


class Front:
    """`told` starts the port when it is first asked for: most that use an org never open a page in a browser."""

    def __init__(self, org: Application, my_domain: str) -> None:
        self._org = org
        self.my_domain, self.lightning = my_domain, lightning_host(my_domain)
        self._lock = threading.Lock()
        self._server: Server | None = None

    def told(self) -> dict[str, str]:
        """Origins of the Lightning Experience and of My Domain, and the address that answers for both."""
        with self._lock:
            if self._server is None:
                self._server = Server(self, tls=tls.server_side([self.lightning, self.my_domain])).start()
        return {
            "lightning": f"https://{self.lightning}",
            "my_domain": f"https://{self.my_domain}",
            "address": f"127.0.0.1:{self._server.port}",
        }

    def stop(self) -> None:
        with self._lock:
            if self._server is not None:
                self._server.stop()
                self._server = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        answer = self._own_answer(Request(scope)) if scope["type"] == "http" else None
        await (answer or self._org)(scope, receive, send)

    def _own_answer(self, request: Request) -> Response | None:
        """None for what the org itself answers."""
        host = (request.headers.get("host") or "").partition(":")[0]
        if host not in (self.lightning, self.my_domain):
            return PlainTextResponse("no such host", 421)
        if host == self.lightning and request.url.path.startswith(_OAUTH):
            # Lightning has no OAuth endpoints of its own: that is why the guide wants My Domain as a trusted URL and CORS for
            # OAuth, though the component asks with a relative address. Believed (docs/rehearsal.md).
            query = f"?{request.url.query}" if request.url.query else ""
            return RedirectResponse(f"https://{self.my_domain}{request.url.path}{query}", 302)
        return None
