"""What Agent Assist does during a call."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from pydantic import field_validator

from components.settings_model import SettingsModel, key

_FEATURES = ("CONVERSATION_SUMMARIZATION", "KNOWLEDGE_ASSIST", "KNOWLEDGE_SEARCH")
# Why a feature that Google or its guide names is not taken, and after `Fix:` the one to take instead, where there is one.
_REFUSED_FEATURES = {
    "SMART_REPLY": "is for chat; Google has no smart replies for voice calls.",
    "SMART_COMPOSE": "is for chat.",
    "KNOWLEDGE_ASSIST_V2": "is the guide's name for the panel; in a conversation profile it is KNOWLEDGE_ASSIST. Fix: KNOWLEDGE_ASSIST",
    "AGENT_COACHING": "is made of generators, which are created in the Agent Assist console.",
    "CONVERSATION_SUMMARIZATION_VOICE": "is the old name for voice. Fix: CONVERSATION_SUMMARIZATION",
    "ARTICLE_SUGGESTION": "needs documents that this program does not keep. Fix: KNOWLEDGE_ASSIST",
    "FAQ": "needs a knowledge base that this program does not keep. Fix: KNOWLEDGE_ASSIST",
    "DIALOGFLOW_ASSIST": "needs a virtual agent that this program does not keep.",
}
_AGENT = re.compile(r"projects/[^/]+/locations/[^/]+/(agent|agents/[^/]+)")
_PROFILE = re.compile(r"projects/[^/]+/locations/(?P<location>[^/]+)/conversationProfiles/[^/]+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?")
_PHRASE_SET = re.compile(r"projects/[^/]+/locations/[^/]+/phraseSets/[^/]+")
_SECURITY = re.compile(r"projects/[^/]+/locations/[^/]+/securitySettings/[^/]+")
# Google hears for at most three further languages (Speech-to-Text, RecognitionConfig.alternativeLanguageCodes).
_MOST_ALTERNATIVES = 3


class ProfileSettings(SettingsModel):
    """The conversation profile, made from the settings below `conversation_profile`, or one that is there already."""

    conversation_location: str = key(
        "conversationLocation", "Dialogflow location of conversations and their profile", "global", "global"
    )
    conversation_profile: str | None = key(
        "conversationProfile",
        "an existing conversation profile by its full name, instead of making one; it must tell its events to this environment's topics",
        "projects/my-project-1234/locations/global/conversationProfiles/0123abcd",
        None,
    )
    language_code: str = key("languageCode", "language that callers and agents speak", "en-US", "en-US")
    alternative_language_codes: list[str] = key(
        "alternativeLanguageCodes", "further languages that may be spoken, at most three", '["es-US"]', []
    )
    speech_model: str = key("speechModel", "Google's speech model", "telephony", "telephony")
    speech_model_variant: Literal["USE_BEST_AVAILABLE", "USE_STANDARD", "USE_ENHANCED"] | None = key(
        "speechModelVariant", "variant of the speech model, where Google shall not choose", "USE_ENHANCED", None
    )
    phrase_sets: list[str] = key(
        "phraseSets",
        "Speech-to-Text phrase sets by full name: product names and the like, that are heard better then",
        '["projects/my-project-1234/locations/global/phraseSets/products"]',
        [],
    )
    profanity_filter: bool = key("profanityFilter", "whether swear words are starred out in the transcript", "true", False)
    assist_features: list[str] = key(
        "assistFeatures",
        f"what Agent Assist suggests to the agent: {', '.join(_FEATURES)}",
        '["KNOWLEDGE_ASSIST", "CONVERSATION_SUMMARIZATION"]',
        ["KNOWLEDGE_ASSIST", "CONVERSATION_SUMMARIZATION"],
    )
    knowledge_agent: str | None = key(
        "knowledgeAgent",
        "the Dialogflow agent whose data stores answer KNOWLEDGE_ASSIST and KNOWLEDGE_SEARCH; without it they find nothing",
        "projects/my-project-1234/locations/global/agents/0123abcd",
        None,
    )
    security_settings: str | None = key(
        "securitySettings",
        "Dialogflow security settings by full name: what is redacted in transcripts, and how long they are kept",
        "projects/my-project-1234/locations/global/securitySettings/0123abcd",
        None,
    )

    @field_validator("conversation_location")
    @classmethod
    def _location(cls, value: str) -> str:
        if not re.fullmatch(r"global|us|eu|[a-z]+-[a-z]+\d+", value):
            raise ValueError("is not a Dialogflow location: global, us, eu, or a region like us-central1")
        return value

    @field_validator("conversation_profile")
    @classmethod
    def _profile(cls, value: str | None) -> str | None:
        if value is not None and not _PROFILE.fullmatch(value):
            raise ValueError("is not a profile's full name: projects/PROJECT/locations/LOCATION/conversationProfiles/ID")
        return value

    @field_validator("language_code")
    @classmethod
    def _language(cls, value: str) -> str:
        return _language(value)

    @field_validator("alternative_language_codes")
    @classmethod
    def _alternatives(cls, value: list[str]) -> list[str]:
        if len(value) > _MOST_ALTERNATIVES or len(set(value)) != len(value):
            raise ValueError(f"names more than {_MOST_ALTERNATIVES} languages, or one twice")
        return [_language(each) for each in value]

    @field_validator("speech_model")
    @classmethod
    def _model(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", value):
            raise ValueError("is not a speech model like telephony or phone_call")
        return value

    @field_validator("phrase_sets")
    @classmethod
    def _phrases(cls, value: list[str]) -> list[str]:
        for each in value:
            if not _PHRASE_SET.fullmatch(each):
                raise ValueError(f"{each!r} is not a phrase set's full name: projects/PROJECT/locations/LOCATION/phraseSets/ID")
        return value

    @field_validator("assist_features")
    @classmethod
    def _features(cls, value: list[str]) -> list[str]:
        if not value:
            raise ValueError(f"is empty: the agent would see only the transcript. Choose from {', '.join(_FEATURES)}")
        for at, feature in enumerate(value):
            place = f"--path 'assistFeatures[{at}]'"
            # Without its only entry the list would be empty, and refused for that.
            removed = f"pulumi config rm {place if len(value) > 1 else 'assistFeatures'}"
            if feature in _REFUSED_FEATURES:
                why, _, instead = _REFUSED_FEATURES[feature].partition(" Fix: ")
                remedy = f"pulumi config set {place} {instead}" if instead in _FEATURES else removed
                raise ValueError(f"{feature} {why} Fix: {remedy}")
            if feature not in _FEATURES:
                remedy = f"pulumi config set {place} {_FEATURES[1]}"
                raise ValueError(f"{feature!r} is not a feature. Choose from {', '.join(_FEATURES)}. Fix: {remedy}")
            if feature in value[:at]:
                raise ValueError(f"names {feature} twice; Google refuses that. Fix: {removed}")
        return value

    @field_validator("knowledge_agent")
    @classmethod
    def _agent(cls, value: str | None) -> str | None:
        if value is not None and not _AGENT.fullmatch(value):
            raise ValueError("is not an agent's full name: projects/PROJECT/locations/LOCATION/agents/ID")
        return value

    @field_validator("security_settings")
    @classmethod
    def _security(cls, value: str | None) -> str | None:
        if value is not None and not _SECURITY.fullmatch(value):
            raise ValueError("is not the full name of security settings: projects/PROJECT/locations/LOCATION/securitySettings/ID")
        return value

    def profile_faults(self) -> Iterator[str]:
        """What these settings have wrong together."""
        there = _PROFILE.fullmatch(self.conversation_profile or "")
        if there and there["location"] != self.conversation_location:
            yield (
                f"conversationProfile is of the location {there['location']}, and conversationLocation, where the number and the "
                f"conversations are, is {self.conversation_location}. Fix: pulumi config set conversationLocation {there['location']}"
            )


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise ValueError(f"{value!r} is not a language code like en-US (BCP 47: language, hyphen, region)")
    return value
