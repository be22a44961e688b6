"""The conversation profile: what Agent Assist does during a call, and where it tells about it.

All four kinds of events are asked for as JSON; left alone, Google would send binary messages that the interceptor cannot
read. Google keeps more settings of a profile than pulumi-gcp has (docs/google.md).
"""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_gcp as gcp

from components.google.apis import Apis
from components.google.events import Topics
from components.google.settings import GoogleSettings

_SPEECH_MODEL = "telephony"
# The second baseline of summaries answers in sections; Google offers it in these places only.
_SECTIONED_SUMMARIES = ("global", "us-central1", "us-east1", "us-west1")


class ConversationProfile(pulumi.ComponentResource):
    """Output: resource_name, projects/P/locations/L/conversationProfiles/ID."""

    def __init__(
        self,
        name: str,
        settings: GoogleSettings,
        *,
        project: str,
        topics: Topics,
        apis: Apis,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("voice:google:ConversationProfile", name, None, opts)

        def told_on(kind: str) -> dict[str, Any]:
            return {"topic": topics.topics[kind].id, "message_format": "JSON"}

        profile = gcp.diagflow.ConversationProfile(
            "agent-assist-voice",
            project=project,
            location=settings.conversation_location,
            display_name="agent-assist-voice",
            language_code=settings.language_code,
            notification_config=told_on("lifecycle"),
            new_message_event_notification_config=told_on("message"),
            new_recognition_result_notification_config=told_on("recognition"),
            human_agent_assistant_config={
                "notification_config": told_on("suggestion"),
                "human_agent_suggestion_config": {
                    "feature_configs": [feature(each, settings) for each in settings.assist_features]
                },
            },
            stt_config={"language_code": settings.language_code, "model": _SPEECH_MODEL},
            # Twilio names the conversation when it forks the call; nobody creates it before.
            sip_config={"create_conversation_on_the_fly": True},
            opts=pulumi.ResourceOptions(parent=self, depends_on=apis.on("dialogflow")),
        )
        location = settings.conversation_location
        self.resource_name: pulumi.Output[str] = profile.name.apply(lambda given: full_name(given, location))
        self.register_outputs({"resourceName": self.resource_name})


def feature(type: str, settings: GoogleSettings) -> dict[str, Any]:
    """One suggestion feature with the trigger that suits a voice call.

    Knowledge is offered while the caller speaks; a search or a summary is made when the agent asks for it.
    """
    config: dict[str, Any] = {"suggestion_feature": {"type": type}}
    if type == "CONVERSATION_SUMMARIZATION":
        sectioned = settings.conversation_location in _SECTIONED_SUMMARIES
        config["conversation_model_config"] = {"baseline_model_version": "2.0" if sectioned else "1.0"}
    elif type == "KNOWLEDGE_ASSIST":
        config["enable_event_based_suggestion"] = True
    elif type == "KNOWLEDGE_SEARCH":
        config["enable_conversation_augmented_query"] = True
    if type.startswith("KNOWLEDGE") and settings.knowledge_agent is not None:
        config["query_config"] = {"dialogflow_query_source": {"agent": settings.knowledge_agent}}
    return config


def full_name(name: str, location: str) -> str:
    """A profile's name with its location: Google may leave out `locations/global`, the Lightning component may not."""
    return name if "/locations/" in name else name.replace("/conversationProfiles/", f"/locations/{location}/conversationProfiles/")
