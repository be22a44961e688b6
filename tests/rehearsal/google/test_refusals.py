"""Resources that Google would not take, each refused with the property or the permission named; and right ones that pass.

`CHECKED` fail in the preview, before anything is made; `REFUSED` fail when they are made, as only Google can know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from rehearsal.google.refusals import REFUSALS
from tests.rehearsal.google.conftest import stand_in
from tests.rehearsal.google.engine_client import UNKNOWN, EngineClient, Failed, secret
from tests.rehearsal.google.project import (
    ACCOUNT,
    ACCOUNT_MEMBER,
    COMMAND,
    IDENTITY,
    NUMBER,
    PHONE,
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
    SUBSCRIPTION,
    SUBSCRIPTION_MEMBER,
    TOPIC,
    TOPIC_MEMBER,
    VERSION,
    Project,
    email,
)

IMAGE = f"{REPOSITORY_URL}/sample:1"
KNOWN_TOPIC = f"projects/{PROJECT}/topics/known"
RUNNER = f"serviceAccount:{email('runner')}"
PUSH = {"pushEndpoint": "http://127.0.0.1:1/push"}


def run_service(**template: Any) -> dict[str, Any]:
    container = {"image": IMAGE, **template.pop("container", {})}
    return {
        "name": "other",
        "location": REGION,
        "template": {"serviceAccount": email("runner"), "containers": [container], **template},
    }


def features(*types: str) -> dict[str, Any]:
    configs = [{"suggestionFeature": {"type": each}} for each in types]
    return {"humanAgentAssistantConfig": {"humanAgentSuggestionConfig": {"featureConfigs": configs}}}


CHECKED: list[tuple[str, dict[str, Any], str, str]] = [
    (SERVICE, {}, "service", "missing required"),
    (SERVICE, {"service": "pubsub"}, "service", "does not match"),
    (PROJECT_MEMBER, {"project": PROJECT, "role": "roles/viewer"}, "member", "missing required"),
    (ACCOUNT, {"accountId": "ab"}, "accountId", "does not match"),
    (SECRET, {"secretId": "s", "replication": {}}, "replication", "exactly one of"),
    (
        SECRET,
        {"secretId": "s", "replication": {"auto": {}, "userManaged": {"replicas": []}}},
        "replication",
        "exactly one",
    ),
    (SECRET, {"secretId": "a b", "replication": {"auto": {}}}, "secretId", "does not match"),
    (VERSION, {"secret": "s"}, "secretData", "exactly one of"),
    (REDIS, {"name": "r1", "memorySizeGb": "1"}, "memorySizeGb", "expected an integer, got a string"),
    (REDIS, {"name": "r1", "memorySizeGb": 1.5}, "memorySizeGb", "expected an integer"),
    (REDIS, {"name": "r1", "memorySizeGb": 1, "tier": "BASICX"}, "tier", "BASIC, STANDARD_HA"),
    (REDIS, {"name": "r1", "memorySizeGb": 1, "authEnable": True}, "authEnable", "unknown property"),
    (REDIS, {"name": "R1", "memorySizeGb": 1}, "name", "does not match"),
    (TOPIC, {"name": "google"}, "name", "does not match"),
    (TOPIC, {"name": "known", "messageRetentionDuration": "7 days"}, "messageRetentionDuration", "does not match"),
    (SUBSCRIPTION, {"name": "sub"}, "topic", "missing required"),
    (
        SUBSCRIPTION,
        {"name": "sub", "topic": "known", "ackDeadlineSeconds": 5},
        "ackDeadlineSeconds",
        "between 10 and 600",
    ),
    (
        SUBSCRIPTION,
        {"name": "sub", "topic": "known", "pushConfig": {**PUSH, "path": "x"}},
        "pushConfig.path",
        "unknown",
    ),
    (
        SUBSCRIPTION,
        {"name": "sub", "topic": "known", "pushConfig": {"pushEndpoint": "host/x"}},
        "pushConfig.pushEndpoint",
        "match",
    ),
    (
        SUBSCRIPTION,
        {
            "name": "sub",
            "topic": "known",
            "deadLetterPolicy": {"deadLetterTopic": KNOWN_TOPIC, "maxDeliveryAttempts": 3},
        },
        "deadLetterPolicy.maxDeliveryAttempts",
        "between 5 and 100",
    ),
    (RUN, {"name": "other", "location": REGION}, "template", "missing required"),
    (RUN, run_service() | {"ingress": "ALL"}, "ingress", "INGRESS_TRAFFIC_ALL"),
    (RUN, run_service(timeout="300"), "template.timeout", "does not match"),
    (
        RUN,
        run_service(container={"ports": {"containerPort": "8080"}}),
        "template.containers[0].ports.containerPort",
        "expected an integer",
    ),
    (
        RUN,
        run_service(container={"ports": [{"containerPort": 1}]}),
        "template.containers[0].ports",
        "expected an object",
    ),
    (
        RUN,
        run_service(container={"envs": [{"name": "A", "valueSource": {"secretKeyRef": {"version": "1"}}}]}),
        "template.containers[0].envs[0].valueSource.secretKeyRef.secret",
        "missing required",
    ),
    (
        RUN,
        run_service(container={"envs": [{"name": "A", "value": "b", "valueSource": {}}]}),
        "template.containers[0].envs[0].valueSource",
        "conflicts with value",
    ),
    (
        RUN,
        run_service(container={"envs": [{"name": "PORT", "value": "1"}]}),
        "template.containers[0].envs[0].name",
        "match",
    ),
    (RUN, run_service(vpcAccess={"egress": "ALL"}), "template.vpcAccess.egress", "ALL_TRAFFIC, PRIVATE_RANGES_ONLY"),
    (
        RUN,
        run_service(vpcAccess={"connector": "c", "networkInterfaces": [{"network": "default"}]}),
        "template.vpcAccess.networkInterfaces",
        "conflicts with connector",
    ),
    (
        RUN,
        run_service(maxInstanceRequestConcurrency=1001),
        "template.maxInstanceRequestConcurrency",
        "between 1 and 1000",
    ),
    (REPOSITORY, {"repositoryId": "images2", "format": "docker"}, "format", "DOCKER"),
    (PROFILE, {"displayName": "voice"}, "location", "missing required"),
    (
        PROFILE,
        {"displayName": "voice", "location": "global", "languageCode": "english"},
        "languageCode",
        "does not match",
    ),
    (
        PROFILE,
        {"displayName": "voice", "location": "global", "notificationConfig": {"topic": "known"}},
        "notificationConfig.topic",
        "does not match",
    ),
    (
        PROFILE,
        {
            "displayName": "voice",
            "location": "global",
            "notificationConfig": {"topic": KNOWN_TOPIC, "messageFormat": "XML"},
        },
        "notificationConfig.messageFormat",
        "JSON",
    ),
    (
        PROFILE,
        {"displayName": "voice", "location": "global", **features("SMART_COMPOSE")},
        "humanAgentAssistantConfig.humanAgentSuggestionConfig.featureConfigs[0].suggestionFeature.type",
        "SMART_REPLY",
    ),
    (COMMAND, {"create": ["ls"]}, "create", "expected a string"),
]

REFUSED: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("unknown-api", SERVICE, {"service": "pubsubs.googleapis.com"}, "400", "pubsubs.googleapis.com"),
    ("wrong-project", TOPIC, {"name": "topic", "project": "somebody-else"}, "403", "somebody-else"),
    ("already-exists", TOPIC, {"name": "known"}, "409", KNOWN_TOPIC),
    ("already-exists", ACCOUNT, {"accountId": "runner"}, "409", email("runner")),
    (
        "unknown-member",
        PROJECT_MEMBER,
        {"project": PROJECT, "role": "roles/viewer", "member": f"serviceAccount:{email('nobody')}"},
        "400",
        email("nobody"),
    ),
    (
        "unknown-agent",
        TOPIC_MEMBER,
        {
            "topic": "known",
            "role": "roles/pubsub.publisher",
            "member": f"serviceAccount:service-{NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com",
        },
        "400",
        "ServiceIdentity",
    ),
    (
        "bad-member",
        PROJECT_MEMBER,
        {"project": PROJECT, "role": "roles/viewer", "member": email("runner")},
        "400",
        "member",
    ),
    (
        "public-not-allowed",
        PROJECT_MEMBER,
        {"project": PROJECT, "role": "roles/run.invoker", "member": "allUsers"},
        "400",
        "allUsers",
    ),
    (
        "unknown-role",
        PROJECT_MEMBER,
        {"project": PROJECT, "role": "roles/run.invoke", "member": RUNNER},
        "400",
        "roles/run.invoke",
    ),
    (
        "unknown-role",
        SECRET_MEMBER,
        {"secretId": "known-secret", "role": "roles/run.invoker", "member": RUNNER},
        "400",
        "roles/run.invoker",
    ),
    (
        "not-found",
        SECRET_MEMBER,
        {"secretId": "none", "role": "roles/secretmanager.viewer", "member": RUNNER},
        "404",
        "secretId",
    ),
    (
        "not-found",
        ACCOUNT_MEMBER,
        {
            "serviceAccountId": f"projects/{PROJECT}/serviceAccounts/{email('nobody')}",
            "role": "roles/iam.serviceAccountUser",
            "member": RUNNER,
        },
        "404",
        "serviceAccountId",
    ),
    ("not-found", TOPIC_MEMBER, {"topic": "none", "role": "roles/pubsub.publisher", "member": RUNNER}, "404", "topic"),
    (
        "not-found",
        SUBSCRIPTION_MEMBER,
        {"subscription": "none", "role": "roles/pubsub.subscriber", "member": RUNNER},
        "404",
        "subscription",
    ),
    (
        "not-found",
        RUN_MEMBER,
        {"name": "none", "location": REGION, "role": "roles/run.invoker", "member": RUNNER},
        "404",
        "name",
    ),
    (
        "not-found",
        REPOSITORY_MEMBER,
        {"repository": "none", "location": REGION, "role": "roles/artifactregistry.reader", "member": RUNNER},
        "404",
        "repository",
    ),
    ("not-found", VERSION, {"secret": f"projects/{PROJECT}/secrets/none", "secretData": "x"}, "404", "secret"),
    ("not-found", SUBSCRIPTION, {"name": "sub", "topic": "unknown", "pushConfig": PUSH}, "404", "topic"),
    (
        "not-found",
        SUBSCRIPTION,
        {
            "name": "sub",
            "topic": "known",
            "deadLetterPolicy": {"deadLetterTopic": f"projects/{PROJECT}/topics/none", "maxDeliveryAttempts": 5},
        },
        "404",
        "deadLetterPolicy.deadLetterTopic",
    ),
    (
        "act-as",
        SUBSCRIPTION,
        {
            "name": "sub",
            "topic": "known",
            "pushConfig": {**PUSH, "oidcToken": {"serviceAccountEmail": email("nobody")}},
        },
        "403",
        "pushConfig.oidcToken.serviceAccountEmail",
    ),
    ("act-as", RUN, run_service(serviceAccount=email("nobody")), "403", "iam.serviceaccounts.actAs"),
    (
        "image",
        RUN,
        run_service(container={"image": f"{REPOSITORY_URL}/sample:2"}),
        "400",
        "template.containers[0].image",
    ),
    ("image", RUN, run_service(container={"image": f"{REPOSITORY_URL}/sample@sha256:{'0' * 64}"}), "400", "sha256"),
    ("not-found", RUN, run_service(container={"image": "docker.io/library/python:3"}), "404", "repository of image"),
    (
        "mount",
        RUN,
        run_service(container={"volumeMounts": [{"name": "keys", "mountPath": "/secret"}]}),
        "400",
        "template.containers[0].volumeMounts[0].name",
    ),
    (
        "secret-access",
        RUN,
        run_service(
            container={"volumeMounts": [{"name": "keys", "mountPath": "/secret"}]},
            volumes=[{"name": "keys", "secret": {"secret": "known-secret"}}],
        ),
        "403",
        "roles/secretmanager.secretAccessor",
    ),
    (
        "secret-version",
        RUN,
        run_service(
            container={"volumeMounts": [{"name": "keys", "mountPath": "/secret"}]},
            volumes=[{"name": "keys", "secret": {"secret": "empty-secret"}}],
        ),
        "400",
        "versions/latest was not found",
    ),
    (
        "redis-unreachable",
        RUN,
        run_service(
            container={"envs": [{"name": "REDISHOST", "value": "127.0.0.1"}, {"name": "REDISPORT", "value": "1"}]}
        ),
        "400",
        "127.0.0.1:1",
    ),
    (
        "network",
        RUN,
        run_service(vpcAccess={"networkInterfaces": [{"network": "other"}]}),
        "400",
        "networkInterfaces[0].network",
    ),
    ("network", REDIS, {"name": "r1", "memorySizeGb": 1, "authorizedNetwork": "other"}, "400", "authorizedNetwork"),
    ("invalid", RUN, run_service(scaling={"minInstanceCount": 3, "maxInstanceCount": 1}), "400", "template.scaling"),
    (
        "not-found",
        PROFILE,
        {"displayName": "v", "location": "global", "notificationConfig": {"topic": f"projects/{PROJECT}/topics/none"}},
        "404",
        "notificationConfig.topic",
    ),
    (
        "wrong-project",
        PROFILE,
        {
            "displayName": "v",
            "location": "global",
            "notificationConfig": {"topic": "projects/other-project/topics/known"},
        },
        "403",
        "other-project",
    ),
    ("command", COMMAND, {"create": "echo why >&2; exit 3"}, "exit status 3", "why"),
]

RIGHT: list[tuple[str, dict[str, Any], str]] = [
    (SERVICE, {"service": "speech.googleapis.com"}, "project"),
    (IDENTITY, {"service": "pubsub.googleapis.com"}, "member"),
    (ACCOUNT, {"accountId": "another"}, "email"),
    (PROJECT_MEMBER, {"project": PROJECT, "role": "roles/dialogflow.agentAssistClient", "member": RUNNER}, "etag"),
    (PROJECT_MEMBER, {"project": PROJECT, "role": "roles/viewer", "member": "user:ada@example.com"}, "etag"),
    (SECRET, {"secretId": "s2", "replication": {"userManaged": {"replicas": [{"location": REGION}]}}}, "name"),
    (VERSION, {"secret": "known-secret", "secretData": "another-value"}, "version"),
    (REDIS, {"name": "r2", "memorySizeGb": 2, "authEnabled": True, "tier": "STANDARD_HA"}, "authString"),
    (TOPIC, {"name": "topic-2", "messageRetentionDuration": "86400s"}, "name"),
    (SUBSCRIPTION, {"name": "sub-2", "topic": "known", "expirationPolicy": {"ttl": ""}}, "topic"),
    (
        SUBSCRIPTION,
        {
            "name": "sub-3",
            "topic": KNOWN_TOPIC,
            "pushConfig": {**PUSH, "oidcToken": {"serviceAccountEmail": email("runner")}},
            "retryPolicy": {"minimumBackoff": "10s", "maximumBackoff": "600s"},
            "deadLetterPolicy": {"deadLetterTopic": KNOWN_TOPIC, "maxDeliveryAttempts": 5},
        },
        "ackDeadlineSeconds",
    ),
    (TOPIC_MEMBER, {"topic": "known", "role": "roles/pubsub.publisher", "member": RUNNER}, "etag"),
    (REPOSITORY, {"repositoryId": "more", "location": REGION, "format": "DOCKER"}, "registryUri"),
    (PROFILE, {"displayName": "v", "location": "global", **features("KNOWLEDGE_ASSIST")}, "name"),
    (COMMAND, {"create": "echo hello"}, "stdout"),
]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """One project with a few things in it; what is refused leaves nothing behind, so all rows share it."""
    home: Path = tmp_path_factory.mktemp("refusals")
    with stand_in(home / "google") as google:
        engine = EngineClient(google.grpc_port)
        project = Project(google, engine).with_apis()
        project.account("runner")
        project.topic("known")
        project.secret("known-secret", "the-known-secrets-value")
        project.secret("empty-secret")
        project.readable("empty-secret", "runner")
        project.image()
        yield project
        engine.close()


@pytest.mark.parametrize(("type_", "inputs", "path", "reason"), CHECKED, ids=lambda each: str(each)[:50])
def test_a_fault_is_found_in_the_preview(shared: Project, type_: str, inputs: dict[str, Any], path: str, reason: str):
    with pytest.raises(Failed) as caught:
        shared.engine.check(type_, "wrong", inputs)
    assert [each[0] for each in caught.value.failures] == [path]
    assert reason in caught.value.failures[0][1]


@pytest.mark.parametrize(
    ("rule", "type_", "inputs", "words"), [(*row[:3], row[3:]) for row in REFUSED], ids=lambda each: str(each)[:50]
)
def test_google_refuses(shared: Project, rule: str, type_: str, inputs: dict[str, Any], words: tuple[str, str]):
    before = shared.snapshot()
    with pytest.raises(grpc.RpcError) as caught:
        shared.engine.create(type_, "wrong", inputs)
    assert all(word in caught.value.details() for word in words), caught.value.details()
    assert _first_words(rule) in caught.value.details()
    left = shared.snapshot().keys() - before.keys()
    if type_ == RUN and left:  # a service whose first revision failed stays, as on Google; the engine keeps it too
        made = shared.engine.import_(RUN, "wrong", "other")
        made.inputs["deletionProtection"] = False
        shared.engine.delete(shared.engine.update(made, _healthy(shared)))
    assert shared.snapshot().keys() == before.keys()


@pytest.mark.parametrize(("type_", "inputs", "output"), RIGHT, ids=lambda each: str(each)[:50])
def test_the_right_resource_is_made(shared: Project, type_: str, inputs: dict[str, Any], output: str):
    made = shared.engine.create(type_, "right", inputs)
    assert made[output]
    assert made.id
    seen = shared.engine.read(made)
    assert (seen.id, seen.inputs) == (made.id, made.inputs)
    shared.engine.delete(made)
    if type_ not in (IDENTITY, SERVICE):
        assert shared.engine.read(made) is None


def test_every_fault_is_reported_at_once(shared: Project):
    with pytest.raises(Failed) as caught:
        shared.engine.check(REDIS, "wrong", {"memorySizeGb": "1", "tier": "BASICX", "colour": "blue"})
    assert [path for path, _ in caught.value.failures] == ["colour", "memorySizeGb", "tier"]


def test_unknown_values_pass_every_check(shared: Project):
    inputs = run_service(
        serviceAccount=UNKNOWN, container={"image": UNKNOWN, "envs": [{"name": "A", "value": UNKNOWN}]}
    )
    assert shared.engine.check(RUN, "later", inputs)["template"]["serviceAccount"] == UNKNOWN


def test_a_secret_value_is_never_shown_in_a_fault(shared: Project):
    with pytest.raises(Failed) as caught:
        shared.engine.check(VERSION, "wrong", {"secret": "known-secret", "secretData": secret(["hidden-value"])})
    assert "hidden-value" not in str(caught.value)


def test_another_type_of_the_sdk_is_refused_by_name(shared: Project):
    with pytest.raises(Failed, match="gcp:storage/bucket:Bucket"):
        shared.engine.check("gcp:storage/bucket:Bucket", "bucket", {"location": "US"})


@pytest.mark.parametrize("type_", [TOPIC, REDIS, RUN, SECRET, ACCOUNT, REPOSITORY, PROFILE])
def test_without_its_api_nothing_is_made(engine: EngineClient, type_: str):
    inputs = {
        TOPIC: {"name": "topic"},
        REDIS: {"name": "r1", "memorySizeGb": 1},
        RUN: run_service(),
        SECRET: {"secretId": "s", "replication": {"auto": {}}},
        ACCOUNT: {"accountId": "runner"},
        REPOSITORY: {"repositoryId": "images", "format": "DOCKER"},
        PROFILE: {"displayName": "v", "location": "global"},
    }
    with pytest.raises(grpc.RpcError, match=r"Error 403: \w+\.googleapis\.com has not been used in project"):
        engine.create(type_, "early", inputs[type_])


def test_the_project_is_known_only_with_its_api(engine: EngineClient):
    with pytest.raises(grpc.RpcError, match=r"cloudresourcemanager\.googleapis\.com has not been used"):
        engine.invoke("gcp:organizations/getProject:getProject", {})
    engine.create(SERVICE, "api", {"service": "cloudresourcemanager.googleapis.com"})
    answer = getattr(engine.invoke("gcp:organizations/getProject:getProject", {}), "return")
    assert (answer["number"], answer["projectId"]) == (NUMBER, PROJECT)


def test_redis_is_reached_through_the_network_only(shared: Project):
    store = shared.redis()
    envs = [{"name": "REDISHOST", "value": store["host"]}, {"name": "REDISPORT", "value": str(int(store["port"]))}]
    with pytest.raises(grpc.RpcError, match=r"set template\.vpcAccess"):
        shared.engine.create(RUN, "other", run_service(container={"envs": envs}))
    with_network = shared.run_inputs(IMAGE, "third", container={"envs": envs})
    with_network["template"]["vpcAccess"] = {"networkInterfaces": [{"network": "default", "subnetwork": "default"}]}
    assert shared.engine.create(RUN, "third", with_network)["latestReadyRevision"]
    shared.engine.delete(store)


def test_what_is_protected_is_not_deleted(shared: Project):
    inputs = {"secretId": "kept", "replication": {"auto": {}}, "deletionProtection": True}
    kept = shared.engine.create(SECRET, "kept", inputs)
    with pytest.raises(grpc.RpcError, match="without setting deletionProtection to false"):
        shared.engine.delete(kept)
    shared.engine.delete(shared.engine.update(kept, inputs | {"deletionProtection": False}))
    assert shared.engine.read(kept) is None


def test_every_rule_that_the_tables_name_exists():
    assert {row[0] for row in REFUSED} <= REFUSALS.keys()
    assert PHONE.startswith("+")


def _first_words(rule: str) -> str:
    """A piece of the rule's text without any named part."""
    pieces = [piece.strip(" :.,'") for piece in _split_parts(REFUSALS[rule].text)]
    return max(pieces, key=len)


def _split_parts(text: str) -> list[str]:
    return re.split(r"\{[^}]*\}", text)


def _healthy(shared: Project) -> dict[str, Any]:
    return shared.run_inputs(IMAGE, "other")
