"""Lets the Lightning pages' domain call the org's OAuth endpoints; what was set before is put back on destroy."""

from __future__ import annotations

import pulumi

from components.salesforce import resources


class OauthCors(pulumi.ComponentResource):
    """No outputs."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("voice:salesforce:OauthCors", name, None, opts)
        own = pulumi.ResourceOptions(parent=self)
        former = resources.FormerValue("oauth-cors-before", {"kind": "oauthCors", "of": ""}, own)
        resources.OauthCors("oauth-cors-policy", {"enabled": True, "former": former.output("value")}, own)
        self.register_outputs({})
