"""CORS for the org's OAuth endpoints: the Lightning pages' domain is another than My Domain's.

= SecuritySettings.sessionSettings.enableOauthCorsPolicy (API 50+). A settings deployment touches only what it lists.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from providers.handler import Fault, Live, Made, Properties, type_faults, typed
from providers.salesforce.adoption import AdoptingHandler, Adoption
from providers.salesforce.client import SalesforceClient
from providers.salesforce.deploy import Deployment, deploy
from providers.salesforce.metadata import SecuritySettings, SessionSettings
from providers.salesforce.sign_in import VENDOR

ID = "Security.sessionSettings.enableOauthCorsPolicy"


@dataclass(frozen=True)
class OauthCorsInputs:
    """former: the value before the project came, put back when the resource goes."""

    enabled: bool
    former: bool


def enabled(client: SalesforceClient) -> bool:
    """The org's present setting; absent means off."""
    settings = client.metadata_read("SecuritySettings", "Security") or {}
    return bool(settings.get("sessionSettings", {}).get("enableOauthCorsPolicy", False))


class OauthCorsHandler(AdoptingHandler):
    """No outputs beyond the inputs."""

    Inputs = OauthCorsInputs
    validated = True
    stand_ins: ClassVar[dict[str, Any]] = {"former": False}

    def check(self, inputs: Properties) -> list[Fault]:
        return type_faults(OauthCorsInputs, inputs)

    def find(self, inputs: Properties) -> Made | None:
        """The setting is always there; it counts as found when it has the wanted value."""
        return Made(ID) if enabled(self.client) == inputs["enabled"] else None

    def adoption(self, inputs: Properties) -> Adoption | None:
        # Known: it was looked at in an earlier run already.
        return Adoption("CORS for OAuth endpoints") if "former" not in inputs and self.find(inputs) else None

    def create(self, inputs: Properties) -> Made:
        wanted = typed(OauthCorsInputs, inputs, VENDOR)
        self._set(wanted.enabled)
        return Made(ID)

    def read(self, id: str, state: Properties) -> Live | None:
        return Live(self.echoed(state, enabled=enabled(self.client)))

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        self._set(typed(OauthCorsInputs, inputs, VENDOR).enabled)
        return {}

    def delete(self, id: str, state: Properties) -> None:
        self._set(typed(OauthCorsInputs, state, VENDOR).former)

    def _set(self, value: bool) -> None:
        # Sends nothing where the org has the value already, and then ends the note of a run that was cut off.
        deploy(self.client, Deployment.of(SecuritySettings(session_settings=SessionSettings(value))), "CORS for OAuth endpoints")
