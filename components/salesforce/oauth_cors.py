"""Lets the Lightning pages' domain call the org's OAuth endpoints; what was set before is put back on destroy."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.salesforce import resources


class OauthCors(pulumi.ComponentResource):
    """No outputs. after: what must have been seen before."""

    def __init__(self, name: str, *, after: Sequence[pulumi.Resource] = (), opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("voice:salesforce:OauthCors", name, None, opts)
        own = pulumi.ResourceOptions(parent=self, depends_on=list(after))
        former = resources.FormerValue("oauth-cors-before", {"kind": "oauthCors", "of": ""}, own)
        resources.OauthCors("oauth-cors-policy", {"enabled": True, "former": former.output("value")}, own)
        self.register_outputs({})
