"""From a resource's inputs to the body that its provider sends: nearly the same, and here is where it is not.

Source: GoogleCloudPlatform/magic-modules, whose YAML says for each property which field of the interface it becomes.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# What stands in the address of the request, or concerns the provider alone.
_NOT_IN_THE_BODY = frozenset({"project", "location", "deletionPolicy", "deletionProtection"})
Body = dict[str, Any]


@dataclass(frozen=True)
class Lowering:
    """document and schema: what the body is held against; left_out: further inputs that are no part of it; shape: what else
    the provider does to it."""

    document: str
    schema: str
    left_out: frozenset[str] = frozenset()
    shape: Callable[[Body], Body] = dict

    def body(self, inputs: Body) -> Body:
        kept = {n: v for n, v in inputs.items() if n not in _NOT_IN_THE_BODY | self.left_out and not n.startswith("__")}
        return self.shape(kept)


def _binding(inputs: Body) -> Body:
    condition = {"condition": inputs["condition"]} if inputs.get("condition") else {}
    return {"role": inputs.get("role"), "members": [inputs.get("member")], **condition}


def _account(inputs: Body) -> Body:
    own = {name: inputs[name] for name in ("displayName", "description") if name in inputs}
    return {"accountId": inputs.get("accountId"), "serviceAccount": own}


def _secret(inputs: Body) -> Body:
    replication = inputs.get("replication")
    if isinstance(replication, dict):
        renamed = {"auto": "automatic"}
        inputs = {**inputs, "replication": {renamed.get(name, name): each for name, each in replication.items()}}
    return inputs


def _secret_version(inputs: Body) -> Body:
    data = inputs.get("secretData", inputs.get("secretDataWo"))
    if isinstance(data, str) and not inputs.get("isSecretDataBase64"):
        data = base64.b64encode(data.encode()).decode()
    return {"payload": {"data": data}}


def _redis(inputs: Body) -> Body:
    inputs = {"tier": "BASIC", **inputs}  # the provider's default; the interface has none
    policy = inputs.get("maintenancePolicy")
    if isinstance(policy, dict):
        inputs = {**inputs, "maintenancePolicy": _renamed(policy, {"weeklyMaintenanceWindows": "weeklyMaintenanceWindow"})}
    return inputs


def _subscription(inputs: Body) -> Body:
    expiration = inputs.get("expirationPolicy")
    if isinstance(expiration, dict) and expiration.get("ttl") == "":
        return {**inputs, "expirationPolicy": {}}
    return inputs


def _service(inputs: Body) -> Body:
    body = _renamed(inputs, {"traffics": "traffic"})
    template = body.get("template")
    if not isinstance(template, dict):
        return body
    containers = template.get("containers")
    if isinstance(containers, list):
        template = {**template, "containers": [_container(each) for each in containers]}
    return {**body, "template": template}


def _container(container: Any) -> Any:
    if not isinstance(container, dict):
        return container
    lowered = _renamed(container, {"envs": "env", "commands": "command", "dependsOns": "dependsOn"})
    return {**lowered, "ports": [lowered["ports"]]} if isinstance(lowered.get("ports"), dict) else lowered


def _repository(inputs: Body) -> Body:
    policies = inputs.get("cleanupPolicies")
    if isinstance(policies, list):
        inputs = {**inputs, "cleanupPolicies": {each["id"]: each for each in policies if isinstance(each, dict)}}
    return inputs


def _network(inputs: Body) -> Body:
    routing = ("routingMode", "bgpBestPathSelectionMode", "bgpAlwaysCompareMed", "bgpInterRegionCost")
    body = {name: value for name, value in inputs.items() if name not in routing}
    config = {name: inputs[name] for name in routing if name in inputs}
    return {**body, "routingConfig": config} if config else body


_IAM = Lowering("iam.v1", "Binding", shape=_binding)
LOWERINGS: dict[str, Lowering] = {
    "gcp:projects/iAMMember:IAMMember": Lowering("cloudresourcemanager.v1", "Binding", shape=_binding),
    "gcp:serviceaccount/account:Account": Lowering("iam.v1", "CreateServiceAccountRequest", shape=_account),
    "gcp:serviceaccount/iAMMember:IAMMember": _IAM,
    "gcp:compute/network:Network": Lowering(
        "compute.v1", "Network", frozenset({"deleteDefaultRoutesOnCreate", "deleteBgpAlwaysCompareMed", "params"}), _network
    ),
    "gcp:compute/subnetwork:Subnetwork": Lowering(
        "compute.v1", "Subnetwork", frozenset({"region", "sendSecondaryIpRangeIfEmpty", "params"})
    ),
    "gcp:vpcaccess/connector:Connector": Lowering("vpcaccess.v1", "Connector", frozenset({"region", "name"})),
    "gcp:secretmanager/secret:Secret": Lowering("secretmanager.v1", "Secret", frozenset({"secretId"}), _secret),
    "gcp:secretmanager/secretVersion:SecretVersion": Lowering(
        "secretmanager.v1", "AddSecretVersionRequest", shape=_secret_version
    ),
    "gcp:secretmanager/secretIamMember:SecretIamMember": Lowering("secretmanager.v1", "Binding", shape=_binding),
    "gcp:redis/instance:Instance": Lowering("redis.v1", "Instance", frozenset({"region", "name"}), _redis),
    "gcp:pubsub/topic:Topic": Lowering("pubsub.v1", "Topic"),
    "gcp:pubsub/subscription:Subscription": Lowering("pubsub.v1", "Subscription", shape=_subscription),
    "gcp:pubsub/topicIAMMember:TopicIAMMember": Lowering("pubsub.v1", "Binding", shape=_binding),
    "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember": Lowering("pubsub.v1", "Binding", shape=_binding),
    "gcp:artifactregistry/repository:Repository": Lowering(
        "artifactregistry.v1", "Repository", frozenset({"repositoryId"}), _repository
    ),
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": Lowering(
        "artifactregistry.v1", "Binding", shape=_binding
    ),
    "gcp:cloudrunv2/service:Service": Lowering("run.v2", "GoogleCloudRunV2Service", frozenset({"name"}), _service),
    "gcp:cloudrunv2/serviceIamMember:ServiceIamMember": Lowering("run.v2", "GoogleIamV1Binding", shape=_binding),
    "gcp:diagflow/conversationProfile:ConversationProfile": Lowering(
        "dialogflow.v2beta1", "GoogleCloudDialogflowV2beta1ConversationProfile"
    ),
    "gcp:logging/projectExclusion:ProjectExclusion": Lowering("logging.v2", "LogExclusion"),
}
# Kinds whose making sends no body of their own.
WITHOUT_BODY = frozenset(
    {
        "gcp:projects/service:Service",
        "gcp:projects/serviceIdentity:ServiceIdentity",
        "command:local:Command",
    }
)


def _renamed(values: Body, names: dict[str, str]) -> Body:
    return {names.get(name, name): value for name, value in values.items()}
