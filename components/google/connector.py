"""The UI connector on Cloud Run: what browsers, the Lightning component and the Studio flow talk to.

Open to the internet, because an agent's browser and Twilio must reach it; each call but the registration carries a token
that the connector itself has signed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_gcp import cloudrunv2

from components.google import cloud_run
from components.google.apis import Apis
from components.google.identities import Identities
from components.google.session_store import SessionStore
from components.google.settings import GoogleSettings
from components.google.signing_secret import SigningSecret

_SECRET_FOLDER = "/secret"  # noqa: S105 - the folder that the image expects, not a secret
_KEY_FILE = "jwt_secret_key"
# Cloud Run's most; each WebSocket counts as one request for as long as it is open, 60 minutes at most.
_CONCURRENCY = 1000
_TIMEOUT = "3600s"


@dataclass(frozen=True)
class Callers:
    """Whom the connector lets in, and where it asks about them.

    service_endpoints: SALESFORCE_URL, TWILIO_API_URL, DIALOGFLOW_URL, where the stack overrides the vendors' own.
    """

    salesforce_domain: str
    salesforce_organization_id: str
    twilio_account_sid: str
    cors_origins: Sequence[str]
    service_endpoints: Mapping[str, str]

    def __post_init__(self) -> None:
        if unknown := self.service_endpoints.keys() - {"SALESFORCE_URL", "TWILIO_API_URL", "DIALOGFLOW_URL"}:
            raise ValueError(f"the connector knows no endpoint {', '.join(sorted(unknown))}")

    def environment(self) -> dict[str, pulumi.Input[str]]:
        return {
            "AUTH_OPTION": "SalesforceLWC",
            "APP_AUTH_OPTION": "Twilio",
            "SALESFORCE_DOMAIN": self.salesforce_domain,
            "SALESFORCE_ORGANIZATION_ID": self.salesforce_organization_id,
            "TWILIO_ACCOUNT_SID": self.twilio_account_sid,
            "CORS_ALLOWED_ORIGINS": ",".join(self.cors_origins),
            **self.service_endpoints,
        }


class Connector(pulumi.ComponentResource):
    """Output: url, without a slash at its end."""

    def __init__(
        self,
        name: str,
        settings: GoogleSettings,
        *,
        project: str,
        region: str,
        image: pulumi.Input[str],
        callers: Callers,
        identities: Identities,
        session_store: SessionStore,
        signing_secret: SigningSecret,
        apis: Apis,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("voice:google:Connector", name, None, opts)
        mounts = [cloudrunv2.ServiceTemplateContainerVolumeMountArgs(name="signing-key", mount_path=_SECRET_FOLDER)]
        environment: dict[str, pulumi.Input[str]] = {
            **callers.environment(),
            "GCP_PROJECT_ID": project,
            "REDISHOST": session_store.host,
            "REDISPORT": session_store.port.apply(str),
            "JWT_SECRET_KEY_PATH": f"{_SECRET_FOLDER}/{_KEY_FILE}",
        }
        service = cloudrunv2.Service(
            "ui-connector",
            project=project,
            location=region,
            name="ui-connector",
            ingress="INGRESS_TRAFFIC_ALL",
            deletion_protection=False,
            template=cloudrunv2.ServiceTemplateArgs(
                service_account=identities.connector.email,
                timeout=_TIMEOUT,
                max_instance_request_concurrency=_CONCURRENCY,
                # Long polling works only when all of a client's requests reach one instance.
                session_affinity=True,
                scaling=cloudrunv2.ServiceTemplateScalingArgs(
                    min_instance_count=settings.connector_min_instances,
                    max_instance_count=settings.connector_max_instances,
                ),
                vpc_access=cloud_run.private_network(),
                containers=[cloud_run.container(image, "ui-connector", environment, mounts)],
                volumes=[_key_volume(signing_secret)],
            ),
            # Cloud Run looks at the mount when it deploys, and Dialogflow is asked at the first look-up.
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[signing_secret.readable, identities.connector_roles, *apis.on("run", "compute")],
            ),
        )
        self.callable = cloudrunv2.ServiceIamMember(
            "ui-connector-everyone",
            project=project,
            location=region,
            name=service.name,
            role="roles/run.invoker",
            member="allUsers",
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.url: pulumi.Output[str] = service.uri
        self.register_outputs({"url": self.url})


def _key_volume(signing_secret: SigningSecret) -> cloudrunv2.ServiceTemplateVolumeArgs:
    item = cloudrunv2.ServiceTemplateVolumeSecretItemArgs(path=_KEY_FILE, version=signing_secret.version)
    secret = cloudrunv2.ServiceTemplateVolumeSecretArgs(secret=signing_secret.secret_id, items=[item])
    return cloudrunv2.ServiceTemplateVolumeArgs(name="signing-key", secret=secret)
