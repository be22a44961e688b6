"""What an environment may say about its Google side; every message gives the cause and the remedy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from pydantic import field_validator, model_validator

from components.google import names, sizing
from components.google.environments import PRESETS, Preset
from components.google.image_settings import ImageSettings
from components.google.network_settings import NetworkSettings
from components.google.profile_settings import ProfileSettings
from components.settings_model import SettingFaults, SettingsModel, e164, key, loopback


class ProjectSettings(SettingsModel):
    """Where in Google Cloud, and as whom: the standard keys of pulumi-gcp."""

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


class EnvironmentSettings(SettingsModel):
    """What kind of environment it is, for how many agents, and what distinguishes it from another one in the project."""

    environment: Literal["dev", "prod"] = key(
        "environment", "dev is cheap; prod has spare instances and a replica, and refuses to be deleted", "prod", "dev"
    )
    name_prefix: str | None = key(
        "namePrefix", "in front of every name at Google, so that another environment can live in the same project", "dev", None
    )
    agents: int = key("agents", "agents that work at the same time; numbers and limits of instances follow", "50", 50)
    deletion_protection: bool | None = key(
        "deletionProtection", "whether the environment refuses to be destroyed; without it as `environment` says", "true", None
    )
    check_deployer_permissions: bool = key(
        "checkDeployerPermissions", "whether the preview asks Google for every permission that the deployer needs", "true", True
    )

    @field_validator("name_prefix")
    @classmethod
    def _prefix(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not re.fullmatch(r"[a-z]([a-z0-9-]*[a-z0-9])?", value):
            raise ValueError("is not a prefix: lower-case letters, digits and hyphens, a letter first and no hyphen last")
        refused = next(names.Names(value).refused(), None)
        if refused is not None:
            raise ValueError(
                f"makes the {refused[0]} {refused[1]!r}, a name that Google does not take. "
                f"Fix: at most {names.longest_prefix()} characters, not beginning with goog, as `pulumi config set namePrefix dev`"
            )
        return value

    @field_validator("agents")
    @classmethod
    def _agents(cls, value: int) -> int:
        most = sizing.most_agents()
        if value < 1:
            raise ValueError(f"is not between 1 and {most:,}: instances are counted by it")
        if value > most:
            raise ValueError(
                f"is not between 1 and {most:,}; more would need more instances than a region gives a project. "
                f"Fix: divide the agents among environments, here at most `pulumi config set agents {most}`"
            )
        return value


class SessionStoreSettings(SettingsModel):
    """Redis."""

    session_store_memory_gb: int = key(
        "sessionStoreMemoryGb", "size of Redis in GB; it holds a few short entries for each call", "1", 1
    )
    session_store_tier: Literal["BASIC", "STANDARD_HA"] | None = key(
        "sessionStoreTier",
        "Redis without (BASIC) or with (STANDARD_HA) a replica in another zone; without it as `environment` says",
        "STANDARD_HA",
        None,
    )
    session_store_auth: bool = key("sessionStoreAuth", "whether Redis asks for a password", "false", True)
    session_store_tls: bool = key("sessionStoreTls", "whether Redis is spoken to over TLS only", "false", True)

    @field_validator("session_store_memory_gb")
    @classmethod
    def _memory(cls, value: int) -> int:
        if not 1 <= value <= 300:
            raise ValueError("is not between 1 and 300, the sizes in GB that Google sells")
        return value


class ConnectorSettings(SettingsModel):
    """The connector's instances, and who may call them."""

    connector_min_instances: int = key(
        "connectorMinInstances", "connector instances that always run; 0: as many as `agents` and `environment` need", "2", 0
    )
    connector_max_instances: int = key(
        "connectorMaxInstances", "most connector instances; 0: as many as `agents` need", "4", 0
    )
    service_memory: str | None = key(
        "serviceMemory", "memory of a Cloud Run instance; without it as `environment` says", "1Gi", None
    )
    push_check: bool = key(
        "pushCheck",
        "whether the interceptor checks push tokens itself; only where Cloud Run, which takes away the signature of what it has "
        "checked, is not in front of it",
        "true",
        False,
    )
    cors_allowed_origins: list[str] = key(
        "corsAllowedOrigins", "further web origins that may call the connector", '["https://tools.example.com"]', []
    )

    @field_validator("connector_min_instances", "connector_max_instances")
    @classmethod
    def _instances(cls, value: int) -> int:
        if not 0 <= value <= 1000:
            raise ValueError("is not between 1 and 1000, and not 0 for what follows from `agents`")
        return value

    @field_validator("service_memory")
    @classmethod
    def _size(cls, value: str | None) -> str | None:
        if value is None:
            return None
        match = re.fullmatch(r"(\d+)(Mi|Gi)", value)
        size = int(match[1]) * (1024 if match[2] == "Gi" else 1) if match else 0
        if not 512 <= size <= 4096:
            raise ValueError("is not a size from 512Mi to 4Gi, what Cloud Run gives one CPU that is always there")
        return value

    @field_validator("cors_allowed_origins")
    @classmethod
    def _origins(cls, value: list[str]) -> list[str]:
        for origin in value:
            if not re.fullmatch(r"https://[A-Za-z0-9.-]+(:\d+)?", origin):
                raise ValueError(f"{origin!r} is not an origin: https:// and a host, without path, slash or *")
        return value


class SigningSettings(SettingsModel):
    """The key that signs the connector's tokens."""

    signing_key_generation: int = key(
        "signingKeyGeneration", "raise it by one, and tokens are signed with a new key", "2", 1
    )
    signing_key_overlap: bool = key(
        "signingKeyOverlap", "whether tokens of the key before are still accepted; false ends a rotation", "false", True
    )

    @field_validator("signing_key_generation")
    @classmethod
    def _generation(cls, value: int) -> int:
        if value < 1:
            remedy = "raise the number that stood there by one, as `pulumi config set signingKeyGeneration 2`"
            raise ValueError(f"is below 1, the first key. Fix: {remedy}")
        return value


class GoogleSettings(
    SigningSettings, ConnectorSettings, SessionStoreSettings, NetworkSettings, ImageSettings, ProfileSettings, EnvironmentSettings
):
    """The Google side of one environment, in the project's own configuration namespace.

    Where a setting is left to `environment` or to `agents`, the properties below say what comes of it.
    """

    gtp_phone_number: str = key(
        "gtpPhoneNumber", "Google's telephony number, ordered in the Agent Assist console", "+15550100200"
    )
    dialogflow_endpoint: str | None = key(
        "dialogflowEndpoint",
        "replaces the addresses of Google's REST interfaces in the rehearsal",
        "http://127.0.0.1:8443",
        None,
    )

    @property
    def names(self) -> names.Names:
        return names.Names(self.name_prefix or "")

    @property
    def preset(self) -> Preset:
        return PRESETS[self.environment]

    @property
    def protected(self) -> bool:
        return self.preset.protected if self.deletion_protection is None else self.deletion_protection

    @property
    def redis_tier(self) -> str:
        return self.session_store_tier or self.preset.tier

    @property
    def memory(self) -> str:
        return self.service_memory or self.preset.memory

    @property
    def connector_size(self) -> sizing.Size:
        size = sizing.connector(self.agents, self.preset.instances, google=self.google_image)
        least = self.connector_min_instances or min(size.least, self.connector_max_instances or size.least)
        return sizing.Size(size.requests, least, self.connector_max_instances or max(size.most, least + 1))

    @property
    def interceptor_size(self) -> sizing.Size:
        return sizing.interceptor(self.agents, self.preset.instances, google=self.google_image)

    @field_validator("gtp_phone_number")
    @classmethod
    def _e164(cls, value: str) -> str:
        return e164(value)

    @field_validator("dialogflow_endpoint")
    @classmethod
    def _loopback(cls, value: str | None) -> str | None:
        return loopback(value, "dialogflowEndpoint", "Google's access token")

    @model_validator(mode="after")
    def _together(self) -> GoogleSettings:
        """All at once, as the faults of single settings."""
        faults = [*self.image_faults(), *self.network_faults(), *self.profile_faults(), *self._size_faults()]
        if faults:
            raise SettingFaults(faults)
        return self

    def _size_faults(self) -> Iterator[str]:
        if 0 < self.connector_max_instances < self.connector_min_instances:
            yield (
                f"connectorMaxInstances ({self.connector_max_instances}) is below connectorMinInstances "
                f"({self.connector_min_instances}). Fix: pulumi config set connectorMaxInstances {self.connector_min_instances}"
            )
        if self.google_image and (self.session_store_auth or self.session_store_tls):
            yield (
                "connectorImageContract is google, and Google's public connector speaks to Redis without password and without TLS. "
                "Fix: pulumi config set sessionStoreAuth false && pulumi config set sessionStoreTls false"
            )
        if self.google_image and self.agents > sizing.most_agents(google=True):
            yield (
                f"agents is {self.agents}, and Google's public connector holds three to four agents in an instance: at most "
                f"{sizing.most_agents(google=True)}. Fix: pulumi config set connectorImageContract own"
            )
