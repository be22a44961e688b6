"""Networks and subnetworks (Compute Engine), and what it takes to be in one of them.

Nothing is routed on this machine: everything is on loopback. What is played is who would reach whom. Every project starts with
the network `default`, which has a subnetwork of that name in every region.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any

from rehearsal.google.cloud import Cloud, Thing
from rehearsal.google.families.kind import Kind, last, now
from rehearsal.google.refusals import Refusal

_API = "compute.googleapis.com"
_HOST = "https://www.googleapis.com/compute/v1/"
_DEFAULT = "default"
# The size of what auto mode makes in each region.
_AUTOMATIC = "10.128.0.0/20"
# Kinds whose inputs name a network somewhere; by type, because their families import this one.
_USERS = {
    "gcp:redis/instance:Instance": "authorizedNetwork",
    "gcp:compute/subnetwork:Subnetwork": "network",
    "gcp:vpcaccess/connector:Connector": "network",
}
_SERVICE = "gcp:cloudrunv2/service:Service"
# Direct VPC egress wants so much room (cloud.google.com/run/docs/configuring/vpc-direct-vpc).
_ROOM_FOR_CLOUD_RUN = 26
_PRIVATE = [ipaddress.ip_network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")]


class Network(Kind):
    type = "gcp:compute/network:Network"
    api = _API
    noun = "network"

    def id(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        return network_name(cloud, inputs["name"])

    def admit(self, cloud: Cloud, inputs: Mapping[str, Any], id: str) -> None:
        if inputs["name"] == _DEFAULT:
            raise Refusal("already-exists", what=self.noun, name=id)

    def realise(self, cloud: Cloud, thing: Thing, before: Thing | None) -> None:
        number = str(int.from_bytes(thing.id.encode()[-8:], "big"))
        thing.outputs = {
            "selfLink": f"{_HOST}{thing.id}",
            "networkId": number,
            "numericId": number,
            "gatewayIpv4": "",
            "routingMode": thing.get("routingMode", "REGIONAL"),
            "autoCreateSubnetworks": thing.get("autoCreateSubnetworks", True),
            "mtu": thing.get("mtu", 1460),
            "project": cloud.project,
        }

    def remove(self, cloud: Cloud, thing: Thing) -> None:
        for user in users(cloud, thing.id):
            raise Refusal("in-use", what=self.noun, name=thing.id, user=user.id)

    def spellings(self, cloud: Cloud, id: str) -> list[str]:
        return [network_name(cloud, last(id))]


class Subnetwork(Kind):
    type = "gcp:compute/subnetwork:Subnetwork"
    api = _API
    noun = "subnetwork"

    def id(self, cloud: Cloud, inputs: Mapping[str, Any]) -> str:
        return subnetwork_name(cloud, inputs.get("region") or cloud.region, inputs["name"])

    def admit(self, cloud: Cloud, inputs: Mapping[str, Any], id: str) -> None:
        network = require_network(cloud, inputs["network"], "network")
        given = inputs.get("ipCidrRange")
        if not given:
            raise Refusal("invalid", property="ipCidrRange", why="must be given for a subnetwork of a custom-mode network.")
        wanted = _range(given)
        for other in cloud.of(self.type):
            same = other.id != id and network_name(cloud, other.inputs["network"]) == network
            if same and wanted.overlaps(_range(other.inputs["ipCidrRange"])):
                why = f"{given} conflicts with the range {other.inputs['ipCidrRange']} of {other.id}."
                raise Refusal("invalid", property="ipCidrRange", why=why)

    def realise(self, cloud: Cloud, thing: Thing, before: Thing | None) -> None:
        place = _range(thing.inputs["ipCidrRange"])
        if before and not _range(before.inputs["ipCidrRange"]).subnet_of(place):
            why = f"a range can only grow: {place} does not hold {before.inputs['ipCidrRange']}."
            raise Refusal("invalid", property="ipCidrRange", why=why)
        thing.outputs = {
            "selfLink": f"{_HOST}{thing.id}",
            "network": f"{_HOST}{network_name(cloud, thing.inputs['network'])}",
            "region": thing.get("region", cloud.region),
            "gatewayAddress": str(place.network_address + 1),
            "purpose": thing.get("purpose", "PRIVATE"),
            "stackType": thing.get("stackType", "IPV4_ONLY"),
            "privateIpGoogleAccess": thing.get("privateIpGoogleAccess", False),
            "subnetworkId": str(int.from_bytes(thing.id.encode()[-6:], "big")),
            "creationTimestamp": before.outputs["creationTimestamp"] if before else now(),
            "project": cloud.project,
        }

    def remove(self, cloud: Cloud, thing: Thing) -> None:
        for service in cloud.of(_SERVICE):
            for interface in _interfaces(service):
                region = service.inputs["location"]
                named = interface.get("subnetwork") or interface.get("network")
                if named and subnetwork_name(cloud, region, last(named)) == thing.id:
                    raise Refusal("in-use", what=self.noun, name=thing.id, user=service.id)

    def spellings(self, cloud: Cloud, id: str) -> list[str]:
        region = id.split("/")[-3] if id.count("/") >= 2 else cloud.region
        return [subnetwork_name(cloud, region, last(id)), subnetwork_name(cloud, cloud.region, last(id))]


def network_name(cloud: Cloud, network: str) -> str:
    """projects/P/global/networks/N from a name, a full name or an address. Raises Refusal for another project's."""
    found = re.search(r"projects/([^/]+)/", network)
    cloud.own_project(found.group(1) if found else None)
    return f"projects/{cloud.project}/global/networks/{last(network)}"


def subnetwork_name(cloud: Cloud, region: str, name: str) -> str:
    return f"projects/{cloud.project}/regions/{region}/subnetworks/{last(name)}"


def require_network(cloud: Cloud, network: str, property: str) -> str:
    """The full name of a network that exists. Raises Refusal when there is none of that name."""
    cloud.require_api(_API, f"{property} {last(network)}")
    name = network_name(cloud, network)
    if last(name) != _DEFAULT and not cloud.find(Network.type, name):
        raise Refusal("network", property=property, what="network", name=last(network), project=cloud.project)
    return name


def require_interface(cloud: Cloud, interface: Mapping[str, Any], region: str, property: str) -> str:
    """The network that an interface of Cloud Run is in: an existing subnetwork of the region, large enough for instances."""
    network, subnetwork = interface.get("network"), interface.get("subnetwork")
    if not network and not subnetwork:
        raise Refusal("invalid", property=property, why="network or subnetwork must be given.")
    named = require_network(cloud, network, f"{property}.network") if network else ""
    # Without a subnetwork Cloud Run takes the one that is called like the network.
    place, name = f"{property}.subnetwork", last(subnetwork or network)
    found = cloud.find(Subnetwork.type, subnetwork_name(cloud, region, name))
    if found is None and name == _DEFAULT and last(named or _DEFAULT) == _DEFAULT:
        cloud.require_api(_API, place)
        return network_name(cloud, _DEFAULT)
    if found is None and not (named and name == last(named) and _makes_its_own(cloud, named)):
        raise Refusal("network", property=place, what=f"subnetwork of region {region}", name=name, project=cloud.project)
    if found is None:
        return named
    own = network_name(cloud, found.inputs["network"])
    if named and own != named:
        raise Refusal("invalid", property=place, why=f"{name} is a subnetwork of {last(own)}, not of {last(named)}.")
    if _range(found.inputs["ipCidrRange"]).prefixlen > _ROOM_FOR_CLOUD_RUN:
        why = f"{found.inputs['ipCidrRange']} of {name} is too small: direct VPC egress needs /{_ROOM_FOR_CLOUD_RUN} or larger."
        raise Refusal("invalid", property=place, why=why)
    return own


def seen_network(cloud: Cloud, name: str) -> dict[str, Any] | None:
    """A network as networks.get answers it; None when there is none of that name."""
    full = network_name(cloud, name)
    if name != _DEFAULT and not cloud.find(Network.type, full):
        return None
    automatic = name == _DEFAULT or _makes_its_own(cloud, full)
    return {"kind": "compute#network", "name": name, "selfLink": f"{_HOST}{full}", "autoCreateSubnetworks": automatic}


def seen_subnetwork(cloud: Cloud, region: str, name: str) -> dict[str, Any] | None:
    """A subnetwork as subnetworks.get answers it; in auto mode every region has one that is called like the network."""
    full = subnetwork_name(cloud, region, name)
    found = cloud.find(Subnetwork.type, full)
    if found is not None:
        network, place = network_name(cloud, found.inputs["network"]), found.inputs["ipCidrRange"]
    elif name == _DEFAULT or _makes_its_own(cloud, network_name(cloud, name)):
        network, place = network_name(cloud, name), _AUTOMATIC
    else:
        return None
    return {"kind": "compute#subnetwork", "name": name, "selfLink": f"{_HOST}{full}", "network": f"{_HOST}{network}", "ipCidrRange": place}


def users(cloud: Cloud, network: str) -> Iterator[Thing]:
    """Whatever is in a network, so that it cannot go."""
    for type_, property in _USERS.items():
        for thing in cloud.of(type_):
            if (named := thing.get(property)) and network_name(cloud, named) == network:
                yield thing
    for service in cloud.of(_SERVICE):
        if any(each.get("network") and network_name(cloud, each["network"]) == network for each in _interfaces(service)):
            yield service


def _interfaces(service: Thing) -> list[dict[str, Any]]:
    return ((service.inputs["template"].get("vpcAccess") or {}).get("networkInterfaces")) or []


def _makes_its_own(cloud: Cloud, network: str) -> bool:
    found = cloud.find(Network.type, network)
    return found is not None and found.get("autoCreateSubnetworks", True)


def _range(text: str) -> ipaddress.IPv4Network:
    """Raises Refusal for what is no private range of the size that a subnetwork may have."""
    try:
        found = ipaddress.IPv4Network(text)
    except ValueError:
        why = f"{text!r} is not a range: an address without host bits, a slash and a length, such as 10.0.0.0/24."
        raise Refusal("invalid", property="ipCidrRange", why=why) from None
    if not 4 <= found.prefixlen <= 29 or not any(found.subnet_of(each) for each in _PRIVATE):
        raise Refusal("invalid", property="ipCidrRange", why=f"{text} is not a private range between /8 and /29.")
    return found


KINDS: list[Kind] = [Network(), Subnetwork()]
