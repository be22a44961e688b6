"""What the placeholders of our flow stand for in the tests of `voice flow pull`; flow_program uses the same."""

from __future__ import annotations

from pathlib import Path

OURS = Path("studio_flows/voice_ivr.json").resolve()
VALUES = {
    "project": "demo-project",
    "conversation_location": "us-central1",
    "siprec_connector": "SipRec1",
    "function_service_sid": "ZS" + "1" * 32,
    "function_environment_sid": "ZE" + "2" * 32,
    "function_sid": "ZH" + "3" * 32,
    "function_url": "https://ui-connector-auth-4711.twil.io/conversation-name",
    "flex_workflow_sid": "WW" + "4" * 32,
    "flex_channel_sid": "TC" + "5" * 32,
}
