"""Wrong resources, each with the moment at which it is refused and the property that is named; and right ones that pass.

AT_PREVIEW: found by the provider before anything is made. AT_CREATION: as only Google can know. Both by what is wrong:
{what is wrong: [(name, type, inputs, property, words)]}. docs/google-standin.md lists the same names.
"""

from __future__ import annotations

from typing import Any

from tests.rehearsal.google.project import (
    ACCOUNT,
    ACCOUNT_MEMBER,
    COMMAND,
    CONNECTOR,
    EXCLUSION,
    IDENTITY,
    NETWORK,
    NUMBER,
    PROFILE,
    PROJECT,
    PROJECT_MEMBER,
    REDIS,
    REGION,
    REPOSITORY,
    REPOSITORY_MEMBER,
    REPOSITORY_URL,
    RUN,
    RUN_MEMBER,
    SECRET,
    SECRET_MEMBER,
    SERVICE,
    SUBNETWORK,
    SUBSCRIPTION,
    SUBSCRIPTION_MEMBER,
    TOPIC,
    TOPIC_MEMBER,
    VERSION,
    email,
)

IMAGE = f"{REPOSITORY_URL}/sample:1"
KNOWN_TOPIC = f"projects/{PROJECT}/topics/known"
RUNNER = f"serviceAccount:{email('runner')}"
PUSH = {"pushEndpoint": "http://127.0.0.1:1/push"}
AGENT = f"serviceAccount:service-{NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com"
_FEATURES = "humanAgentAssistantConfig.humanAgentSuggestionConfig.featureConfigs[0]"
_CONTAINER = "template.containers[0]"

Row = tuple[str, str, dict[str, Any], str, str]


def run_service(**template: Any) -> dict[str, Any]:
    container = {"image": IMAGE, **template.pop("container", {})}
    return {
        "name": "other",
        "location": REGION,
        "template": {"serviceAccount": email("runner"), "containers": [container], **template},
    }


def redis(**changes: Any) -> dict[str, Any]:
    return {"name": "r1", "memorySizeGb": 1, **changes}


def subscription(**changes: Any) -> dict[str, Any]:
    return {"name": "sub", "topic": "known", **changes}


def push(**changes: Any) -> dict[str, Any]:
    return subscription(pushConfig={**PUSH, **changes})


def profile(**changes: Any) -> dict[str, Any]:
    return {"displayName": "voice", "location": "global", **changes}


def feature(type_: str) -> dict[str, Any]:
    config = {"featureConfigs": [{"suggestionFeature": {"type": type_}}]}
    return profile(humanAgentAssistantConfig={"humanAgentSuggestionConfig": config})


def env(**each: Any) -> dict[str, Any]:
    return run_service(container={"envs": [{"name": "A", **each}]})


def mounted(secret: str) -> dict[str, Any]:
    return run_service(
        container={"volumeMounts": [{"name": "keys", "mountPath": "/secret"}]},
        volumes=[{"name": "keys", "secret": {"secret": secret}}],
    )


def on_project(role: str, member: str = RUNNER) -> dict[str, Any]:
    return {"project": PROJECT, "role": role, "member": member}


def connector(**changes: Any) -> dict[str, Any]:
    return {"name": "bridge", "region": REGION, **changes}


AT_PREVIEW: dict[str, list[Row]] = {
    "missing": [
        ("an API without its name", SERVICE, {}, "service", "missing required"),
        ("a role for nobody", PROJECT_MEMBER, {"project": PROJECT, "role": "roles/viewer"}, "member", "missing required"),
        ("a Redis without a size", REDIS, {"name": "r1"}, "memorySizeGb", "missing required"),
        ("a subscription without a topic", SUBSCRIPTION, {"name": "sub"}, "topic", "missing required"),
        ("a service without a template", RUN, {"name": "other", "location": REGION}, "template", "missing required"),
        ("a profile without a location", PROFILE, {"displayName": "voice"}, "location", "missing required"),
        ("a reference to no secret", RUN, env(valueSource={"secretKeyRef": {"version": "1"}}),
         f"{_CONTAINER}.envs[0].valueSource.secretKeyRef.secret", "missing required"),
        ("a push identity without an account", SUBSCRIPTION, push(oidcToken={"audience": "a"}),
         "pushConfig.oidcToken.serviceAccountEmail", "missing required"),
        ("a secret version without a secret", VERSION, {"secretData": "x"}, "secret", "missing required"),
        ("an exclusion without a filter", EXCLUSION, {"name": "quiet"}, "filter", "missing required"),
    ],
    "wrong type": [
        ("a Redis size as text", REDIS, redis(memorySizeGb="1"), "memorySizeGb", "expected an integer, got a string"),
        ("a Redis of one and a half GB", REDIS, redis(memorySizeGb=1.5), "memorySizeGb", "expected an integer"),
        ("a port as text", RUN, run_service(container={"ports": {"containerPort": "8080"}}),
         f"{_CONTAINER}.ports.containerPort", "expected an integer"),
        ("ports as a list", RUN, run_service(container={"ports": [{"containerPort": 1}]}),
         f"{_CONTAINER}.ports", "expected an object"),
        ("AUTH as text", REDIS, redis(authEnabled="yes"), "authEnabled", "expected a boolean"),
        ("a command as a list", COMMAND, {"create": ["ls"]}, "create", "expected a string"),
    ],
    "unknown field": [
        ("a misspelt AUTH switch", REDIS, redis(authEnable=True), "authEnable", "unknown property"),
        ("a path beside the push endpoint", SUBSCRIPTION, push(path="x"), "pushConfig.path", "unknown"),
        ("a session affinity of the service itself", RUN, {**run_service(), "sessionAffinity": True},
         "sessionAffinity", "unknown property"),
    ],
    "output only": [
        ("a service that names its own address", RUN, {**run_service(), "uri": "https://a"}, "uri", "unknown property"),
        ("a Redis that names its own host", REDIS, redis(host="10.0.0.3"), "host", "unknown property"),
        ("an account that names its own address", ACCOUNT, {"accountId": "another", "email": "a@b"},
         "email", "unknown property"),
        ("a secret version that numbers itself", VERSION, {"secret": "known-secret", "secretData": "x", "version": "7"},
         "version", "unknown property"),
    ],
    "enum": [
        ("an unknown tier", REDIS, redis(tier="BASICX"), "tier", "BASIC, STANDARD_HA"),
        ("an unknown encryption mode", REDIS, redis(transitEncryptionMode="TLS"),
         "transitEncryptionMode", "SERVER_AUTHENTICATION"),
        ("an ingress without its prefix", RUN, {**run_service(), "ingress": "ALL"}, "ingress", "INGRESS_TRAFFIC_ALL"),
        ("an unknown egress", RUN, run_service(vpcAccess={"egress": "ALL"}),
         "template.vpcAccess.egress", "ALL_TRAFFIC, PRIVATE_RANGES_ONLY"),
        ("a repository format in small letters", REPOSITORY, {"repositoryId": "images2", "format": "docker"},
         "format", "DOCKER"),
        ("an unknown message format", PROFILE,
         profile(notificationConfig={"topic": KNOWN_TOPIC, "messageFormat": "XML"}),
         "notificationConfig.messageFormat", "JSON"),
        ("a suggestion feature of chats", PROFILE, feature("SMART_COMPOSE"),
         f"{_FEATURES}.suggestionFeature.type", "SMART_REPLY"),
        ("an unknown audio encoding", PROFILE, profile(sttConfig={"audioEncoding": "MP3"}), "sttConfig.audioEncoding", "MULAW"),
        ("a launch stage that is none", RUN, {**run_service(), "launchStage": "SOON"}, "launchStage", "GA"),
        ("an unknown deletion policy", TOPIC, {"name": "topic", "deletionPolicy": "KEEP"}, "deletionPolicy", "ABANDON"),
        ("an unknown machine of a VPC connector", CONNECTOR, connector(network="default", machineType="n1"),
         "machineType", "e2-micro"),
    ],
    "pattern": [
        ("an API by its short name", SERVICE, {"service": "pubsub"}, "service", "does not match"),
        ("an account of two letters", ACCOUNT, {"accountId": "ab"}, "accountId", "does not match"),
        ("a secret with a space", SECRET, {"secretId": "a b", "replication": {"auto": {}}}, "secretId", "does not match"),
        ("a Redis in capitals", REDIS, redis(name="R1"), "name", "does not match"),
        ("an unknown Redis version", REDIS, redis(redisVersion="7.0"), "redisVersion", "does not match"),
        ("a topic that begins with goog", TOPIC, {"name": "google"}, "name", "does not match"),
        ("a retention in words", TOPIC, {"name": "known", "messageRetentionDuration": "7 days"},
         "messageRetentionDuration", "does not match"),
        ("a push endpoint without a scheme", SUBSCRIPTION, subscription(pushConfig={"pushEndpoint": "host/x"}),
         "pushConfig.pushEndpoint", "match"),
        ("a time-out without its unit", RUN, run_service(timeout="300"), "template.timeout", "does not match"),
        ("a variable that the platform sets", RUN, run_service(container={"envs": [{"name": "PORT", "value": "1"}]}),
         f"{_CONTAINER}.envs[0].name", "match"),
        ("a language in words", PROFILE, profile(languageCode="english"), "languageCode", "does not match"),
        ("a topic by its short name in a profile", PROFILE, profile(notificationConfig={"topic": "known"}),
         "notificationConfig.topic", "does not match"),
        ("a network in capitals", NETWORK, {"name": "Own"}, "name", "does not match"),
        ("an exclusion with a space", EXCLUSION, {"name": "a b", "filter": "a=b"}, "name", "does not match"),
    ],
    "range": [
        ("an acknowledgement within five seconds", SUBSCRIPTION, subscription(ackDeadlineSeconds=5),
         "ackDeadlineSeconds", "between 10 and 600"),
        ("dead after three attempts", SUBSCRIPTION,
         subscription(deadLetterPolicy={"deadLetterTopic": KNOWN_TOPIC, "maxDeliveryAttempts": 3}),
         "deadLetterPolicy.maxDeliveryAttempts", "between 5 and 100"),
        ("more requests at once than an instance takes", RUN, run_service(maxInstanceRequestConcurrency=1001),
         "template.maxInstanceRequestConcurrency", "between 1 and 1000"),
        ("a Redis of no size", REDIS, redis(memorySizeGb=0), "memorySizeGb", "between 1 and 300"),
        ("a port beyond the last", RUN, run_service(container={"ports": {"containerPort": 70000}}),
         f"{_CONTAINER}.ports.containerPort", "between 1 and 65535"),
    ],
    "conflict": [
        ("a secret without replication", SECRET, {"secretId": "s", "replication": {}}, "replication", "exactly one of"),
        ("a secret with both replications", SECRET,
         {"secretId": "s", "replication": {"auto": {}, "userManaged": {"replicas": []}}}, "replication", "exactly one"),
        ("a secret version without a value", VERSION, {"secret": "s"}, "secretData", "exactly one of"),
        ("a variable with a value and a source", RUN, env(value="b", valueSource={}),
         f"{_CONTAINER}.envs[0].valueSource", "conflicts with value"),
        ("a connector beside an interface", RUN,
         run_service(vpcAccess={"connector": "c", "networkInterfaces": [{"network": "default"}]}),
         "template.vpcAccess.networkInterfaces", "conflicts with connector"),
        ("a push subscription into a table", SUBSCRIPTION, push() | {"bigqueryConfig": {"table": "p.d.t"}},
         "bigqueryConfig", "conflicts with pushConfig"),
        ("a VPC connector in a network and a subnetwork", CONNECTOR,
         connector(network="default", subnet={"name": "s"}), "network", "exactly one of"),
        ("a VPC connector measured twice", CONNECTOR,
         connector(network="default", minInstances=2, minThroughput=200), "minThroughput", "conflicts with"),
    ],
}  # fmt: skip

AT_CREATION: dict[str, list[Row]] = {
    "unknown-api": [("a misspelt API", SERVICE, {"service": "pubsubs.googleapis.com"}, "service", "pubsubs.googleapis.com")],
    "wrong-project": [
        ("a topic in somebody else's project", TOPIC, {"name": "topic", "project": "somebody-else"}, "project", "somebody-else"),
        ("a profile that tells another project", PROFILE,
         profile(notificationConfig={"topic": "projects/other-project/topics/known"}), "project", "other-project"),
    ],
    "already-exists": [
        ("a topic of a name that is taken", TOPIC, {"name": "known"}, "topic", KNOWN_TOPIC),
        ("an account of a name that is taken", ACCOUNT, {"accountId": "runner"}, "service account", email("runner")),
        ("a second network called default", NETWORK, {"name": "default"}, "network", "global/networks/default"),
    ],
    "unknown-member": [
        ("a role for an account that does not exist", PROJECT_MEMBER,
         on_project("roles/viewer", f"serviceAccount:{email('nobody')}"), "member", email("nobody")),
    ],
    "unknown-agent": [
        ("a role for a service agent that nobody made", TOPIC_MEMBER,
         {"topic": "known", "role": "roles/pubsub.publisher", "member": AGENT}, "member", "ServiceIdentity"),
    ],
    "bad-member": [
        ("a member without its kind", PROJECT_MEMBER, on_project("roles/viewer", email("runner")), "member", "principal"),
    ],
    "public-not-allowed": [
        ("everybody on a project", PROJECT_MEMBER, on_project("roles/run.invoker", "allUsers"), "member", "allUsers"),
    ],
    "unknown-role": [
        ("a misspelt role", PROJECT_MEMBER, on_project("roles/run.invoke"), "role", "roles/run.invoke"),
        ("a role of another service on a secret", SECRET_MEMBER,
         {"secretId": "known-secret", "role": "roles/run.invoker", "member": RUNNER}, "role", "roles/run.invoker"),
        ("a role without its prefix", PROJECT_MEMBER, on_project("run.invoker"), "role", "run.invoker"),
    ],
    "not-found": [
        ("a role on no secret", SECRET_MEMBER,
         {"secretId": "none", "role": "roles/secretmanager.viewer", "member": RUNNER}, "secretId", "404"),
        ("a role on no account", ACCOUNT_MEMBER,
         {"serviceAccountId": f"projects/{PROJECT}/serviceAccounts/{email('nobody')}",
          "role": "roles/iam.serviceAccountUser", "member": RUNNER}, "serviceAccountId", "404"),
        ("a role on no topic", TOPIC_MEMBER,
         {"topic": "none", "role": "roles/pubsub.publisher", "member": RUNNER}, "topic", "404"),
        ("a role on no subscription", SUBSCRIPTION_MEMBER,
         {"subscription": "none", "role": "roles/pubsub.subscriber", "member": RUNNER}, "subscription", "404"),
        ("a role on no service", RUN_MEMBER,
         {"name": "none", "location": REGION, "role": "roles/run.invoker", "member": RUNNER}, "name", "404"),
        ("a role on no repository", REPOSITORY_MEMBER,
         {"repository": "none", "location": REGION, "role": "roles/artifactregistry.reader", "member": RUNNER},
         "repository", "404"),
        ("a version of no secret", VERSION, {"secret": f"projects/{PROJECT}/secrets/none", "secretData": "x"},
         "secret", "404"),
        ("a subscription to no topic", SUBSCRIPTION, push() | {"topic": "unknown"}, "topic", "404"),
        ("dead letters to no topic", SUBSCRIPTION,
         subscription(deadLetterPolicy={"deadLetterTopic": f"projects/{PROJECT}/topics/none", "maxDeliveryAttempts": 5}),
         "deadLetterPolicy.deadLetterTopic", "404"),
        ("an image of another registry", RUN, run_service(container={"image": "docker.io/library/python:3"}),
         f"{_CONTAINER}.image", "repository of image"),
        ("a profile that tells no topic", PROFILE,
         profile(notificationConfig={"topic": f"projects/{PROJECT}/topics/none"}), "notificationConfig.topic", "404"),
        ("a service behind no VPC connector", RUN, run_service(vpcAccess={"connector": "none"}),
         "template.vpcAccess.connector", "404"),
    ],
    "act-as": [
        ("pushes as an account that does not exist", SUBSCRIPTION, push(oidcToken={"serviceAccountEmail": email("nobody")}),
         "pushConfig.oidcToken.serviceAccountEmail", "403"),
        ("a service as an account that does not exist", RUN, run_service(serviceAccount=email("nobody")),
         "template.serviceAccount", "iam.serviceaccounts.actAs"),
    ],
    "image": [
        ("an image that nobody built", RUN, run_service(container={"image": f"{REPOSITORY_URL}/sample:2"}),
         f"{_CONTAINER}.image", "not found"),
        ("an image by a digest that does not exist", RUN,
         run_service(container={"image": f"{REPOSITORY_URL}/sample@sha256:{'0' * 64}"}), f"{_CONTAINER}.image", "sha256"),
    ],
    "mount": [
        ("a mount of no volume", RUN, run_service(container={"volumeMounts": [{"name": "keys", "mountPath": "/secret"}]}),
         f"{_CONTAINER}.volumeMounts[0].name", "keys"),
    ],
    "secret-access": [
        ("a secret file before the right to read it", RUN, mounted("known-secret"),
         "template.volumes[0].secret", "roles/secretmanager.secretAccessor"),
        ("a secret variable before the right to read it", RUN,
         env(valueSource={"secretKeyRef": {"secret": "known-secret", "version": "1"}}),
         f"{_CONTAINER}.envs[0].valueSource.secretKeyRef", "roles/secretmanager.secretAccessor"),
    ],
    "secret-version": [
        ("a secret without a version", RUN, mounted("empty-secret"),
         "template.volumes[0].secret", "versions/latest was not found"),
    ],
    "redis-unreachable": [
        ("a service before its Redis", RUN,
         run_service(container={"envs": [{"name": "REDISHOST", "value": "127.0.0.1"}, {"name": "REDISPORT", "value": "1"}]}),
         "REDISHOST", "127.0.0.1:1"),
    ],
    "network": [
        ("a service in no network", RUN, run_service(vpcAccess={"networkInterfaces": [{"network": "other"}]}),
         "template.vpcAccess.networkInterfaces[0].network", "other"),
        ("a Redis in no network", REDIS, redis(authorizedNetwork="other"), "authorizedNetwork", "other"),
        ("a subnetwork of no network", SUBNETWORK,
         {"name": "own", "region": REGION, "network": "none", "ipCidrRange": "10.8.0.0/24"}, "network", "none"),
    ],
    "invalid": [
        ("fewer instances at most than at least", RUN, run_service(scaling={"minInstanceCount": 3, "maxInstanceCount": 1}),
         "template.scaling", "minInstanceCount"),
        ("a time-out of a day", RUN, run_service(timeout="86400s"), "template.timeout", "3600s"),
        ("a subnetwork of public addresses", SUBNETWORK,
         {"name": "own", "region": REGION, "network": "default", "ipCidrRange": "8.8.8.0/24"}, "ipCidrRange", "private range"),
        ("a VPC connector without its range", CONNECTOR, connector(network="default"), "ipCidrRange", "/28"),
        ("two interfaces at once", RUN,
         run_service(vpcAccess={"networkInterfaces": [{"network": "default"}, {"network": "default"}]}),
         "template.vpcAccess.networkInterfaces", "exactly one"),
        ("a filter that is none", EXCLUSION, {"name": "quiet", "filter": "severity is high"}, "filter", "Unparseable"),
        ("no container at all", RUN,
         {"name": "other", "location": REGION, "template": {"serviceAccount": email("runner"), "containers": []}},
         "template.containers", "at least one"),
    ],
    "containers": [
        ("two containers with ports", RUN,
         {"name": "other", "location": REGION,
          "template": {"serviceAccount": email("runner"),
                       "containers": [{"image": IMAGE, "ports": {"containerPort": 8080}}] * 2}},
         "template.containers", "2 have"),
    ],
    "not-rehearsed": [
        ("a sidecar", RUN,
         {"name": "other", "location": REGION,
          "template": {"serviceAccount": email("runner"),
                       "containers": [{"image": IMAGE, "ports": {"containerPort": 8080}}, {"image": IMAGE}]}},
         "template.containers[1]", "not played here"),
    ],
    "body": [
        ("an alias of a version that is no number", SECRET,
         {"secretId": "s", "replication": {"auto": {}}, "versionAliases": {"current": "one"}},
         "versionAliases.current", "whole number"),
        ("a clean-up after a time in words", REPOSITORY,
         {"repositoryId": "tidy", "format": "DOCKER",
          "cleanupPolicies": [{"id": "old", "action": "DELETE", "condition": {"olderThan": "one month"}}]},
         "cleanupPolicies.old.condition.olderThan", "duration"),
        ("a time to live in words", SECRET, {"secretId": "s", "replication": {"auto": {}}, "ttl": "one hour"}, "ttl", "duration"),
        ("an expiry that is no time", SECRET, {"secretId": "s", "replication": {"auto": {}}, "expireTime": "tomorrow"},
         "expireTime", "expected a time"),
    ],
    "format": [
        ("an image in a repository of packages", RUN,
         run_service(container={"image": f"{REGION}-docker.pkg.dev/{PROJECT}/packages/sample:1"}), "format", "DOCKER"),
    ],
    "command": [("a command that fails", COMMAND, {"create": "echo why >&2; exit 3"}, "exit status 3", "why")],
}  # fmt: skip

# (type, inputs, an output that must be there)
RIGHT: list[tuple[str, dict[str, Any], str]] = [
    (SERVICE, {"service": "speech.googleapis.com"}, "project"),
    (IDENTITY, {"service": "pubsub.googleapis.com"}, "member"),
    (ACCOUNT, {"accountId": "another"}, "email"),
    (ACCOUNT, {"accountId": "described", "displayName": "Described", "description": "What it is for"}, "uniqueId"),
    (PROJECT_MEMBER, on_project("roles/dialogflow.agentAssistClient"), "etag"),
    (PROJECT_MEMBER, on_project("roles/viewer", "user:ada@example.com"), "etag"),
    (PROJECT_MEMBER, on_project("roles/run.viewer", "group:team@example.com"), "etag"),
    (PROJECT_MEMBER, on_project(f"projects/{PROJECT}/roles/own"), "etag"),
    (ACCOUNT_MEMBER, {"serviceAccountId": f"projects/{PROJECT}/serviceAccounts/{email('runner')}",
                      "role": "roles/iam.serviceAccountTokenCreator", "member": RUNNER}, "etag"),
    (SECRET, {"secretId": "s1", "replication": {"auto": {}}, "labels": {"team": "voice"}}, "name"),
    (SECRET, {"secretId": "s2", "replication": {"userManaged": {"replicas": [{"location": REGION}]}}}, "name"),
    (SECRET, {"secretId": "s3", "replication": {"auto": {}}, "ttl": "3600s"}, "createTime"),
    (VERSION, {"secret": "known-secret", "secretData": "another-value"}, "version"),
    (VERSION, {"secret": "known-secret", "secretData": "YW5vdGhlci12YWx1ZQ==", "isSecretDataBase64": True}, "version"),
    (SECRET_MEMBER, {"secretId": "known-secret", "role": "roles/secretmanager.viewer", "member": RUNNER}, "etag"),
    (REDIS, {"name": "r2", "memorySizeGb": 2, "authEnabled": True, "tier": "STANDARD_HA"}, "authString"),
    (REDIS, {"name": "r3", "memorySizeGb": 1, "transitEncryptionMode": "SERVER_AUTHENTICATION"}, "serverCaCerts"),
    (REDIS, {"name": "r4", "memorySizeGb": 1, "authorizedNetwork": f"projects/{PROJECT}/global/networks/default"}, "host"),
    (TOPIC, {"name": "topic-2", "messageRetentionDuration": "86400s"}, "name"),
    (SUBSCRIPTION, {"name": "sub-2", "topic": "known", "expirationPolicy": {"ttl": ""}}, "topic"),
    (SUBSCRIPTION, {
        "name": "sub-3",
        "topic": KNOWN_TOPIC,
        "pushConfig": {**PUSH, "oidcToken": {"serviceAccountEmail": email("runner")}},
        "retryPolicy": {"minimumBackoff": "10s", "maximumBackoff": "600s"},
        "deadLetterPolicy": {"deadLetterTopic": KNOWN_TOPIC, "maxDeliveryAttempts": 5},
    }, "ackDeadlineSeconds"),
    (SUBSCRIPTION, {"name": "sub-4", "topic": "known", "ackDeadlineSeconds": 600}, "topic"),
    (TOPIC_MEMBER, {"topic": "known", "role": "roles/pubsub.publisher", "member": RUNNER}, "etag"),
    (REPOSITORY, {"repositoryId": "more", "location": REGION, "format": "DOCKER"}, "registryUri"),
    (REPOSITORY, {"repositoryId": "tidy", "location": REGION, "format": "DOCKER",
                  "cleanupPolicies": [{"id": "keep", "action": "KEEP", "mostRecentVersions": {"keepCount": 5}}]},
     "registryUri"),
    (REPOSITORY_MEMBER, {"repository": "images", "location": REGION, "role": "roles/artifactregistry.reader",
                         "member": RUNNER}, "etag"),
    (RUN, {**run_service(), "deletionProtection": False}, "uri"),
    (RUN, {**run_service(vpcAccess={"networkInterfaces": [{"network": "default", "subnetwork": "default"}],
                                    "egress": "PRIVATE_RANGES_ONLY"}), "deletionProtection": False}, "uri"),
    (RUN, {**run_service(container={"livenessProbe": {"httpGet": {"path": "/status"}},
                                    "resources": {"limits": {"cpu": "1", "memory": "512Mi"}, "cpuIdle": False}},
                         sessionAffinity=True, maxInstanceRequestConcurrency=1000, timeout="3600s"),
           "deletionProtection": False, "ingress": "INGRESS_TRAFFIC_INTERNAL_ONLY"}, "latestReadyRevision"),
    (NETWORK, {"name": "own", "autoCreateSubnetworks": False, "routingMode": "GLOBAL"}, "selfLink"),
    (SUBNETWORK, {"name": "part", "region": REGION, "network": "default", "ipCidrRange": "10.8.0.0/24",
                  "privateIpGoogleAccess": True}, "gatewayAddress"),
    (CONNECTOR, {"name": "bridge", "region": REGION, "network": "default", "ipCidrRange": "10.8.0.0/28"}, "state"),
    (EXCLUSION, {"name": "quiet", "filter": 'resource.type="cloud_run_revision" AND severity<ERROR'}, "project"),
    (PROFILE, feature("KNOWLEDGE_ASSIST"), "name"),
    (PROFILE, profile(languageCode="de-DE", sttConfig={"model": "telephony"}, timeZone="Europe/Berlin"), "name"),
    (COMMAND, {"create": "echo hello"}, "stdout"),
]  # fmt: skip
