"""The resource handler: one small class per kind of thing that a vendor keeps for us.

A handler is plain Python. It knows one vendor API and nothing of Pulumi; `providers/dynamic.py` is the only place
where the two meet. Inputs and outputs are JSON-like mappings at the boundary; a handler turns its inputs into its own
frozen dataclass by `typed()`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Protocol, TypeVar, runtime_checkable

from pydantic import TypeAdapter, ValidationError

Properties = Mapping[str, Any]
T = TypeVar("T")


class VendorError(Exception):
    """What a user reads when a vendor refuses: the cause and the remedy, never an input's value.

    The message is one short paragraph. It must not contain credentials, tokens or the inputs of the call: Pulumi prints
    it in clear text.
    """

    def __init__(self, vendor: str, cause: str, remedy: str = "") -> None:
        self.vendor, self.cause, self.remedy = vendor, cause, remedy
        super().__init__(f"{vendor}: {self.told()}")

    def told(self) -> str:
        """Cause and remedy as one paragraph, without the vendor's name."""
        return self.cause + (f" Fix: {self.remedy}" if self.remedy else "")


def note(vendor: str, text: str) -> None:
    """Tells what a user should know though nothing went wrong: the engine shows what a provider writes. Never a secret."""
    sys.stdout.write(f"{vendor}: {text}\n")
    sys.stdout.flush()


@dataclass(frozen=True)
class Fault:
    """One bad input: `property` is its path as the user wrote it, `reason` says what is wrong and how to put it right."""

    property: str
    reason: str


@dataclass(frozen=True)
class Made:
    """A thing that exists: the vendor's own id, and every output (inputs are echoed by the adapter)."""

    id: str
    outputs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Live:
    """What `read` saw: `inputs` as the program would have to write them to get exactly this, and the computed `outputs`.

    Where the live thing equals what the program wrote, `inputs` must equal it too, key for key: any difference is
    reported as drift.
    """

    inputs: dict[str, Any]
    outputs: dict[str, Any] = field(default_factory=dict)


class ResourceHandler(Protocol):
    """The life of one kind of thing. Thread-safe: four threads of one process share an instance.

    All methods but `check` may raise VendorError. `settings` in `connect` gives configuration values by key, secrets in
    clear text, None when absent.
    """

    @classmethod
    def connect(cls, settings: Settings) -> ResourceHandler:
        """Make a handler that talks to the vendor with the credentials in `settings`. Must not call the vendor yet."""

    def check(self, inputs: Properties) -> list[Fault]:
        """Every fault of `inputs`. Unknown values (of things not made yet) are absent; keys may be missing."""

    def find(self, inputs: Properties) -> Made | None:
        """The thing with the natural key in `inputs`, or None."""

    def create(self, inputs: Properties) -> Made:
        """Make the thing, or take over the one that `find` sees. Never raises once the vendor has said yes."""

    def read(self, id: str, state: Properties) -> Live | None:
        """The thing as it is now; None when it is gone. `state` holds the last known inputs and outputs."""

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        """Bring the thing to `inputs`; answers every output. Repeatable: a cut-off run calls it again."""

    def delete(self, id: str, state: Properties) -> None:
        """Remove the thing, or put back what was taken over. Nothing there is success."""


@runtime_checkable
class AsksVendor(Protocol):
    """A handler whose vendor can tell beforehand whether it would take the inputs.

    Two class attributes say when that is worth a call; a handler without them has False for both.
    asks_about_changes_only: it is not asked about inputs that stand in the state already, where the answer hangs on
    nothing but them. asks_with_gaps: it is asked although some values are not known yet.
    """

    def vendor_faults(self, inputs: Properties) -> list[Fault]:
        """Asked after a `check` without faults; values that are not known yet are absent. Changes nothing at the vendor."""


@runtime_checkable
class Adopts(Protocol):
    """A handler that may find somebody's own work where it would make a thing."""

    def adoption_faults(self, inputs: Properties) -> list[Fault]:
        """Asked after a `check` without faults, and only where the state does not have the thing; unknown values are absent.

        Tells by `note` what is taken over and what of it will change. A fault for each difference that would break what
        somebody uses, with the setting that allows it. Changes nothing at the vendor.
        """


@runtime_checkable
class TriesOut(Protocol):
    """A handler whose vendor can do a change for the sake of the answer and keep nothing of it; that takes its time."""

    def trial_faults(self, inputs: Properties) -> list[Fault]:
        """Asked in previews only, after everything else is in order, and only about inputs that change something.

        An input is absent unless all of it is known. Changes nothing at the vendor.
        """


class Settings(Protocol):
    """Configuration values by key, as `pulumi.dynamic.Config` and plain dictionaries give them."""

    def get(self, key: str) -> str | None: ...


def typed(kind: type[T], values: Properties, vendor: str) -> T:
    """`values` as the dataclass `kind`; keys that `kind` does not have are left out.

    Raises VendorError naming the property when a value is missing or of the wrong type.
    """
    try:
        return TypeAdapter(kind).validate_python(known(kind, values))
    except ValidationError as error:
        raise VendorError(vendor, "; ".join(f"{fault.property}: {fault.reason}" for fault in faults_of(error))) from None


def type_faults(kind: type[Any], values: Properties) -> list[Fault]:
    """What is wrong with the types of the values that are there; missing ones are not reported (they may be unknown yet)."""
    try:
        TypeAdapter(kind).validate_python(known(kind, values))
    except ValidationError as error:
        return [fault for fault, raw in zip(faults_of(error), error.errors(), strict=True) if raw["type"] != "missing"]
    return []


def known(kind: type[Any], values: Properties) -> dict[str, Any]:
    """The part of `values` that the dataclass `kind` has fields for."""
    names = {each.name for each in fields(kind)}
    return {key: value for key, value in values.items() if key in names}


def faults_of(error: ValidationError) -> list[Fault]:
    """pydantic's findings as faults; values are left out, they may be secret."""
    return [Fault(".".join(str(part) for part in raw["loc"]), raw["msg"]) for raw in error.errors(include_input=False)]
