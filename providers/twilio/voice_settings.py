"""What a phone number does with incoming calls: shared by the number's handler and the record of what was before."""

from __future__ import annotations

import re
from typing import Any

from twilio.rest import Client

from providers.handler import VendorError
from providers.twilio.client import Twilio
from providers.twilio.errors import VENDOR

# As many as Twilio puts on one page.
_LARGEST_PAGE = 1000
# Where a number points when a Studio flow answers it: https://webhooks.twilio.com/v1/Accounts/AC…/Flows/FW…
_WEBHOOK = re.compile(r"https?://webhooks\.twilio\.com/v1/Accounts/AC[0-9a-f]{32}/Flows/(FW[0-9a-f]{32})")


def number_of(twilio: Twilio, phone_number: str) -> Any:
    """The account's number. Raises VendorError when it is not there, naming those that are."""

    def named(client: Client) -> list[Any]:
        return client.incoming_phone_numbers.list(phone_number=phone_number)

    # Twilio finds numbers by a part of them, too.
    if exact := [each for each in twilio.ask(named) if each.phone_number == phone_number]:
        return exact[0]
    own = sorted(each.phone_number for each in twilio.ask(lambda client: client.incoming_phone_numbers.list(limit=5)))
    there = f"it has {', '.join(own)}" if own else "it has no number at all"
    cause = f"{phone_number} is not a number of this account; {there}."
    raise VendorError(VENDOR, cause, "buy it in the Console, or correct twilioPhoneNumber (or the line's phoneNumber)")


class SeenNumbers:
    """The account's numbers for the checks of one run: one call for the first and one for all others.

    The engine checks one resource after the other. Who changes a number must look it up again.
    """

    def __init__(self, twilio: Twilio) -> None:
        self._twilio, self._seen = twilio, dict[str, Any]()

    def of(self, phone_number: str) -> Any:
        """Raises VendorError when the account has no such number."""
        if self._seen and phone_number not in self._seen:
            everything = self._twilio.ask(lambda client: client.incoming_phone_numbers.list(page_size=_LARGEST_PAGE))
            self._seen |= {each.phone_number: each for each in everything}
        if phone_number not in self._seen:
            self._seen[phone_number] = number_of(self._twilio, phone_number)
        return self._seen[phone_number]


def flow_answering(voice_url: str | None) -> str | None:
    """The SID of the Studio flow that a voice URL leads to, or None."""
    match = _WEBHOOK.fullmatch(voice_url or "")
    return match[1] if match else None


def shown(voice_url: str) -> str:
    """A voice URL as anybody may read it: without user and password, and without its query, which may hold a key."""
    without_user = re.sub(r"//[^/?#]*@", "//", voice_url, count=1)
    address, query, _ = without_user.partition("?")
    return f"{address}?…" if query else address


def what_wins(number: Any) -> str | None:
    """The SID of the trunk or voice application because of which Twilio ignores the number's voice URL, or None."""
    return number.trunk_sid or number.voice_application_sid or None
