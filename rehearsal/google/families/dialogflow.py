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


# Output under which Google's further speech settings are kept; no output of the SDK's class, so that no program sees them.
FURTHER_SPEECH = "furtherSpeech"


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
        # pulumi-gcp writes the speech settings as a whole, and knows fewer of them than Google.
        same = before is not None and before.inputs.get("sttConfig") == thing.inputs.get("sttConfig")
        further = before.outputs.get(FURTHER_SPEECH, {}) if before is not None and same else {}
        thing.outputs = {
            FURTHER_SPEECH: further,
            "name": thing.id,
            "project": cloud.project,
            "languageCode": thing.get("languageCode", "en-US"),
        }

    def spellings(self, cloud: Cloud, id: str) -> list[str]:
        return [thing.id for thing in cloud.of(self.type) if last(thing.id) == last(id)]


KINDS: list[Kind] = [ConversationProfile()]
