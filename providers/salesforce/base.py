"""What every Salesforce handler shares: the client, and how live values become inputs again."""

from __future__ import annotations

from typing import Any, Self

from providers.handler import Fault, Properties, Settings, known
from providers.salesforce.client import SalesforceClient, client_for


class SalesforceHandler:
    """A handler over one org; `Inputs` is the handler's own dataclass of inputs."""

    Inputs: type[Any]

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

    def echoed(self, state: Properties, **live: Any) -> dict[str, Any]:
        """The inputs of `state`, with what was seen live in their place."""
        return {**known(self.Inputs, state), **live}
