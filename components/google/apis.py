"""The Google APIs that the environment calls.

Owns: that they are on. Does not own: switching them off. `disable_on_destroy` is False because an API that this
environment needed may be in use by others in the project by now, and switching it off would take their resources down.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp

# The upstream deployment script leaves out the last four, and then stops at a prompt in a project where they are off.
APIS = (
    "dialogflow",
    "pubsub",
    "run",
    "secretmanager",
    "compute",
    "vpcaccess",
    "redis",
    "cloudbuild",
    "artifactregistry",
    "iam",
    "cloudresourcemanager",
)


class Apis(pulumi.ComponentResource):
    """`on("run", "redis")` is what a resource that calls these APIs depends on. after: what must be certain before the first."""

    def __init__(
        self,
        name: str,
        *,
        project: str,
        after: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("voice:google:Apis", name, None, opts)
        self._services = {
            api: gcp.projects.Service(
                f"{name}-{api}",
                project=project,
                service=f"{api}.googleapis.com",
                disable_on_destroy=False,
                opts=pulumi.ResourceOptions(parent=self, depends_on=list(after)),
            )
            for api in APIS
        }
        self.register_outputs({})

    def on(self, *apis: str) -> list[pulumi.Resource]:
        return [self._services[api] for api in apis]
