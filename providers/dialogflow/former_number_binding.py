"""Which conversation profile a telephony number used before this program took it over. It owns nothing and changes nothing.

Why a resource of its own: see providers/record.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from providers.dialogflow.base import DialogflowHandler
from providers.dialogflow.phone_numbers import named, not_there, same_profile
from providers.e164 import number_faults
from providers.handler import Fault, Made, Properties
from providers.record import Record


@dataclass(frozen=True)
class FormerNumberBinding:
    """conversationProfile: the one that the number is going to use; it is never taken for a former one."""

    phoneNumber: str
    project: str
    location: str
    conversationProfile: str


class FormerNumberBindingHandler(Record, DialogflowHandler):
    """Natural key: the E.164 number. Id: the number's resource name. Output: former, a profile's full name or ""."""

    Inputs = FormerNumberBinding

    def faults(self, inputs: Properties) -> list[Fault]:
        return number_faults(inputs)

    def find(self, inputs: Properties) -> Made | None:
        wanted = self.wanted(inputs)
        number = next(named(self.client, inputs), None)
        if number is None:
            return None
        bound = number.get("conversationProfile", "")
        # Bound to ours already: the binding's own state may know what was before, and nobody else does.
        return Made(number["name"], {"former": "" if same_profile(bound, wanted.conversationProfile) else bound})

    def create(self, inputs: Properties) -> Made:
        found = self.find(inputs)
        if found is None:
            raise not_there(self.client, inputs)
        return found
