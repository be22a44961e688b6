"""The conversation profile: what Agent Assist does during a call, and where it tells about it.

All four kinds of events are asked for as JSON; left alone, Google would send binary messages that the interceptor cannot
read. What pulumi-gcp lacks of the speech settings is set by Dialogflow's own interface, where it is asked for at all. With the
setting `conversationProfile` somebody else's profile is used, looked at and left alone.
"""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_gcp as gcp

from components.google import names
from components.google.apis import Apis
from components.google.events import Topics
from components.google.resources import ExistingProfile, ProfileExtras
from components.google.settings import GoogleSettings


class ConversationProfile(pulumi.ComponentResource):
    """Output: resource_name, projects/P/locations/L/conversationProfiles/ID. complete: what the profile consists of."""

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
        self._settings, self._project, self._topics = settings, project, topics
        self.resource_name: pulumi.Output[str]
        self.complete: list[pulumi.Resource]
        existing = settings.conversation_profile
        self.resource_name, self.complete = self._existing(existing, apis) if existing else self._own(apis)
        self.register_outputs({"resourceName": self.resource_name})

    def _existing(self, profile: str, apis: Apis) -> tuple[pulumi.Output[str], list[pulumi.Resource]]:
        looked_at = ExistingProfile(
            "existing-conversation-profile",
            {"name": profile, "topics": self._topics.full_names, "own": self._settings.names.of(names.PROFILE)},
            pulumi.ResourceOptions(parent=self, depends_on=[*self._topics.topics.values(), *apis.on("dialogflow")]),
        )
        return pulumi.Output.from_input(profile), [looked_at]

    def _own(self, apis: Apis) -> tuple[pulumi.Output[str], list[pulumi.Resource]]:
        settings = self._settings
        profile = gcp.diagflow.ConversationProfile(
            "agent-assist-voice",
            project=self._project,
            location=settings.conversation_location,
            display_name=settings.names.of(names.PROFILE),
            language_code=settings.language_code,
            notification_config=self._told_on("lifecycle"),
            new_message_event_notification_config=self._told_on("message"),
            new_recognition_result_notification_config=self._told_on("recognition"),
            human_agent_assistant_config={
                "notification_config": self._told_on("suggestion"),
                "human_agent_suggestion_config": {
                    "feature_configs": [feature(each, settings) for each in settings.assist_features]
                },
            },
            security_settings=settings.security_settings,
            stt_config=speech(settings),
            # Twilio names the conversation when it forks the call; nobody creates it before.
            sip_config={"create_conversation_on_the_fly": True},
            opts=pulumi.ResourceOptions(parent=self, depends_on=apis.on("dialogflow")),
        )
        location = settings.conversation_location
        name = profile.name.apply(lambda given: full_name(given, location))
        return name, [profile, *self._extras(name, profile)]

    def _extras(self, profile: pulumi.Output[str], made: pulumi.Resource) -> list[pulumi.Resource]:
        settings = self._settings
        extras = {
            "alternativeLanguageCodes": settings.alternative_language_codes,
            "phraseSets": settings.phrase_sets,
            "profanityFilter": settings.profanity_filter,
        }
        if not any(extras.values()):
            return []
        # Repeated here because another of these makes pulumi-gcp write all of the speech settings anew.
        spoken = {"languageCode": settings.language_code, "model": settings.speech_model}
        if settings.speech_model_variant:
            spoken["speechModelVariant"] = settings.speech_model_variant
        own = {"conversationProfile": profile, **extras, "speech": spoken}
        return [ProfileExtras("agent-assist-voice-extras", own, pulumi.ResourceOptions(parent=self, depends_on=[made]))]

    def _told_on(self, kind: str) -> dict[str, Any]:
        return {"topic": self._topics.topics[kind].id, "message_format": "JSON"}


def speech(settings: GoogleSettings) -> dict[str, str]:
    """The speech settings that pulumi-gcp has."""
    config = {"language_code": settings.language_code, "model": settings.speech_model}
    variant = settings.speech_model_variant
    return config | ({"speech_model_variant": variant} if variant else {})


def feature(type: str, settings: GoogleSettings) -> dict[str, Any]:
    """One suggestion feature with the trigger that suits a voice call.

    Knowledge is offered while the caller speaks; a search or a summary is made when the agent asks for it. The summary's model
    is Google's: pulumi-gcp still has conversationModelConfig, the interface that it speaks has it no more.
    """
    config: dict[str, Any] = {"suggestion_feature": {"type": type}}
    if type == "KNOWLEDGE_ASSIST":
        config["enable_event_based_suggestion"] = True
    elif type == "KNOWLEDGE_SEARCH":
        config["enable_conversation_augmented_query"] = True
    if type.startswith("KNOWLEDGE") and settings.knowledge_agent is not None:
        config["query_config"] = {"dialogflow_query_source": {"agent": settings.knowledge_agent}}
    return config


def full_name(name: str, location: str) -> str:
    """A profile's name with its location: Google may leave out `locations/global`, the Lightning component may not."""
    return name if "/locations/" in name else name.replace("/conversationProfiles/", f"/locations/{location}/conversationProfiles/")
