"""The secret with which the connector signs its tokens, in Secret Manager, readable by the connector alone."""

from __future__ import annotations

import pulumi
import pulumi_gcp as gcp

from components.google.apis import Apis
from components.google.identities import Identities
from components.google.resources import SigningKey


class SigningSecret(pulumi.ComponentResource):
    """Outputs: secret_id and version, both for the mount; `readable` must be there before a revision mounts it."""

    def __init__(
        self,
        name: str,
        *,
        project: str,
        region: str,
        identities: Identities,
        apis: Apis,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("voice:google:SigningSecret", name, None, opts)
        own = pulumi.ResourceOptions(parent=self)
        key = SigningKey("jwt-signing-key", {"bytes": 32}, own)
        secret = gcp.secretmanager.Secret(
            "aa-integration-jwt-secret",
            project=project,
            secret_id="aa-integration-jwt-secret",  # noqa: S106 - the name of a secret, not a secret
            replication=gcp.secretmanager.SecretReplicationArgs(
                user_managed=gcp.secretmanager.SecretReplicationUserManagedArgs(
                    replicas=[gcp.secretmanager.SecretReplicationUserManagedReplicaArgs(location=region)]
                )
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=apis.on("secretmanager")),
        )
        version = gcp.secretmanager.SecretVersion(
            "aa-integration-jwt-secret-version", secret=secret.id, secret_data=key.output("key"), opts=own
        )
        self.readable = gcp.secretmanager.SecretIamMember(
            "aa-integration-jwt-secret-connector",
            project=project,
            secret_id=secret.secret_id,
            role="roles/secretmanager.secretAccessor",
            member=identities.connector.member,
            opts=own,
        )
        self.secret_id: pulumi.Output[str] = secret.secret_id
        # By number: `latest` would be read at an instance's start, so that two instances could hold two keys.
        self.version: pulumi.Output[str] = version.version
        self.register_outputs({"secretId": self.secret_id, "version": self.version})
