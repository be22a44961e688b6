"""Settings of a working environment, to be changed one at a time."""

from __future__ import annotations

from typing import Any

from components.salesforce.settings import SalesforceSettings

WORKING: dict[str, Any] = {
    "salesforceDomain": "example.my.salesforce.com",
    "salesforceOrganizationId": "00D000000000001AAA",
    "salesforceAccessToken": "00D000000000001!token",
    "oauthContactEmail": "voice@example.com",
    "oauthRunAsUser": "integration@example.com",
    "lightningComponentSource": "rehearsal/lightning_component",
    "uiModulesBaseUrl": "rehearsal/lightning_component/ui_modules",
    "uiModulesLock": "rehearsal/lightning_component/ui_modules.lock.json",
}


def settings(**changed: Any) -> SalesforceSettings:
    """The working settings with `changed` on top; None takes a key away."""
    values = {**WORKING, **changed}
    return SalesforceSettings.model_validate({key: value for key, value in values.items() if value is not None})
