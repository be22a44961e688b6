"""The desk without a browser: the component's documented steps, played in their order, with the browser's rules applied."""

from __future__ import annotations

import asyncio
import re
from types import TracebackType

from rehearsal.desk import causes
from rehearsal.desk.browser import Browser
from rehearsal.desk.component import Component
from rehearsal.desk.desk import PATIENCE_SECONDS, Found
from rehearsal.desk.ears import Ears, Heard
from rehearsal.desk.page import Page, load_resources, open_page
from rehearsal.desk.problem import DeskProblem
from rehearsal.desk.properties import COMPONENT, Properties
from rehearsal.desk.site import Agent, Site
from rehearsal.desk.trusted_urls import GOOGLE

_ORIGIN = re.compile(r"https://[A-Za-z0-9.-]+")


class PlainDesk:
    """See `desk.Desk`. patience: seconds that the component's polling goes on."""

    kind = "plain"

    def __init__(self, site: Site, agent: Agent, contact_id: str, patience: float = PATIENCE_SECONDS) -> None:
        self._site, self._agent, self._contact_id, self._patience = site, agent, contact_id, patience
        self._page: Page | None = None
        self._browser: Browser | None = None
        self._ears: Ears | None = None
        self._faults: list[str] = []

    async def __aenter__(self) -> PlainDesk:
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        for each in (self._ears, self._browser):
            if each is not None:
                await each.close()

    async def open(self) -> Page:
        self._page = await asyncio.to_thread(open_page, self._site, self._agent, self._contact_id)
        return self._page

    async def take_call(self) -> tuple[Found, Properties]:
        page = self._page or await self.open()
        properties = Properties.taken_from(page.properties(COMPONENT))
        scripts = await asyncio.to_thread(load_resources, page, self._agent)
        self._browser = Browser(self._site, page.policy)
        component = Component(self._browser, properties)
        await component.start()
        self._faults = _refused_loads(self._browser, "\n".join(scripts.values()))
        phone = page.record.get("Phone")
        if not phone:
            raise DeskProblem(causes.NO_PHONE)
        name = await component.conversation_for(str(phone), self._patience)
        resource = await component.conversation(name)
        properties.same_project(name)
        await component.profile()
        self._ears = Ears(properties.endpoint, self._browser.origin)
        room = await self._ears.join(component.token, name)
        return Found(name, resource, room), properties

    async def wait_for(self, message_ids: set[str], seconds: float) -> None:
        if self._ears is not None:
            await self._ears.wait_for(message_ids, seconds)

    @property
    def heard(self) -> list[Heard]:
        return self._ears.heard if self._ears else []

    async def faults(self) -> list[str]:
        return self._faults

    async def picture(self) -> bytes | None:
        return None


def _refused_loads(browser: Browser, scripts: str) -> list[str]:
    """Styles and pictures from Google's hosts: without them the component works, and does not look as it should."""
    found = []
    for domain, record, directive in GOOGLE:
        for url in sorted({each for each in _ORIGIN.findall(scripts) if each.endswith(domain)}):
            try:
                browser.may_load(url, directive, record)
            except DeskProblem as problem:
                found.append(str(problem))
    return found
