"""The key that signs the connector's tokens: random, made once, kept in the encrypted state.

Not pulumi-random: its provider is a program of its own that the rehearsal cannot have, and a stand-in for it would prove
nothing about the key. The upstream deployment script draws 15 bits, anew on every run; here are 256, and only a
replacement of the resource changes them.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from providers.handler import Fault, Live, Made, Properties, Settings, known, type_faults, typed

VENDOR = "Signing key"
_LEAST_BYTES = 32


@dataclass(frozen=True)
class SigningKey:
    """bytes: how many random ones; 32 are 256 bits."""

    bytes: int


class SigningKeyHandler:
    """Output: key, lower-case hexadecimal, twice as many characters as bytes. The id says nothing about it."""

    @classmethod
    def connect(cls, settings: Settings) -> SigningKeyHandler:
        return cls()

    def check(self, inputs: Properties) -> list[Fault]:
        faults = type_faults(SigningKey, inputs)
        if not faults and inputs.get("bytes", _LEAST_BYTES) < _LEAST_BYTES:
            faults.append(Fault("bytes", f"must be at least {_LEAST_BYTES}: HS256 is no stronger than its key"))
        return faults

    def find(self, inputs: Properties) -> Made | None:
        """None: nobody but the state keeps a key. One that a cut-off run made was used nowhere."""
        return None

    def create(self, inputs: Properties) -> Made:
        wanted = typed(SigningKey, inputs, VENDOR)
        return Made(f"signing-key-{secrets.token_hex(4)}", {"key": secrets.token_hex(wanted.bytes)})

    def read(self, id: str, state: Properties) -> Live | None:
        return Live(known(SigningKey, state), {"key": state["key"]})

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        # Stable whatever changes: a new key would end every agent's session.
        return {"key": state["key"]}

    def delete(self, id: str, state: Properties) -> None:
        """Nothing to do: the key goes with the state."""
