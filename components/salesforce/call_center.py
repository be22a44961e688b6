"""The call centre of Twilio's package, and the agents in it. Nothing without the settings that name them.

Open CTI is retired in February 2028 and is not in new Agentforce Service orgs; what remains for a person is in
docs/salesforce.md.
"""

from __future__ import annotations

import pulumi

from components.salesforce import resources
from components.salesforce.settings import SalesforceSettings


class CallCenter(pulumi.ComponentResource):
    """No outputs."""

    def __init__(self, name: str, settings: SalesforceSettings, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("voice:salesforce:CallCenter", name, None, opts)
        own = pulumi.ResourceOptions(parent=self)
        package: list[pulumi.Resource] = []
        if settings.flex_cti_package_version_id:
            before = resources.FormerValue("packages-before", {"kind": "packages", "of": ""}, own)
            version = {
                "packageVersionId": settings.flex_cti_package_version_id,
                "onDestroy": settings.flex_cti_package_on_destroy,
                "former": before.output("value"),
            }
            package = [resources.CallCenterPackage("flex-cti-package", version, own)]
        for username in settings.call_center_users:
            former = resources.FormerValue(f"call-center-before-{username}", {"kind": "callCenter", "of": username}, own)
            resources.CallCenterMember(
                f"call-center-member-{username}",
                {"username": username, "callCenter": settings.call_center_name, "former": former.output("value")},
                pulumi.ResourceOptions(parent=self, depends_on=package),
            )
        self.register_outputs({})
