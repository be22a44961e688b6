"""Pub/Sub: topics and subscriptions live in the event service (Google's emulator or our own), over its REST API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from rehearsal.google.cloud import Cloud, Thing
from rehearsal.google.families.iam import Binding, require_account
from rehearsal.google.families.kind import Kind, labels, last
from rehearsal.google.push_forwarder import Target
from rehearsal.google.refusals import Refusal

_API = "pubsub.googleapis.com"


class Topic(Kind):
    type = "gcp:pubsub/topic:Topic"
    api = _API
    noun = "topic"

    def id(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        return full_name(cloud, "topics", inputs["name"])

    def realise(self, cloud: Cloud, thing: Thing, before: Thing | None) -> None:
        if before is None:
            _call(cloud, "PUT", thing.id, {"labels": thing.inputs.get("labels") or {}}, "name")
        thing.outputs = labels(cloud, thing.inputs)

    def remove(self, cloud: Cloud, thing: Thing) -> None:
        _call(cloud, "DELETE", thing.id, None, "name")

    def spellings(self, cloud: Cloud, id: str) -> list[str]:
        return [full_name(cloud, "topics", id)]


class Subscription(Kind):
    type = "gcp:pubsub/subscription:Subscription"
    api = _API
    noun = "subscription"

    def id(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        return full_name(cloud, "subscriptions", inputs["name"])

    def admit(self, cloud: Cloud, inputs: Mapping[str, Any], id: str) -> None:
        require_topic(cloud, inputs["topic"], "topic")
        if dead_letter := inputs.get("deadLetterPolicy"):
            require_topic(cloud, dead_letter.get("deadLetterTopic") or "", "deadLetterPolicy.deadLetterTopic")
        push = inputs.get("pushConfig") or {}
        if identity := push.get("oidcToken"):
            require_account(cloud, identity["serviceAccountEmail"], "pushConfig.oidcToken.serviceAccountEmail")
        for other in ("bigqueryConfig", "cloudStorageConfig", "messageTransforms"):
            if inputs.get(other):
                raise Refusal("not-rehearsed", property=other, why="only push and pull subscriptions can be rehearsed.")

    def realise(self, cloud: Cloud, thing: Thing, before: Thing | None) -> None:
        push = thing.inputs.get("pushConfig") or {}
        deadline = thing.get("ackDeadlineSeconds", 10)
        target = Target(thing.id, push, thing.inputs.get("deadLetterPolicy"), deadline)
        # Signing and dead letters are the forwarder's part: the event service gets neither identity nor policy.
        local = {"pushEndpoint": cloud.parts.forwarder.endpoint(target)} if push else {}
        body: dict[str, Any] = {
            "topic": full_name(cloud, "topics", thing.inputs["topic"]),
            "pushConfig": local,
            "ackDeadlineSeconds": deadline,
            "messageRetentionDuration": thing.get("messageRetentionDuration", "604800s"),
        }
        for name in ("retryPolicy", "filter", "enableMessageOrdering", "retainAckedMessages"):
            if thing.inputs.get(name):
                body[name] = thing.inputs[name]
        if before is None:
            _call(cloud, "PUT", thing.id, body, "name")
        else:
            changes = {
                "subscription": {"name": thing.id, **body},
                "updateMask": "ackDeadlineSeconds,messageRetentionDuration",
            }
            changes["updateMask"] += ",retryPolicy" if "retryPolicy" in body else ""
            _call(cloud, "PATCH", thing.id, changes, "pushConfig")
            _call(cloud, "POST", f"{thing.id}:modifyPushConfig", {"pushConfig": local}, "pushConfig")
        thing.outputs = {
            "topic": body["topic"],
            "ackDeadlineSeconds": deadline,
            "messageRetentionDuration": body["messageRetentionDuration"],
            **labels(cloud, thing.inputs),
        }

    def remove(self, cloud: Cloud, thing: Thing) -> None:
        _call(cloud, "DELETE", thing.id, None, "name")
        cloud.parts.forwarder.forget(thing.id)

    def spellings(self, cloud: Cloud, id: str) -> list[str]:
        return [full_name(cloud, "subscriptions", id)]


class TopicMember(Binding):
    type = "gcp:pubsub/topicIAMMember:TopicIAMMember"
    api = _API
    noun = "topic"
    on = "topic"
    services = ("pubsub",)
    public = True

    def full_name(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        return full_name(cloud, "topics", inputs["topic"])

    def resource(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        return require_topic(cloud, inputs["topic"], "topic")


class SubscriptionMember(Binding):
    type = "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember"
    api = _API
    noun = "subscription"
    on = "subscription"
    services = ("pubsub",)
    public = True

    def full_name(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        return full_name(cloud, "subscriptions", inputs["subscription"])

    def resource(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        name = self.full_name(cloud, inputs)
        if not cloud.find(Subscription.type, name):
            raise Refusal("not-found", property="subscription", what=self.noun, name=name)
        return name


def full_name(cloud: Cloud, kind: str, name: str) -> str:
    """projects/P/topics/T from T or from the full name."""
    return name if name.startswith("projects/") else f"projects/{cloud.project}/{kind}/{last(name)}"


def require_topic(cloud: Cloud, topic: str, property: str) -> str:
    name = full_name(cloud, "topics", topic)
    if not cloud.find(Topic.type, name):
        raise Refusal("not-found", property=property, what="topic", name=name)
    return name


def may_forward(cloud: Cloud, subscription: str, topic: str) -> bool:
    """Whether the Pub/Sub service agent may take from the subscription and publish to the dead-letter topic."""
    agent = f"serviceAccount:{cloud.agent(_API)}"
    publishes = cloud.holds(agent, "roles/pubsub.publisher", topic)
    return publishes and cloud.holds(agent, "roles/pubsub.subscriber", subscription)


def _call(cloud: Cloud, method: str, path: str, body: dict[str, Any] | None, property: str) -> None:
    answer = httpx.request(method, f"{cloud.parts.events.url}/v1/{path}", json=body, timeout=10, trust_env=False)
    if answer.status_code >= 400 and not (method == "DELETE" and answer.status_code == 404):
        message = answer.json()["error"]["message"]
        raise Refusal("emulator", property=property, message=f"the event service refused {path}: {message}")


KINDS: list[Kind] = [Topic(), Subscription(), TopicMember(), SubscriptionMember()]
