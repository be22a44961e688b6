"""What a stack knows of its Salesforce side, out of its own configuration and state.

Credentials stay in this process: they come from the engine by a pipe, and go to Salesforce only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from operations.engine import Engine
from operations.rotate_oauth import Rotation, RotationProblem
from providers.salesforce.client import client_for

_CREDENTIALS, _PAGE = "salesforce:OauthCredentials", "salesforce:ContactPage"
_SIGNATURE, _SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"


class StackSalesforce:
    """One stack; `stack` None is the selected one. Raises RotationProblem and EngineProblem."""

    def __init__(self, project: Path, stack: str | None) -> None:
        self._project = project
        self.engine = Engine(project, {"PULUMI_STACK": stack} if stack else {})

    def get(self, key: str) -> str | None:
        """A setting as a provider gets it; None when it is not set."""
        value = self._settings.get(f"{self._file['name']}:{key}")
        if value in (None, ""):
            return None
        return value if isinstance(value, str) else json.dumps(value)

    @property
    def rotation(self) -> Rotation:
        """What can be rotated. Raises RotationProblem before the first `pulumi up`."""
        credentials, page = self._one(_CREDENTIALS), self._one(_PAGE)
        inputs, outputs = credentials["inputs"], credentials["outputs"]
        return Rotation(client_for(self), inputs["app"], page["inputs"]["name"], _clear(outputs["consumerKey"]))

    def take_over(self) -> None:
        """Has the stack hold the pair that the org has, so that the next run finds nothing to do."""
        credentials, page = self._one(_CREDENTIALS)["urn"], self._one(_PAGE)["urn"]
        for command, targets in (("refresh", [credentials]), ("up", [credentials, page])):
            run = self.engine.run(command, *(part for urn in targets for part in ("--target", urn)))
            if not run.ok:
                raise RotationProblem(
                    f"the org has the new pair, and the page too, but the stack's state does not: {run.error}. Fix that, then run the "
                    "same command again: it only does what is left"
                )

    def _one(self, kind: str) -> Mapping[str, Any]:
        for each in self._resources:
            if each["type"].endswith(kind) and each.get("id") and not each.get("delete"):
                return each
        raise RotationProblem(f"the stack has no {kind.partition(':')[2]} yet. Fix: pulumi up")

    @cached_property
    def _resources(self) -> list[dict[str, Any]]:
        # In clear text, to compare keys; it never leaves this process.
        export = json.loads(self.engine.small("stack", "export", "--show-secrets", "--non-interactive"))
        return (export.get("deployment") or {}).get("resources") or []

    @cached_property
    def _file(self) -> dict[str, Any]:
        return yaml.safe_load((self._project / "Pulumi.yaml").read_text(encoding="utf-8"))

    @cached_property
    def _settings(self) -> dict[str, Any]:
        told = json.loads(self.engine.small("config", "--show-secrets", "--json", "--non-interactive"))
        declared = self._file.get("config") or {}
        defaults = {f"{self._file['name']}:{key}": each.get("default") for key, each in declared.items() if isinstance(each, Mapping)}
        return {**defaults, **{key: each.get("objectValue", each.get("value")) for key, each in told.items()}}


def _clear(value: Any) -> str:
    """A text of the state in plain form."""
    if isinstance(value, Mapping) and value.get(_SIGNATURE) == _SECRET:
        return str(json.loads(value["plaintext"]))
    return str(value)

