"""Google's Lightning component and the UI modules that it loads, pinned by hashes.

Does not own: anything else of Google's project, such as the application file that would overwrite the service console.
"""

from __future__ import annotations

import pulumi

from components.salesforce import resources
from components.salesforce.settings import SalesforceSettings
from providers.handler import VendorError
from providers.salesforce.lightning_source import read_source


class LightningComponents(pulumi.ComponentResource):
    """Attribute `deployed`: what a page with the component must wait for."""

    def __init__(self, name: str, settings: SalesforceSettings, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("voice:salesforce:LightningComponents", name, None, opts)
        source, pinned = settings.component_pin
        self.deployed = resources.LightningComponents(
            "lightning-bundle",
            {
                "source": source,
                "treeSha256": pinned or _hash_of_folder(source),
                "uiModulesBaseUrl": settings.ui_modules_base_url,
                "uiModules": settings.ui_modules,
            },
            pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})


def _hash_of_folder(source: str) -> str:
    """Hash of a folder of this repository, so that a change in it is a change of the resource."""
    try:
        return read_source(source, None).tree_sha256
    except VendorError as error:
        raise pulumi.RunError(str(error)) from None
