"""What the two Cloud Run services have in common."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_gcp import cloudrunv2

from components.google.session_store import NETWORK

PORT = 8080


def container(
    image: pulumi.Input[str],
    service: str,
    environment: Mapping[str, pulumi.Input[str]],
    mounts: list[cloudrunv2.ServiceTemplateContainerVolumeMountArgs] | None = None,
) -> cloudrunv2.ServiceTemplateContainerArgs:
    """The image's command `python -m connector <service>`, probed at GET /status."""
    return cloudrunv2.ServiceTemplateContainerArgs(
        image=image,
        commands=["python", "-m", "connector"],
        args=[service],
        envs=[
            cloudrunv2.ServiceTemplateContainerEnvArgs(name=name, value=environment[name])
            for name in sorted(environment)
        ],
        ports=cloudrunv2.ServiceTemplateContainerPortsArgs(container_port=PORT),
        resources=cloudrunv2.ServiceTemplateContainerResourcesArgs(
            limits={"cpu": "1", "memory": "1Gi"},
            # Events and open sockets need the CPU between requests too.
            cpu_idle=False,
            startup_cpu_boost=True,
        ),
        startup_probe=cloudrunv2.ServiceTemplateContainerStartupProbeArgs(
            http_get=cloudrunv2.ServiceTemplateContainerStartupProbeHttpGetArgs(path="/status", port=PORT),
            timeout_seconds=2,
            period_seconds=2,
            failure_threshold=30,
        ),
        liveness_probe=cloudrunv2.ServiceTemplateContainerLivenessProbeArgs(
            http_get=cloudrunv2.ServiceTemplateContainerLivenessProbeHttpGetArgs(path="/status", port=PORT),
            timeout_seconds=5,
            period_seconds=15,
            failure_threshold=4,
        ),
        volume_mounts=mounts,
    )


def private_network() -> cloudrunv2.ServiceTemplateVpcAccessArgs:
    """Straight into the default network, for private addresses only: Redis, while vendors are reached from outside it."""
    interface = cloudrunv2.ServiceTemplateVpcAccessNetworkInterfaceArgs(network=NETWORK, subnetwork=NETWORK)
    return cloudrunv2.ServiceTemplateVpcAccessArgs(network_interfaces=[interface], egress="PRIVATE_RANGES_ONLY")
