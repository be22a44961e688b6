"""The Pub/Sub interceptor on Cloud Run: takes the pushed events and hands them to the connector through Redis.

Closed: reachable from inside the project only, and callable by the push account alone. The audience of the push tokens is a
name of its own instead of the service's address, so that the service can be told before it has an address whom to expect.
"""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_gcp import cloudrunv2

from components.google import cloud_run, names
from components.google.apis import Apis
from components.google.identities import Identities
from components.google.network import Network
from components.google.session_store import SessionStore
from components.google.settings import GoogleSettings

_TIMEOUT = "60s"


class Interceptor(pulumi.ComponentResource):
    """Output: url; `audience` is what push tokens must be for, `callable` the push account's right to call it.

    service_endpoints: GOOGLE_CERTS_URL, where the stack overrides Google's.
    """

    def __init__(
        self,
        name: str,
        settings: GoogleSettings,
        *,
        project: str,
        region: str,
        image: pulumi.Input[str],
        identities: Identities,
        session_store: SessionStore,
        network: Network,
        service_endpoints: Mapping[str, str],
        apis: Apis,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("voice:google:Interceptor", name, None, opts)
        called, size = settings.names.of(names.INTERCEPTOR), settings.interceptor_size
        self.audience = f"https://{called}.{project.replace(':', '.')}"
        environment: dict[str, pulumi.Input[str]] = {**session_store.environment}
        if settings.push_check:
            environment |= {
                "PUSH_AUDIENCE": self.audience,
                "PUSH_SERVICE_ACCOUNT": identities.push.email,
                **service_endpoints,
            }
        readable = [right for each in session_store.secrets.values() for right in each.readable]
        container = cloud_run.container(
            image,
            None if settings.google_image else "interceptor",
            environment,
            memory=settings.memory,
            secrets=session_store.secrets,
            # Google's interceptor answers 404 everywhere but at the four paths of events.
            asked_at=None if settings.google_image else "/status",
            ready_at=None if settings.google_image else "/ready",
        )
        service = cloudrunv2.Service(
            "cloud-pubsub-interceptor",
            project=project,
            location=region,
            name=called,
            ingress="INGRESS_TRAFFIC_INTERNAL_ONLY",
            custom_audiences=[self.audience],
            deletion_protection=settings.protected,
            template=cloudrunv2.ServiceTemplateArgs(
                service_account=identities.interceptor.email,
                timeout=_TIMEOUT,
                max_instance_request_concurrency=size.requests,
                scaling=cloudrunv2.ServiceTemplateScalingArgs(
                    # One at least: a cold start would hold up the first words of the first call.
                    min_instance_count=size.least,
                    max_instance_count=size.most,
                ),
                vpc_access=cloud_run.private_network(network),
                containers=[container],
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[*readable, *network.ready, *apis.on("run", "compute")],
                protect=settings.protected,
            ),
        )
        self.callable = cloudrunv2.ServiceIamMember(
            "cloud-pubsub-interceptor-push",
            project=project,
            location=region,
            name=service.name,
            role="roles/run.invoker",
            member=identities.push.member,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.url: pulumi.Output[str] = service.uri
        self.register_outputs({"url": self.url})
