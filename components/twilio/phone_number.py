"""The number that callers dial, answered by the flow; what answered it before is put back on destroy."""

from __future__ import annotations

import pulumi

from components.twilio import resources


class PhoneNumber(pulumi.ComponentResource):
    """Outputs: phone_number, sid.

    Its resources are named by the number and not by its line: a line of another name, or two lines that swap their
    numbers, must neither put a number back nor forget what answered it before. Only the short form's number has the
    plain names. moves: this number may stand in the state under the other kind of name, and nothing is made anew.
    """

    def __init__(
        self,
        name: str,
        *,
        phone_number: str,
        plain_names: bool,
        moves: bool,
        flow_sid: pulumi.Input[str],
        flow_name: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        digits = f"-{phone_number.removeprefix('+')}"

        def called(what: str) -> str:
            return what if plain_names else what + digits

        def before(what: str) -> pulumi.ResourceOptions:
            former_name = what + digits if plain_names else what
            return pulumi.ResourceOptions(aliases=[pulumi.Alias(name=former_name)] if moves else None)

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
            {"phoneNumber": phone_number, "flowSid": flow_sid, "former": pulumi.Output.secret(former.output("former"))},
            merge(own, before("phone-number")),
        )
        self.phone_number = phone_number
        self.sid: pulumi.Output[str] = number.id
        self.register_outputs({"phoneNumber": phone_number, "sid": self.sid})
