"""By which id the vendor knows what an interrupted creation may have made: pulumi-gcp's own import formats.

Only for resources of providers that are not ours: those of this repository find what is there when they are created
again. Where Google itself refuses a second one (409) the id follows from the inputs; a conversation profile and a secret's
version have ids that Google makes up, and a second creation would quietly make a second one: they are looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from operations.pending import Pending
from providers.dialogflow.client import DialogflowClient

Inputs = Mapping[str, Any]
_PROFILE = "gcp:diagflow/conversationProfile:ConversationProfile"
_VERSION = "gcp:secretmanager/secretVersion:SecretVersion"
_PATHS = {
    "gcp:artifactregistry/repository:Repository": "projects/{project}/locations/{location}/repositories/{repositoryId}",
    "gcp:cloudrunv2/service:Service": "projects/{project}/locations/{location}/services/{name}",
    "gcp:compute/network:Network": "projects/{project}/global/networks/{name}",
    "gcp:compute/subnetwork:Subnetwork": "projects/{project}/regions/{region}/subnetworks/{name}",
    "gcp:logging/projectExclusion:ProjectExclusion": "projects/{project}/exclusions/{name}",
    "gcp:pubsub/subscription:Subscription": "projects/{project}/subscriptions/{name}",
    "gcp:pubsub/topic:Topic": "projects/{project}/topics/{name}",
    "gcp:redis/instance:Instance": "projects/{project}/locations/{region}/instances/{name}",
    "gcp:secretmanager/secret:Secret": "projects/{project}/secrets/{secretId}",
    "gcp:serviceaccount/account:Account": "projects/{project}/serviceAccounts/{accountId}@{project}.iam.gserviceaccount.com",
}


# Made twice they are made once: a second grant of the same role, a second switching on.
REPEATABLE = frozenset(
    {
        "gcp:cloudrunv2/serviceIamMember:ServiceIamMember",
        "gcp:projects/iAMMember:IAMMember",
        "gcp:projects/service:Service",
        "gcp:projects/serviceIdentity:ServiceIdentity",
        "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember",
        "gcp:pubsub/topicIAMMember:TopicIAMMember",
        "gcp:secretmanager/secretIamMember:SecretIamMember",
    }
)
FOUND_AGAIN = frozenset(_PATHS) | {_PROFILE, _VERSION}


class ImportIds:
    """defaults: project, region, location, for inputs that the program leaves to the provider. resources: of the state,
    as exported. dialogflow: makes a client; called only when a conversation profile has to be looked up."""

    def __init__(
        self, defaults: Mapping[str, str], resources: Sequence[Mapping[str, Any]], dialogflow: Callable[[], DialogflowClient]
    ) -> None:
        self._defaults = {key: value for key, value in defaults.items() if value}
        self._resources, self._dialogflow = resources, dialogflow

    def of(self, pending: Pending) -> str | None:
        """The id to import by; None where creating again is safe, or where an input that the id needs is not known.

        Raises VendorError when Google refuses the look-up.
        """
        inputs = {**self._defaults, **{key: value for key, value in pending.inputs.items() if isinstance(value, str)}}
        if pending.type == _PROFILE:
            return self._profile(pending.inputs, inputs.get("project", ""))
        if pending.type == _VERSION:
            return self._next_version(inputs.get("secret", ""))
        try:
            return _PATHS[pending.type].format_map(inputs)
        except KeyError:
            return None

    def _profile(self, inputs: Inputs, project: str) -> str | None:
        """One of that display name that the state does not have."""
        known = {each.get("id") for each in self._resources if each["type"] == _PROFILE}
        listed = self._dialogflow().conversation_profiles(project, inputs.get("location") or "global")
        same = (each["name"] for each in listed if each.get("displayName") == inputs.get("displayName"))
        return next((name for name in same if name not in known), None)

    def _next_version(self, secret: str) -> str | None:
        """Versions count from 1: the interrupted one follows the last that the state knows."""
        if not secret:
            return None
        numbers = [int(each["outputs"]["version"]) for each in self._resources if each["type"] == _VERSION and _of(each, secret)]
        return f"{secret}/versions/{max(numbers, default=0) + 1}"


def _of(version: Mapping[str, Any], secret: str) -> bool:
    outputs = version.get("outputs") or {}
    return outputs.get("secret") == secret and str(outputs.get("version", "")).isdigit()
