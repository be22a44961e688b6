"""Serverless VPC connectors: the older way from Cloud Run into a network, two machines that always run."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from rehearsal.google.cloud import Cloud, Thing
from rehearsal.google.families.compute import Subnetwork, network_name, require_network, subnetwork_name
from rehearsal.google.families.kind import Kind, last
from rehearsal.google.refusals import Refusal

_SERVICE = "gcp:cloudrunv2/service:Service"
_LENGTH = 28


class Connector(Kind):
    type = "gcp:vpcaccess/connector:Connector"
    api = "vpcaccess.googleapis.com"
    noun = "VPC connector"

    def id(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        return full_name(cloud, inputs.get("region") or cloud.region, inputs["name"])

    def admit(self, cloud: Cloud, inputs: Mapping[str, Any], id: str) -> None:
        if inputs.get("network"):
            require_network(cloud, inputs["network"], "network")
            _admit_range(inputs.get("ipCidrRange"))
        elif inputs.get("ipCidrRange"):
            raise Refusal("invalid", property="ipCidrRange", why="goes with network; a subnet has a range of its own.")
        else:
            _subnet(cloud, inputs)
        least, most = inputs.get("minInstances"), inputs.get("maxInstances")
        if least and most and least >= most:
            raise Refusal("invalid", property="minInstances", why="must be below maxInstances.")

    def realise(self, cloud: Cloud, thing: Thing, before: Thing | None) -> None:
        thing.outputs = {
            "selfLink": thing.id,
            "state": "READY",
            "region": thing.get("region", cloud.region),
            "machineType": thing.get("machineType", "e2-micro"),
            "minInstances": thing.get("minInstances", 2),
            "maxInstances": thing.get("maxInstances", 10),
            "connectedProjects": [],
            "network": last(network(cloud, thing)),
            "project": cloud.project,
        }

    def remove(self, cloud: Cloud, thing: Thing) -> None:
        for service in cloud.of(_SERVICE):
            named = (service.inputs["template"].get("vpcAccess") or {}).get("connector")
            if named and last(named) == last(thing.id):
                raise Refusal("in-use", what=self.noun, name=thing.id, user=service.id)

    def spellings(self, cloud: Cloud, id: str) -> list[str]:
        return [full_name(cloud, cloud.region, id)]


def full_name(cloud: Cloud, region: str, name: str) -> str:
    return f"projects/{cloud.project}/locations/{region}/connectors/{last(name)}"


def require_connector(cloud: Cloud, connector: str, region: str, property: str) -> str:
    """The network that a connector of the region leads to. Raises Refusal when there is none of that name."""
    found = cloud.find(Connector.type, full_name(cloud, region, connector))
    if found is None:
        raise Refusal("not-found", property=property, what=Connector.noun, name=full_name(cloud, region, connector))
    return network(cloud, found)


def network(cloud: Cloud, connector: Thing) -> str:
    if connector.get("network"):
        return network_name(cloud, connector.inputs["network"])
    return network_name(cloud, _subnet(cloud, connector.inputs).inputs["network"])


def _subnet(cloud: Cloud, inputs: Mapping[str, Any]) -> Thing:
    name = (inputs.get("subnet") or {}).get("name") or ""
    region = inputs.get("region") or cloud.region
    found = cloud.find(Subnetwork.type, subnetwork_name(cloud, region, name))
    if found is None:
        raise Refusal("network", property="subnet.name", what=f"subnetwork of region {region}", name=name, project=cloud.project)
    if ipaddress.IPv4Network(found.inputs["ipCidrRange"]).prefixlen != _LENGTH:
        raise Refusal("invalid", property="subnet.name", why=f"{name} must be a /{_LENGTH}.")
    return found


def _admit_range(given: str | None) -> None:
    try:
        length = ipaddress.IPv4Network(given or "").prefixlen
    except ValueError:
        length = 0
    if length != _LENGTH:
        raise Refusal("invalid", property="ipCidrRange", why=f"an unused /{_LENGTH} must be given with network, got {given!r}.")


KINDS: list[Kind] = [Connector()]
