"""The managed package that brings the call centre, installed by the Tooling API as the `sf` command line does it.

Never uninstalled: that would take the package's data with it, for good.
"""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass
from typing import Any

from providers.handler import Fault, Live, Made, Properties, VendorError, type_faults, typed
from providers.salesforce.base import SalesforceHandler
from providers.salesforce.client import Unclear
from providers.salesforce.sign_in import VENDOR

_VERSION = re.compile(r"04t[0-9A-Za-z]{12}([0-9A-Za-z]{3})?")
_REQUESTS = "tooling/sobjects/PackageInstallRequest"
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS, _DEADLINE_SECONDS = 0.2, 10.0, 1200.0


@dataclass(frozen=True)
class CallCenterPackageInputs:
    """packageVersionId: subscriber package version, 04t…"""

    packageVersionId: str


class CallCenterPackageHandler(SalesforceHandler):
    """The id is the installed package's; no outputs beyond the inputs."""

    Inputs = CallCenterPackageInputs

    def check(self, inputs: Properties) -> list[Fault]:
        faults = type_faults(CallCenterPackageInputs, inputs)
        if not faults and not _VERSION.fullmatch(inputs.get("packageVersionId", "04t" + 12 * "0")):
            faults.append(Fault("packageVersionId", "must be a subscriber package version's id: 04t and 12 or 15 characters"))
        return faults

    def find(self, inputs: Properties) -> Made | None:
        id = self._installed().get(inputs["packageVersionId"][:15])
        return Made(id) if id else None

    def create(self, inputs: Properties) -> Made:
        wanted = typed(CallCenterPackageInputs, inputs, VENDOR)
        if found := self.find(inputs):
            return found
        self._wait(self._under_way(wanted.packageVersionId) or self._request(wanted.packageVersionId))
        if found := self.find(inputs):
            return found
        raise VendorError(VENDOR, f"the package {wanted.packageVersionId} is installed, but not listed yet.", "run again")

    def read(self, id: str, state: Properties) -> Live | None:
        version = next((version for version, package in self._installed().items() if package == id), None)
        if version is None:
            return None
        wanted = state["packageVersionId"]
        return Live(self.echoed(state, packageVersionId=wanted if version == wanted[:15] else version))

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        self.create(inputs)
        return {}

    def delete(self, id: str, state: Properties) -> None:
        """Left installed; docs/salesforce.md says how a person removes it."""

    def _installed(self) -> dict[str, str]:
        """Version id (15 characters) → installed package's id."""
        found = self.client.query("SELECT Id, SubscriberPackageVersionId FROM InstalledSubscriberPackage", tooling=True)
        return {each["SubscriberPackageVersionId"][:15]: each["Id"] for each in found}

    def _under_way(self, version: str) -> str | None:
        """A request for this version that is not finished: of a run that was cut off."""
        found = self.client.query(
            "SELECT Id FROM PackageInstallRequest WHERE SubscriberPackageVersionKey = {} AND Status = 'IN_PROGRESS'",
            version,
            tooling=True,
        )
        return found[0]["Id"] if found else None

    def _request(self, version: str) -> str:
        body = {
            "SubscriberPackageVersionKey": version,
            "NameConflictResolution": "Block",
            "SecurityType": "Full",
            "PackageInstallSource": "U",
        }
        try:
            return self.client.write("POST", _REQUESTS, body)["id"]
        except Unclear:
            return self._under_way(version) or self.client.write("POST", _REQUESTS, body)["id"]

    def _wait(self, request: str) -> None:
        wait, deadline = _FIRST_WAIT_SECONDS, time.monotonic() + _DEADLINE_SECONDS
        while time.monotonic() < deadline:
            status = self.client.get(f"{_REQUESTS}/{request}")
            if status["Status"] == "SUCCESS":
                return
            if status["Status"] == "ERROR":
                errors = ((status.get("Errors") or {}).get("errors")) or []
                told = "; ".join(str(each.get("message")) for each in errors) or "no reason given"
                raise VendorError(
                    VENDOR, f"the package was not installed: {told}.", "check flexCtiPackageVersionId and Setup > Installed Packages"
                )
            threading.Event().wait(wait)
            wait = min(wait * 1.5, _LONGEST_WAIT_SECONDS)
        raise VendorError(VENDOR, f"the package installation {request} does not end.", "look at Setup > Installed Packages, run again")
