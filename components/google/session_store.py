"""Redis: which conversation belongs to which call, and the events on their way to the agents' browsers.

Reached over the project's default network only. Nothing in it outlives a call: losing it costs the look-ups of the calls
in progress, so it is not protected against deletion.
"""

from __future__ import annotations

import pulumi
import pulumi_gcp as gcp

from components.google.apis import Apis
from components.google.settings import GoogleSettings

NETWORK = "default"


class SessionStore(pulumi.ComponentResource):
    """Outputs: host, port."""

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
        super().__init__("voice:google:SessionStore", name, None, opts)
        self.instance = gcp.redis.Instance(
            "aa-integration-redis",
            project=project,
            region=region,
            name="aa-integration-redis",
            display_name="Agent Assist session store",
            tier=settings.session_store_tier,
            memory_size_gb=settings.session_store_memory_gb,
            redis_version="REDIS_7_0",
            connect_mode="DIRECT_PEERING",
            authorized_network=f"projects/{project}/global/networks/{NETWORK}",
            deletion_protection=False,
            # The default network exists once the compute API is on.
            opts=pulumi.ResourceOptions(parent=self, depends_on=apis.on("redis", "compute")),
        )
        self.host: pulumi.Output[str] = self.instance.host
        self.port: pulumi.Output[int] = self.instance.port
        self.register_outputs({"host": self.host, "port": self.port})
