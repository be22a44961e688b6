"""What the SDK does not say about a resource: replacement, exclusions, patterns, ranges and undocumented enums.

Source: GoogleCloudPlatform/magic-modules (mmv1 YAML) and Google's API documentation. In paths, `[]` stands for every item of
a list and `.` for a step into an object.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_LABEL = r"[a-z]([-a-z0-9]*[a-z0-9])?"
_DURATION = r"[0-9]+(\.[0-9]{1,9})?s"
_TOPIC = r"projects/[a-z][a-z0-9.:-]*/topics/[A-Za-z][A-Za-z0-9._~+%-]{2,254}"
_PUBSUB_NAME = r"(projects/[^/]+/(topics|subscriptions)/)?(?!goog)[A-Za-z][A-Za-z0-9._~+%-]{2,254}"
_DIALOGFLOW_FEATURES = (
    "ARTICLE_SUGGESTION",
    "FAQ",
    "SMART_REPLY",
    "DIALOGFLOW_ASSIST",
    "CONVERSATION_SUMMARIZATION",
    "KNOWLEDGE_SEARCH",
    "KNOWLEDGE_ASSIST",
)
_DELETION_POLICIES = ("DELETE", "PREVENT", "ABANDON")


@dataclass(frozen=True)
class Rules:
    """replaced_by: properties whose change makes the thing anew; replaced_when: those of which only some changes do, asked with
    the value before and after; auto_name: the property that Pulumi names when it is left out;
    one_of: (place, names) of which exactly one must be there; conflicts: (place, names) of which at most one may be;
    patterns, ranges, enums: by path."""

    replaced_by: tuple[str, ...] = ()
    replaced_when: dict[str, Callable[[str, str], bool]] = field(default_factory=dict)
    auto_name: str | None = None
    one_of: tuple[tuple[str, tuple[str, ...]], ...] = ()
    conflicts: tuple[tuple[str, tuple[str, ...]], ...] = ()
    patterns: dict[str, str] = field(default_factory=dict)
    ranges: dict[str, tuple[float, float]] = field(default_factory=dict)
    enums: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def replaces(self, name: str, old: dict[str, Any], new: dict[str, Any]) -> bool:
        """Whether the change of that property makes the thing anew."""
        if name in self.replaced_by:
            return True
        when, before, after = self.replaced_when.get(name), old.get(name), new.get(name)
        return when is not None and isinstance(before, str) and isinstance(after, str) and when(before, after)


def _shrinks(before: str, after: str) -> bool:
    try:
        return not ipaddress.ip_network(before).subnet_of(ipaddress.ip_network(after))
    except (TypeError, ValueError):  # no range, or one of another kind: refused when it is made
        return False


def _older(before: str, after: str) -> bool:
    """Redis can be brought to a later version in place, not to an earlier one."""
    return after < before


_MEMBER = ("role", "member", "condition")
_SUGGESTIONS = "humanAgentAssistantConfig.{side}.featureConfigs[]"

RULES: dict[str, Rules] = {
    "gcp:projects/service:Service": Rules(
        replaced_by=("service", "project"), patterns={"service": r"[a-z][a-z0-9.-]+\.(googleapis\.com|goog)"}
    ),
    "gcp:projects/serviceIdentity:ServiceIdentity": Rules(
        replaced_by=("service", "project"), patterns={"service": r"[a-z][a-z0-9.-]+\.googleapis\.com"}
    ),
    "gcp:projects/iAMMember:IAMMember": Rules(replaced_by=("project", *_MEMBER)),
    "gcp:serviceaccount/account:Account": Rules(
        replaced_by=("accountId", "project"),
        auto_name="accountId",
        patterns={"accountId": r"[a-z]([-a-z0-9]{4,28}[a-z0-9])", "description": r"[\s\S]{0,256}"},
    ),
    "gcp:serviceaccount/iAMMember:IAMMember": Rules(
        replaced_by=("serviceAccountId", *_MEMBER),
        patterns={"serviceAccountId": r"projects/[^/]+/serviceAccounts/[^/@]+@[^/]+"},
    ),
    "gcp:secretmanager/secret:Secret": Rules(
        replaced_by=("secretId", "replication", "project", "tags"),
        auto_name="secretId",
        one_of=(("replication", ("auto", "userManaged")),),
        patterns={"secretId": r"[a-zA-Z0-9_-]{1,255}"},
    ),
    "gcp:secretmanager/secretVersion:SecretVersion": Rules(
        replaced_by=("secret", "secretData", "secretDataWoVersion", "project", "isSecretDataBase64"),
        one_of=(("", ("secretData", "secretDataWo")),),
    ),
    "gcp:secretmanager/secretIamMember:SecretIamMember": Rules(replaced_by=("secretId", "project", *_MEMBER)),
    "gcp:redis/instance:Instance": Rules(
        replaced_by=(
            *("region", "name", "tier", "authorizedNetwork", "connectMode", "locationId", "alternativeLocationId"),
            *("reservedIpRange", "transitEncryptionMode", "customerManagedKey", "project"),
        ),
        replaced_when={"redisVersion": _older},
        auto_name="name",
        patterns={"name": r"[a-z][a-z0-9-]{0,38}[a-z0-9]", "redisVersion": r"REDIS_(3_2|4_0|5_0|6_X|7_0|7_2)"},
        ranges={"memorySizeGb": (1, 300)},
    ),
    "gcp:pubsub/topic:Topic": Rules(
        replaced_by=("name", "project", "tags"),
        auto_name="name",
        patterns={"name": _PUBSUB_NAME, "messageRetentionDuration": _DURATION},
    ),
    "gcp:pubsub/subscription:Subscription": Rules(
        replaced_by=("name", "topic", "filter", "enableMessageOrdering", "project", "tags"),
        auto_name="name",
        conflicts=(("", ("pushConfig", "bigqueryConfig", "cloudStorageConfig")),),
        patterns={
            "name": _PUBSUB_NAME,
            "topic": rf"({_TOPIC}|(?!goog)[A-Za-z][A-Za-z0-9._~+%-]{{2,254}})",
            "filter": r"[\s\S]{0,256}",
            "messageRetentionDuration": _DURATION,
            "expirationPolicy.ttl": rf"({_DURATION})?",
            "retryPolicy.minimumBackoff": _DURATION,
            "retryPolicy.maximumBackoff": _DURATION,
            "pushConfig.pushEndpoint": r"https?://.+",
            "deadLetterPolicy.deadLetterTopic": _TOPIC,
            "pushConfig.oidcToken.serviceAccountEmail": r"[^@\s]+@[^@\s]+",
        },
        ranges={"ackDeadlineSeconds": (10, 600), "deadLetterPolicy.maxDeliveryAttempts": (5, 100)},
    ),
    "gcp:pubsub/topicIAMMember:TopicIAMMember": Rules(replaced_by=("topic", "project", *_MEMBER)),
    "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember": Rules(replaced_by=("subscription", "project", *_MEMBER)),
    "gcp:cloudrunv2/service:Service": Rules(
        replaced_by=("location", "name", "project", "tags"),
        auto_name="name",
        conflicts=(
            ("template.vpcAccess", ("connector", "networkInterfaces")),
            ("template.containers[].envs[]", ("value", "valueSource")),
        ),
        patterns={
            "name": r"[a-z]([-a-z0-9]{0,47}[a-z0-9])?",
            "location": r"[a-z]+-[a-z]+[0-9]+",
            "template.timeout": _DURATION,
            "template.serviceAccount": r"[^@\s]+@[^@\s]+",
            "template.containers[].image": r"[a-z0-9.-]+(:[0-9]+)?/[A-Za-z0-9._/-]+(:[A-Za-z0-9._-]+)?(@sha256:[0-9a-f]{64})?",
            "template.containers[].volumeMounts[].mountPath": r"/[^:]*",
            "template.containers[].envs[].name": r"(?!(PORT|K_SERVICE|K_REVISION|K_CONFIGURATION)$)[A-Za-z_.-][A-Za-z0-9_.-]*",
            "template.containers[].resources.limits.memory": r"[0-9]+(\.[0-9]+)?(k|M|G|Ki|Mi|Gi)",
            "template.containers[].resources.limits.cpu": r"(0?\.[0-9]+|[12468](\.0+)?|[0-9]+m)",
            "template.volumes[].name": _LABEL,
            "template.containers[].startupProbe.httpGet.path": r"/.*",
            "template.containers[].livenessProbe.httpGet.path": r"/.*",
            "template.containers[].readinessProbe.httpGet.path": r"/.*",
        },
        ranges={
            "template.maxInstanceRequestConcurrency": (1, 1000),
            "template.scaling.minInstanceCount": (0, 1000),
            "template.scaling.maxInstanceCount": (0, 1000),
            "template.containers[].ports.containerPort": (1, 65535),
            "template.containers[].startupProbe.initialDelaySeconds": (0, 240),
            "template.containers[].startupProbe.periodSeconds": (1, 240),
            "template.containers[].startupProbe.timeoutSeconds": (1, 240),
            "template.containers[].livenessProbe.periodSeconds": (1, 3600),
        },
    ),
    "gcp:cloudrunv2/serviceIamMember:ServiceIamMember": Rules(replaced_by=("name", "location", "project", *_MEMBER)),
    "gcp:artifactregistry/repository:Repository": Rules(
        replaced_by=("repositoryId", "location", "format", "kmsKeyName", "mode", "mavenConfig", "project"),
        patterns={"repositoryId": r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?", "location": r"[a-z]+(-[a-z]+[0-9]+)?"},
        conflicts=(("", ("remoteRepositoryConfig", "virtualRepositoryConfig")),),
        enums={"format": ("DOCKER", "MAVEN", "NPM", "APT", "YUM", "PYTHON", "GO", "KFP", "GENERIC", "RUBY", "GOOGET")},
    ),
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": Rules(
        replaced_by=("repository", "location", "project", *_MEMBER)
    ),
    "gcp:diagflow/conversationProfile:ConversationProfile": Rules(
        # Nothing is marked immutable, but the location is part of the address that it is kept under.
        replaced_by=("location", "project"),
        patterns={
            "location": r"(global|[a-z]+(-[a-z]+[0-9]+)?)",
            "languageCode": r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?",
            "notificationConfig.topic": _TOPIC,
            "newMessageEventNotificationConfig.topic": _TOPIC,
            "newRecognitionResultNotificationConfig.topic": _TOPIC,
            "humanAgentAssistantConfig.notificationConfig.topic": _TOPIC,
        },
        ranges={_SUGGESTIONS.format(side="humanAgentSuggestionConfig") + ".queryConfig.maxResults": (1, 20)},
        enums={
            _SUGGESTIONS.format(side=side) + ".suggestionFeature.type": _DIALOGFLOW_FEATURES
            for side in ("humanAgentSuggestionConfig", "endUserSuggestionConfig")
        },
    ),
    "gcp:compute/network:Network": Rules(
        replaced_by=(
            *("autoCreateSubnetworks", "description", "name", "mtu", "networkProfile", "project", "internalIpv6Range"),
            "enableUlaInternalIpv6",
        ),
        auto_name="name",
        patterns={"name": r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?"},
        ranges={"mtu": (1300, 8896)},
    ),
    "gcp:compute/subnetwork:Subnetwork": Rules(
        # A range may grow in place; the provider makes anew what shrinks.
        replaced_by=("description", "name", "network", "region", "project", "reservedInternalRange"),
        replaced_when={"ipCidrRange": _shrinks},
        auto_name="name",
        patterns={"name": r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?", "region": r"[a-z]+-[a-z]+[0-9]+"},
    ),
    "gcp:vpcaccess/connector:Connector": Rules(
        replaced_by=(
            *("region", "name", "network", "ipCidrRange", "minThroughput", "maxThroughput", "subnet", "project"),
        ),
        auto_name="name",
        one_of=(("", ("network", "subnet")),),
        conflicts=(("", ("minInstances", "minThroughput")), ("", ("maxInstances", "maxThroughput"))),
        patterns={"name": r"[a-z][-a-z0-9]{0,23}[a-z0-9]"},
        ranges={
            "minInstances": (2, 9),
            "maxInstances": (3, 10),
            "minThroughput": (200, 1000),
            "maxThroughput": (200, 1000),
        },
        enums={"machineType": ("f1-micro", "e2-micro", "e2-standard-4")},
    ),
    "gcp:logging/projectExclusion:ProjectExclusion": Rules(
        replaced_by=("name", "project"),
        auto_name="name",
        patterns={"name": r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}"},
    ),
    "command:local:Command": Rules(
        replaced_by=("triggers",), enums={"logging": ("stdout", "stderr", "stdoutAndStderr", "none")}
    ),
}

for _token, _rules in RULES.items():
    if _token.startswith("gcp:"):
        versions = _token.endswith(":SecretVersion")
        _rules.enums["deletionPolicy"] = (*_DELETION_POLICIES, "DISABLE") if versions else _DELETION_POLICIES
