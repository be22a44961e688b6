"""The Studio flow that answers calls, out of a file as Studio exports it.

Only the texts that hold a value which is not known yet are unknown in a preview; the rest of the flow can be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi

from components.twilio.resources import StudioFlow as Flow
from studio_flows.definition import fill, load, placeholders, substitute

_ROOT = Path(__file__).resolve().parents[2]


class StudioFlow(pulumi.ComponentResource):
    """Output: sid.

    resource_name: the flow's own in the state. file: relative to the repository, or absolute. values: what the file's
    placeholders may name. A flow that uses one of `secret_values`, such as the guide's with the auth token, is a secret
    as a whole, and whoever runs the program is warned. needs: what must be there before a call comes. Raises FlowError
    for a file that cannot be used.
    """

    def __init__(
        self,
        name: str,
        *,
        resource_name: str,
        file: str,
        friendly_name: str,
        values: Mapping[str, pulumi.Input[str]],
        secret_values: Mapping[str, pulumi.Input[str]] | None = None,
        needs: list[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("voice:twilio:StudioFlow", name, None, opts)
        exported = load(_ROOT / file)
        secret = {name: pulumi.Output.secret(value) for name, value in (secret_values or {}).items()}
        definition: Any = fill(exported, {**values, **secret}, _rendered)
        if stored := sorted(placeholders(exported) & set(secret)):
            definition = pulumi.Output.secret(definition)
            pulumi.warn(
                f"{file} stores {', '.join(stored)} in the Studio flow {friendly_name!r}: whoever may look at flows in Twilio's "
                "Console can read it, in every revision. studio_flows/voice_ivr.json does the same without it.",
                self,
            )
        self.flow = Flow(
            resource_name,
            {"friendlyName": friendly_name, "status": "published", "definition": definition},
            pulumi.ResourceOptions(parent=self, depends_on=needs),
        )
        self.sid: pulumi.Output[str] = self.flow.id
        self.register_outputs({"sid": self.sid})


def _rendered(text: str, values: dict[str, Any]) -> pulumi.Input[str]:
    if not any(isinstance(value, pulumi.Output) for value in values.values()):
        return substitute(text, values)
    return pulumi.Output.all(**values).apply(lambda known: substitute(text, known))
