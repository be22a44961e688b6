"""Service accounts, and role bindings on the project, on service accounts and (as a base) on everything else."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from rehearsal.google.cloud import Cloud, Thing
from rehearsal.google.families.kind import Kind
from rehearsal.google.refusals import Refusal

_PRINCIPAL = re.compile(
    r"(user|group|domain|serviceAccount):[^\s]+|principal(Set)?://.+|allUsers|allAuthenticatedUsers"
)
_CUSTOM_ROLE = re.compile(r"(projects|organizations)/[^/]+/roles/[A-Za-z0-9_.]+")
_BASIC = ("owner", "editor", "viewer", "browser")

# Predefined roles by service (cloud.google.com/iam/docs/roles-permissions), those of the services that are rehearsed here.
ROLES: dict[str, tuple[str, ...]] = {
    "pubsub": ("admin", "editor", "publisher", "serviceAgent", "subscriber", "viewer"),
    "run": (
        *("admin", "builder", "developer", "invoker", "jobsExecutor", "jobsExecutorWithOverrides", "serviceAgent"),
        *("servicesInvoker", "sourceDeveloper", "sourceViewer", "viewer"),
    ),
    "secretmanager": ("admin", "secretAccessor", "secretVersionAdder", "secretVersionManager", "viewer"),
    "iam": (
        *(
            "roleAdmin",
            "roleViewer",
            "securityAdmin",
            "securityReviewer",
            "serviceAccountAdmin",
            "serviceAccountCreator",
        ),
        *("serviceAccountDeleter", "serviceAccountKeyAdmin", "serviceAccountOpenIdTokenCreator"),
        *("serviceAccountTokenCreator", "serviceAccountUser", "serviceAccountViewer", "workloadIdentityUser"),
    ),
    "dialogflow": (
        *(
            "aamAdmin",
            "aamViewer",
            "admin",
            "agentAssistClient",
            "agentAssistSandboxUser",
            "client",
            "conversationManager",
        ),
        *("integrationManager", "reader", "serviceAgent"),
    ),
    "redis": ("admin", "dbConnectionUser", "editor", "serviceAgent", "viewer"),
    "artifactregistry": (
        *("admin", "createOnPushRepoAdmin", "createOnPushWriter", "reader", "repoAdmin", "serviceAgent", "writer"),
    ),
    "cloudbuild": (
        *("builds.approver", "builds.builder", "builds.editor", "builds.viewer", "serviceAgent"),
        *("workerPoolOwner", "workerPoolUser"),
    ),
    "logging": ("admin", "bucketWriter", "configWriter", "logWriter", "privateLogViewer", "viewer"),
    "monitoring": ("admin", "editor", "metricWriter", "viewer"),
    "cloudtrace": ("admin", "agent", "user"),
    "storage": ("admin", "objectAdmin", "objectCreator", "objectUser", "objectViewer"),
    "vpcaccess": ("admin", "serviceAgent", "user", "viewer"),
    "compute": ("admin", "networkAdmin", "networkUser", "networkViewer", "serviceAgent", "viewer"),
    "serviceusage": ("apiKeysAdmin", "serviceUsageAdmin", "serviceUsageConsumer", "serviceUsageViewer"),
    "resourcemanager": ("projectIamAdmin", "projectMover", "tagUser"),
    "contactcenterinsights": ("editor", "viewer"),
    "discoveryengine": ("admin", "editor", "viewer"),
}


class Account(Kind):
    type = "gcp:serviceaccount/account:Account"
    api = "iam.googleapis.com"
    noun = "service account"

    def id(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        return f"projects/{cloud.project}/serviceAccounts/{_email(cloud, inputs['accountId'])}"

    def create(self, cloud: Cloud, inputs: dict[str, Any]) -> Thing:
        existing = cloud.find(self.type, self.id(cloud, inputs))
        if existing and inputs.get("createIgnoreAlreadyExists"):
            return self.update(cloud, existing, inputs)
        return super().create(cloud, inputs)

    def realise(self, cloud: Cloud, thing: Thing, before: Thing | None) -> None:
        email = _email(cloud, thing.inputs["accountId"])
        thing.outputs = {
            "email": email,
            "member": f"serviceAccount:{email}",
            "name": thing.id,
            "uniqueId": str(10**20 + int.from_bytes(email.encode()[:40], "big") % 10**20),
            "project": cloud.project,
        }

    def spellings(self, cloud: Cloud, id: str) -> list[str]:
        return [f"projects/{cloud.project}/serviceAccounts/{id}"]


class Binding(Kind):
    """One role for one member on one resource. Google adds it to a policy, so making it twice is no error."""

    adopts = True
    # The property that names the resource, and the services whose roles make sense on it (empty: all).
    on: ClassVar[str]
    services: ClassVar[tuple[str, ...]] = ()
    public: ClassVar[bool] = False

    @abstractmethod
    def resource(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        """The full name of what the role is granted on. Raises Refusal when it does not exist."""

    @abstractmethod
    def full_name(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        """The same, without looking whether it exists."""

    def id(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        condition = inputs.get("condition")
        suffix = f"/{condition['title']}" if condition else ""
        place = self.full_name(cloud, inputs).removeprefix("projects/" if self.on == "project" else "")
        return f"{place}/{inputs['role']}/{inputs['member']}{suffix}"

    def admit(self, cloud: Cloud, inputs: Mapping[str, Any], id: str) -> None:
        self.resource(cloud, inputs)
        self._admit_role(inputs["role"])
        self._admit_member(cloud, inputs["member"])

    def realise(self, cloud: Cloud, thing: Thing, before: Thing | None) -> None:
        thing.resource = self.resource(cloud, thing.inputs)
        thing.outputs = {"etag": "BwYZ"}
        if self.on != "serviceAccountId":
            thing.outputs["project"] = cloud.project

    def _admit_role(self, role: str) -> None:
        service, _, name = role.removeprefix("roles/").partition(".")
        known = role.startswith("roles/") and (name in ROLES.get(service, ()) or (not name and service in _BASIC))
        fits = not self.services or service in (*self.services, *_BASIC)
        if not _CUSTOM_ROLE.fullmatch(role) and not (known and fits):
            raise Refusal("unknown-role", role=role, what=self.noun, known=self._known(service))

    def _known(self, service: str) -> str:
        """What would have been taken: a role that Google has and this table lacks must not look like a misspelt one."""
        if service in ROLES and (not self.services or service in self.services):
            return f"roles of {service} that the rehearsal knows: {', '.join(ROLES[service])}"
        services = self.services or tuple(sorted(ROLES))
        return f"the rehearsal knows roles of {', '.join(services)}, and custom roles of projects and organizations"

    def _admit_member(self, cloud: Cloud, member: str) -> None:
        if not _PRINCIPAL.fullmatch(member):
            raise Refusal("bad-member", member=member)
        if member.startswith("all") and not self.public:
            raise Refusal("public-not-allowed", member=member, what=self.noun)
        kind, _, email = member.partition(":")
        if kind == "serviceAccount" and not cloud.account_exists(email):
            raise Refusal("unknown-agent" if cloud.is_agent(email) else "unknown-member", email=email)


class ProjectMember(Binding):
    type = "gcp:projects/iAMMember:IAMMember"
    api = "cloudresourcemanager.googleapis.com"
    noun = "project"
    on = "project"

    def full_name(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        return f"projects/{cloud.project}"

    resource = full_name


class AccountMember(Binding):
    type = "gcp:serviceaccount/iAMMember:IAMMember"
    api = "iam.googleapis.com"
    noun = "service account"
    on = "serviceAccountId"
    services = ("iam",)

    def full_name(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        return inputs["serviceAccountId"]

    def resource(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        if not cloud.find(Account.type, inputs["serviceAccountId"]):
            raise Refusal("not-found", property="serviceAccountId", what=self.noun, name=inputs["serviceAccountId"])
        return inputs["serviceAccountId"]


def require_account(cloud: Cloud, email: str, property: str) -> None:
    """Raises Refusal when nobody could act as that account, because it does not exist."""
    if not cloud.account_exists(email):
        raise Refusal("act-as", property=property, email=email)


def _email(cloud: Cloud, account_id: str) -> str:
    return f"{account_id}@{cloud.project}.iam.gserviceaccount.com"


KINDS: list[Kind] = [Account(), ProjectMember(), AccountMember()]
