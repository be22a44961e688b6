"""A poison message through the real interceptor: tried as often as the policy says, set aside, and the next good one delivered."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis

from tests.rehearsal.google.conftest import stand_in
from tests.rehearsal.google.engine_client import EngineClient, Made
from tests.rehearsal.google.local_tools import pubsub_emulator
from tests.rehearsal.google.project import (
    COMMAND,
    IDENTITY,
    NUMBER,
    PROJECT,
    REGION,
    REPOSITORY,
    REPOSITORY_URL,
    RUN,
    SUBSCRIPTION,
    SUBSCRIPTION_MEMBER,
    TOPIC_MEMBER,
    Project,
    email,
    eventually,
)

CONNECTOR = Path(__file__).parents[3] / "connector"
CONVERSATION = f"projects/{PROJECT}/conversations/CA0123456789"
AGENT = f"serviceAccount:service-{NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com"
ATTEMPTS = 5


@pytest.fixture(scope="module", params=["own", *(["google-emulator"] if pubsub_emulator() else [])])
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    emulator = pubsub_emulator() if request.param == "google-emulator" else None
    with stand_in(tmp_path_factory.mktemp("dead") / "google", emulator) as google:
        engine = EngineClient(google.grpc_port)
        yield Project(google, engine).with_apis()
        engine.close()


@pytest.fixture(scope="module")
def store(project: Project) -> Made:
    return project.redis()


@pytest.fixture(scope="module")
def interceptor(project: Project, store: Made) -> str:
    """The address of the repository's own interceptor, deployed as the program deploys it."""
    engine = project.engine
    engine.create(REPOSITORY, "images", {"repositoryId": "images", "location": REGION, "format": "DOCKER"})
    image = f"{REPOSITORY_URL}/connector:1"
    engine.create(COMMAND, "build", {"create": f"gcloud builds submit {CONNECTOR} --tag {image} --project {PROJECT} --quiet 1>&2"})
    for account in ("runner", "pusher"):
        project.account(account)
    envs = [{"name": "REDISHOST", "value": store["host"]}, {"name": "REDISPORT", "value": str(int(store["port"]))}]
    container = {"commands": ["python", "-m", "connector"], "args": ["interceptor"], "envs": envs}
    inputs = project.run_inputs(image, "interceptor", container=container, scaling={"minInstanceCount": 2})
    inputs["template"]["vpcAccess"] = {"networkInterfaces": [{"network": "default", "subnetwork": "default"}]}
    made = engine.create(RUN, "interceptor", inputs | {"ingress": "INGRESS_TRAFFIC_INTERNAL_ONLY"})
    project.invoker("interceptor", f"serviceAccount:{email('pusher')}")
    return made["uri"]


@pytest.fixture(scope="module")
def subscribed(project: Project, interceptor: str) -> None:
    """Topic, dead-letter topic and subscriptions, with the roles that Google's own agent needs to move a message."""
    for name in ("events", "undelivered"):
        project.topic(name)
    project.engine.create(IDENTITY, "agent", {"service": "pubsub.googleapis.com"})
    publishing = {"topic": "undelivered", "role": "roles/pubsub.publisher", "member": AGENT}
    project.engine.create(TOPIC_MEMBER, "publish", publishing)
    push = {
        "pushEndpoint": f"{interceptor}/new-message-event",
        "oidcToken": {"serviceAccountEmail": email("pusher"), "audience": interceptor},
    }
    policy = {"deadLetterTopic": f"projects/{PROJECT}/topics/undelivered", "maxDeliveryAttempts": ATTEMPTS}
    retry = {"minimumBackoff": "0.1s", "maximumBackoff": "0.2s"}
    inputs = {"name": "sub", "topic": "events", "pushConfig": push, "deadLetterPolicy": policy, "retryPolicy": retry}
    made = project.engine.create(SUBSCRIPTION, "sub", inputs)
    taking = {"subscription": made.id, "role": "roles/pubsub.subscriber", "member": AGENT}
    project.engine.create(SUBSCRIPTION_MEMBER, "take", taking)
    project.engine.create(SUBSCRIPTION, "set-aside", {"name": "set-aside", "topic": "undelivered"})


def publish(project: Project, data: bytes) -> str:
    body = {"messages": [{"data": base64.b64encode(data).decode()}]}
    answer = httpx.post(f"{project.google.pubsub_url}/v1/projects/{PROJECT}/topics/events:publish", json=body)
    return answer.json()["messageIds"][0]


def good_event(number: int) -> bytes:
    return json.dumps({"conversation": CONVERSATION, "payload": f"good-{number}"}).encode()


def statuses(project: Project, message_id: str) -> list[int]:
    return [each["status"] for each in project.deliveries() if each["message_id"] == message_id]


def set_aside(project: Project) -> list[dict[str, Any]]:
    url = f"{project.google.pubsub_url}/v1/projects/{PROJECT}/subscriptions/set-aside:pull"
    return httpx.post(url, json={"maxMessages": 10, "returnImmediately": True}).json().get("receivedMessages", [])


@pytest.mark.usefixtures("subscribed")
def test_poison_is_set_aside_after_its_attempts_and_the_next_good_message_is_kept(project: Project, store: Made):
    poison = publish(project, b"no JSON at all")
    good = publish(project, good_event(1))
    [dead] = eventually(lambda: set_aside(project))
    assert statuses(project, poison) == [400] * ATTEMPTS
    assert base64.b64decode(dead["message"]["data"]) == b"no JSON at all"
    assert dead["message"]["attributes"]["CloudPubSubDeadLetterSourceDeliveryCount"] == str(ATTEMPTS)
    assert eventually(lambda: statuses(project, good)) == [204]
    later = publish(project, good_event(2))
    assert eventually(lambda: statuses(project, later)) == [204]
    with redis.Redis(store["host"], int(store["port"])) as kept:
        held = b"".join(_everything(kept))
    assert b"no JSON at all" not in held
    assert held.count(b"good-1") >= 1
    assert held.count(b"good-2") >= 1


def _everything(kept: redis.Redis) -> Iterator[bytes]:
    """Every key and value that Redis holds, in whatever type the interceptor chose."""
    for key in kept.scan_iter():
        yield key
        kind = kept.type(key)
        if kind == b"stream":
            yield repr(kept.xrange(key)).encode()
        elif kind == b"string":
            yield kept.get(key)
        elif kind == b"hash":
            yield repr(kept.hgetall(key)).encode()
        elif kind == b"zset":
            yield repr(kept.zrange(key, 0, -1)).encode()
