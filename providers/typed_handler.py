"""A handler whose inputs are a dataclass of its own."""

from __future__ import annotations

from typing import Any, ClassVar

from providers.handler import Fault, Properties, type_faults, typed


class TypedHandler:
    """`Inputs` is the handler's dataclass, whose fields are the inputs' names; `vendor` is who is named in errors."""

    Inputs: ClassVar[type[Any]]
    vendor: ClassVar[str]

    def check(self, inputs: Properties) -> list[Fault]:
        """Faults of type first; only inputs of the right types are looked at closely."""
        return type_faults(self.Inputs, inputs) or self.faults(inputs)

    def faults(self, inputs: Properties) -> list[Fault]:
        """What is wrong with the values that are there."""
        return []

    def wanted(self, inputs: Properties) -> Any:
        """The inputs as the handler's dataclass. Raises VendorError when one is missing."""
        return typed(self.Inputs, inputs, self.vendor)
