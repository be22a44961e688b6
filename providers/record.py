"""A resource that only remembers: what was there before this program took something over.

Pulumi writes its state when it is read and before anything is touched. If the take-over itself remembered what was there, a
run that is cut off between the vendor's yes and the state would lose it, and the next one would find our own in its place.
"""

from __future__ import annotations

from typing import Any, ClassVar

from providers.handler import Live, Properties, known


class Record:
    """The part of such a handler that comes after `create`: its one output, `former`, stays as it was noted."""

    Inputs: ClassVar[type[Any]]

    def read(self, id: str, state: Properties) -> Live | None:
        """What is known stays: by now the vendor would tell our own values."""
        return Live(known(self.Inputs, state), {"former": state["former"]})

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        return {"former": state["former"]}

    def delete(self, id: str, state: Properties) -> None:
        """Nothing: this is a record."""
