"""The managed package that brings the call centre, installed by the Tooling API as the `sf` command line does it.

Uninstalled only where a setting says so, since that takes the package's data with it for good; and never when the package,
in whatever version, was in the org before the stack.
"""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Literal

from providers.handler import Fault, Live, Made, Properties, VendorError, type_faults, typed
from providers.salesforce.adoption import AdoptingHandler, Adoption
from providers.salesforce.client import SalesforceClient, Unclear
from providers.salesforce.sign_in import VENDOR

_VERSION = re.compile(r"04t[0-9A-Za-z]{12}([0-9A-Za-z]{3})?")
_INSTALL, _UNINSTALL = "PackageInstallRequest", "SubscriberPackageVersionUninstallRequest"
# Each of the two objects has a spelling of its own for the same states (`IN_PROGRESS`, `InProgress`).
_DONE, _FAILED, _UNDER_WAY = "success", "error", {"inprogress", "queued"}
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS, _DEADLINE_SECONDS = 0.2, 10.0, 1200.0


@dataclass(frozen=True)
class CallCenterPackageInputs:
    """packageVersionId: subscriber package version, 04t…; onDestroy: what becomes of it when the stack goes.

    former: ids of the packages (033…) that were installed before the stack.
    """

    packageVersionId: str
    onDestroy: Literal["keep", "uninstall"] = "keep"
    former: list[str] = field(default_factory=list)


def installed_packages(client: SalesforceClient) -> list[str]:
    """The ids of the installed managed packages, whatever their version; sorted."""
    found = client.query("SELECT SubscriberPackageId FROM InstalledSubscriberPackage", tooling=True)
    return sorted(each["SubscriberPackageId"] for each in found)


class CallCenterPackageHandler(AdoptingHandler):
    """The id is the installed package's; no outputs beyond the inputs."""

    Inputs = CallCenterPackageInputs

    def check(self, inputs: Properties) -> list[Fault]:
        faults = type_faults(CallCenterPackageInputs, inputs)
        if not faults and not _VERSION.fullmatch(inputs.get("packageVersionId", "04t" + 12 * "0")):
            faults.append(Fault("packageVersionId", "must be a subscriber package version's id: 04t and 12 or 15 characters"))
        return faults

    def find(self, inputs: Properties) -> Made | None:
        found = self._installed(inputs["packageVersionId"])
        return Made(found["Id"]) if found else None

    def adoption(self, inputs: Properties) -> Adoption | None:
        there = "former" not in inputs and self.find(inputs)
        return Adoption(f"the installed package {inputs['packageVersionId']}") if there else None

    def create(self, inputs: Properties) -> Made:
        wanted = typed(CallCenterPackageInputs, inputs, VENDOR)
        if found := self.find(inputs):
            return found
        version = wanted.packageVersionId
        body = {
            "SubscriberPackageVersionKey": version,
            "NameConflictResolution": "Block",
            "SecurityType": "Full",
            "PackageInstallSource": "U",
        }
        self._settle(_INSTALL, "SubscriberPackageVersionKey", version, body, "installed")
        if found := self.find(inputs):
            return found
        raise VendorError(VENDOR, f"the package {wanted.packageVersionId} is installed, but not listed yet.", "run again")

    def read(self, id: str, state: Properties) -> Live | None:
        found = next((each for each in self._all() if each["Id"] == id), None)
        if found is None:
            return None
        wanted, version = state["packageVersionId"], found["SubscriberPackageVersionId"]
        return Live(self.echoed(state, packageVersionId=wanted if version[:15] == wanted[:15] else version))

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        self.create(inputs)
        return {}

    def delete(self, id: str, state: Properties) -> None:
        gone = typed(CallCenterPackageInputs, state, VENDOR)
        there = next((each for each in self._all() if each["Id"] == id), None)
        if gone.onDestroy == "keep" or there is None or there["SubscriberPackageId"] in gone.former:
            return
        version = there["SubscriberPackageVersionId"]
        self._settle(_UNINSTALL, "SubscriberPackageVersionId", version, {"SubscriberPackageVersionId": version}, "uninstalled")

    def _all(self) -> list[dict[str, Any]]:
        what = "Id, SubscriberPackageId, SubscriberPackageVersionId"
        return self.client.query(f"SELECT {what} FROM InstalledSubscriberPackage", tooling=True)  # noqa: S608 - names from here

    def _installed(self, version: str) -> dict[str, Any] | None:
        """The record of a version; ids come in 15 or 18 characters."""
        return next((each for each in self._all() if each["SubscriberPackageVersionId"][:15] == version[:15]), None)

    def _settle(self, kind: str, key: str, version: str, body: dict[str, str], what: str) -> None:
        """Have a version installed or uninstalled, and wait: by the request of a run that was cut off, or by a new one."""
        request = self._under_way(kind, key, version)
        # Looked at after the requests: one that was just under way may be over by now.
        if request is None and self._is_so(kind, version):
            return
        try:
            request = request or self.client.write("POST", f"tooling/sobjects/{kind}", body)["id"]
        except Unclear:
            request = self._under_way(kind, key, version)
            if request is None and self._is_so(kind, version):
                return
            request = request or self.client.write("POST", f"tooling/sobjects/{kind}", body)["id"]
        self._wait(kind, request, what)

    def _is_so(self, kind: str, version: str) -> bool:
        """Is the org as a request of this kind would make it?"""
        return (self._installed(version) is not None) is (kind == _INSTALL)

    def _under_way(self, kind: str, key: str, version: str) -> str | None:
        """A request for this version that is not finished: of a run that was cut off."""
        soql = f"SELECT Id, Status FROM {kind} WHERE {key} = {{}}"  # noqa: S608 - names of this module
        found = self.client.query(soql, version, tooling=True)
        return next((each["Id"] for each in found if _state(each) in _UNDER_WAY), None)

    def _wait(self, kind: str, request: str, what: str) -> None:
        wait, deadline = _FIRST_WAIT_SECONDS, time.monotonic() + _DEADLINE_SECONDS
        while time.monotonic() < deadline:
            status = self.client.get(f"tooling/sobjects/{kind}/{request}")
            if _state(status) == _DONE:
                return
            if _state(status) == _FAILED:
                errors = ((status.get("Errors") or {}).get("errors")) or []
                told = "; ".join(str(each.get("message")) for each in errors) or "no reason given"
                remedy = "check flexCtiPackageVersionId and Setup > Installed Packages"
                raise VendorError(VENDOR, f"the package was not {what}: {told}.", remedy)
            threading.Event().wait(wait)
            wait = min(wait * 1.5, _LONGEST_WAIT_SECONDS)
        raise VendorError(VENDOR, f"the package is not {what} yet (request {request}).", "look at Setup > Installed Packages, run again")


def _state(request: dict[str, Any]) -> str:
    return str(request["Status"]).replace("_", "").lower()
