"""Which conversation profile the calls to one of Google's telephony (GTP) numbers use.

Owns: the binding. Does not own: the number. It is ordered by hand (docs/google.md), since Google's API has no call for
that; it is never deleted here, since Google takes a deleted one away after 30 days. Deleting the binding puts the former
profile back.

The former profile is known only from the run that took the number over: where that run was cut off between Google's yes
and the state, the next one finds its own profile and can only unbind later.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from providers.dialogflow.client import VENDOR, DialogflowClient, Refused
from providers.handler import Fault, Live, Made, Properties, Settings, VendorError, known, type_faults, typed

_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_PROFILE = re.compile(r"projects/(?P<project>[^/]+)/locations/(?P<location>[^/]+)/conversationProfiles/[^/]+")
_ORDER = (
    "order a number in the Agent Assist console (Telephony > Phone gateway) or from the Google account team, "
    "then `pulumi config set gtpPhoneNumber +1…`"
)


@dataclass(frozen=True)
class PhoneNumberBinding:
    """phoneNumber in E.164; conversationProfile: projects/P/locations/L/conversationProfiles/ID."""

    phoneNumber: str
    project: str
    location: str
    conversationProfile: str


class PhoneNumberBindingHandler:
    """Natural key: the E.164 number. Id: the number's resource name. Output: formerProfile ("" when there was none)."""

    def __init__(self, client: DialogflowClient) -> None:
        self._client = client

    @classmethod
    def connect(cls, settings: Settings) -> PhoneNumberBindingHandler:
        return cls(DialogflowClient.by(settings))

    def check(self, inputs: Properties) -> list[Fault]:
        faults = type_faults(PhoneNumberBinding, inputs)
        if faults:
            return faults
        number, profile = inputs.get("phoneNumber"), inputs.get("conversationProfile")
        if number is not None and not _NUMBER.fullmatch(number):
            faults.append(Fault("phoneNumber", "must be in E.164 form: + and 7 to 15 digits, like +15550100200"))
        if profile is not None:
            faults.extend(_profile_faults(profile, inputs))
        return faults

    def find(self, inputs: Properties) -> Made | None:
        """The number of this project, whatever it is bound to."""
        wanted = typed(PhoneNumberBinding, inputs, VENDOR)
        for each in self._client.phone_numbers(wanted.project, wanted.location):
            if each.get("phoneNumber") == wanted.phoneNumber:
                former = each.get("conversationProfile", "")
                return Made(each["name"], {"formerProfile": "" if _same(former, wanted.conversationProfile) else former})
        return None

    def create(self, inputs: Properties) -> Made:
        wanted = typed(PhoneNumberBinding, inputs, VENDOR)
        found = self.find(inputs)
        if found is None:
            raise self._not_there(wanted)
        self._client.bind(wanted.location, found.id, wanted.conversationProfile)
        return found

    def read(self, id: str, state: Properties) -> Live | None:
        number = self._number(id, state)
        if number is None:
            return None
        inputs = known(PhoneNumberBinding, state)
        bound = number.get("conversationProfile", "")
        if not _same(bound, inputs.get("conversationProfile", "")):
            inputs["conversationProfile"] = bound
        return Live(inputs, {"formerProfile": state.get("formerProfile", "")})

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        wanted = typed(PhoneNumberBinding, inputs, VENDOR)
        self._client.bind(wanted.location, id, wanted.conversationProfile)
        return {"formerProfile": state.get("formerProfile", "")}

    def delete(self, id: str, state: Properties) -> None:
        number = self._number(id, state)
        ours = typed(PhoneNumberBinding, state, VENDOR)
        # Somebody bound the number elsewhere since: that is theirs to keep.
        if number is None or not _same(number.get("conversationProfile", ""), ours.conversationProfile):
            return
        former = state.get("formerProfile", "")
        try:
            self._client.bind(ours.location, id, former)
        except Refused as refused:
            if not former or refused.status not in (400, 404):
                raise
            # The former profile may be gone by now; the number must still let go of ours.
            self._client.bind(ours.location, id, "")

    def _number(self, id: str, state: Properties) -> dict[str, Any] | None:
        # Google has no call for one number.
        ours = typed(PhoneNumberBinding, state, VENDOR)
        numbers = self._client.phone_numbers(ours.project, ours.location)
        return next((each for each in numbers if each["name"] == id), None)

    def _not_there(self, wanted: PhoneNumberBinding) -> VendorError:
        there = [str(each.get("phoneNumber")) for each in self._client.phone_numbers(wanted.project, wanted.location)]
        listed = f"its numbers are {', '.join(there)}" if there else "it has no telephony number at all"
        cause = f"the project {wanted.project} has no number {wanted.phoneNumber} in {wanted.location}; {listed}."
        return VendorError(VENDOR, cause, _ORDER)


def _profile_faults(profile: str, inputs: Properties) -> list[Fault]:
    match = _PROFILE.fullmatch(profile)
    if match is None:
        form = "projects/PROJECT/locations/LOCATION/conversationProfiles/ID"
        return [Fault("conversationProfile", f"must be a profile's full name, {form}")]
    return [
        Fault("conversationProfile", f"is of the {key} {match[key]}, the number of {inputs[key]}; they must be the same")
        for key in ("project", "location")
        if inputs.get(key) not in (None, match[key])
    ]


def _same(one: str, other: str) -> bool:
    """Google names a global profile with and without its location."""
    return one.replace("/locations/global/", "/") == other.replace("/locations/global/", "/")
