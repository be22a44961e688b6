"""What all of Twilio's handlers have."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Self

from providers.handler import Fault, Properties, Settings
from providers.twilio.client import Twilio, connect
from providers.twilio.errors import VENDOR
from providers.typed_handler import TypedHandler


class TwilioHandler(TypedHandler):
    """Holds the account."""

    vendor = VENDOR
    # An account's own answers change with nothing but the inputs; what somebody changed there shows in a refresh. So a
    # run in which nothing is new asks nothing.
    asks_about_changes_only = True

    def __init__(self, twilio: Twilio) -> None:
        self.twilio = twilio

    @classmethod
    def connect(cls, settings: Settings) -> Self:
        return cls(connect(settings))

    def complete(self, inputs: Properties) -> bool:
        """Whether no required input is missing: the engine checks a dependant even when what it needs has failed."""
        return all(each.name in inputs for each in fields(self.Inputs) if each.default is MISSING)


def too_long(inputs: Properties, **limits: int) -> list[Fault]:
    """A fault for every text that is longer than Twilio takes, counted in characters, or is empty."""
    faults = []
    for name, longest in limits.items():
        value = inputs.get(name)
        if value is not None and not 1 <= len(value) <= longest:
            faults.append(Fault(name, f"must have 1 to {longest} characters, it has {len(value)}"))
    return faults
