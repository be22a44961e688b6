"""The number that callers dial, answered by the flow; what answered it before is put back on destroy."""

from __future__ import annotations

import pulumi

from components.twilio import resources


class PhoneNumber(pulumi.ComponentResource):
    """Outputs: phone_number, sid."""

    def __init__(
        self,
        name: str,
        *,
        phone_number: str,
        flow_sid: pulumi.Input[str],
        flow_name: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("voice:twilio:PhoneNumber", name, None, opts)
        own = pulumi.ResourceOptions(parent=self)
        former = resources.FormerVoiceSettings(
            "phone-number-before", {"phoneNumber": phone_number, "flowName": flow_name}, own
        )
        number = resources.PhoneNumber(
            "phone-number",
            {"phoneNumber": phone_number, "flowSid": flow_sid, "former": former.output("former")},
            own,
        )
        self.phone_number = phone_number
        self.sid: pulumi.Output[str] = number.id
        self.register_outputs({"phoneNumber": phone_number, "sid": self.sid})
