"""The SIPREC connector: sends a call's media to Google's telephony number."""

from __future__ import annotations

import pulumi

from components.twilio import resources
from components.twilio.settings import GTP_NUMBER, TwilioSettings


class SiprecConnector(pulumi.ComponentResource):
    """Output: unique_name, which the flow's Fork Stream widget must use; `installed` is the add-on.

    number_of_lines: the telephony number, where this connector is only for the lines that have it as their own.
    """

    def __init__(
        self,
        name: str,
        settings: TwilioSettings,
        *,
        gtp_phone_number: pulumi.Input[str],
        number_of_lines: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        digits = f"-{number_of_lines.removeprefix('+')}" if number_of_lines else ""
        super().__init__("voice:twilio:SiprecConnector", name + digits, None, opts)
        own = pulumi.ResourceOptions(parent=self)
        unique_name = settings.siprec_connector_name + digits
        former = resources.FormerSiprecConnector(f"siprec-connector-before{digits}", {"uniqueName": unique_name}, own)
        server = pulumi.Output.from_input(gtp_phone_number).apply(lambda n: settings.siprec_server.replace(GTP_NUMBER, n))
        add_on = {"addOnSid": settings.siprec_add_on_sid} if settings.siprec_add_on_sid else {}
        self.installed = resources.SiprecConnector(
            f"siprec-connector{digits}",
            {
                "uniqueName": unique_name,
                "configuration": {settings.siprec_server_setting: server},
                "acceptTermsOfService": settings.siprec_accept_terms,
                "useInVoice": True,
                # It may hold credentials.
                "former": pulumi.Output.secret(former.output("former")),
                **add_on,
            },
            own,
        )
        self.unique_name = unique_name
        self.register_outputs({"uniqueName": unique_name})
