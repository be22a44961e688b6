"""Which conversation profile the calls to one of Google's telephony (GTP) numbers use.

Owns: the binding. Does not own: the number. It is ordered by hand (docs/google.md), since Google's API has no call for
that; it is never deleted here, since Google takes a deleted one away after 30 days. Deleting the binding puts the former
profile back, which FormerNumberBinding noted before the number was taken over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from providers.dialogflow.base import DialogflowHandler
from providers.dialogflow.client import VENDOR, Refused
from providers.dialogflow.phone_numbers import NUMBER_KEY, named, not_there, same_profile
from providers.e164 import number_faults
from providers.handler import Fault, Live, Made, Properties, known, note

_PROFILE = re.compile(r"projects/(?P<project>[^/]+)/locations/(?P<location>[^/]+)/conversationProfiles/[^/]+")
_RESTORE = "phoneNumbers.undelete, or another number by `pulumi config set gtpPhoneNumber +1…`"


@dataclass(frozen=True)
class PhoneNumberBinding:
    """phoneNumber in E.164; conversationProfile: projects/P/locations/L/conversationProfiles/ID.

    former: what FormerNumberBinding noted, "" for none. Absent in the state of a stack from before there was such a note.
    """

    phoneNumber: str
    project: str
    location: str
    conversationProfile: str
    former: str = ""


class PhoneNumberBindingHandler(DialogflowHandler):
    """Natural key: the E.164 number. Id: the number's resource name. Output: formerProfile ("" when there was none).

    The output is what destroy puts back. Once there it stays: a stack from before there was a note has the former
    profile nowhere else, and a note that is taken of a number bound to this stack's own profile knows nothing of it.
    """

    Inputs = PhoneNumberBinding

    # The profile of a first run is made later; whether the project has the number is known at once.
    asks_with_gaps = True
    asks_about_changes_only = True

    def faults(self, inputs: Properties) -> list[Fault]:
        profile = inputs.get("conversationProfile")
        return number_faults(inputs) + ([] if profile is None else _profile_faults(profile, inputs))

    def vendor_faults(self, inputs: Properties) -> list[Fault]:
        """The number is the last thing to be bound: that there is none must not show that late."""
        try:
            return self._number_faults(inputs)
        except Refused as refused:
            if "SERVICE_DISABLED" not in refused.reasons:
                raise
            # A new project, whose interface this program switches on.
            note(VENDOR, f"the telephony number {inputs.get('phoneNumber')} could not be looked up: {refused.told()}")
            return []

    def adoption_faults(self, inputs: Properties) -> list[Fault]:
        """None: whose number it is only the deployer knows. A preview says what the number is taken away from."""
        try:
            for each in named(self.client, inputs):
                former = each.get("conversationProfile", "")
                if former and not same_profile(former, inputs.get("conversationProfile", "")):
                    note(VENDOR, f"takes over {each['phoneNumber']}, whose calls use {former}. Destroy puts that back.")
        except Refused as refused:
            if "SERVICE_DISABLED" not in refused.reasons:
                raise
        return []

    def find(self, inputs: Properties) -> Made | None:
        """The number of this project, whatever it is bound to."""
        wanted = self.wanted(inputs)
        number = next(named(self.client, inputs), None)
        return None if number is None else Made(number["name"], {"formerProfile": wanted.former})

    def create(self, inputs: Properties) -> Made:
        wanted = self.wanted(inputs)
        found = self.find(inputs)
        if found is None:
            raise not_there(self.client, inputs)
        self.client.bind(wanted.location, found.id, wanted.conversationProfile)
        return found

    def read(self, id: str, state: Properties) -> Live | None:
        number = self._number(id, state)
        if number is None:
            return None
        inputs = known(PhoneNumberBinding, state)
        bound = number.get("conversationProfile", "")
        if not same_profile(bound, inputs.get("conversationProfile", "")):
            inputs["conversationProfile"] = bound
        return Live(inputs, {"formerProfile": state.get("formerProfile", "")})

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        wanted = self.wanted(inputs)
        self.client.bind(wanted.location, id, wanted.conversationProfile)
        return {"formerProfile": state.get("formerProfile", wanted.former)}

    def delete(self, id: str, state: Properties) -> None:
        number = self._number(id, state)
        ours = self.wanted(state)
        # Somebody bound the number elsewhere since: that is theirs to keep.
        if number is None or not same_profile(number.get("conversationProfile", ""), ours.conversationProfile):
            return
        former = state.get("formerProfile", "")
        try:
            self.client.bind(ours.location, id, former)
        except Refused as refused:
            if not former or refused.status not in (400, 404):
                raise
            # The former profile may be gone by now; the number must still let go of ours.
            self.client.bind(ours.location, id, "")

    def _number_faults(self, inputs: Properties) -> list[Fault]:
        if not inputs.keys() >= NUMBER_KEY:
            return []
        found = list(named(self.client, inputs))
        if not found:
            return [Fault("phoneNumber", not_there(self.client, inputs).told())]
        going = [each for each in found if each.get("lifecycleState") == "DELETE_REQUESTED"]
        if going:
            end = f"at {going[0]['purgeTime']}" if "purgeTime" in going[0] else "30 days after that"
            return [Fault("phoneNumber", f"somebody has deleted it, and Google takes it away for good {end}. Fix: {_RESTORE}")]
        return []

    def _number(self, id: str, state: Properties) -> dict[str, Any] | None:
        # Google has no call for one number.
        ours = self.wanted(state)
        numbers = self.client.phone_numbers(ours.project, ours.location)
        return next((each for each in numbers if each["name"] == id), None)


def _profile_faults(profile: str, inputs: Properties) -> list[Fault]:
    match = _PROFILE.fullmatch(profile)
    if match is None:
        form = "projects/PROJECT/locations/LOCATION/conversationProfiles/ID"
        return [Fault("conversationProfile", f"must be a profile's full name, {form}")]
    return [
        Fault("conversationProfile", f"is of the {key} {match[key]}, the number of {inputs[key]}. Fix: name a profile of that {key}")
        for key in ("project", "location")
        if inputs.get(key) not in (None, match[key])
    ]
