"""What an environment's things are called at Google: the names of Google's public backend, or with a prefix in front.

With a prefix two environments can live in one project. Google's limits differ from thing to thing; the shortest decides how
long a prefix may be, and it is found by holding every derived name against the form that Google takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

CONNECTOR = "ui-connector"
INTERCEPTOR = "cloud-pubsub-interceptor"
PUSH = "cloud-run-pubsub-invoker"
SESSION_STORE = "aa-integration-redis"
SESSION_STORE_PASSWORD = "aa-integration-redis-auth"  # noqa: S105 - the name of a secret, not a secret
SIGNING_SECRET = "aa-integration-jwt-secret"  # noqa: S105 - the name of a secret, not a secret
IMAGES = "aa-integration"
NETWORK = "aa-integration"
PROFILE = "agent-assist-voice"
LOG_EXCLUSION = "ui-connector-conversation-names"
TOPICS = {
    "suggestion": "aa-new-suggestion-topic",
    "message": "aa-new-message-topic",
    "lifecycle": "aa-conversation-event-topic",
    "recognition": "aa-intermediate-transcript-topic",
}
SUBSCRIPTIONS = {
    "suggestion": "aa-new-suggestion-sub",
    "message": "aa-new-message-sub",
    "lifecycle": "aa-conversation-event-sub",
    "recognition": "aa-intermediate-transcript-event-sub",
}
UNDELIVERED_TOPIC = "aa-undelivered-topic"
UNDELIVERED_SUBSCRIPTION = "aa-undelivered-sub"

# What Google takes as the name of each kind of thing (its API references, under the field that holds the name).
_FORMS = {
    "service account": r"[a-z](?=.{5,29}\Z)[a-z0-9-]*[a-z0-9]",
    "Cloud Run service": r"[a-z](?=.{0,48}\Z)(?:[a-z0-9-]*[a-z0-9])?",
    "Redis instance": r"[a-z](?=.{1,39}\Z)[a-z0-9-]*[a-z0-9]",
    "secret": r"[a-zA-Z0-9_-]{1,255}",
    "topic or subscription": r"(?!goog)[a-zA-Z][a-zA-Z0-9._~+%-]{2,254}",
    "image repository": r"[a-z](?=.{0,62}\Z)(?:[a-z0-9-]*[a-z0-9])?",
    "network": r"[a-z](?=.{0,62}\Z)(?:[a-z0-9-]*[a-z0-9])?",
    "log exclusion": r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,99}",
}
_USED: dict[str, tuple[str, ...]] = {
    "service account": (CONNECTOR, INTERCEPTOR, PUSH),
    "Cloud Run service": (CONNECTOR, INTERCEPTOR),
    "Redis instance": (SESSION_STORE,),
    "secret": (SIGNING_SECRET, SESSION_STORE_PASSWORD),
    "topic or subscription": (
        *TOPICS.values(),
        *SUBSCRIPTIONS.values(),
        UNDELIVERED_TOPIC,
        UNDELIVERED_SUBSCRIPTION,
    ),
    "image repository": (IMAGES,),
    "network": (NETWORK,),
    "log exclusion": (LOG_EXCLUSION,),
}


@dataclass(frozen=True)
class Names:
    """prefix: without the hyphen behind it; empty for the public backend's own names."""

    prefix: str = ""

    def of(self, name: str) -> str:
        return f"{self.prefix}-{name}" if self.prefix else name

    def refused(self) -> Iterator[tuple[str, str]]:
        """(kind of thing, name) of every derived name that Google would not take."""
        for kind, names in _USED.items():
            for name in names:
                if not re.fullmatch(_FORMS[kind], self.of(name)):
                    yield kind, self.of(name)


def longest_prefix() -> int:
    """How many characters every kind of thing leaves for a prefix."""
    return next(length for length in range(30, 0, -1) if not any(Names("x" * length).refused()))
