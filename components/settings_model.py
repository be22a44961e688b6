"""The base of every settings model, and how a configuration key is declared.

A model stands beside its component. `settings.py` composes the models, reads the configuration once and reports all
faults together, each with the command that fixes it; the pieces of that command are declared here, with the key.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from providers.e164 import E164
from providers.loopback import on_this_machine


class SettingFaults(ValueError):
    """Several faults of one setting with a structure; each text is whole: the place, what is wrong, the remedy."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(faults))



class SettingsModel(BaseModel):
    """Frozen, refuses unknown fields; field names are Python's, aliases are the configuration keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, hide_input_in_errors=True)


def key(
    name: str, help: str, example: str, default: Any = ..., *, secret: bool = False, validate_default: bool = False
) -> Any:
    """A field that is read from the configuration key `name`.

    help: one line for the example environment and for the error when it is missing; example: what the fix command shows.
    validate_default: whether the validators also see a value that nobody gave, where another setting can make it needed.
    """
    return Field(
        default,
        alias=name,
        description=help,
        examples=[example],
        json_schema_extra={"secret": secret},
        # A settings object in a traceback or a failing test must not show it.
        repr=not secret,
        validate_default=validate_default,
    )


def loopback(value: str | None, name: str, sent: str) -> str | None:
    """`value` where it is None or the base URL of a stand-in on this machine; the key `name` replaces a vendor's address.

    Raises ValueError: `sent`, a credential, would leave for anywhere else.
    """
    if value is not None and not (urlsplit(value).scheme == "http" and on_this_machine(value)):
        raise ValueError(
            f"is not a loopback address (http://127.0.0.1:PORT), and {sent} would be sent to it. Fix: pulumi config rm {name}"
        )
    return value


def e164(value: str) -> str:
    """The telephone number as it is. Raises ValueError for any other form."""
    if not E164.fullmatch(value):
        raise ValueError("is not in E.164 form: + and 7 to 15 digits without blanks, like +15550100200")
    return value
