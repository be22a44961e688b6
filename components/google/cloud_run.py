"""What the two Cloud Run services have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_gcp import cloudrunv2

from components.google.network import Network

PORT = 8080
_STATUS = "/status"
_READY = "/ready"


@dataclass(frozen=True)
class SecretText:
    """One version of a secret, for an environment variable; readable: the right to read it, for the service's account."""

    secret_id: pulumi.Input[str]
    version: pulumi.Input[str]
    readable: Sequence[pulumi.Resource]


@dataclass(frozen=True)
class SecretFile:
    """One version of a secret, mounted as `folder`/`file` by the volume `volume`."""

    volume: str
    folder: str
    file: str
    secret_id: pulumi.Input[str]
    version: pulumi.Input[str]

    @property
    def path(self) -> str:
        return f"{self.folder}/{self.file}"


def container(
    image: pulumi.Input[str],
    service: str | None,
    environment: Mapping[str, pulumi.Input[str]],
    *,
    memory: str,
    secrets: Mapping[str, SecretText] | None = None,
    files: Sequence[SecretFile] = (),
    asked_at: str | None = _STATUS,
    ready_at: str | None = _READY,
) -> cloudrunv2.ServiceTemplateContainerArgs:
    """The image's command `python -m connector <service>`, or without `service` what the image itself starts.

    secrets: environment variables whose values only Cloud Run reads. asked_at: path of the start-up and liveness probes; None
    for an image that has none, where an open port must do. ready_at: path of the readiness probe, which knows Redis; None for
    an image that has none.
    """
    texts = secrets or {}
    variables = [
        *(cloudrunv2.ServiceTemplateContainerEnvArgs(name=name, value=environment[name]) for name in environment),
        *(_from_secret(name, texts[name]) for name in texts),
    ]
    return cloudrunv2.ServiceTemplateContainerArgs(
        image=image,
        commands=["python", "-m", "connector"] if service else None,
        args=[service] if service else None,
        envs=sorted(variables, key=lambda each: str(each.name)),
        ports=cloudrunv2.ServiceTemplateContainerPortsArgs(container_port=PORT),
        resources=cloudrunv2.ServiceTemplateContainerResourcesArgs(
            limits={"cpu": "1", "memory": memory},
            # Events and open sockets need the CPU between requests too.
            cpu_idle=False,
            startup_cpu_boost=True,
        ),
        startup_probe=_startup(asked_at),
        liveness_probe=_liveness(asked_at) if asked_at else None,
        readiness_probe=_readiness(ready_at) if ready_at else None,
        volume_mounts=[
            cloudrunv2.ServiceTemplateContainerVolumeMountArgs(name=each.volume, mount_path=each.folder) for each in files
        ]
        or None,
    )


def volumes(files: Sequence[SecretFile]) -> list[cloudrunv2.ServiceTemplateVolumeArgs]:
    """What `container` mounts of the same files."""
    return [
        cloudrunv2.ServiceTemplateVolumeArgs(
            name=each.volume,
            secret=cloudrunv2.ServiceTemplateVolumeSecretArgs(
                secret=each.secret_id,
                items=[cloudrunv2.ServiceTemplateVolumeSecretItemArgs(path=each.file, version=each.version)],
            ),
        )
        for each in files
    ]


def private_network(network: Network) -> cloudrunv2.ServiceTemplateVpcAccessArgs:
    """Straight into the network, for private addresses only: Redis, while vendors are reached from outside it."""
    interface = cloudrunv2.ServiceTemplateVpcAccessNetworkInterfaceArgs(
        network=network.network, subnetwork=network.subnetwork
    )
    return cloudrunv2.ServiceTemplateVpcAccessArgs(network_interfaces=[interface], egress="PRIVATE_RANGES_ONLY")


def _from_secret(name: str, text: SecretText) -> cloudrunv2.ServiceTemplateContainerEnvArgs:
    reference = cloudrunv2.ServiceTemplateContainerEnvValueSourceSecretKeyRefArgs(
        secret=text.secret_id, version=text.version
    )
    source = cloudrunv2.ServiceTemplateContainerEnvValueSourceArgs(secret_key_ref=reference)
    return cloudrunv2.ServiceTemplateContainerEnvArgs(name=name, value_source=source)


def _startup(path: str | None) -> cloudrunv2.ServiceTemplateContainerStartupProbeArgs:
    """A minute in tries of two seconds; by TCP where there is no path to ask at."""
    http = cloudrunv2.ServiceTemplateContainerStartupProbeHttpGetArgs(path=path, port=PORT) if path else None
    tcp = None if path else cloudrunv2.ServiceTemplateContainerStartupProbeTcpSocketArgs(port=PORT)
    return cloudrunv2.ServiceTemplateContainerStartupProbeArgs(
        http_get=http, tcp_socket=tcp, timeout_seconds=2, period_seconds=2, failure_threshold=30
    )


def _liveness(path: str) -> cloudrunv2.ServiceTemplateContainerLivenessProbeArgs:
    return cloudrunv2.ServiceTemplateContainerLivenessProbeArgs(
        http_get=cloudrunv2.ServiceTemplateContainerLivenessProbeHttpGetArgs(path=path, port=PORT),
        timeout_seconds=5,
        period_seconds=15,
        failure_threshold=4,
    )


def _readiness(path: str) -> cloudrunv2.ServiceTemplateContainerReadinessProbeArgs:
    """An instance that has lost Redis gets no new requests; it goes on, since a restart would not bring Redis back."""
    return cloudrunv2.ServiceTemplateContainerReadinessProbeArgs(
        http_get=cloudrunv2.ServiceTemplateContainerReadinessProbeHttpGetArgs(path=path, port=PORT),
        timeout_seconds=2,
        period_seconds=5,
        failure_threshold=3,
    )
