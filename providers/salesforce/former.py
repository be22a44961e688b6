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
from providers.salesforce import (
    call_center_member,
    call_center_package,
    oauth_app,
    oauth_cors,
    page_activation,
    trusted_url,
)
from providers.salesforce.base import SalesforceHandler
from providers.salesforce.client import SalesforceClient
from providers.salesforce.sign_in import VENDOR


@dataclass(frozen=True)
class FormerInputs:
    """kind: a key of KINDS; of: whose value, for example `Contact.View.Large` or a username; "" for org settings.

    url: of a trusted URL, which may be there under another name. What was noted once stays, whatever address comes later.
    """

    kind: str
    of: str
    url: str = ""


# What can be noted: kind → how the present value of `of` is read.
KINDS: Mapping[str, Callable[[SalesforceClient, FormerInputs], Any]] = {
    "secretByRest": lambda client, _: oauth_app.secret_by_rest(client),
    "oauthCors": lambda client, _: oauth_cors.enabled(client),
    # Empty rather than None: the engine leaves None out of the state, and the next preview would show a change.
    "pageActivation": lambda client, what: page_activation.override_at(client, what.of) or {},
    "callCenter": lambda client, what: call_center_member.call_center_of(client, what.of) or "",
    "packages": lambda client, _: call_center_package.installed_packages(client),
    "trustedUrl": lambda client, what: trusted_url.former_record(client, what.of, what.url),
}


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
        return Made(f"{wanted.kind}:{wanted.of}", {"value": KINDS[wanted.kind](self.client, wanted)})

    def read(self, id: str, state: Properties) -> Live | None:
        # Never looked at again: by now the org holds our own value.
        return Live(self.echoed(state), {"value": state.get("value")})

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        return {"value": state.get("value")}

    def delete(self, id: str, state: Properties) -> None:
        """Nothing was made."""
