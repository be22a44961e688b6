"""A conversation profile that somebody else keeps: looked at before it is used, never changed.

A profile that tells its events nowhere, or elsewhere, or not as JSON, makes calls in which the agent sees nothing; and one for chat
makes no conversation when the phone rings. All of that can be seen beforehand, so the preview refuses it and says what to
change in the profile.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from providers.dialogflow.base import DialogflowHandler
from providers.handler import Fault, Live, Made, Properties, known

# Where a profile names its topics (ConversationProfile of v2beta1).
NOTIFICATIONS = {
    "lifecycle": "notificationConfig",
    "message": "newMessageEventNotificationConfig",
    "recognition": "newRecognitionResultNotificationConfig",
    "suggestion": "humanAgentAssistantConfig.notificationConfig",
}


@dataclass(frozen=True)
class ExistingProfile:
    """name: full; topics: {kind of event as in NOTIFICATIONS: projects/P/topics/T}; own: display name of the program's own one."""

    name: str
    topics: dict[str, str]
    own: str = ""


class ExistingProfileHandler(DialogflowHandler):
    """Id: the profile's name. No outputs."""

    Inputs = ExistingProfile

    def faults(self, inputs: Properties) -> list[Fault]:
        unknown = inputs.get("topics", {}).keys() - NOTIFICATIONS
        return [Fault("topics", f"has no event {', '.join(sorted(unknown))}: {', '.join(NOTIFICATIONS)}")] if unknown else []

    def vendor_faults(self, inputs: Properties) -> list[Fault]:
        wanted = self.wanted(inputs)
        profile = self.client.conversation_profile(wanted.name)
        if profile is None:
            remedy = "pulumi config set conversationProfile NAME, or pulumi config rm conversationProfile for one that the program makes"
            return [Fault("name", f"{wanted.name} does not exist; {self._others(wanted.name)}. Fix: {remedy}")]
        if wanted.own and profile.get("displayName") == wanted.own:
            why = f"{wanted.own} is the profile that this program makes, and takes away when it shall use another one"
            remedy = "pulumi config rm conversationProfile; a profile of your own must have another display name"
            return [Fault("name", f"{why}. Fix: {remedy}")]
        wrong = list(_wrong(profile, wanted.topics))
        if not wrong:
            return []
        remedy = "Fix: change it in the Agent Assist console or by conversationProfiles.patch, or leave conversationProfile out"
        return [Fault("name", f"{profile.get('displayName', wanted.name)} does not serve this environment: {'; '.join(wrong)}. {remedy}")]

    def find(self, inputs: Properties) -> Made | None:
        wanted = self.wanted(inputs)
        return None if self.client.conversation_profile(wanted.name) is None else Made(wanted.name)

    def create(self, inputs: Properties) -> Made:
        return Made(self.wanted(inputs).name)

    def read(self, id: str, state: Properties) -> Live | None:
        return None if self.client.conversation_profile(id) is None else Live(known(ExistingProfile, state))

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        return {}

    def delete(self, id: str, state: Properties) -> None:
        """Nothing to do: the profile is somebody else's."""

    def _others(self, name: str) -> str:
        _, project, _, location, *_ = name.split("/")
        there = [f"{each['name']} ({each.get('displayName', '')})" for each in self.client.conversation_profiles(project, location)]
        return f"the profiles of {location} are {', '.join(there)}" if there else f"there is no profile in {location} at all"


def _wrong(profile: dict[str, Any], topics: dict[str, str]) -> Iterator[str]:
    for kind, topic in topics.items():
        path = NOTIFICATIONS[kind]
        config = _at(profile, path) or {}
        told = config.get("topic", "")
        if not same_topic(told, topic):
            yield f"{path}.topic is {told or 'not set'}, it must be {topic}"
        elif config.get("messageFormat") != "JSON":
            yield f"{path}.messageFormat is {config.get('messageFormat') or 'not set, which means PROTO'}, it must be JSON"
    if not _at(profile, "sipConfig.createConversationOnTheFly"):
        yield "sipConfig.createConversationOnTheFly is not true, so that a call makes no conversation"
    features = _at(profile, "humanAgentAssistantConfig.humanAgentSuggestionConfig.featureConfigs") or []
    if any(_at(each, "suggestionFeature.type") == "SMART_REPLY" for each in features):
        yield "it has SMART_REPLY, which Google offers for chat only"


def _at(values: dict[str, Any], path: str) -> Any:
    found: Any = values
    for name in path.split("."):
        found = (found or {}).get(name)
    return found


def same_topic(told: str, wanted: str) -> bool:
    """Google also writes a topic with a location, and the project by its number."""
    parts = re.fullmatch(r"projects/([^/]+)/(?:locations/[^/]+/)?topics/(.+)", told)
    own = re.fullmatch(r"projects/([^/]+)/topics/(.+)", wanted)
    return bool(parts and own) and parts[2] == own[2] and (parts[1] == own[1] or parts[1].isdigit())
