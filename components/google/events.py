"""What Agent Assist tells about a call, on its way to the interceptor: four topics, four push subscriptions.

Beyond the upstream script: an event that the interceptor cannot take is tried again after 10 seconds, then more and more
slowly, and set aside after ten times instead of blocking for seven days; and the push token names its audience.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from components.google import names
from components.google.apis import Apis

_RETENTION = "604800s"
_ATTEMPTS = 10


@dataclass(frozen=True)
class Event:
    """One kind of event. path: where the interceptor takes it, and the name under which browsers hear it."""

    topic: str
    subscription: str
    path: str


_PATHS = {
    "suggestion": "/human-agent-assistant-event",
    "message": "/new-message-event",
    "lifecycle": "/conversation-lifecycle-event",
    "recognition": "/new-recognition-result-notification-event",
}
EVENTS = {kind: Event(names.TOPICS[kind], names.SUBSCRIPTIONS[kind], path) for kind, path in _PATHS.items()}


class Topics(pulumi.ComponentResource):
    """`topics` by the keys of EVENTS, and the one for what could not be delivered."""

    def __init__(
        self, name: str, *, project: str, called: names.Names, apis: Apis, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("voice:google:Topics", name, None, opts)
        # Known before they are made: what an existing profile must name is checked at preview.
        self.full_names = {
            kind: f"projects/{project}/topics/{called.of(event.topic)}" for kind, event in EVENTS.items()
        }
        made = pulumi.ResourceOptions(parent=self, depends_on=apis.on("pubsub"))
        self.topics = {
            kind: gcp.pubsub.Topic(event.topic, project=project, name=called.of(event.topic), opts=made)
            for kind, event in EVENTS.items()
        }
        self.undelivered = gcp.pubsub.Topic(
            "aa-undelivered-topic", project=project, name=called.of(names.UNDELIVERED_TOPIC), opts=made
        )
        self.register_outputs({})


class Subscriptions(pulumi.ComponentResource):
    """Push from every topic to the interceptor at `endpoint`, as the account `push_email`, with tokens for `audience`.

    callable_first: the right of that account to call the interceptor; without it the first events would be refused.
    """

    def __init__(
        self,
        name: str,
        *,
        project: str,
        called: names.Names,
        topics: Topics,
        endpoint: pulumi.Input[str],
        audience: str,
        push_email: pulumi.Input[str],
        callable_first: Sequence[pulumi.Resource],
        apis: Apis,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("voice:google:Subscriptions", name, None, opts)
        own = pulumi.ResourceOptions(parent=self)
        agent = gcp.projects.ServiceIdentity(
            "pubsub-service-agent",
            project=project,
            service="pubsub.googleapis.com",
            opts=pulumi.ResourceOptions(parent=self, depends_on=apis.on("pubsub")),
        )
        may_set_aside = gcp.pubsub.TopicIAMMember(
            "aa-undelivered-topic-publisher",
            project=project,
            topic=topics.undelivered.name,
            role="roles/pubsub.publisher",
            member=agent.member,
            opts=own,
        )
        # Without a subscription the topic would drop what is set aside.
        undelivered = gcp.pubsub.Subscription(
            "aa-undelivered-sub",
            project=project,
            name=called.of(names.UNDELIVERED_SUBSCRIPTION),
            topic=topics.undelivered.id,
            ack_deadline_seconds=60,
            message_retention_duration=_RETENTION,
            expiration_policy=gcp.pubsub.SubscriptionExpirationPolicyArgs(ttl=""),
            opts=own,
        )
        self.subscriptions = {
            kind: gcp.pubsub.Subscription(
                event.subscription,
                project=project,
                name=called.of(event.subscription),
                topic=topics.topics[kind].id,
                ack_deadline_seconds=10,
                message_retention_duration=_RETENTION,
                expiration_policy=gcp.pubsub.SubscriptionExpirationPolicyArgs(ttl=""),
                retry_policy=gcp.pubsub.SubscriptionRetryPolicyArgs(minimum_backoff="10s", maximum_backoff="600s"),
                dead_letter_policy=gcp.pubsub.SubscriptionDeadLetterPolicyArgs(
                    dead_letter_topic=topics.undelivered.id, max_delivery_attempts=_ATTEMPTS
                ),
                push_config=gcp.pubsub.SubscriptionPushConfigArgs(
                    push_endpoint=pulumi.Output.concat(endpoint, event.path),
                    oidc_token=gcp.pubsub.SubscriptionPushConfigOidcTokenArgs(
                        service_account_email=push_email, audience=audience
                    ),
                ),
                opts=pulumi.ResourceOptions(parent=self, depends_on=[*callable_first, may_set_aside, undelivered]),
            )
            for kind, event in EVENTS.items()
        }
        for kind, subscription in self.subscriptions.items():
            gcp.pubsub.SubscriptionIAMMember(
                f"{EVENTS[kind].subscription}-subscriber",
                project=project,
                subscription=subscription.name,
                role="roles/pubsub.subscriber",
                member=agent.member,
                opts=own,
            )
        self.register_outputs({})
