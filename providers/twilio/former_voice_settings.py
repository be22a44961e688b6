"""What a phone number did with calls before this program took it over. It owns nothing and changes nothing.

Why a resource of its own: see providers/record.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from providers.e164 import number_faults
from providers.handler import Fault, Made, Properties, note
from providers.record import Record
from providers.twilio.base import TwilioHandler
from providers.twilio.client import Twilio
from providers.twilio.errors import VENDOR
from providers.twilio.voice_settings import SeenNumbers, flow_answering, number_of


@dataclass(frozen=True)
class FormerVoiceSettings:
    """flowName: what the names of our own flows begin with; none of them is ever taken for a former one."""

    phoneNumber: str
    flowName: str


class FormerVoiceSettingsHandler(Record, TwilioHandler):
    """Natural key: phoneNumber. Id: PN…. Output: former = {"voiceUrl", "voiceMethod"}, voiceUrl "" when there was none."""

    Inputs = FormerVoiceSettings

    def __init__(self, twilio: Twilio) -> None:
        super().__init__(twilio)
        # Of one run: many numbers usually led to the same flow.
        self._names: dict[str, str] = {}
        self._seen = SeenNumbers(twilio)

    def faults(self, inputs: Properties) -> list[Fault]:
        return number_faults(inputs)

    # Nothing is found wrong here; but what cannot be remembered is told before it is too late.
    def vendor_faults(self, inputs: Properties) -> list[Fault]:
        if self.complete(inputs) and self.twilio.has_credentials:
            wanted = self.wanted(inputs)
            number = self._seen.of(wanted.phoneNumber)
            if self._ours(number.voice_url or "", wanted.flowName):
                note(
                    VENDOR,
                    f"{wanted.phoneNumber} leads to a flow of this program already, so what answered it before cannot be told: "
                    "destroy will leave it without a flow. If it was twilioPhoneNumber's until now, keep that setting for one "
                    "run; the line then takes over what is remembered.",
                )
        return []

    def find(self, inputs: Properties) -> Made | None:
        wanted = self.wanted(inputs)
        number = number_of(self.twilio, wanted.phoneNumber)
        former = {"voiceUrl": number.voice_url or "", "voiceMethod": number.voice_method or "POST"}
        if self._ours(former["voiceUrl"], wanted.flowName):
            # An earlier state is lost, and with it what was before: destroy then leaves the number without a flow.
            former = {"voiceUrl": "", "voiceMethod": "POST"}
        return Made(number.sid, {"former": former})

    def create(self, inputs: Properties) -> Made:
        found = self.find(inputs)
        assert found is not None  # noqa: S101 - find raises when the number is not there
        return found

    def _ours(self, voice_url: str, flow_name: str) -> bool:
        sid = flow_answering(voice_url)
        if sid is None:
            return False
        if sid not in self._names:
            flow = self.twilio.found(lambda client: client.studio.v2.flows(sid).fetch())
            self._names[sid] = flow.friendly_name if flow else ""
        return self._names[sid].startswith(flow_name)
