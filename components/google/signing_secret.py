"""The secret with which the connector signs its tokens, in Secret Manager, readable by the connector alone.

Keys are counted in generations. The one in use and, during a rotation, the one before each have a resource of their own, so
that raising the generation makes exactly a key, a version and a revision of the connector, and takes away what came before
both.
"""

from __future__ import annotations

import pulumi
import pulumi_gcp as gcp

from components.google import names
from components.google.apis import Apis
from components.google.cloud_run import SecretFile
from components.google.identities import Identities
from components.google.resources import SigningKey
from components.google.settings import GoogleSettings

# The folders and the file are what the image expects.
_KEY_FILE = "jwt_secret_key"


class SigningSecret(pulumi.ComponentResource):
    """Outputs: secret_id and version. current, previous: what is mounted; `readable` must be there before a revision mounts it."""

    def __init__(
        self,
        name: str,
        settings: GoogleSettings,
        *,
        project: str,
        region: str,
        identities: Identities,
        apis: Apis,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("voice:google:SigningSecret", name, None, opts)
        own = pulumi.ResourceOptions(parent=self)
        secret = gcp.secretmanager.Secret(
            "aa-integration-jwt-secret",
            project=project,
            secret_id=settings.names.of(names.SIGNING_SECRET),
            replication=in_one_region(region),
            deletion_protection=settings.protected,
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=apis.on("secretmanager"), protect=settings.protected
            ),
        )
        generation = settings.signing_key_generation
        # By number: `latest` would be read at an instance's start, so that two instances could hold two keys.
        version = self._generation(secret, generation)
        self.current = SecretFile("signing-key", "/secret", _KEY_FILE, secret.secret_id, version)
        self.previous: SecretFile | None = None
        if generation > 1 and settings.signing_key_overlap:
            before = self._generation(secret, generation - 1)
            self.previous = SecretFile("previous-signing-key", "/previous", _KEY_FILE, secret.secret_id, before)
        self.readable = gcp.secretmanager.SecretIamMember(
            "aa-integration-jwt-secret-connector",
            project=project,
            secret_id=secret.secret_id,
            role="roles/secretmanager.secretAccessor",
            member=identities.connector.member,
            opts=own,
        )
        self.secret_id: pulumi.Output[str] = secret.secret_id
        self.version: pulumi.Output[str] = version
        self.register_outputs({"secretId": self.secret_id, "version": self.version})

    @property
    def files(self) -> list[SecretFile]:
        return [self.current, self.previous] if self.previous else [self.current]

    @property
    def environment(self) -> dict[str, pulumi.Input[str]]:
        """Where the connector finds its keys."""
        before = {"JWT_PREVIOUS_SECRET_KEY_PATH": self.previous.path} if self.previous else {}
        return {"JWT_SECRET_KEY_PATH": self.current.path, **before}

    def _generation(self, secret: gcp.secretmanager.Secret, number: int) -> pulumi.Output[str]:
        """The version with the key of that generation."""
        suffix = f"-{number}" if number > 1 else ""
        own = pulumi.ResourceOptions(parent=self)
        key = SigningKey(f"jwt-signing-key{suffix}", {"bytes": 32}, own)
        version = gcp.secretmanager.SecretVersion(
            f"aa-integration-jwt-secret-version{suffix}", secret=secret.id, secret_data=key.output("key"), opts=own
        )
        return version.version


def in_one_region(region: str) -> gcp.secretmanager.SecretReplicationArgs:
    """A secret that does not leave the region."""
    replica = gcp.secretmanager.SecretReplicationUserManagedReplicaArgs(location=region)
    return gcp.secretmanager.SecretReplicationArgs(
        user_managed=gcp.secretmanager.SecretReplicationUserManagedArgs(replicas=[replica])
    )
