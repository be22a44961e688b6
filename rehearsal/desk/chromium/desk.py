"""An agent's browser window: the page, the deployed component that works in it, and what comes of the call."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rehearsal.desk import causes, tokens
from rehearsal.desk.chromium import google
from rehearsal.desk.chromium.browser import Chromium
from rehearsal.desk.chromium.causes import Causes
from rehearsal.desk.chromium.evidence import Evidence
from rehearsal.desk.chromium.proxy import Proxy
from rehearsal.desk.desk import PATIENCE_SECONDS, Found
from rehearsal.desk.ears import Heard
from rehearsal.desk.page import Page, not_shown
from rehearsal.desk.problem import DeskProblem
from rehearsal.desk.properties import COMPONENT, Properties
from rehearsal.desk.site import Agent, Site

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext
    from playwright.async_api import Page as BrowserPage

# Against what hangs; a busy machine may take its time to show a page.
_OPEN_SECONDS = 60.0
# From the conversation's name to the joined room: profile, socket, and fifteen looks whether Dialogflow knows it.
_JOIN_SECONDS = 20.0
_SHOW_SECONDS = 15.0
_POLL_SECONDS = 0.1
# The browser tells what it refused a moment after the component has stumbled over it; on a busy machine that moment is
# longer, and it ends when a cause is known.
_GRACE_SECONDS = (0.4, 5.0)
_LOAD_ERROR = ".problem, .load-error, .page-error"
# All text of the page, that of open shadow roots too.
_TEXT = """() => {
  const texts = [];
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) texts.push(node.data);
    else if (!["STYLE", "SCRIPT"].includes(node.nodeName)) {
      for (const each of [...(node.shadowRoot?.childNodes ?? []), ...node.childNodes]) walk(each);
    }
  };
  walk(document.body);
  return texts.join(" ").replace(/\\s+/g, " ");
}"""


class ChromiumDesk:
    """See `desk.Desk`. patience: seconds that the component may look for the call."""

    kind = "chromium"

    def __init__(
        self, chromium: Chromium, site: Site, agent: Agent, contact_id: str, patience: float = PATIENCE_SECONDS
    ) -> None:
        self._chromium, self._site, self._agent = chromium, site, agent
        self._url, self._patience = site.page_url(contact_id), patience
        host = {urlsplit(each).hostname or "": site.address for each in (site.lightning, site.my_domain)}
        self._proxy = Proxy(host | dict.fromkeys(google.HOSTS, chromium.google_address))
        self._context: BrowserContext | None = None
        self._page: BrowserPage | None = None
        self._seen = Evidence()
        self._shown: Page | None = None
        self._raw: dict[str, Any] = {}

    async def __aenter__(self) -> ChromiumDesk:
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        # A browser that is gone has been told already.
        with contextlib.suppress(DeskProblem):
            await self._chromium.run(self._close())

    async def open(self) -> Page:
        return await self._chromium.run(self._open())

    async def take_call(self) -> tuple[Found, Properties]:
        return await self._chromium.run(self._take_call())

    async def wait_for(self, message_ids: set[str], seconds: float) -> None:
        await self._chromium.run(self._wait_for(message_ids, seconds))

    @property
    def heard(self) -> list[Heard]:
        return self._seen.heard

    async def faults(self) -> list[str]:
        return await self._chromium.run(self._faults())

    async def picture(self) -> bytes | None:
        return await self._chromium.run(self._opened.screenshot(type="png", animations="disabled"))

    # In the browser's thread.

    @property
    def _opened(self) -> BrowserPage:
        if self._page is None:
            raise RuntimeError("open the desk first")
        return self._page

    async def _open(self) -> Page:
        self._context = await self._chromium.context(await self._proxy.start())
        cookie = {"name": "sid", "value": self._agent.session, "url": self._site.lightning, "httpOnly": True, "secure": True}
        await self._context.add_cookies([cookie])
        self._page = await self._context.new_page()
        await self._seen.watch(self._page)
        answer = await self._page.goto(self._url, wait_until="commit", timeout=_OPEN_SECONDS * 1000)
        if answer is None or not answer.ok:
            told = json.loads(await answer.text()).get("error") if answer else "no answer"
            raise not_shown(answer.status if answer else 0, told)
        policy = answer.headers.get("content-security-policy", "")
        shown = await self._content()
        self._shown = Page.told(self._url, policy, shown)
        return self._shown

    async def _content(self) -> dict[str, Any]:
        """What the page's own script asked for."""
        deadline = time.monotonic() + _OPEN_SECONDS
        path = urlsplit(self._url).path
        while time.monotonic() < deadline:
            found = [each.body for each in self._seen.answers if each.path == path and isinstance(each.body, dict)]
            if found:
                return found[-1]
            await self._news()
        raise DeskProblem("the contact's page did not ask for its content")

    async def _take_call(self) -> tuple[Found, Properties]:
        shown = self._shown or await self._open()
        self._raw = shown.properties(COMPONENT)
        # The component's patience begins with its first look-up; a busy machine may take its time until then.
        deadline, looked_up = time.monotonic() + _OPEN_SECONDS, False
        while self._seen.room is None:
            error = await self._load_error()
            name = self._conversation()
            if not looked_up and self._seen.last("/conversation-name", "GET"):
                deadline, looked_up = time.monotonic() + self._patience, True
            if error or self._stopped() or time.monotonic() > deadline + (_JOIN_SECONDS if name else 0):
                raise DeskProblem(await self._why_it_stopped(error))
            await self._news()
        await self._seen.settle()
        if self._secret_told():
            raise DeskProblem(causes.DEBUG_MODE)
        properties = Properties.taken_from(self._raw)
        registered = self._seen.last("/register", "POST")
        tokens.check(str((registered.body or {}).get("token", "")) if registered else "")
        name = self._conversation()
        properties.same_project(name)
        resource = self._seen.last(f"/v2beta1/{name}", "GET")
        return Found(name, resource.body if resource else {}, self._seen.room), properties

    async def _why_it_stopped(self, error: str) -> str:
        least, most = _GRACE_SECONDS
        await asyncio.sleep(least)
        deadline = time.monotonic() + most
        while True:
            await self._seen.settle()
            cause = self._causes().cause()
            if cause or time.monotonic() > deadline:
                return cause or self._causes().what_is_left(await self._load_error() or error)
            await self._news()

    def _causes(self) -> Causes:
        if self._shown is None:
            raise RuntimeError("open the desk first")
        return Causes(self._site, self._shown, self._seen, self._raw)

    def _conversation(self) -> str:
        """The conversation that the look-up led to; "" as long as there is none."""
        names = [
            each.body.get("conversationName") or ""
            for each in self._seen.answers
            if each.path == "/conversation-name" and isinstance(each.body, dict)
        ]
        return names[-1] if names else ""

    def _stopped(self) -> bool:
        """The modules cannot go on: they log it, the component does not learn of it."""
        return bool(self._conversation()) and any(re.match(r"(Error|TypeError)\b", each) for each in self._seen.errors)

    def _secret_told(self) -> bool:
        secret = str(self._raw.get("consumerSecret") or "")
        return bool(secret) and any(secret in each for each in self._seen.console)

    async def _load_error(self) -> str:
        found = self._opened.locator(_LOAD_ERROR)
        return " ".join((await found.first.inner_text()).split()) if await found.count() else ""

    async def _news(self) -> None:
        self._seen.news.clear()
        try:
            await asyncio.wait_for(self._seen.news.wait(), _POLL_SECONDS)
        except TimeoutError:
            return

    async def _wait_for(self, message_ids: set[str], seconds: float) -> None:
        heard, deadline = len(self._seen.heard), time.monotonic() + seconds
        while message_ids - {each.message_id for each in self._seen.heard} and time.monotonic() < deadline:
            await self._news()
            if len(self._seen.heard) > heard:
                heard, deadline = len(self._seen.heard), time.monotonic() + seconds

    async def _faults(self) -> list[str]:
        deadline = time.monotonic() + _SHOW_SECONDS
        while (missing := await self._not_shown()) and time.monotonic() < deadline:
            await self._news()
        strays = [f"the browser asked for {each}, which is nowhere in the rehearsal" for each in sorted(self._proxy.refused)]
        return [*self._causes().refusals(), *[f"the page does not show {each}" for each in missing], *strays]

    async def _not_shown(self) -> list[str]:
        """Of the messages and suggestions that came, those that the agent cannot read."""
        text = await self._opened.evaluate(_TEXT)
        wanted = [(f"what was said: {each!r}", each) for each in self._said()]
        wanted += [(f"what is suggested: {each!r}", each) for each in self._suggested()]
        return [told for told, each in wanted if " ".join(each.split()) not in text]

    def _said(self) -> list[str]:
        messages = [each.data.get("newMessagePayload") or {} for each in self._seen.heard if each.data_type == "new-message-event"]
        return [each["content"] for each in messages if each.get("content")]

    def _suggested(self) -> list[str]:
        if "KNOWLEDGE_ASSIST" in str(self._raw.get("disabledFeatures") or ""):
            return []
        results = [result for each in self._seen.heard for result in each.data.get("suggestionResults", [])]
        answers = [(each.get("suggestKnowledgeAssistResponse") or {}).get("knowledgeAssistAnswer") or {} for each in results]
        texts = [(each.get("suggestedQueryAnswer") or {}).get("answerText") for each in answers]
        return [each for each in texts if each]

    async def _close(self) -> None:
        if self._context is not None:
            await self._context.close()
        await self._proxy.stop()
