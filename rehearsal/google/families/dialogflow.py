"""Conversation profiles (Dialogflow). Their id is Google's own, so that making one twice makes two."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from rehearsal.google.checking import at
from rehearsal.google.cloud import Cloud, Thing
from rehearsal.google.families.kind import Kind, last
from rehearsal.google.families.pubsub import require_topic
from rehearsal.google.refusals import Refusal

# Where a profile names topics, by what Agent Assist publishes there.
NOTIFICATIONS = {
    "conversation-lifecycle-event": "notificationConfig",
    "new-message-event": "newMessageEventNotificationConfig",
    "new-recognition-result-notification-event": "newRecognitionResultNotificationConfig",
    "human-agent-assistant-event": "humanAgentAssistantConfig.notificationConfig",
}
# Output under which fields are kept whole of which the SDK's class knows a part only, {name: value}; no output of that class
# itself, so that no program sees it.
WHOLE_FIELDS = "wholeFields"


class ConversationProfile(Kind):
    type = "gcp:diagflow/conversationProfile:ConversationProfile"
    api = "dialogflow.googleapis.com"
    noun = "conversation profile"

    def id(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        return (
            f"projects/{cloud.project}/locations/{inputs['location']}/conversationProfiles/{secrets.token_urlsafe(16)}"
        )

    def name(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        return f"{inputs['location']}/{inputs['displayName']}"

    def admit(self, cloud: Cloud, inputs: Mapping[str, Any], id: str) -> None:
        for place in NOTIFICATIONS.values():
            for path, config in at(dict(inputs), place):
                if topic := (config or {}).get("topic"):
                    if not topic.startswith(f"projects/{cloud.project}/"):
                        raise Refusal("wrong-project", project=topic.split("/")[1], own=cloud.project)
                    require_topic(cloud, topic, f"{path}.topic")

    def realise(self, cloud: Cloud, thing: Thing, before: Thing | None) -> None:
        # pulumi-gcp writes a field as a whole, and knows less of some than Google: what it wrote anew is gone.
        kept = before.outputs.get(WHOLE_FIELDS, {}) if before else {}
        untouched = {n: v for n, v in kept.items() if before.inputs.get(n) == thing.inputs.get(n)}
        thing.outputs = {
            WHOLE_FIELDS: untouched,
            "name": thing.id,
            "project": cloud.project,
            "languageCode": thing.get("languageCode", "en-US"),
        }

    def spellings(self, cloud: Cloud, id: str) -> list[str]:
        return [thing.id for thing in cloud.of(self.type) if last(thing.id) == last(id)]


KINDS: list[Kind] = [ConversationProfile()]
