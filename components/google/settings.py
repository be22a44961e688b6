"""What an environment may say about its Google side; every message gives the cause and the remedy."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import field_validator, model_validator

from components.settings_model import SettingsModel, e164, key, loopback

_FEATURES = ("CONVERSATION_SUMMARIZATION", "KNOWLEDGE_ASSIST", "KNOWLEDGE_SEARCH")
# Why a feature that Google or its guide names is not taken, and what to do instead.
_REFUSED_FEATURES = {
    "SMART_REPLY": "is for chat; Google has no smart replies for voice calls. Fix: leave it out",
    "SMART_COMPOSE": "is for chat. Fix: leave it out",
    "KNOWLEDGE_ASSIST_V2": "is the guide's name for the panel; in a conversation profile it is KNOWLEDGE_ASSIST",
    "AGENT_COACHING": "is made of generators, which are created in the Agent Assist console. Fix: leave it out",
    "CONVERSATION_SUMMARIZATION_VOICE": "is the old name for voice. Fix: CONVERSATION_SUMMARIZATION",
    "ARTICLE_SUGGESTION": "needs documents that this program does not keep. Fix: KNOWLEDGE_ASSIST",
    "FAQ": "needs a knowledge base that this program does not keep. Fix: KNOWLEDGE_ASSIST",
    "DIALOGFLOW_ASSIST": "needs a virtual agent that this program does not keep. Fix: leave it out",
}
_AGENT = re.compile(r"projects/[^/]+/locations/[^/]+/(agent|agents/[^/]+)")


class ProjectSettings(SettingsModel):
    """Where in Google Cloud: the standard keys of pulumi-gcp."""

    project: str = key("gcp:project", "Google Cloud project (its ID, not its number)", "my-project-1234")
    region: str = key("gcp:region", "region of Cloud Run, Redis and the image", "us-central1")

    @field_validator("project")
    @classmethod
    def _project_id(cls, value: str) -> str:
        if value.isdigit():
            raise ValueError("is the project's number; the program needs its ID, see `gcloud projects list`")
        if not re.fullmatch(r"([a-z][a-z0-9.-]*:)?[a-z][a-z0-9-]{4,28}[a-z0-9]", value):
            raise ValueError("is not a project ID: 6 to 30 lower-case letters, digits and hyphens")
        return value

    @field_validator("region")
    @classmethod
    def _region(cls, value: str) -> str:
        if re.fullmatch(r"[a-z]+-[a-z]+\d+-[a-z]", value):
            raise ValueError(f"is a zone; the region is {value.rsplit('-', 1)[0]}")
        if not re.fullmatch(r"[a-z]+-[a-z]+\d+", value):
            raise ValueError("is not a region like us-central1; see `gcloud run regions list`")
        return value


class GoogleSettings(SettingsModel):
    """The Google side of one environment, in the project's own configuration namespace."""

    conversation_location: str = key(
        "conversationLocation", "Dialogflow location of conversations and their profile", "global", "global"
    )
    language_code: str = key("languageCode", "language that callers and agents speak", "en-US", "en-US")
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
    gtp_phone_number: str = key(
        "gtpPhoneNumber", "Google's telephony number, ordered in the Agent Assist console", "+15550100200"
    )
    dialogflow_endpoint: str | None = key(
        "dialogflowEndpoint", "replaces Google's Dialogflow address in the rehearsal", "http://127.0.0.1:8443", None
    )
    connector_image: str | None = key(
        "connectorImage",
        "own image of the connector, by digest, instead of building it",
        "us-central1-docker.pkg.dev/my-project-1234/voice/connector@sha256:<64 hexadecimal digits>",
        None,
    )
    session_store_memory_gb: int = key(
        "sessionStoreMemoryGb", "size of Redis in GB; it holds a few short entries for each call", "1", 1
    )
    session_store_tier: Literal["BASIC", "STANDARD_HA"] = key(
        "sessionStoreTier", "Redis without (BASIC) or with (STANDARD_HA) a replica in another zone", "BASIC", "BASIC"
    )
    connector_min_instances: int = key("connectorMinInstances", "connector instances that always run", "1", 1)
    connector_max_instances: int = key(
        "connectorMaxInstances", "most connector instances; each holds up to 1,000 agents", "1", 1
    )
    cors_allowed_origins: list[str] = key(
        "corsAllowedOrigins", "further web origins that may call the connector", '["https://tools.example.com"]', []
    )

    @field_validator("conversation_location")
    @classmethod
    def _location(cls, value: str) -> str:
        if not re.fullmatch(r"global|us|eu|[a-z]+-[a-z]+\d+", value):
            raise ValueError("is not a Dialogflow location: global, us, eu, or a region like us-central1")
        return value

    @field_validator("language_code")
    @classmethod
    def _language(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?", value):
            raise ValueError("is not a language code like en-US (BCP 47: language, hyphen, region)")
        return value

    @field_validator("assist_features")
    @classmethod
    def _features(cls, value: list[str]) -> list[str]:
        if not value:
            raise ValueError(f"is empty: the agent would see only the transcript. Choose from {', '.join(_FEATURES)}")
        for feature in value:
            if feature in _REFUSED_FEATURES:
                raise ValueError(f"{feature} {_REFUSED_FEATURES[feature]}")
            if feature not in _FEATURES:
                raise ValueError(f"{feature!r} is not a feature. Choose from {', '.join(_FEATURES)}")
        if len(set(value)) != len(value):
            raise ValueError("names a feature twice; Google refuses that. Fix: name each once")
        return value

    @field_validator("knowledge_agent")
    @classmethod
    def _agent(cls, value: str | None) -> str | None:
        if value is not None and not _AGENT.fullmatch(value):
            raise ValueError("is not an agent's full name: projects/PROJECT/locations/LOCATION/agents/ID")
        return value

    @field_validator("gtp_phone_number")
    @classmethod
    def _e164(cls, value: str) -> str:
        return e164(value)

    @field_validator("dialogflow_endpoint")
    @classmethod
    def _loopback(cls, value: str | None) -> str | None:
        return loopback(value, "dialogflowEndpoint", "Google's access token")

    @field_validator("connector_image")
    @classmethod
    def _by_digest(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[^\s@]+/[^\s@]+@sha256:[0-9a-f]{64}", value):
            raise ValueError(
                "does not name the image by digest (…@sha256:<64 hexadecimal digits>): a tag may move between two runs. "
                "Fix: take the digest from `gcloud artifacts docker images describe IMAGE`"
            )
        return value

    @field_validator("session_store_memory_gb")
    @classmethod
    def _memory(cls, value: int) -> int:
        if not 1 <= value <= 300:
            raise ValueError("is not between 1 and 300, the sizes in GB that Google sells")
        return value

    @field_validator("cors_allowed_origins")
    @classmethod
    def _origins(cls, value: list[str]) -> list[str]:
        for origin in value:
            if not re.fullmatch(r"https://[A-Za-z0-9.-]+(:\d+)?", origin):
                raise ValueError(f"{origin!r} is not an origin: https:// and a host, without path, slash or *")
        return value

    @model_validator(mode="after")
    def _instances(self) -> GoogleSettings:
        if self.connector_min_instances < 1:
            raise ValueError("connectorMinInstances must be at least 1: the first call after a pause would find no connector")
        if self.connector_max_instances < self.connector_min_instances:
            raise ValueError(
                f"connectorMaxInstances ({self.connector_max_instances}) is below "
                f"connectorMinInstances ({self.connector_min_instances}). Fix: raise it"
            )
        return self
