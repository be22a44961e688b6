"""The network in which the services reach Redis."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from pydantic import field_validator

from components.settings_model import SettingsModel, key

# What Cloud Run needs for direct VPC egress (cloud.google.com/run/docs/configuring/vpc-direct-vpc).
_LONGEST_MASK = 26
_PRIVATE = tuple(ipaddress.ip_network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))
_NAME = re.compile(r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?")


class NetworkSettings(SettingsModel):
    """One network for both services and Redis."""

    network: str = key(
        "network", "network of the project by name, or own: one that the program makes for this alone", "own", "default"
    )
    subnetwork: str | None = key(
        "subnetwork", "subnetwork of that network in the region; without it the one with the network's name", "voice-us-central1", None
    )
    subnetwork_range: str = key(
        "subnetworkRange", "addresses of the own network's subnetwork", "10.8.0.0/24", "10.8.0.0/24"
    )

    @property
    def own_network(self) -> bool:
        return self.network == "own"

    @field_validator("network", "subnetwork")
    @classmethod
    def _name(cls, value: str | None) -> str | None:
        if value is not None and "/" in value:
            raise ValueError(
                "is not a plain name: the network must be of this project, a shared network of another one would need "
                "private services access for Redis"
            )
        if value is not None and not _NAME.fullmatch(value):
            raise ValueError("is not a network's name: lower-case letters, digits and hyphens, a letter first")
        return value

    @field_validator("subnetwork_range")
    @classmethod
    def _range(cls, value: str) -> str:
        try:
            network = ipaddress.IPv4Network(value)
        except ValueError:
            raise ValueError("is not a range of addresses like 10.8.0.0/24, its first address and the mask") from None
        if not any(network.subnet_of(each) for each in _PRIVATE):
            raise ValueError("is not a range of private addresses: 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10")
        if network.prefixlen > _LONGEST_MASK:
            raise ValueError(f"is too small: Cloud Run's instances take their addresses from it, /{_LONGEST_MASK} is the least")
        return value

    def network_faults(self) -> Iterator[str]:
        """What these settings have wrong together."""
        if self.own_network and self.subnetwork:
            yield "subnetwork names one of an existing network, and network is own. Fix: pulumi config rm subnetwork"
