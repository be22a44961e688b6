"""The flow of this repository, what its placeholders stand for in tests, and how to reach into any flow as Studio exports it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.studio_flows.building import Flow

OURS = Path("studio_flows/voice_ivr.json").resolve()
# tests/operations/flow_program deploys it with the same.
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


def ours() -> Flow:
    return json.loads(OURS.read_text(encoding="utf-8"))


def widget(flow: Flow, name: str) -> dict[str, Any]:
    return next(each for each in flow["states"] if each["name"] == name)


def wire(flow: Flow, name: str, event: str) -> dict[str, Any]:
    return next(each for each in widget(flow, name)["transitions"] if each["event"] == event)
