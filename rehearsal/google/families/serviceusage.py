"""APIs of the project and their service agents (Service Usage)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rehearsal.google.cloud import Cloud, Thing
from rehearsal.google.families.kind import Kind
from rehearsal.google.refusals import Refusal

# The APIs that exist as far as this rehearsal is concerned; a misspelt one must not be switched on.
KNOWN = frozenset(
    f"{name}.googleapis.com"
    for name in (
        *(
            "aiplatform",
            "artifactregistry",
            "bigquery",
            "ces",
            "cloudapis",
            "cloudbilling",
            "cloudbuild",
            "clouderrorreporting",
        ),
        *(
            "cloudfunctions",
            "cloudkms",
            "cloudresourcemanager",
            "cloudscheduler",
            "cloudtasks",
            "cloudtrace",
            "compute",
        ),
        *("contactcenteraiplatform", "contactcenterinsights", "container", "containeranalysis", "containerregistry"),
        *("containerscanning", "dialogflow", "discoveryengine", "dlp", "dns", "eventarc", "firestore", "iam"),
        *("iamcredentials", "logging", "memorystore", "monitoring", "networkconnectivity", "networkmanagement"),
        *(
            "orgpolicy",
            "pubsub",
            "redis",
            "run",
            "secretmanager",
            "servicemanagement",
            "servicenetworking",
            "serviceusage",
        ),
        *("speech", "sqladmin", "storage", "storage-api", "storage-component", "sts", "telephony", "texttospeech"),
        *("translate", "vpcaccess"),
    )
)


class Service(Kind):
    """The API stays on when the resource goes, unless disableOnDestroy says otherwise: Google keeps a switch and not who threw it."""

    type = "gcp:projects/service:Service"
    noun = "projects.Service"
    adopts = True
    of_the_project = True

    def id(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        return f"{cloud.project}/{inputs['service']}"

    def name(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        return inputs["service"]

    def admit(self, cloud: Cloud, inputs: Mapping[str, Any], id: str) -> None:
        if inputs["service"] not in KNOWN:
            raise Refusal("unknown-api", service=inputs["service"])

    def realise(self, cloud: Cloud, thing: Thing, before: Thing | None) -> None:
        with cloud.lock:
            cloud.apis.add(thing.inputs["service"])
        thing.outputs = {"project": cloud.project}

    def delete(self, cloud: Cloud, thing: Thing, by_hand: bool = False) -> None:
        if by_hand or thing.get("disableOnDestroy", False):
            super().delete(cloud, thing, by_hand)

    def remove(self, cloud: Cloud, thing: Thing) -> None:
        if thing.get("disableOnDestroy", False):
            with cloud.lock:
                cloud.apis.discard(thing.inputs["service"])

    def look_up(self, cloud: Cloud, id: str) -> Thing | None:
        found = super().look_up(cloud, id)
        return found if found and found.inputs["service"] in cloud.apis else None


class ServiceIdentity(Kind):
    """Service agents cannot be deleted: they outlive the resource."""

    type = "gcp:projects/serviceIdentity:ServiceIdentity"
    noun = "projects.ServiceIdentity"
    adopts = True
    of_the_project = True

    def id(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        return f"projects/{cloud.project}/services/{inputs['service']}"

    def name(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        return inputs["service"]

    def admit(self, cloud: Cloud, inputs: Mapping[str, Any], id: str) -> None:
        if inputs["service"] not in KNOWN:
            raise Refusal("unknown-api", service=inputs["service"])
        cloud.require_api(inputs["service"], self.noun)

    def realise(self, cloud: Cloud, thing: Thing, before: Thing | None) -> None:
        email = cloud.agent(thing.inputs["service"])
        with cloud.lock:
            cloud.service_agents.add(email)
        thing.outputs = {"email": email, "member": f"serviceAccount:{email}", "project": cloud.project}

    def delete(self, cloud: Cloud, thing: Thing, by_hand: bool = False) -> None:
        if by_hand:
            super().delete(cloud, thing, by_hand)


def get_project(cloud: Cloud, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The data source gcp:organizations/getProject:getProject."""
    cloud.require_api("cloudresourcemanager.googleapis.com", "organizations.getProject")
    project = cloud.own_project(arguments.get("projectId"))
    return {
        "id": f"projects/{project}",
        "projectId": project,
        "number": cloud.number,
        "name": project,
        "autoCreateNetwork": False,
        "billingAccount": "",
        "folderId": "",
        "orgId": "",
        "labels": {},
        "effectiveLabels": {},
        "pulumiLabels": {},
        "tags": {},
        "deletionPolicy": "",
    }


KINDS: list[Kind] = [Service(), ServiceIdentity()]
FUNCTIONS = {"gcp:organizations/getProject:getProject": get_project}
