"""One agent at work, whatever the kind of desk: opens the caller's contact page, and hears the conversation it leads to."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol

from rehearsal.desk.ears import Heard
from rehearsal.desk.page import Page
from rehearsal.desk.properties import Properties

PATIENCE_SECONDS = 6.0


@dataclass(frozen=True)
class Found:
    """The call at the desk: the conversation's name and resource, and the room that was joined."""

    conversation: str
    resource: dict[str, Any]
    room: str


class Desk(Protocol):
    """Use as an async context: `open`, then `take_call`, then `wait_for`; several may be open on one call, each for its agent.

    Every failure is a DeskProblem that names its cause.
    """

    kind: str

    @property
    def heard(self) -> list[Heard]:
        """Every event that came to this agent, in its order."""
        ...

    async def __aenter__(self) -> Desk: ...

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None: ...

    async def open(self) -> Page:
        """Opens the contact's page; the component begins to work."""
        ...

    async def take_call(self) -> tuple[Found, Properties]:
        """Returns once the component has found the call by the contact's phone and joined its conversation."""
        ...

    async def wait_for(self, message_ids: set[str], seconds: float) -> None:
        """Returns when all of `message_ids` were heard, or when nothing has come for `seconds`."""
        ...

    async def faults(self) -> list[str]:
        """What is wrong at this desk although the call was taken: what the browser refused, what the page does not show."""
        ...

    async def picture(self) -> bytes | None:
        """The page as the agent sees it now, as PNG; None where nothing is drawn."""
        ...
