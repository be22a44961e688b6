"""One user's call centre: Open CTI shows the softphone to the users of its call centre, and a user has one at most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from providers.handler import Fault, Live, Made, Properties, VendorError, type_faults, typed
from providers.salesforce.base import SalesforceHandler
from providers.salesforce.client import SalesforceClient, same_id
from providers.salesforce.sign_in import VENDOR


@dataclass(frozen=True)
class CallCenterMemberInputs:
    """callCenter: internal name; former: id of the call centre that the user had before, "" for none."""

    username: str
    callCenter: str
    former: str = ""


def user_named(client: SalesforceClient, username: str) -> dict[str, Any]:
    """Id and CallCenterId of a user. Raises VendorError when there is none."""
    found = client.query("SELECT Id, CallCenterId FROM User WHERE Username = {}", username)
    if not found:
        remedy = "correct callCenterUsers, it holds usernames (Setup > Users): pulumi config set --path 'callCenterUsers[0]' NAME"
        raise VendorError(VENDOR, f"the org has no user {username}.", remedy)
    return found[0]


def call_center_of(client: SalesforceClient, username: str) -> str | None:
    """The id of the user's call centre."""
    return user_named(client, username).get("CallCenterId")


class CallCenterMemberHandler(SalesforceHandler):
    """The id is the user's; no outputs beyond the inputs."""

    Inputs = CallCenterMemberInputs
    # Whether there is such a user does not hang on what is not known before the first run.
    asks_with_gaps = True
    asks_about_changes_only = True

    def check(self, inputs: Properties) -> list[Fault]:
        return type_faults(CallCenterMemberInputs, inputs)

    def vendor_faults(self, inputs: Properties) -> list[Fault]:
        faults = super().vendor_faults(inputs)
        if "username" in inputs:
            user_named(self.client, inputs["username"])
        return faults

    def find(self, inputs: Properties) -> Made | None:
        user = user_named(self.client, inputs["username"])
        member = same_id(user.get("CallCenterId") or "", self._call_center(inputs["callCenter"]))
        return Made(user["Id"]) if member else None

    def create(self, inputs: Properties) -> Made:
        wanted = typed(CallCenterMemberInputs, inputs, VENDOR)
        user = user_named(self.client, wanted.username)
        self._put(user, self._call_center(wanted.callCenter))
        return Made(user["Id"])

    def read(self, id: str, state: Properties) -> Live | None:
        found = self.client.query("SELECT Id, CallCenterId FROM User WHERE Id = {}", id)
        if not found or not found[0].get("CallCenterId"):
            return None
        name = self.client.query("SELECT InternalName FROM CallCenter WHERE Id = {}", found[0]["CallCenterId"])
        return Live(self.echoed(state, callCenter=name[0]["InternalName"] if name else ""))

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        wanted = typed(CallCenterMemberInputs, inputs, VENDOR)
        self._put(user_named(self.client, wanted.username), self._call_center(wanted.callCenter))
        return {}

    def delete(self, id: str, state: Properties) -> None:
        gone = typed(CallCenterMemberInputs, state, VENDOR)
        found = self.client.query("SELECT Id, CallCenterId FROM User WHERE Id = {}", id)
        ours = self.client.query("SELECT Id FROM CallCenter WHERE InternalName = {}", gone.callCenter)
        if found and ours and same_id(found[0].get("CallCenterId") or "", ours[0]["Id"]):
            self._put(found[0], gone.former or None)

    def _put(self, user: dict[str, Any], call_center: str | None) -> None:
        if (user.get("CallCenterId") or None) != call_center:
            self.client.write_again("PATCH", f"sobjects/User/{user['Id']}", {"CallCenterId": call_center})

    def _call_center(self, name: str) -> str:
        found = self.client.query("SELECT Id FROM CallCenter WHERE InternalName = {}", name)
        if not found:
            raise VendorError(
                VENDOR,
                f"the org has no call centre {name}.",
                "install its package (flexCtiPackageVersionId), or correct callCenterName: it is the internal name",
            )
        return found[0]["Id"]
