"""What the deployer itself must be allowed to do, by name; the preview asks Google for each of them.

docs/google.md lists the same permissions; a test holds the two together. The roles are the narrowest predefined ones that hold
them; a custom role with just the permissions does as well.
"""

from __future__ import annotations

import pulumi

from components.google.resources import DeployerPermissions
from components.google.settings import GoogleSettings

ALWAYS = {
    "roles/serviceusage.serviceUsageAdmin": (
        "serviceusage.services.enable",
        "serviceusage.services.get",
        "serviceusage.services.list",
    ),
    "roles/iam.serviceAccountAdmin": (
        "iam.serviceAccounts.create",
        "iam.serviceAccounts.delete",
        "iam.serviceAccounts.get",
        "iam.serviceAccounts.update",
    ),
    "roles/iam.serviceAccountUser": ("iam.serviceAccounts.actAs",),
    "roles/resourcemanager.projectIamAdmin": (
        "resourcemanager.projects.get",
        "resourcemanager.projects.getIamPolicy",
        "resourcemanager.projects.setIamPolicy",
    ),
    "roles/redis.admin": (
        "redis.instances.create",
        "redis.instances.delete",
        "redis.instances.get",
        "redis.instances.update",
        "redis.operations.get",
    ),
    "roles/pubsub.admin": (
        "pubsub.subscriptions.create",
        "pubsub.subscriptions.delete",
        "pubsub.subscriptions.get",
        "pubsub.subscriptions.getIamPolicy",
        "pubsub.subscriptions.setIamPolicy",
        "pubsub.subscriptions.update",
        "pubsub.topics.attachSubscription",
        "pubsub.topics.create",
        "pubsub.topics.delete",
        "pubsub.topics.get",
        "pubsub.topics.getIamPolicy",
        "pubsub.topics.setIamPolicy",
        "pubsub.topics.update",
    ),
    "roles/secretmanager.admin": (
        "secretmanager.secrets.create",
        "secretmanager.secrets.delete",
        "secretmanager.secrets.get",
        "secretmanager.secrets.getIamPolicy",
        "secretmanager.secrets.setIamPolicy",
        "secretmanager.secrets.update",
        "secretmanager.versions.access",
        "secretmanager.versions.add",
        "secretmanager.versions.destroy",
        "secretmanager.versions.enable",
        "secretmanager.versions.get",
    ),
    "roles/run.admin": (
        "run.operations.get",
        "run.services.create",
        "run.services.delete",
        "run.services.get",
        "run.services.getIamPolicy",
        "run.services.setIamPolicy",
        "run.services.update",
    ),
    "roles/logging.configWriter": (
        "logging.exclusions.create",
        "logging.exclusions.delete",
        "logging.exclusions.get",
        "logging.exclusions.update",
    ),
    "roles/dialogflow.admin": (
        "dialogflow.conversationProfiles.get",
        "dialogflow.phoneNumbers.list",
        "dialogflow.phoneNumbers.update",
    ),
}
OWN_PROFILE = {
    "roles/dialogflow.admin": (
        "dialogflow.conversationProfiles.create",
        "dialogflow.conversationProfiles.delete",
        "dialogflow.conversationProfiles.update",
    )
}
EXISTING_NETWORK = {
    "roles/compute.networkUser": ("compute.networks.get", "compute.subnetworks.get", "compute.subnetworks.use")
}
OWN_NETWORK = {
    "roles/compute.networkAdmin": (
        "compute.globalOperations.get",
        "compute.networks.create",
        "compute.networks.delete",
        "compute.networks.get",
        "compute.networks.updatePolicy",
        "compute.regionOperations.get",
        "compute.subnetworks.create",
        "compute.subnetworks.delete",
        "compute.subnetworks.get",
        "compute.subnetworks.update",
        "compute.subnetworks.use",
    )
}
# The upload of the build goes through a bucket of Cloud Build's.
BUILDING = {
    "roles/cloudbuild.builds.editor": ("cloudbuild.builds.create", "cloudbuild.builds.get"),
    "roles/artifactregistry.admin": (
        "artifactregistry.dockerimages.get",
        "artifactregistry.repositories.create",
        "artifactregistry.repositories.delete",
        "artifactregistry.repositories.get",
        "artifactregistry.repositories.update",
    ),
    "roles/storage.admin": ("storage.buckets.create", "storage.buckets.get", "storage.objects.create", "storage.objects.get"),
}


def permissions(settings: GoogleSettings) -> dict[str, str]:
    """{permission: role} of what these settings take."""
    parts = [
        ALWAYS,
        {} if settings.conversation_profile else OWN_PROFILE,
        OWN_NETWORK if settings.own_network else EXISTING_NETWORK,
        {} if settings.connector_image else BUILDING,
    ]
    return {each: role for part in parts for role, names in part.items() for each in names}


class Deployer(pulumi.ComponentResource):
    """`allowed`: what everything else waits for, so that nothing is made by an account that cannot make all of it."""

    def __init__(
        self, name: str, settings: GoogleSettings, *, project: str, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("voice:google:Deployer", name, None, opts)
        self.allowed: list[pulumi.Resource] = []
        if settings.check_deployer_permissions:
            inputs = {"project": project, "permissions": permissions(settings)}
            own = pulumi.ResourceOptions(parent=self)
            self.allowed = [DeployerPermissions("deployer-permissions", inputs, own)]
        self.register_outputs({})
