"""A whole voice line as the program makes it, without Pulumi: the handlers in order, and a state between runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from providers.handler import Made, ResourceHandler
from providers.twilio.client import Twilio
from providers.twilio.flex_workflow import FlexWorkflowHandler
from providers.twilio.former_siprec_connector import FormerSiprecConnectorHandler
from providers.twilio.former_voice_settings import FormerVoiceSettingsHandler
from providers.twilio.phone_number import PhoneNumberHandler
from providers.twilio.serverless_deployment import ServerlessDeploymentHandler
from providers.twilio.serverless_environment import ServerlessEnvironmentHandler
from providers.twilio.serverless_function import ServerlessFunctionHandler
from providers.twilio.serverless_service import ServerlessServiceHandler
from providers.twilio.serverless_variable import ServerlessVariableHandler
from providers.twilio.siprec_connector import SiprecConnectorHandler
from providers.twilio.studio_flow import StudioFlowHandler
from studio_flows.definition import fill, load
from tests.providers.twilio.account import NUMBER, SECOND_NUMBER, over_the_wire

FLOW_NAME = "Agent Assist Voice IVR"
SERVER = "sip:+15550100900@216.239.36.145:5672;transport=tls;secure=true;edge=umatilla"
CODE = "exports.handler = (context, event, callback) => callback(null, {});\n"
_FLOW = Path("studio_flows/voice_ivr.json").resolve()

HANDLERS: dict[str, type[Any]] = {
    "service": ServerlessServiceHandler,
    "environment": ServerlessEnvironmentHandler,
    "function": ServerlessFunctionHandler,
    "variable": ServerlessVariableHandler,
    "deployment": ServerlessDeploymentHandler,
    "connector before": FormerSiprecConnectorHandler,
    "connector": SiprecConnectorHandler,
    "workflow": FlexWorkflowHandler,
    "flow": StudioFlowHandler,
    "number before": FormerVoiceSettingsHandler,
    "number": PhoneNumberHandler,
}
# Pulumi leaves the deletion of what is in the service to the service (`deleted_with`).
_IN_THE_SERVICE = ("environment", "function", "variable", "deployment")


# What the second line has for itself: a number, and a flow under its own name.
_OF_A_LINE = ("flow", "number before", "number")
_SECOND = " 2"


class Line:
    """`state` holds what finished: (id, inputs, outputs) by name, as Pulumi would keep it after a run that was cut off.

    second: a line more, whose things are named as the first's with " 2". changed: every input that can change in place is
    another one, and the second number leads to the first line's flow.
    """

    def __init__(self, code: str = CODE, *, second: bool = False, changed: bool = False) -> None:
        self.state: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {}
        self._code = code
        self.second, self.changed = second, changed

    @property
    def names(self) -> list[str]:
        return [*HANDLERS, *(name + _SECOND for name in _OF_A_LINE if self.second)]

    def up(self, twilio: Twilio) -> None:
        for name in self.names:
            inputs = over_the_wire(self.inputs(name))
            if name not in self.state:
                made: Made = handler(name, twilio).create(inputs)
                self.state[name] = (made.id, inputs, made.outputs)
            elif (before := self.state[name])[1] != inputs:
                outputs = handler(name, twilio).update(before[0], self.known(name), inputs)
                self.state[name] = (before[0], inputs, outputs)
        self._remove(twilio, [name for name in self.state if name not in self.names])

    def destroy(self, twilio: Twilio) -> None:
        self._remove(twilio, list(self.state))

    def _remove(self, twilio: Twilio, names: list[str]) -> None:
        for name in reversed(names):
            if name not in _IN_THE_SERVICE:
                handler(name, twilio).delete(self.id(name), self.known(name))
            del self.state[name]

    def known(self, name: str) -> dict[str, Any]:
        """The state of one thing, as a handler gets it."""
        _, inputs, outputs = self.state[name]
        return over_the_wire({**inputs, **outputs})

    def id(self, name: str) -> str:
        return self.state[name][0]

    def output(self, name: str, key: str) -> Any:
        return self.state[name][2][key]

    def inputs(self, name: str) -> dict[str, Any]:
        """The inputs of one thing; what it needs must be there."""
        inputs: dict[str, Callable[[], dict[str, Any]]] = {
            "service": lambda: {
                "uniqueName": "ui-connector-auth",
                "friendlyName": "another name" if self.changed else "ui-connector-auth",
                "includeCredentials": True,
                "uiEditable": False,
            },
            "environment": lambda: {"serviceSid": self.id("service"), "uniqueName": "ui"},
            "function": lambda: {"serviceSid": self.id("service"), "friendlyName": "conversation-name"},
            "variable": lambda: {
                "serviceSid": self.id("service"),
                "environmentSid": self.id("environment"),
                "key": "UI_CONNECTOR_URL",
                "value": f"https://{'another' if self.changed else 'connector'}.example.run.app",
            },
            "deployment": lambda: {
                "serviceSid": self.id("service"),
                "environmentSid": self.id("environment"),
                "runtime": "node22",
                "functions": {
                    "conversation-name": {
                        "functionSid": self.id("function"),
                        "path": "/conversation-name",
                        "visibility": "protected",
                        "content": self._code + ("// changed\n" if self.changed else ""),
                    }
                },
            },
            "connector before": lambda: {"uniqueName": "SipRec1"},
            "connector": lambda: {
                "uniqueName": "SipRec1",
                "configuration": {"session_recording_server": SERVER.replace("+15550100900", "+15550100901") if self.changed else SERVER},
                "acceptTermsOfService": True,
                "useInVoice": True,
                "former": self.output("connector before", "former"),
            },
            "workflow": lambda: {"channel": "voice"},
            "flow": lambda: {"friendlyName": FLOW_NAME + of, "status": "published", "definition": self.definition()},
            "number before": lambda: {"phoneNumber": number, "flowName": FLOW_NAME},
            "number": lambda: {
                "phoneNumber": number,
                "flowSid": self.id("flow" if self.changed else "flow" + of),
                "former": self.output("number before" + of, "former"),
            },
        }
        of = _SECOND if name.endswith(_SECOND) else ""
        number = SECOND_NUMBER if of else NUMBER
        return inputs[name.removesuffix(_SECOND)]()

    def definition(self) -> dict[str, Any]:
        values = {
            "project": "my-project",
            "conversation_location": "global",
            "siprec_connector": "SipRec1",
            "function_service_sid": self.id("service"),
            "function_environment_sid": self.id("environment"),
            "function_sid": self.id("function"),
            "function_url": f"https://{self.output('environment', 'domainName')}/conversation-name",
            "flex_workflow_sid": self.id("workflow"),
            "flex_channel_sid": self.output("workflow", "channelSid"),
        }
        flow = fill(load(_FLOW), values)
        if self.changed:
            flow["widgets"]["conversation_name"]["transitions"]["fail"] = "SendCallToAgent"
        return flow


def handler(name: str, twilio: Twilio) -> ResourceHandler:
    return HANDLERS[name.removesuffix(_SECOND)](twilio)
