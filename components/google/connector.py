"""The UI connector on Cloud Run: what browsers, the Lightning component and the Studio flow talk to.

Open to the internet, because an agent's browser and Twilio must reach it; each call but the registration carries a token
that the connector itself has signed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_gcp import cloudrunv2

from components.google import cloud_run, names
from components.google.apis import Apis
from components.google.identities import Identities
from components.google.network import Network
from components.google.session_store import SessionStore
from components.google.settings import GoogleSettings
from components.google.signing_secret import SigningSecret

# Cloud Run's most; a WebSocket that is open for longer is closed, and the browser opens the next one.
_TIMEOUT = "3600s"
# Google's connector writes its log into a file of the container's memory otherwise.
_GOOGLE_LOG = {"LOGGING_FILE": "/dev/stdout"}


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

    def environment(self, *, google: bool = False) -> dict[str, pulumi.Input[str]]:
        """google: only what Google's public connector reads."""
        told: dict[str, pulumi.Input[str]] = {
            "AUTH_OPTION": "SalesforceLWC",
            "APP_AUTH_OPTION": "Twilio",
            "SALESFORCE_DOMAIN": self.salesforce_domain,
            "SALESFORCE_ORGANIZATION_ID": self.salesforce_organization_id,
            "TWILIO_ACCOUNT_SID": self.twilio_account_sid,
        }
        if google:
            return told | _GOOGLE_LOG
        return {**told, "CORS_ALLOWED_ORIGINS": ",".join(self.cors_origins), **self.service_endpoints}


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
        network: Network,
        apis: Apis,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("voice:google:Connector", name, None, opts)
        size, google = settings.connector_size, settings.google_image
        environment: dict[str, pulumi.Input[str]] = {
            **callers.environment(google=google),
            **session_store.environment,
            "GCP_PROJECT_ID": project,
        }
        # Google's connector has the key's path built in, and knows of no second key.
        files = [signing_secret.current] if google else signing_secret.files
        environment |= {} if google else signing_secret.environment
        container = cloud_run.container(
            image,
            None if google else "ui-connector",
            environment,
            memory=settings.memory,
            secrets=session_store.secrets,
            files=files,
            ready_at=None if google else "/ready",
        )
        readable = [right for each in session_store.secrets.values() for right in each.readable]
        service = cloudrunv2.Service(
            "ui-connector",
            project=project,
            location=region,
            name=settings.names.of(names.CONNECTOR),
            ingress="INGRESS_TRAFFIC_ALL",
            deletion_protection=settings.protected,
            template=cloudrunv2.ServiceTemplateArgs(
                service_account=identities.connector.email,
                timeout=_TIMEOUT,
                max_instance_request_concurrency=size.requests,
                # Spares a browser the change of instance; it is best effort, and nothing depends on it.
                session_affinity=True,
                scaling=cloudrunv2.ServiceTemplateScalingArgs(
                    min_instance_count=size.least, max_instance_count=size.most
                ),
                vpc_access=cloud_run.private_network(network),
                containers=[container],
                volumes=cloud_run.volumes(files),
            ),
            # Cloud Run looks at secrets when it deploys, and Dialogflow is asked at the first look-up.
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[
                    signing_secret.readable,
                    *readable,
                    identities.connector_roles,
                    *network.ready,
                    *apis.on("run", "compute"),
                ],
                protect=settings.protected,
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
