"""Whether the deployer may do what the program is about to do: asked by name, before anything is made.

Nothing is made here. Google answers `testIamPermissions` to anybody, with those of the asked permissions that the asker holds on
the project. Where it cannot answer (a new project in which the Cloud Resource Manager API is still off) the preview says so and
goes on. A permission that is granted on single resources only does not count: then `checkDeployerPermissions` is switched off.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from providers.google.credentials import AccessToken
from providers.google.rest import Api, Refused, Rest
from providers.handler import Fault, Live, Made, Properties, Settings, known, note, type_faults, typed

VENDOR = "Google Cloud"
_API = Api(VENDOR, "cloudresourcemanager.googleapis.com", "roles/browser")
# projects.testIamPermissions takes so many at a time.
_MOST_AT_ONCE = 100


@dataclass(frozen=True)
class DeployerPermissions:
    """permissions: {permission: a role that holds it}."""

    project: str
    permissions: dict[str, str]


class DeployerPermissionsHandler:
    """Id: the project's. No outputs."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    @classmethod
    def connect(cls, settings: Settings) -> DeployerPermissionsHandler:
        return cls(Rest(_API, settings.get("dialogflowEndpoint"), AccessToken(VENDOR, settings)))

    def check(self, inputs: Properties) -> list[Fault]:
        return type_faults(DeployerPermissions, inputs)

    def vendor_faults(self, inputs: Properties) -> list[Fault]:
        wanted = typed(DeployerPermissions, inputs, VENDOR)
        try:
            held = self._held(wanted.project, sorted(wanted.permissions))
        except Refused as refused:
            if refused.status == 404 or (refused.status == 403 and "SERVICE_DISABLED" not in refused.reasons):
                return [Fault("project", f"{wanted.project} is not there, or the deployer has no right on it at all")]
            if refused.status == 401:
                raise
            note(VENDOR, f"the deployer's permissions could not be checked: {refused.told()}")
            return []
        missing = {each: role for each, role in wanted.permissions.items() if each not in held}
        return [Fault("permissions", _told(wanted.project, missing))] if missing else []

    def find(self, inputs: Properties) -> Made | None:
        return None

    def create(self, inputs: Properties) -> Made:
        return Made(f"projects/{typed(DeployerPermissions, inputs, VENDOR).project}")

    def read(self, id: str, state: Properties) -> Live | None:
        return Live(known(DeployerPermissions, state))

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        return {}

    def delete(self, id: str, state: Properties) -> None:
        """Nothing to do: nothing was made."""

    def _held(self, project: str, permissions: list[str]) -> set[str]:
        held: set[str] = set()
        for start in range(0, len(permissions), _MOST_AT_ONCE):
            asked = {"permissions": permissions[start : start + _MOST_AT_ONCE]}
            path = f"v1/projects/{project}:testIamPermissions"
            held.update(self._rest.call("POST", "cloudresourcemanager", path, body=asked).get("permissions", []))
        return held


def _told(project: str, missing: Mapping[str, str]) -> str:
    by_role: dict[str, list[str]] = defaultdict(list)
    for permission, role in sorted(missing.items()):
        by_role[role].append(permission)
    each = "; ".join(f"{role} holds {_and(permissions)}" for role, permissions in sorted(by_role.items()))
    command = f"gcloud projects add-iam-policy-binding {project} --member=user:YOU --role=ROLE"
    return (
        f"the deployer lacks {len(missing)} of the permissions that this takes on {project}: {each}. "
        f"Fix: `{command}` for each role, or `pulumi config set checkDeployerPermissions false` where they are granted otherwise"
    )


def _and(texts: Iterable[str]) -> str:
    return ", ".join(texts)
