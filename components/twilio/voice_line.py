"""The Twilio side of an environment: its voice lines, and what all of them share.

pulumi-twilio is not published for Python; why the resources are dynamic ones over Twilio's library is in resources.py.
Order: a flow comes after the deployed Function and its connector, a number after its flow. Destroy goes the other way
round, so that a number never leads to a flow that is gone, nor a flow to a Function that is gone.

Shared by all lines: the Function service and the SIPREC connector; by lines with the same workflow, its look-up; by lines
whose flow comes out the same, the flow (docs/twilio.md says why). A line's own is its number.
"""

from __future__ import annotations

import pulumi

from components.twilio.flow_sharing import flow_label
from components.twilio.function_service import FunctionService
from components.twilio.phone_number import PhoneNumber
from components.twilio.resources import FlexWorkflow
from components.twilio.settings import CREDENTIAL, Line, TwilioSettings
from components.twilio.siprec_connector import SiprecConnector
from components.twilio.studio_flow import StudioFlow
from components.twilio.voice_lines import MAIN, Destination

# Not "Voice IVR": that is Flex's own flow, the way back.
FLOW_NAME = "Agent Assist Voice IVR"
_VOICE_CHANNEL = "voice"


class TwilioVoice(pulumi.ComponentResource):
    """Outputs: lines ({name: {"phone_number", "flow"}}); of the short form, also phone_number, phone_number_sid, flow_sid.

    connector_url: https URL of the UI connector. project and conversation_location: where the conversations are.
    gtp_phone_number: Google's telephony number for all lines that have none of their own, E.164.
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
        self._own = pulumi.ResourceOptions(parent=self)
        self._settings = settings
        self._functions = FunctionService("function-service", connector_url=connector_url, opts=self._own)
        self._environment: dict[str, pulumi.Input[str]] = {
            "connector_url": connector_url,
            "conversation_location": conversation_location,
            "project": project,
            "twilio_account_sid": settings.account_sid,
        }
        self._connectors = {None: SiprecConnector("siprec", settings, gtp_phone_number=gtp_phone_number, opts=self._own)}
        self._workflows: dict[Destination, FlexWorkflow] = {}
        self._flows: dict[str, StudioFlow] = {}
        numbers = {line.name: self._number(line) for line in settings.voice_lines}
        self.lines: dict[str, dict[str, pulumi.Input[str]]] = {
            line.name: {"phone_number": line.phone_number, "flow": self._flow(line).sid} for line in settings.voice_lines
        }
        main = next((numbers[line.name] for line in settings.voice_lines if line.is_short_form), None)
        self.phone_number = main.phone_number if main else None
        self.phone_number_sid: pulumi.Output[str] | None = main.sid if main else None
        self.flow_sid = self.lines[MAIN]["flow"] if main else None
        self.register_outputs(
            {
                "lines": self.lines,
                "phoneNumber": self.phone_number,
                "phoneNumberSid": self.phone_number_sid,
                "flowSid": self.flow_sid,
            }
        )

    def _number(self, line: Line) -> PhoneNumber:
        return PhoneNumber(
            "voice-number",
            phone_number=line.phone_number,
            plain_names=line.is_short_form,
            moves=line.phone_number == self._settings.phone_number,
            flow_sid=self._flow(line).sid,
            flow_name=FLOW_NAME,
            opts=self._own,
        )

    def _flow(self, line: Line) -> StudioFlow:
        label = flow_label(line, self._settings.default_line)
        if label not in self._flows:
            connector, flex = self._connector(line.gtp_phone_number), self._workflow(line.destination)
            token = self._settings.auth_token
            self._flows[label] = StudioFlow(
                _with("studio-flow", label),
                resource_name=_with("voice-ivr", label),
                file=line.flow,
                friendly_name=_with(FLOW_NAME, label),
                values={
                    **self._environment,
                    "siprec_connector": connector.unique_name,
                    "function_service_sid": self._functions.service_sid,
                    "function_environment_sid": self._functions.environment_sid,
                    "function_sid": self._functions.function_sid,
                    "function_url": self._functions.url,
                    "flex_workflow_sid": flex.id,
                    "flex_channel_sid": flex.output("channelSid"),
                    # Only a flow that belongs to this line names them.
                    "line": line.name,
                    "phone_number": line.phone_number,
                },
                secret_values={CREDENTIAL: token} if token else {},
                needs=[self._functions.deployment, connector.installed],
                opts=self._own,
            )
        return self._flows[label]

    def _workflow(self, destination: Destination) -> FlexWorkflow:
        if destination not in self._workflows:
            usual = destination == self._settings.default_line.destination
            self._workflows[destination] = FlexWorkflow(
                "flex-workflow" if usual else f"flex-{destination.label.replace(' ', '-', 1)}",
                {"channel": _VOICE_CHANNEL, **destination.inputs},
                self._own,
            )
        return self._workflows[destination]

    def _connector(self, gtp_phone_number: str | None) -> SiprecConnector:
        if gtp_phone_number not in self._connectors:
            self._connectors[gtp_phone_number] = SiprecConnector(
                "siprec",
                self._settings,
                gtp_phone_number=gtp_phone_number,
                number_of_lines=gtp_phone_number,
                opts=self._own,
            )
        return self._connectors[gtp_phone_number]


def _with(name: str, label: str) -> str:
    return f"{name} | {label}" if label else name
