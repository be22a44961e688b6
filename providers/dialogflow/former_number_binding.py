"""Which conversation profile a telephony number used before this program took it over. It owns nothing and changes nothing.

Why a resource of its own: Pulumi writes its state when this is read and before the number is bound. If the binding itself
remembered the former profile, a run that is cut off between Google's yes and the state would lose it, and the next one
would find its own profile in its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from providers.dialogflow.client import VENDOR, DialogflowClient
from providers.dialogflow.phone_numbers import E164, named, not_there, same_profile
from providers.handler import Fault, Live, Made, Properties, Settings, known, type_faults, typed


@dataclass(frozen=True)
class FormerNumberBinding:
    """conversationProfile: the one that the number is going to use; it is never taken for a former one."""

    phoneNumber: str
    project: str
    location: str
    conversationProfile: str


class FormerNumberBindingHandler:
    """Natural key: the E.164 number. Id: the number's resource name. Output: former, a profile's full name or ""."""

    def __init__(self, client: DialogflowClient) -> None:
        self._client = client

    @classmethod
    def connect(cls, settings: Settings) -> FormerNumberBindingHandler:
        return cls(DialogflowClient.by(settings))

    def check(self, inputs: Properties) -> list[Fault]:
        faults = type_faults(FormerNumberBinding, inputs)
        number = inputs.get("phoneNumber")
        if not faults and number is not None and not E164.fullmatch(number):
            faults.append(Fault("phoneNumber", "must be in E.164 form: + and 7 to 15 digits, like +15550100200"))
        return faults

    def find(self, inputs: Properties) -> Made | None:
        wanted = typed(FormerNumberBinding, inputs, VENDOR)
        number = next(named(self._client, inputs), None)
        if number is None:
            return None
        bound = number.get("conversationProfile", "")
        # Bound to ours already: the binding's own state may know what was before, and nobody else does.
        return Made(number["name"], {"former": "" if same_profile(bound, wanted.conversationProfile) else bound})

    def create(self, inputs: Properties) -> Made:
        found = self.find(inputs)
        if found is None:
            raise not_there(self._client, inputs)
        return found

    def read(self, id: str, state: Properties) -> Live | None:
        """What is known stays: by now Google would tell our own profile."""
        return Live(known(FormerNumberBinding, state), {"former": state["former"]})

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        return {"former": state["former"]}

    def delete(self, id: str, state: Properties) -> None:
        """Nothing: this is a record."""
