"""A network that is there already: looked at before anything is moved into it, never changed.

Another network makes Redis anew, and Redis has one name: the old one goes first. A misspelt network that Google refuses only then
leaves an environment without Redis; so the preview asks whether the network is there, and whether Cloud Run can enter it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from providers.google.credentials import AccessToken
from providers.google.rest import Api, Refused, Rest
from providers.handler import Fault, Live, Made, Properties, Settings, known, note, type_faults, typed

VENDOR = "Google Cloud"
_API = Api(VENDOR, "compute.googleapis.com", "roles/compute.networkUser")
# What Cloud Run needs for direct VPC egress (cloud.google.com/run/docs/configuring/vpc-direct-vpc).
_LONGEST_MASK = 26


@dataclass(frozen=True)
class ExistingNetwork:
    """network, subnetwork: their plain names; the subnetwork is one of `region`."""

    project: str
    region: str
    network: str
    subnetwork: str


class ExistingNetworkHandler:
    """Id: project and region. No outputs."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    @classmethod
    def connect(cls, settings: Settings) -> ExistingNetworkHandler:
        return cls(Rest(_API, settings.get("dialogflowEndpoint"), AccessToken(VENDOR, settings)))

    def check(self, inputs: Properties) -> list[Fault]:
        return type_faults(ExistingNetwork, inputs)

    def vendor_faults(self, inputs: Properties) -> list[Fault]:
        wanted = typed(ExistingNetwork, inputs, VENDOR)
        try:
            return list(self._faults(wanted))
        except Refused as refused:
            if refused.status != 403:
                raise
            # A new project, whose compute API this program switches on; or somebody who may use networks and not look at them.
            note(VENDOR, f"the network {wanted.network} could not be looked at: {refused.told()}")
            return []

    def find(self, inputs: Properties) -> Made | None:
        return None

    def create(self, inputs: Properties) -> Made:
        wanted = typed(ExistingNetwork, inputs, VENDOR)
        return Made(f"projects/{wanted.project}/regions/{wanted.region}")

    def read(self, id: str, state: Properties) -> Live | None:
        return Live(known(ExistingNetwork, state))

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        return {}

    def delete(self, id: str, state: Properties) -> None:
        """Nothing to do: the network is somebody else's."""

    def _faults(self, wanted: ExistingNetwork) -> Iterator[Fault]:
        if self._there(f"{wanted.project}/global/networks/{wanted.network}") is None:
            there = f"`gcloud compute networks list --project {wanted.project}` shows those that are there"
            remedy = "`pulumi config set network NAME` with one of them, or `pulumi config set network own` for a new one"
            yield Fault("network", f"the project {wanted.project} has no network {wanted.network}; {there}. Fix: {remedy}")
            return
        subnetwork = self._there(f"{wanted.project}/regions/{wanted.region}/subnetworks/{wanted.subnetwork}")
        why = _unfit(subnetwork, wanted)
        if why:
            place = f"--project {wanted.project} --network {wanted.network} --regions {wanted.region}"
            remedy = f"`pulumi config set subnetwork NAME` with one of /{_LONGEST_MASK} or larger"
            yield Fault("subnetwork", f"{why}; `gcloud compute networks subnets list {place}` shows what is there. Fix: {remedy}")

    def _there(self, path: str) -> dict[str, Any] | None:
        try:
            return self._rest.call("GET", "compute", f"compute/v1/projects/{path}")
        except Refused as refused:
            if refused.status != 404:
                raise
            return None


def _unfit(subnetwork: dict[str, Any] | None, wanted: ExistingNetwork) -> str:
    """Why Cloud Run's instances cannot be in it; empty where they can."""
    if subnetwork is None:
        return f"there is no subnetwork {wanted.subnetwork} in {wanted.region}"
    network = str(subnetwork.get("network", "")).rpartition("/")[2]
    if network != wanted.network:
        return f"{wanted.subnetwork} is a subnetwork of {network}, not of {wanted.network}"
    size = ipaddress.ip_network(subnetwork.get("ipCidrRange", "0.0.0.0/0")).prefixlen
    if size > _LONGEST_MASK:
        return f"{wanted.subnetwork} is a /{size}, too small for Cloud Run's instances"
    return ""
