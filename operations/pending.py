"""Operations that a cut-off run left in the state."""

from __future__ import annotations

from collections.abc import Mapping
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


def taken_in(export: dict[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    """The state with the interrupted creations of `ids` (urn → the vendor's id) as resources: a refresh then reads what is
    really there, and drops what is not. What they know is their inputs, which is what the vendor's read starts from."""
    deployment = export["deployment"]
    interrupted = [each for each in deployment["pending_operations"] if each["resource"]["urn"] in ids]
    resources = [
        {**each["resource"], "id": ids[each["resource"]["urn"]], "outputs": each["resource"].get("inputs") or {}} for each in interrupted
    ]
    rest = [each for each in deployment["pending_operations"] if each not in interrupted]
    return {**export, "deployment": {**deployment, "resources": [*deployment["resources"], *resources], "pending_operations": rest}}
