"""The component's properties as the page holds them, and what the component and its UI modules demand of them.

Source: agent-assist-integrations at 9425334, `agentAssistContainerModule` and its js-meta.xml.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from rehearsal.desk import causes
from rehearsal.desk.problem import DeskProblem

COMPONENT = "agentAssistContainerModule"
_PROFILE = re.compile(r"projects/[^/]+(/locations/[^/]+)?/conversationProfiles/[^/]+")


@dataclass(frozen=True)
class Properties:
    """The component's properties as the page holds them, checked as the component checks them."""

    endpoint: str
    conversation_profile: str
    channel: str
    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)

    @classmethod
    def taken_from(cls, raw: dict[str, Any]) -> Properties:
        """Raises DeskProblem with the component's own words where it has some."""
        platform = str(raw.get("platform", ""))
        if platform != "twilioflex":
            raise DeskProblem(f"Unsupported platform: {platform}")
        endpoint = str(raw.get("endpoint", ""))
        if not endpoint.startswith(("https://", "http://127.0.0.1")) or endpoint.endswith("/"):
            raise DeskProblem(f"property endpoint must be https://HOST without a slash at the end, it is {endpoint!r}")
        profile = str(raw.get("conversationProfile", ""))
        if not _PROFILE.fullmatch(profile):
            raise DeskProblem(
                f"property conversationProfile must be projects/P/locations/L/conversationProfiles/ID, it is {profile!r}"
            )
        if str(raw.get("channel", "")) != "voice":
            raise DeskProblem(f"property channel must be voice, it is {raw.get('channel')!r}")
        if str(raw.get("debugMode", "true")).lower() != "false":
            raise DeskProblem(causes.DEBUG_MODE)
        for name in ("consumerKey", "consumerSecret"):
            if not raw.get(name):
                raise DeskProblem(f"property {name} is empty")
        return cls(endpoint, profile, "voice", str(raw["consumerKey"]), str(raw["consumerSecret"]))

    @property
    def socket_origin(self) -> str:
        """The endpoint as a WebSocket origin."""
        return "ws" + self.endpoint.removeprefix("http")

    def same_project(self, conversation: str) -> None:
        """Raises DeskProblem when the conversation is another project's than the profile."""
        project = self.conversation_profile.split("/")[1]
        if conversation.split("/")[1] != project:
            raise DeskProblem(f"{conversation} is not in the conversation profile's project {project}")
