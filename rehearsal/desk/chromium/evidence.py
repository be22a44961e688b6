"""What one browser window showed of itself: refusals by its rules, answers it got, what came over the sockets."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rehearsal.desk.ears import EVENTS, Heard, event

if TYPE_CHECKING:
    from playwright.async_api import ConsoleMessage, Page, Request, Response, WebSocket

# Tells the desk what the page's policy refused; the binding is the desk's own.
WATCH_POLICY = """
document.addEventListener("securitypolicyviolation", (refused) =>
  window.deskRefusal({ directive: refused.effectiveDirective, url: refused.blockedURI }));
"""
# The OAuth request carries the consumer secret in its query.
_QUERY = re.compile(r"\?[^\s'\"]*")
# style-src-elem and style-src-attr are parts of style-src; trusted URLs open the whole.
_DETAIL = re.compile("-(elem|attr)$")
_ACK = re.compile(r"43\d+(.*)", re.DOTALL)
_SOCKET_REFUSED = re.compile(r"44(\{.*)", re.DOTALL)
_CORS = re.compile(
    r"Access to \w+ at '([^']+)'(?: \(redirected from '[^']+'\))? from origin '[^']+' has been blocked by CORS policy: (.*)", re.DOTALL
)


@dataclass(frozen=True)
class Refusal:
    """By the page's Content-Security-Policy: the directive, and the URL that the browser names."""

    directive: str
    url: str


@dataclass(frozen=True)
class Answer:
    """One answer without its query; body: JSON, where the desk needs it."""

    method: str
    url: str
    status: int
    location: str = ""
    body: Any = field(default=None, repr=False)

    @property
    def path(self) -> str:
        return urlsplit(self.url).path


@dataclass
class Evidence:
    """Grows while the page works; `news` is set with every piece. console: every line, which may hold what it must not."""

    refusals: list[Refusal] = field(default_factory=list)
    cors: list[tuple[str, str]] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    room: str | None = None
    socket_refusal: str = ""
    console: list[str] = field(default_factory=list, repr=False)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    _reading: set[asyncio.Task[None]] = field(default_factory=set)

    async def watch(self, page: Page) -> None:
        """Before the page is opened."""
        await page.expose_function("deskRefusal", self._refused)
        await page.add_init_script(WATCH_POLICY)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._error(str(error)))
        page.on("response", self._response)
        page.on("requestfailed", self._failed)
        page.on("websocket", self._socket)

    def last(self, path: str, method: str = "") -> Answer | None:
        """The newest answer for that path that is no redirect's and no preflight's."""
        found = [
            each for each in self.answers
            if each.path == path and each.method != "OPTIONS" and not each.location and method in ("", each.method)
        ]
        return found[-1] if found else None

    async def settle(self) -> None:
        """Waits for bodies that are being read."""
        if self._reading:
            await asyncio.wait(set(self._reading), timeout=2)

    def _refused(self, told: dict[str, str]) -> None:
        refusal = Refusal(_DETAIL.sub("", told["directive"]), told["url"])
        if refusal not in self.refusals:
            self.refusals.append(refusal)
        self.news.set()

    def _console(self, message: ConsoleMessage) -> None:
        self.console.append(message.text)
        if message.type != "error":
            return
        if found := _CORS.match(message.text):
            self.cors.append((_without_query(found[1]), found[2]))
        self._error(message.text)

    def _error(self, text: str) -> None:
        self.errors.append(_QUERY.sub("", text))
        self.news.set()

    def _response(self, response: Response) -> None:
        task = asyncio.ensure_future(self._read(response))
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)

    async def _read(self, response: Response) -> None:
        body = None
        if "application/json" in response.headers.get("content-type", ""):
            body = await _json(response)
        location = _without_query(response.headers.get("location", ""))
        self.answers.append(Answer(response.request.method, _without_query(response.url), response.status, location, body))
        self.news.set()

    def _failed(self, request: Request) -> None:
        self.failed.append((_without_query(request.url), request.failure or ""))
        self.news.set()

    def _socket(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self._frame(frame if isinstance(frame, str) else ""))
        socket.on("socketerror", lambda error: self._error(f"{_without_query(socket.url)}: {error}"))

    def _frame(self, text: str) -> None:
        """One Engine.IO packet: an event, the answer to join-conversation, or the refusal of the connection."""
        if text.startswith("42"):
            name, *values = json.loads(text[2:])
            if name in EVENTS:
                self.heard.append(event(name, values[0] if values else None))
        elif found := _ACK.fullmatch(text):
            joined = json.loads(found[1])
            if len(joined) == 2 and joined[0] is True:
                self.room = str(joined[1])
        elif found := _SOCKET_REFUSED.fullmatch(text):
            self.socket_refusal = str(json.loads(found[1]).get("message"))
        self.news.set()


async def _json(response: Response) -> Any:
    """None where the browser has thrown the body away already, or where it is none."""
    from playwright.async_api import Error  # noqa: PLC0415  # only where there is a browser

    try:
        return await response.json()
    except (Error, ValueError):
        return None


def _without_query(url: str) -> str:
    return url.partition("?")[0]
