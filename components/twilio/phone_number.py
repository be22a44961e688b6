"""The number that callers dial, answered by the flow; what answered it before is put back on destroy."""

from __future__ import annotations

import pulumi

from components.twilio import resources


class PhoneNumber(pulumi.ComponentResource):
    """Outputs: phone_number, sid.

    line: whose number it is, None for the short form's. replaces_main: the short form had this number before; what was
    made then is this line's now, and nothing is made anew.
    """

    def __init__(
        self,
        name: str,
        *,
        line: str | None,
        replaces_main: bool,
        phone_number: str,
        flow_sid: pulumi.Input[str],
        flow_name: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        def called(what: str) -> str:
            return f"{what}-{line}" if line else what

        def before(what: str) -> pulumi.ResourceOptions:
            return pulumi.ResourceOptions(aliases=[pulumi.Alias(name=what)] if line and replaces_main else None)

        merge = pulumi.ResourceOptions.merge
        super().__init__("voice:twilio:PhoneNumber", called(name), None, merge(opts, before(name)))
        own = pulumi.ResourceOptions(parent=self)
        former = resources.FormerVoiceSettings(
            called("phone-number-before"),
            {"phoneNumber": phone_number, "flowName": flow_name},
            merge(own, before("phone-number-before")),
        )
        number = resources.PhoneNumber(
            called("phone-number"),
            {"phoneNumber": phone_number, "flowSid": flow_sid, "former": former.output("former")},
            merge(own, before("phone-number")),
        )
        self.phone_number = phone_number
        self.sid: pulumi.Output[str] = number.id
        self.register_outputs({"phoneNumber": phone_number, "sid": self.sid})
