"""The project as Google sees it: what exists, which APIs are on, who may do what. Kept in memory between engine operations."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rehearsal.google.discovery import Discovery
from rehearsal.google.refusals import Refusal

if TYPE_CHECKING:
    from rehearsal.google.local_parts import LocalParts

# On in every new project (cloud.google.com/service-usage/docs/enabled-service).
ALWAYS_ON = frozenset(
    f"{name}.googleapis.com"
    for name in ("serviceusage", "servicemanagement", "cloudapis", "logging", "monitoring", "storage", "cloudtrace")
)
# Members that are Google's own service agents: their domain -> the API they belong to.
SERVICE_AGENTS = {
    "gcp-sa-pubsub.iam.gserviceaccount.com": "pubsub.googleapis.com",
    "gcp-sa-dialogflow.iam.gserviceaccount.com": "dialogflow.googleapis.com",
    "gcp-sa-artifactregistry.iam.gserviceaccount.com": "artifactregistry.googleapis.com",
    "gcp-sa-cloudbuild.iam.gserviceaccount.com": "cloudbuild.googleapis.com",
    "gcp-sa-secretmanager.iam.gserviceaccount.com": "secretmanager.googleapis.com",
    "serverless-robot-prod.iam.gserviceaccount.com": "run.googleapis.com",
    "cloud-redis.iam.gserviceaccount.com": "redis.googleapis.com",
}
# Roles that include what a narrower one gives: holding any of these is holding the key.
_INCLUDED_IN = {
    "roles/run.invoker": ("roles/run.admin", "roles/run.servicesInvoker", "roles/owner"),
    "roles/secretmanager.secretAccessor": ("roles/secretmanager.admin", "roles/owner"),
    "roles/pubsub.publisher": ("roles/pubsub.editor", "roles/pubsub.admin", "roles/editor", "roles/owner"),
    "roles/pubsub.subscriber": ("roles/pubsub.editor", "roles/pubsub.admin", "roles/editor", "roles/owner"),
    "roles/dialogflow.agentAssistClient": ("roles/dialogflow.admin", "roles/owner"),
}
_SHORTEST_SECRET = 6


@dataclass
class Thing:
    """One resource as Google keeps it. `inputs` are what the program wrote (or somebody changed by hand since), plain."""

    type: str
    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any] = field(default_factory=dict)
    # What a role binding is on: the full name of a resource. Empty for everything else.
    resource: str = ""

    def get(self, name: str, default: Any = None) -> Any:
        value = self.inputs.get(name)
        return default if value is None else value


class Cloud:
    """Thread-safe where a method says so; `lock` guards `things` and must never be held while a local part starts."""

    def __init__(self, project: str, number: str, region: str, parts: LocalParts) -> None:
        self.project, self.number, self.region, self.parts = project, number, region, parts
        self.lock = threading.RLock()
        self.things: dict[tuple[str, str], Thing] = {}
        self.apis: set[str] = set(ALWAYS_ON)
        self.service_agents: set[str] = set()
        self.secret_texts: set[str] = set()
        self.discovery = Discovery()
        # The SDK's own declarations, see schema.py; known once the provider serves.
        self.declared: dict[str, Any] = {}
        # Called after a grant came or went, with the resource it is on.
        self.on_grant: list[Callable[[str], None]] = []

    # -- things

    def find(self, type: str, id: str) -> Thing | None:
        with self.lock:
            return self.things.get((type, id))

    def of(self, *types: str) -> list[Thing]:
        """Every thing of these kinds, in the order in which they were made."""
        with self.lock:
            return [thing for (type_, _), thing in self.things.items() if type_ in types]

    def own_project(self, given: str | None) -> str:
        """Raises Refusal when a resource names another project."""
        if given not in (None, self.project, self.number):
            raise Refusal("wrong-project", project=given, own=self.project)
        return self.project

    def require_api(self, service: str | None, what: str) -> None:
        if service and service not in self.apis:
            raise Refusal("api-disabled", service=service, number=self.number, what=what)

    # -- identities

    def account_exists(self, email: str) -> bool:
        """Whether a service account or a service agent of this project has that address."""
        local, _, domain = email.partition("@")
        if domain == f"{self.project}.iam.gserviceaccount.com":
            return any(t.outputs["email"] == email for t in self.of("gcp:serviceaccount/account:Account"))
        if domain == "developer.gserviceaccount.com":
            return local == f"{self.number}-compute" and "compute.googleapis.com" in self.apis
        if domain == "cloudbuild.gserviceaccount.com":
            return local == self.number and "cloudbuild.googleapis.com" in self.apis
        if self.is_agent(email):
            return email in self.service_agents
        # Accounts of other projects exist as far as anybody here can tell.
        return domain.endswith(".iam.gserviceaccount.com") and bool(local)

    @staticmethod
    def is_agent(email: str) -> bool:
        return email.partition("@")[2] in SERVICE_AGENTS

    def agent(self, service: str) -> str:
        """The address of the service agent of an API in this project."""
        domain = next((d for d, api in SERVICE_AGENTS.items() if api == service), None)
        if domain is None:
            domain = f"gcp-sa-{service.partition('.')[0]}.iam.gserviceaccount.com"
        return f"service-{self.number}@{domain}"

    # -- grants

    def grants(self) -> Iterator[tuple[str, str, str]]:
        """(resource, role, member) of every binding; resource is a full name such as projects/P/topics/T."""
        with self.lock:
            bindings = [thing for thing in self.things.values() if thing.resource]
        for thing in bindings:
            yield thing.resource, thing.inputs["role"], thing.inputs["member"]

    def holds(self, member: str, role: str, resource: str) -> bool:
        """Whether `member` (or everybody) has `role`, or one that includes it, on `resource` or on the project."""
        roles = {role, *_INCLUDED_IN.get(role, ())}
        places = {resource, f"projects/{self.project}"}
        return any(r in places and one in roles and who in (member, "allUsers") for r, one, who in self.grants())

    def granted(self, resource: str) -> None:
        for each in self.on_grant:
            each(resource)

    # -- secrets

    def remember_secrets(self, texts: set[str]) -> None:
        with self.lock:
            self.secret_texts |= {text for text in texts if len(text) >= _SHORTEST_SECRET}

    def redact(self, value: Any) -> Any:
        """`value` with every secret text that ever came in replaced."""
        with self.lock:
            secrets = sorted(self.secret_texts, key=len, reverse=True)
        if not secrets:
            return value
        return _redacted(value, re.compile("|".join(re.escape(text) for text in secrets)))


def _redacted(value: Any, secrets: re.Pattern[str]) -> Any:
    if isinstance(value, dict):
        return {name: _redacted(each, secrets) for name, each in value.items()}
    if isinstance(value, list):
        return [_redacted(each, secrets) for each in value]
    return secrets.sub("[secret]", value) if isinstance(value, str) else value
