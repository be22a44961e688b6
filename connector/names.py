"""Conversation names, full and as rooms.

Full: `projects/P/locations/L/conversations/C`, what Dialogflow and the Lightning component use.
Room: `projects/P/conversations/C`, what Socket.IO rooms, Redis and the events use.
Conversation IDs: Dialogflow v2, Conversation.name: 3 to 64 characters, a letter first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# The old domain-scoped form (example.com:project) still exists.
PROJECT = r"(?:[a-z0-9][a-z0-9.-]{1,61}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]"
LOCATION = r"[a-z][a-z0-9-]{0,39}"
CONVERSATION = r"[a-zA-Z][a-zA-Z0-9_-]{2,63}"

_NAME = re.compile(
    rf"projects/(?P<project>{PROJECT})(?:/locations/(?P<location>{LOCATION}))?/conversations/(?P<conversation>{CONVERSATION})"
)


class NotAConversation(ValueError):
    """Not a conversation's name, or not one of this project. The text does not repeat the name: it holds a phone number."""


@dataclass(frozen=True, slots=True)
class ConversationName:
    project: str
    location: str | None
    conversation: str

    @property
    def room(self) -> str:
        return f"projects/{self.project}/conversations/{self.conversation}"

    def __str__(self) -> str:
        if self.location is None:
            return self.room
        return f"projects/{self.project}/locations/{self.location}/conversations/{self.conversation}"


def parse(text: object, project: str | None = None) -> ConversationName:
    """The name in `text`, in either form.

    With `project`, only that project's conversations are accepted. Raises NotAConversation.
    """
    found = _NAME.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise NotAConversation("not of the form projects/PROJECT/locations/LOCATION/conversations/ID")
    name = ConversationName(**found.groupdict())
    if project is not None and name.project != project:
        raise NotAConversation("not a conversation of this project")
    return name
