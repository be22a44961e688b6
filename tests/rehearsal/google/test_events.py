"""Pub/Sub with authenticated push, redelivery and dead letters: one suite over both event services.

Where Google's emulator is not installed, only ours is there to be tested; that is a fact about the machine, not a skipped test.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import grpc
import httpx
import jwt
import pytest

from tests.rehearsal.google.conftest import stand_in
from tests.rehearsal.google.engine_client import EngineClient, Made
from tests.rehearsal.google.local_tools import pubsub_emulator
from tests.rehearsal.google.project import (
    IDENTITY,
    NUMBER,
    PROJECT,
    RUN,
    RUN_MEMBER,
    SUBSCRIPTION,
    SUBSCRIPTION_MEMBER,
    TOPIC,
    TOPIC_MEMBER,
    Project,
    email,
    eventually,
)

SERVICES = ["own", *(["google-emulator"] if pubsub_emulator() else [])]
SUB = f"projects/{PROJECT}/subscriptions/sub"
AGENT = f"serviceAccount:service-{NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com"
# Google's emulator waits a second at least, whatever the policy says.
QUICK = {"minimumBackoff": "0.1s", "maximumBackoff": "0.2s"}


@pytest.fixture(scope="module", params=SERVICES)
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project with a topic and a private interceptor that the account `pusher` may invoke."""
    emulator = pubsub_emulator() if request.param == "google-emulator" else None
    with stand_in(tmp_path_factory.mktemp("events") / "google", emulator) as google:
        assert google.pubsub_kind == request.param
        engine = EngineClient(google.grpc_port)
        project = Project(google, engine).with_apis()
        project.account("runner")
        project.account("pusher")
        project.topic("events")
        project.topic("undelivered")
        inputs = project.run_inputs(project.image()) | {"ingress": "INGRESS_TRAFFIC_INTERNAL_ONLY"}
        engine.create(RUN, "sample", inputs)
        project.invoker("sample", f"serviceAccount:{email('pusher')}")
        yield project
        engine.close()


@pytest.fixture
def subscribed(shared: Project) -> Iterator[Any]:
    """Makes the subscription `sub` and takes it away afterwards."""
    made: list[Made] = []

    def subscribe(path: str = "/push", **changes: Any) -> Made:
        uri = shared.google.service_uri("sample")
        token = {"serviceAccountEmail": email("pusher"), "audience": uri}
        push = {"pushEndpoint": f"{uri}{path}", "oidcToken": token, **changes.pop("pushConfig", {})}
        inputs = {"name": "sub", "topic": "events", "pushConfig": push, "retryPolicy": QUICK, **changes}
        made.append(shared.engine.create(SUBSCRIPTION, "sub", inputs))
        return made[0]

    yield subscribe
    for each in made:
        shared.engine.delete(each)


def pushes(project: Project) -> list[dict[str, Any]]:
    """What the service itself saw."""
    token = project.google.tokens.identity_token(email("pusher"), project.google.service_uri("sample"))
    headers = {"authorization": f"Bearer {token}", "x-standin-internal": project.google._parts._internal}
    return httpx.get(f"{project.google.service_uri('sample')}/pushes", headers=headers).json()


def statuses(project: Project, message_id: str) -> list[int]:
    return [each["status"] for each in project.deliveries() if each["message_id"] == message_id]


class TestRest:
    def test_what_the_provider_made_is_there(self, shared: Project, subscribed: Any):
        subscribed()
        topics = httpx.get(f"{shared.google.pubsub_url}/v1/projects/{PROJECT}/topics").json()["topics"]
        assert {f"projects/{PROJECT}/topics/{name}" for name in ("events", "undelivered")} <= {
            t["name"] for t in topics
        }
        body = httpx.get(f"{shared.google.pubsub_url}/v1/{SUB}").json()
        assert (body["topic"], body["ackDeadlineSeconds"]) == (f"projects/{PROJECT}/topics/events", 10)

    @pytest.mark.parametrize(
        ("method", "path", "body", "expected"),
        [
            ("PUT", "topics/events", {}, (409, "ALREADY_EXISTS")),
            ("GET", "topics/none", None, (404, "NOT_FOUND")),
            ("DELETE", "topics/none", None, (404, "NOT_FOUND")),
            ("POST", "topics/none:publish", {"messages": [{"data": "e30="}]}, (404, "NOT_FOUND")),
            ("PUT", "subscriptions/other", {"topic": f"projects/{PROJECT}/topics/none"}, (404, "NOT_FOUND")),
            ("GET", "subscriptions/none", None, (404, "NOT_FOUND")),
            ("POST", "topics/events:publish", {"messages": [{}]}, (400, "INVALID_ARGUMENT")),
        ],
    )
    def test_errors_are_googles(self, shared: Project, method: str, path: str, body: Any, expected: tuple[int, str]):
        answer = httpx.request(method, f"{shared.google.pubsub_url}/v1/projects/{PROJECT}/{path}", json=body)
        assert (answer.status_code, answer.json()["error"]["status"]) == expected

    def test_a_message_waits_to_be_pulled_until_it_is_acknowledged(self, shared: Project):
        made = shared.engine.create(SUBSCRIPTION, "pull", {"name": "pulled", "topic": "events"})
        shared.publish("events", {"n": 1})
        received = eventually(lambda: pull(shared, "pulled"))
        assert json.loads(base64.b64decode(received[0]["message"]["data"])) == {"n": 1}
        url = f"{shared.google.pubsub_url}/v1/projects/{PROJECT}/subscriptions/pulled:acknowledge"
        assert httpx.post(url, json={"ackIds": [received[0]["ackId"]]}).status_code == 200
        assert pull(shared, "pulled") == []
        shared.engine.delete(made)
        assert httpx.get(f"{shared.google.pubsub_url}/v1/projects/{PROJECT}/subscriptions/pulled").status_code == 404


class TestPush:
    def test_the_service_gets_the_message_with_a_token_for_it(self, shared: Project, subscribed: Any):
        subscribed()
        before = len(pushes(shared))
        message_id = shared.publish("events", {"conversation": "c", "text": "hé"})
        eventually(lambda: len(pushes(shared)) > before)
        got = pushes(shared)[-1]
        assert got["body"]["subscription"] == SUB
        message = got["body"]["message"]
        assert (message["messageId"], message["message_id"]) == (message_id, message_id)
        assert json.loads(base64.b64decode(message["data"])) == {"conversation": "c", "text": "hé"}
        assert message["publishTime"] == message["publish_time"]
        assert got["headers"]["content-type"] == "application/json"
        scheme, _, token = got["headers"]["authorization"].partition(" ")
        unsigned = token.removesuffix("SIGNATURE_REMOVED_BY_GOOGLE") + "AA"
        claims = jwt.decode(unsigned, options={"verify_signature": False})
        assert (scheme, claims["email"], claims["iss"]) == ("Bearer", email("pusher"), "https://accounts.google.com")
        assert claims["aud"] == shared.google.service_uri("sample")
        assert eventually(lambda: statuses(shared, message_id)) == [204]

    def test_the_default_audience_is_the_endpoint(self, shared: Project, subscribed: Any):
        subscribed(pushConfig={"oidcToken": {"serviceAccountEmail": email("pusher")}})
        message_id = shared.publish("events", {"n": 1})
        assert eventually(lambda: statuses(shared, message_id)) == [204]

    def test_without_a_token_the_service_is_closed(self, shared: Project, subscribed: Any):
        made = subscribed(pushConfig={"oidcToken": None})
        message_id = shared.publish("events", {"n": 1})
        assert eventually(lambda: statuses(shared, message_id))[0] == 403
        assert made.id == SUB

    def test_without_the_invoker_role_403_until_it_is_granted(self, shared: Project, subscribed: Any):
        subscribed()
        role = next(name for name in shared.snapshot() if name.startswith(RUN_MEMBER)).removeprefix(f"{RUN_MEMBER}/")
        assert shared.drift(RUN_MEMBER, role, {"delete": True}).status_code == 200
        message_id = shared.publish("events", {"n": 2})
        eventually(lambda: len(statuses(shared, message_id)) >= 2)
        assert set(statuses(shared, message_id)) == {403}
        shared.invoker("sample", f"serviceAccount:{email('pusher')}")
        eventually(lambda: statuses(shared, message_id)[-1] == 204)

    def test_somebody_elses_audience_is_not_accepted(self, shared: Project, subscribed: Any):
        token = {"serviceAccountEmail": email("pusher"), "audience": "https://elsewhere.example"}
        subscribed(pushConfig={"oidcToken": token})
        message_id = shared.publish("events", {"n": 3})
        assert eventually(lambda: statuses(shared, message_id))[0] == 401

    def test_a_changed_endpoint_takes_effect_for_what_waits(self, shared: Project, subscribed: Any):
        made = subscribed("/nowhere")
        message_id = shared.publish("events", {"n": 4})
        assert eventually(lambda: statuses(shared, message_id))[0] == 404
        inputs = json.loads(json.dumps(made.inputs))
        inputs["pushConfig"]["pushEndpoint"] = f"{shared.google.service_uri('sample')}/push"
        shared.engine.update(made, inputs)
        eventually(lambda: statuses(shared, message_id)[-1] == 204)

    def test_drift_of_the_endpoint_is_felt_and_seen(self, shared: Project, subscribed: Any):
        made = subscribed()
        wrong = f"{shared.google.service_uri('sample')}/nowhere"
        assert shared.drift(SUBSCRIPTION, "sub", {"pushConfig.pushEndpoint": wrong}).status_code == 200
        message_id = shared.publish("events", {"n": 5})
        assert eventually(lambda: statuses(shared, message_id))[0] == 404
        seen = shared.engine.read(made)
        assert seen.inputs["pushConfig"]["pushEndpoint"] == wrong
        assert list(shared.engine.diff(seen, made.inputs).detailedDiff) == ["pushConfig.pushEndpoint"]


class TestDeadLetters:
    def test_after_five_tries_the_message_is_set_aside(self, shared: Project, subscribed: Any):
        grant(shared)
        policy = {"deadLetterTopic": f"projects/{PROJECT}/topics/undelivered", "maxDeliveryAttempts": 5}
        waiting = shared.engine.create(SUBSCRIPTION, "waiting", {"name": "waiting", "topic": "undelivered"})
        made = subscribed("/poison", deadLetterPolicy=policy)
        shared.engine.create(
            SUBSCRIPTION_MEMBER, "take", {"subscription": made.id, "role": "roles/pubsub.subscriber", "member": AGENT}
        )
        message_id = shared.publish("events", {"poison": True})
        dead = eventually(lambda: pull(shared, "waiting"))[0]["message"]
        assert statuses(shared, message_id) == [500] * 5
        assert json.loads(base64.b64decode(dead["data"])) == {"poison": True}
        assert dead["attributes"]["CloudPubSubDeadLetterSourceSubscription"] == "sub"
        assert dead["attributes"]["CloudPubSubDeadLetterSourceDeliveryCount"] == "5"
        attempts = [each["body"]["deliveryAttempt"] for each in pushes(shared) if "deliveryAttempt" in each["body"]]
        assert attempts[-5:] == [1, 2, 3, 4, 5]
        shared.engine.delete(waiting)

    def test_without_the_agents_role_it_is_tried_on(self, shared: Project, subscribed: Any):
        shared.engine.create(IDENTITY, "agent", {"service": "pubsub.googleapis.com"})
        for name in [each for each in shared.snapshot() if each.startswith((TOPIC_MEMBER, SUBSCRIPTION_MEMBER))]:
            kind, _, id_ = name.partition("Member/")
            shared.drift(f"{kind}Member", id_, {"delete": True})
        policy = {"deadLetterTopic": f"projects/{PROJECT}/topics/undelivered", "maxDeliveryAttempts": 5}
        subscribed("/poison", deadLetterPolicy=policy)
        message_id = shared.publish("events", {"poison": True})
        eventually(lambda: len(statuses(shared, message_id)) > 5)


def test_a_topic_is_gone_after_its_deletion(shared: Project):
    made = shared.engine.create(TOPIC, "brief", {"name": "brief"})
    shared.engine.delete(made)
    assert httpx.get(f"{shared.google.pubsub_url}/v1/{made.id}").status_code == 404
    with pytest.raises(grpc.RpcError, match="topic: topic"):
        shared.engine.create(SUBSCRIPTION, "late", {"name": "late", "topic": "brief"})


def grant(project: Project) -> None:
    project.engine.create(IDENTITY, "agent", {"service": "pubsub.googleapis.com"})
    inputs = {"topic": "undelivered", "role": "roles/pubsub.publisher", "member": AGENT}
    project.engine.create(TOPIC_MEMBER, "publish", inputs)


def pull(project: Project, name: str) -> list[dict[str, Any]]:
    url = f"{project.google.pubsub_url}/v1/projects/{PROJECT}/subscriptions/{name}:pull"
    return httpx.post(url, json={"maxMessages": 10, "returnImmediately": True}).json().get("receivedMessages", [])
