"""The Twilio side of an environment: a number, the flow that answers it, and what the flow needs.

pulumi-twilio is not published for Python; why the resources are dynamic ones over Twilio's library is in resources.py.
Order: the flow comes after the deployed Function and the connector, the number last. Destroy goes the other way round,
so that a number never leads to a flow that is gone, nor a flow to a Function that is gone.
"""

from __future__ import annotations

import pulumi

from components.twilio.function_service import FunctionService
from components.twilio.phone_number import PhoneNumber
from components.twilio.resources import FlexWorkflow
from components.twilio.settings import TwilioSettings
from components.twilio.siprec_connector import SiprecConnector
from components.twilio.studio_flow import StudioFlow

# Not "Voice IVR": that is Flex's own flow, the way back.
FLOW_NAME = "Agent Assist Voice IVR"
_VOICE_CHANNEL = "voice"


class TwilioVoice(pulumi.ComponentResource):
    """Outputs: phone_number, phone_number_sid, flow_sid.

    connector_url: https URL of the UI connector. project and conversation_location: where the conversations are.
    gtp_phone_number: Google's telephony number, E.164.
    """

    def __init__(
        self,
        name: str,
        settings: TwilioSettings,
        *,
        connector_url: pulumi.Input[str],
        project: pulumi.Input[str],
        conversation_location: pulumi.Input[str],
        gtp_phone_number: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("voice:twilio:TwilioVoice", name, None, opts)
        own = pulumi.ResourceOptions(parent=self)
        functions = FunctionService("function-service", connector_url=connector_url, opts=own)
        connector = SiprecConnector("siprec", settings, gtp_phone_number=gtp_phone_number, opts=own)
        chosen = {"workflowSid": settings.flex_workflow_sid} if settings.flex_workflow_sid else {}
        flex = FlexWorkflow("flex-workflow", {"channel": _VOICE_CHANNEL, **chosen}, own)
        flow = StudioFlow(
            "studio-flow",
            file=settings.studio_flow,
            friendly_name=FLOW_NAME,
            values={
                "project": project,
                "conversation_location": conversation_location,
                "siprec_connector": connector.unique_name,
                "function_service_sid": functions.service_sid,
                "function_environment_sid": functions.environment_sid,
                "function_sid": functions.function_sid,
                "function_url": functions.url,
                "flex_workflow_sid": flex.id,
                "flex_channel_sid": flex.output("channelSid"),
                "connector_url": connector_url,
                "twilio_account_sid": settings.account_sid,
            },
            needs=[functions.deployment, connector.installed],
            opts=own,
        )
        number = PhoneNumber(
            "voice-number", phone_number=settings.phone_number, flow_sid=flow.sid, flow_name=FLOW_NAME, opts=own
        )
        self.phone_number = number.phone_number
        self.phone_number_sid: pulumi.Output[str] = number.sid
        self.flow_sid: pulumi.Output[str] = flow.sid
        self.register_outputs(
            {"phoneNumber": self.phone_number, "phoneNumberSid": self.phone_number_sid, "flowSid": self.flow_sid}
        )
