"""What the org had before the project changed it, noted before anything is changed.

A resource that takes a setting over must put the former value back when it goes. Reading that value where the change is
made is not safe: when the run is cut off after the change, the next run would take its own change for the former value.
So the value is a resource of its own, which changes nothing: it is in the state before the change begins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from providers.handler import Fault, Live, Made, Properties, type_faults, typed
from providers.salesforce import call_center_member, oauth_app, oauth_cors, page_activation
from providers.salesforce.base import SalesforceHandler
from providers.salesforce.client import SalesforceClient
from providers.salesforce.sign_in import VENDOR

# What can be noted: kind → how the present value of `of` is read.
KINDS: Mapping[str, Callable[[SalesforceClient, str], Any]] = {
    "secretByRest": lambda client, _: oauth_app.secret_by_rest(client),
    "oauthCors": lambda client, _: oauth_cors.enabled(client),
    # Empty rather than None: the engine leaves None out of the state, and the next preview would show a change.
    "pageActivation": lambda client, at: page_activation.override_at(client, at) or {},
    "callCenter": lambda client, username: call_center_member.call_center_of(client, username) or "",
}


@dataclass(frozen=True)
class FormerInputs:
    """kind: a key of KINDS; of: whose value, for example `Contact.View.Large` or a username; "" for org settings."""

    kind: str
    of: str


class FormerHandler(SalesforceHandler):
    """Outputs: `value`, as it was when the resource was made."""

    Inputs = FormerInputs

    def check(self, inputs: Properties) -> list[Fault]:
        if faults := type_faults(FormerInputs, inputs):
            return faults
        if inputs.get("kind", "oauthCors") not in KINDS:
            return [Fault("kind", f"must be one of {', '.join(KINDS)}")]
        return []

    def find(self, inputs: Properties) -> Made | None:
        return None

    def create(self, inputs: Properties) -> Made:
        wanted = typed(FormerInputs, inputs, VENDOR)
        return Made(f"{wanted.kind}:{wanted.of}", {"value": KINDS[wanted.kind](self.client, wanted.of)})

    def read(self, id: str, state: Properties) -> Live | None:
        # Never looked at again: by now the org holds our own value.
        return Live(self.echoed(state), {"value": state.get("value")})

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        return {"value": state.get("value")}

    def delete(self, id: str, state: Properties) -> None:
        """Nothing was made."""
