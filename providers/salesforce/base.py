"""What every Salesforce handler shares: the client, and how live values become inputs again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, ClassVar, Self, cast

from providers.handler import Fault, Properties, ResourceHandler, Settings, known, note
from providers.salesforce import trial
from providers.salesforce.client import SalesforceClient, client_for
from providers.salesforce.deploy_result import DeploymentFailed
from providers.salesforce.sign_in import VENDOR


class SalesforceHandler:
    """A handler over one org; `Inputs` is the handler's own dataclass of inputs."""

    Inputs: type[Any]
    # Is there anything that Salesforce could say beforehand? True for what is deployed as metadata.
    validated: ClassVar[bool] = False
    # Values for a trial in place of inputs that are not known before the first run and do not reach Salesforce.
    stand_ins: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, client: SalesforceClient) -> None:
        self.client = client

    @classmethod
    def connect(cls, settings: Settings) -> Self:
        """Nothing is called before the first piece of work."""
        return cls(client_for(settings))

    def vendor_faults(self, inputs: Properties) -> list[Fault]:
        """Asked at preview. The connector is told the organization's ID too: a wrong one must not wait for the first write here.

        Raises VendorError when the org is not the one of the settings.
        """
        self.client.ensure_right_org()
        return []

    def can_be_tried(self, inputs: Properties) -> bool:
        """Is in the org what the inputs need? Otherwise Salesforce would refuse what this very run makes."""
        return True

    def trial_faults(self, inputs: Properties) -> list[Fault]:
        """What a check-only deployment says; nothing without credentials, or when salesforceValidateInPreview is false."""
        connection = self.client.connection
        wanted = {**self.stand_ins, **inputs}
        needed = (each.name for each in fields(self.Inputs) if each.default is MISSING and each.default_factory is MISSING)
        if not (self.validated and connection.validate_in_preview and connection.complete):
            return []
        if any(each not in wanted for each in needed) or not self.can_be_tried(wanted):
            return []
        try:
            trial.tried(lambda: cast(ResourceHandler, self).create(wanted))
        except DeploymentFailed as failed:
            # Not under a property: Pulumi would print its value.
            return [Fault("", f"Salesforce would refuse it: {failed.told()}")]
        except trial.Undecided as undecided:
            note(VENDOR, f"{undecided.args[0]} The preview goes on without Salesforce's word.")
        return []

    def echoed(self, state: Properties, **live: Any) -> dict[str, Any]:
        """The inputs of `state`, with what was seen live in their place."""
        return {**known(self.Inputs, state), **live}
