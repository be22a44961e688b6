"""Google's Lightning component and the UI modules that it loads, pinned by hashes.

Does not own: anything else of Google's project, such as the application file that would overwrite the service console.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi

from components.salesforce import resources
from components.salesforce.settings import SalesforceSettings
from providers.handler import VendorError
from providers.salesforce.lightning_source import BUNDLE, read_source


def lightning_components(settings: SalesforceSettings) -> dict[str, Any]:
    """The component and its modules as they are wanted, whatever the org has of them."""
    source, pinned = settings.component_pin
    return {
        "source": source,
        "treeSha256": pinned or _hash_of_folder(source),
        "uiModulesBaseUrl": settings.ui_modules_base_url,
        "uiModules": settings.ui_modules,
    }


class LightningComponents(pulumi.ComponentResource):
    """Attribute `deployed`: what a page with the component must wait for. after: what must have been seen before it."""

    def __init__(
        self,
        name: str,
        settings: SalesforceSettings,
        *,
        after: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("voice:salesforce:LightningComponents", name, None, opts)
        before = resources.FormerMetadata(
            "lightning-bundle-before",
            {"kind": "lightningComponents", "of": BUNDLE},
            pulumi.ResourceOptions(parent=self, depends_on=list(after)),
        )
        self.deployed = resources.LightningComponents(
            "lightning-bundle",
            {
                **lightning_components(settings),
                "wasThere": before.output("there"),
            },
            pulumi.ResourceOptions(parent=self, depends_on=list(after)),
        )
        self.register_outputs({})


def _hash_of_folder(source: str) -> str:
    """Hash of a folder of this repository, so that a change in it is a change of the resource."""
    try:
        return read_source(source, None).tree_sha256
    except VendorError as error:
        raise pulumi.RunError(str(error)) from None
