"""What all of Twilio's handlers have."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any, ClassVar, Self

from providers.handler import Fault, Properties, Settings, type_faults, typed
from providers.twilio.client import Twilio, connect
from providers.twilio.errors import VENDOR


class TwilioHandler:
    """Holds the account; `Inputs` is the handler's dataclass, whose fields are the inputs' names."""

    Inputs: ClassVar[type[Any]]
    # An account's own answers change with nothing but the inputs; what somebody changed there shows in a refresh. So a
    # run in which nothing is new asks nothing.
    asks_about_changes_only = True

    def __init__(self, twilio: Twilio) -> None:
        self.twilio = twilio

    @classmethod
    def connect(cls, settings: Settings) -> Self:
        return cls(connect(settings))

    def check(self, inputs: Properties) -> list[Fault]:
        """Faults of type first; only inputs of the right types are looked at closely."""
        return type_faults(self.Inputs, inputs) or self.faults(inputs)

    def faults(self, inputs: Properties) -> list[Fault]:
        """What is wrong with the values that are there."""
        return []

    def complete(self, inputs: Properties) -> bool:
        """Whether no required input is missing: the engine checks a dependant even when what it needs has failed."""
        return all(each.name in inputs for each in fields(self.Inputs) if each.default is MISSING)

    def wanted(self, inputs: Properties) -> Any:
        """The inputs as the handler's dataclass. Raises VendorError when one is missing."""
        return typed(self.Inputs, inputs, VENDOR)


def too_long(inputs: Properties, **limits: int) -> list[Fault]:
    """A fault for every text that is longer than Twilio takes, counted in characters, or is empty."""
    faults = []
    for name, longest in limits.items():
        value = inputs.get(name)
        if value is not None and not 1 <= len(value) <= longest:
            faults.append(Fault(name, f"must have 1 to {longest} characters, it has {len(value)}"))
    return faults
