"""The Pub/Sub interceptor on Cloud Run: takes the pushed events and hands them to the connector through Redis.

Closed: reachable from inside the project only, and callable by the push account alone.
"""

from __future__ import annotations

import pulumi
from pulumi_gcp import cloudrunv2

from components.google import cloud_run
from components.google.apis import Apis
from components.google.identities import Identities
from components.google.session_store import SessionStore

_CONCURRENCY = 250
_TIMEOUT = "60s"
_MOST_INSTANCES = 10


class Interceptor(pulumi.ComponentResource):
    """Output: url; `callable` is the push account's right to call it."""

    def __init__(
        self,
        name: str,
        *,
        project: str,
        region: str,
        image: pulumi.Input[str],
        identities: Identities,
        session_store: SessionStore,
        apis: Apis,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("voice:google:Interceptor", name, None, opts)
        environment: dict[str, pulumi.Input[str]] = {
            "REDISHOST": session_store.host,
            "REDISPORT": session_store.port.apply(str),
        }
        service = cloudrunv2.Service(
            "cloud-pubsub-interceptor",
            project=project,
            location=region,
            name="cloud-pubsub-interceptor",
            ingress="INGRESS_TRAFFIC_INTERNAL_ONLY",
            deletion_protection=False,
            template=cloudrunv2.ServiceTemplateArgs(
                service_account=identities.interceptor.email,
                timeout=_TIMEOUT,
                max_instance_request_concurrency=_CONCURRENCY,
                scaling=cloudrunv2.ServiceTemplateScalingArgs(
                    # A cold start would hold up the first words of the first call.
                    min_instance_count=1,
                    max_instance_count=_MOST_INSTANCES,
                ),
                vpc_access=cloud_run.private_network(),
                containers=[cloud_run.container(image, "interceptor", environment)],
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=apis.on("run", "compute")),
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
