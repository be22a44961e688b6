"""Operations that a cut-off run left in the state, and by which id the vendor knows what one may have made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Pending:
    """operation: "creating", "updating", "deleting", …; inputs may hold encrypted secrets and are never printed."""

    operation: str
    urn: str
    type: str
    inputs: dict[str, Any] = field(repr=False)

    @property
    def name(self) -> str:
        return self.urn.rsplit("::", 1)[-1]


def of(export: dict[str, Any]) -> list[Pending]:
    """What `pulumi stack export` lists as pending."""
    listed = (export.get("deployment") or {}).get("pending_operations") or []
    return [
        Pending(each["type"], each["resource"]["urn"], each["resource"]["type"], each["resource"].get("inputs") or {}) for each in listed
    ]


def import_id(pending: Pending, defaults: dict[str, str]) -> str | None:
    """The id to look for; None where creating again is safe. defaults: for inputs that the program leaves to the provider.

    Creating again is safe for our own resources (they find what is there), for grants and API switches (adding the same
    again changes nothing), and for whatever is not listed here: the vendor then refuses, and `up` says so.
    """
    make = _IDS.get(pending.type)
    return make({**{key: value for key, value in defaults.items() if value}, **pending.inputs}) if make else None


def _at(path: str) -> Callable[[dict[str, Any]], str | None]:
    """An id made of inputs: `{name}` is the input's value. None when one of them is not known in the state."""

    def make(inputs: dict[str, Any]) -> str | None:
        try:
            return path.format_map({key: value for key, value in inputs.items() if isinstance(value, str)})
        except KeyError:
            return None

    return make


# pulumi-gcp's own import formats.
_IDS: dict[str, Callable[[dict[str, Any]], str | None]] = {
    "gcp:artifactregistry/repository:Repository": _at("projects/{project}/locations/{location}/repositories/{repositoryId}"),
    "gcp:cloudrunv2/service:Service": _at("projects/{project}/locations/{location}/services/{name}"),
    "gcp:pubsub/subscription:Subscription": _at("projects/{project}/subscriptions/{name}"),
    "gcp:pubsub/topic:Topic": _at("projects/{project}/topics/{name}"),
    "gcp:redis/instance:Instance": _at("projects/{project}/locations/{region}/instances/{name}"),
    "gcp:secretmanager/secret:Secret": _at("projects/{project}/secrets/{secretId}"),
    "gcp:serviceaccount/account:Account": _at("projects/{project}/serviceAccounts/{accountId}@{project}.iam.gserviceaccount.com"),
}
