"""Redis: which conversation belongs to which call, and the events on their way to the agents' browsers.

Reached over one network only, with a password that no plan, log or console page of Cloud Run shows, and over TLS with the
instance's own certificate authority. Nothing in it outlives a call: losing it costs the look-ups of the calls in progress.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_gcp as gcp

from components.google import names
from components.google.apis import Apis
from components.google.cloud_run import SecretText
from components.google.identities import Identities
from components.google.network import Network
from components.google.settings import GoogleSettings
from components.google.signing_secret import in_one_region


class SessionStore(pulumi.ComponentResource):
    """Outputs: host, port. environment, secrets: how a service is told of it."""

    def __init__(
        self,
        name: str,
        settings: GoogleSettings,
        *,
        project: str,
        region: str,
        network: Network,
        identities: Identities,
        apis: Apis,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("voice:google:SessionStore", name, None, opts)
        self._settings, self._project, self._region = settings, project, region
        self.instance = gcp.redis.Instance(
            "aa-integration-redis",
            project=project,
            region=region,
            name=settings.names.of(names.SESSION_STORE),
            display_name="Agent Assist session store",
            tier=settings.redis_tier,
            memory_size_gb=settings.session_store_memory_gb,
            redis_version="REDIS_7_0",
            connect_mode="DIRECT_PEERING",
            authorized_network=network.full_name,
            auth_enabled=settings.session_store_auth,
            transit_encryption_mode="SERVER_AUTHENTICATION" if settings.session_store_tls else "DISABLED",
            deletion_protection=settings.protected,
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[*apis.on("redis", "compute"), *network.ready], protect=settings.protected
            ),
        )
        self.host: pulumi.Output[str] = self.instance.host
        self.port: pulumi.Output[int] = self.instance.port
        self.environment: dict[str, pulumi.Input[str]] = {"REDISHOST": self.host, "REDISPORT": self.port.apply(str)}
        if settings.session_store_tls:
            self.environment["REDIS_CA_CERTS"] = self.instance.server_ca_certs.apply(certificates)
        self.secrets = {"REDIS_PASSWORD": self._password(identities, apis)} if settings.session_store_auth else {}
        self.register_outputs({"host": self.host, "port": self.port})

    def _password(self, identities: Identities, apis: Apis) -> SecretText:
        """Google makes the password; as a secret it reaches the services without standing in their configuration."""
        own = pulumi.ResourceOptions(parent=self)
        secret = gcp.secretmanager.Secret(
            "aa-integration-redis-auth",
            project=self._project,
            secret_id=self._settings.names.of(names.SESSION_STORE_PASSWORD),
            replication=in_one_region(self._region),
            deletion_protection=self._settings.protected,
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=apis.on("secretmanager"), protect=self._settings.protected
            ),
        )
        version = gcp.secretmanager.SecretVersion(
            "aa-integration-redis-auth-version",
            secret=secret.id,
            secret_data=pulumi.Output.secret(self.instance.auth_string),
            opts=own,
        )
        readers = {"connector": identities.connector, "interceptor": identities.interceptor}
        readable = [
            gcp.secretmanager.SecretIamMember(
                f"aa-integration-redis-auth-{reader}",
                project=self._project,
                secret_id=secret.secret_id,
                role="roles/secretmanager.secretAccessor",
                member=account.member,
                opts=own,
            )
            for reader, account in readers.items()
        ]
        return SecretText(secret.secret_id, version.version, readable)


def certificates(known: Sequence[Any] | None) -> str:
    """The instance's certificate authorities as PEM text; more than one while Google changes them."""
    return "\n".join(sorted(each.cert.strip() for each in known or [] if each.cert)) + "\n"
