"""The telephony numbers of a project, as Google lists them: there is no call for one of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from providers.dialogflow.client import VENDOR, DialogflowClient
from providers.handler import Properties, VendorError

NUMBER_KEY = {"phoneNumber", "project", "location"}
_ORDER = (
    "order a number in the Agent Assist console (Telephony > Phone gateway) or from the Google account team, "
    "then `pulumi config set gtpPhoneNumber +1…`; a number belongs to the location that conversationLocation must name"
)


def named(client: DialogflowClient, inputs: Properties) -> Iterator[dict[str, Any]]:
    """The number of these inputs as Google has it; nothing where they do not say enough yet."""
    if not inputs.keys() >= NUMBER_KEY:
        return
    for each in client.phone_numbers(inputs["project"], inputs["location"]):
        if each.get("phoneNumber") == inputs["phoneNumber"]:
            yield each


def not_there(client: DialogflowClient, inputs: Properties) -> VendorError:
    """That the project has no such number, and which ones it has."""
    number, project, location = (inputs[each] for each in ("phoneNumber", "project", "location"))
    there = [str(each.get("phoneNumber")) for each in client.phone_numbers(project, location)]
    listed = f"its numbers are {', '.join(there)}" if there else "it has no telephony number at all there"
    return VendorError(VENDOR, f"the project {project} has no number {number} in {location}; {listed}.", _ORDER)


def same_profile(one: str, other: str) -> bool:
    """Google names a global profile with and without its location."""
    return one.replace("/locations/global/", "/") == other.replace("/locations/global/", "/")
