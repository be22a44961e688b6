"""The part of the whole program that this is about: a flow out of a file."""

from pathlib import Path

import pulumi

from components.twilio.resources import StudioFlow
from studio_flows.definition import fill, load

config = pulumi.Config()
values = {
    "project": pulumi.Config("gcp").require("project"),
    "conversation_location": "us-central1",
    "siprec_connector": config.require("siprecConnectorName"),
    "function_service_sid": "ZS" + "1" * 32,
    "function_environment_sid": "ZE" + "2" * 32,
    "function_sid": "ZH" + "3" * 32,
    "function_url": "https://ui-connector-auth-4711.twil.io/conversation-name",
    "flex_workflow_sid": "WW" + "4" * 32,
    "flex_channel_sid": "TC" + "5" * 32,
}
definition = fill(load(Path(__file__).parent / config.require("studioFlow")), values)
flow = StudioFlow("voice-ivr", {"friendlyName": "Agent Assist Voice IVR", "status": "published", "definition": definition})
pulumi.export("flow", flow.id)
