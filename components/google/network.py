"""The network in which Cloud Run's instances reach Redis: the project's default one, another one that is there, or our own.

An own network holds nothing else: nobody but the two services is in it, so that nobody else reaches Redis. Instances enter it
directly, without a Serverless VPC connector, which would be two machines that always run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pulumi

from components.google import names
from components.google.apis import Apis
from components.google.resources import ExistingNetwork
from components.google.settings import GoogleSettings


@dataclass(frozen=True)
class Network:
    """network, subnetwork: their names; full_name: projects/P/global/networks/N; ready: what must be there before they are used."""

    network: pulumi.Input[str]
    subnetwork: pulumi.Input[str]
    full_name: pulumi.Input[str]
    ready: Sequence[pulumi.Resource] = field(default_factory=list)


class OwnNetwork(pulumi.ComponentResource):
    """Output: network."""

    def __init__(
        self,
        name: str,
        settings: GoogleSettings,
        *,
        project: str,
        region: str,
        apis: Apis,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("voice:google:OwnNetwork", name, None, opts)
        # Here and not above: this module of the SDK alone takes a second to load.
        from pulumi_gcp import compute  # noqa: PLC0415

        called = settings.names.of(names.NETWORK)
        network = compute.Network(
            "aa-integration-network",
            project=project,
            name=called,
            description="Agent Assist voice: Cloud Run and Redis, nothing else",
            auto_create_subnetworks=False,
            opts=pulumi.ResourceOptions(parent=self, depends_on=apis.on("compute")),
        )
        subnetwork = compute.Subnetwork(
            "aa-integration-subnetwork",
            project=project,
            region=region,
            name=called,
            network=network.id,
            ip_cidr_range=settings.subnetwork_range,
            private_ip_google_access=True,
            opts=pulumi.ResourceOptions(parent=self),
        )
        full_name = network.name.apply(lambda given: f"projects/{project}/global/networks/{given}")
        self.network = Network(network.name, subnetwork.name, full_name, [subnetwork])
        self.register_outputs({"network": full_name})


class GivenNetwork(pulumi.ComponentResource):
    """Output: network, the one that the setting names; `default` exists once the compute API is on."""

    def __init__(
        self,
        name: str,
        settings: GoogleSettings,
        *,
        project: str,
        region: str,
        apis: Apis,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("voice:google:GivenNetwork", name, None, opts)
        subnetwork = settings.subnetwork or settings.network
        looked_at = ExistingNetwork(
            "existing-network",
            {"project": project, "region": region, "network": settings.network, "subnetwork": subnetwork},
            pulumi.ResourceOptions(parent=self, depends_on=apis.on("compute")),
        )
        full_name = f"projects/{project}/global/networks/{settings.network}"
        self.network = Network(settings.network, subnetwork, full_name, [looked_at])
        self.register_outputs({"network": full_name})
