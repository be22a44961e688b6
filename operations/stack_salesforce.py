"""What a stack knows of its Salesforce side, out of its own configuration and state."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from operations.own_stack import OwnStack, clear
from operations.rotate_oauth import Rotation, RotationProblem
from providers.salesforce.client import client_for

_CREDENTIALS, _PAGE = "salesforce:OauthCredentials", "salesforce:ContactPage"


class StackSalesforce:
    """One stack; `stack` None is the selected one. Raises RotationProblem and EngineProblem."""

    def __init__(self, project: Path, stack: str | None) -> None:
        self._own = OwnStack(project, stack)

    @property
    def rotation(self) -> Rotation:
        """What can be rotated. Raises RotationProblem before the first `pulumi up`."""
        credentials, page = self._one(_CREDENTIALS), self._one(_PAGE)
        inputs, outputs = credentials["inputs"], credentials["outputs"]
        return Rotation(client_for(self._own), inputs["app"], page["inputs"]["name"], clear(outputs["consumerKey"]))

    def take_over(self) -> None:
        """Has the stack hold the pair that the org has, so that the next run finds nothing to do."""
        credentials, page = self._one(_CREDENTIALS)["urn"], self._one(_PAGE)["urn"]
        for command, targets in (("refresh", [credentials]), ("up", [credentials, page])):
            run = self._own.engine.run(command, *(part for urn in targets for part in ("--target", urn)))
            if not run.ok:
                raise RotationProblem(
                    f"the org has the new pair, and the page too, but the stack's state does not: {run.error}. Fix that, then run the "
                    "same command again: it only does what is left"
                )

    def _one(self, kind: str) -> Mapping[str, Any]:
        for each in self._own.resources:
            if each["type"].endswith(kind) and each.get("id"):
                return each
        raise RotationProblem(f"the stack has no {kind.partition(':')[2]} yet. Fix: pulumi up")
