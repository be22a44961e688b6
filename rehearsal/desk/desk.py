"""One agent at work: opens the caller's contact page, and listens to the conversation that the page leads to."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Any

from rehearsal.desk.browser import Browser
from rehearsal.desk.component import NAME, Component, Properties
from rehearsal.desk.ears import Ears, Heard
from rehearsal.desk.page import Page
from rehearsal.desk.problem import DeskProblem


@dataclass(frozen=True)
class Found:
    """The call at the desk: the conversation's name and resource, and the room that was joined."""

    conversation: str
    resource: dict[str, Any]
    room: str


class Desk:
    """Use as an async context: `open`, then `take_call`, then listen by `wait_for`.

    patience: seconds the component's polling goes on. Every failure is a DeskProblem that names its cause.
    """

    def __init__(self, page: Page, patience: float = 6.0) -> None:
        self.page = page
        self.properties = Properties.taken_from(page.properties(NAME))
        self._browser = Browser(page.url, page.policy)
        self._component = Component(self._browser, self.properties)
        self._ears = Ears(self.properties.endpoint, self._browser.origin)
        self._patience = patience

    async def __aenter__(self) -> Desk:
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self._ears.close()
        await self._browser.__aexit__()

    async def take_call(self) -> Found:
        """Registers, looks the call up by the contact's phone as it stands in the record, and joins."""
        await self._component.start()
        phone = self.page.record.get("Phone")
        if not phone:
            raise DeskProblem("the contact has no phone number: the component has nothing to look the call up by")
        name = await self._component.conversation_for(str(phone), self._patience)
        resource = await self._component.conversation(name)
        self._same_project(name)
        room = await self._ears.join(self._component.token, name)
        return Found(name, resource, room)

    def _same_project(self, conversation: str) -> None:
        project = self.properties.conversation_profile.split("/")[1]
        if conversation.split("/")[1] != project:
            raise DeskProblem(f"{conversation} is not in the conversation profile's project {project}")

    async def wait_for(self, message_ids: set[str], seconds: float) -> None:
        await self._ears.wait_for(message_ids, seconds)

    @property
    def heard(self) -> list[Heard]:
        return self._ears.heard

    def twice(self) -> list[str]:
        return self._ears.twice()
