"""Which Studio flow answers the calls to one phone number.

Owns: the number's voice URL. Does not own: the number. It is never released, since a released one may be gone for good;
destroy puts the former voice URL back. The flow's webhook URL is looked up here and not an input: its id is stable, so a
changed flow leaves the number out of the preview.
Source: twilio.com/docs/phone-numbers/api/incomingphonenumber-resource.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from twilio.rest import Client

from providers.e164 import number_faults
from providers.handler import Fault, Live, Made, Properties, VendorError, known
from providers.twilio.base import TwilioHandler
from providers.twilio.client import Twilio
from providers.twilio.errors import VENDOR
from providers.twilio.voice_settings import SeenNumbers, flow_answering, number_of, shown, what_wins

_METHOD = "POST"


@dataclass(frozen=True)
class PhoneNumber:
    """former: what FormerVoiceSettings recorded before the number was taken over."""

    phoneNumber: str
    flowSid: str
    former: dict[str, str] = field(repr=False)


class PhoneNumberHandler(TwilioHandler):
    """Natural key: phoneNumber. Id: PN…. No computed outputs."""

    Inputs = PhoneNumber
    # The flow of a first run is made later; whether the number can be led to it is known at once.
    asks_with_gaps = True

    def __init__(self, twilio: Twilio) -> None:
        super().__init__(twilio)
        # Of one run: a flow's webhook URL never changes.
        self._webhooks: dict[str, str] = {}
        self._seen = SeenNumbers(twilio)
        # Of one run: a resource that goes must not put back a number that another one has taken over meanwhile.
        self._taken: set[str] = set()

    def faults(self, inputs: Properties) -> list[Fault]:
        return number_faults(inputs)

    def vendor_faults(self, inputs: Properties) -> list[Fault]:
        """A trunk or an application that would answer in the flow's place."""
        number = inputs.get("phoneNumber")
        if number is None or not self.twilio.has_credentials:
            return []
        refusal = _refusal(self._seen.of(number))
        return [Fault("phoneNumber", refusal.told())] if refusal else []

    def find(self, inputs: Properties) -> Made | None:
        return Made(number_of(self.twilio, self.wanted(inputs).phoneNumber).sid)

    def create(self, inputs: Properties) -> Made:
        wanted = self.wanted(inputs)
        number = number_of(self.twilio, wanted.phoneNumber)
        self._point(number, wanted.flowSid)
        return Made(number.sid)

    def read(self, id: str, state: Properties) -> Live | None:
        number = self._number(id)
        if number is None:
            return None
        ours = flow_answering(number.voice_url) if number.voice_method == _METHOD else None
        answering = what_wins(number) or ours or shown(number.voice_url or "")
        return Live({**known(PhoneNumber, state), "phoneNumber": number.phone_number, "flowSid": answering})

    def update(self, id: str, state: Properties, inputs: Properties) -> dict[str, Any]:
        wanted = self.wanted(inputs)
        self._point(self._number(id) or number_of(self.twilio, wanted.phoneNumber), wanted.flowSid)
        return {}

    def delete(self, id: str, state: Properties) -> None:
        ours = self.wanted(state)
        if id in self._taken:
            return
        number = self._number(id)
        # Somebody pointed the number elsewhere since: that is theirs to keep.
        if number is None or flow_answering(number.voice_url) != ours.flowSid:
            return
        former = _voice(ours.former)
        self.twilio.found(lambda client: client.incoming_phone_numbers(id).update(**former))

    def _number(self, id: str) -> Any | None:
        return self.twilio.found(lambda client: client.incoming_phone_numbers(id).fetch())

    def _point(self, number: Any, flow: str) -> None:
        if refusal := _refusal(number):
            raise refusal
        self._taken.add(number.sid)
        url = self._webhook(flow)
        if (number.voice_url, number.voice_method) != (url, _METHOD):

            def point(client: Client) -> None:
                client.incoming_phone_numbers(number.sid).update(voice_url=url, voice_method=_METHOD)

            self.twilio.ask(point)

    def _webhook(self, flow: str) -> str:
        if flow not in self._webhooks:
            self._webhooks[flow] = self._looked_up(flow)
        return self._webhooks[flow]

    def _looked_up(self, flow: str) -> str:
        # The flow may have been made a moment ago.
        found = self.twilio.look(lambda: self.twilio.found(lambda client: client.studio.v2.flows(flow).fetch()))
        if found is None or not found.webhook_url:
            raise VendorError(VENDOR, f"the Studio flow {flow} is gone.", "`pulumi refresh`, then `pulumi up` makes it again")
        # Twilio's own example has http; calls must not go in clear.
        return found.webhook_url.replace("http:", "https:", 1)


def _voice(former: Mapping[str, str]) -> dict[str, str]:
    return {"voice_url": former.get("voiceUrl", ""), "voice_method": former.get("voiceMethod", _METHOD)}


def _refusal(number: Any) -> VendorError | None:
    winner = what_wins(number)
    if winner is None:
        return None
    kind = "trunk" if winner == number.trunk_sid else "voice application"
    cause = f"the {kind} {winner} answers {number.phone_number}: Twilio would ignore the flow."
    remedy = "Console > Phone Numbers > the number > Voice configuration: choose Studio Flow instead"
    return VendorError(VENDOR, cause, remedy)
