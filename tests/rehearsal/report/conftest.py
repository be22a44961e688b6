"""A report as the rehearsal writes it."""

from __future__ import annotations

from typing import Any

import pytest


def widget(name: str, kind: str, **wires: str) -> dict[str, Any]:
    return {"name": name, "type": kind, "properties": {}, "transitions": [{"event": key, "next": to} for key, to in wires.items()]}


def flow() -> dict[str, Any]:
    return {
        "initial_state": "Trigger",
        "states": [
            widget("Trigger", "trigger", incomingCall="conversation_name"),
            widget("conversation_name", "run-function", success="fork_stream", fail="fork_stream"),
            widget("fork_stream", "fork-stream", next="SendCallToAgent"),
            widget("SendCallToAgent", "send-to-flex"),
        ],
    }


def events() -> list[dict[str, Any]]:
    said = ["Thank you for calling. How can I help you today?", "My package has not arrived.", "hung up"]
    return [
        {"message_id": f"{turn}{kind}", "data_type": kind, "sent_at": 2200.0 + 120 * turn, "said": text, "heard_at": 2230.0 + 120 * turn}
        for turn, text in enumerate(said)
        for kind in ("new-message-event", "new-recognition-result-notification-event")
    ]


@pytest.fixture
def report() -> dict[str, Any]:
    step = {"type": "run-function", "event": "success", "at": 4.0, "milliseconds": 310.0, "note": "answered 200"}
    return {
        "engine": {"version": "3.259.0", "origin": "compiled"},
        "steps": [
            {"name": "up", "ok": True, "seconds": 14.2, "changes": {"create": 57}, "detail": {}},
            {"name": "call", "ok": True, "seconds": 3.1, "changes": {}, "detail": {"problems": []}},
            {"name": "unchanged", "ok": True, "seconds": 3.9, "changes": {"same": 58}, "detail": {"changed": []}},
            {
                "name": "drift",
                "ok": True,
                "seconds": 3.0,
                "changes": {"update": 3, "same": 55},
                "detail": {"made": ["number +15555550100 points to Twilio's demo"], "seen": ["line: voiceUrl"]},
            },
            {"name": "repair", "ok": True, "seconds": 4.1, "changes": {"update": 3}, "detail": {"repaired": ["update line"]}},
            {"name": "destroy", "ok": True, "seconds": 5.0, "changes": {"delete": 58}, "detail": {"left_in_state": 0}},
        ],
        "call": {
            "ok": True,
            "path": ["Trigger", "conversation_name", "fork_stream", "SendCallToAgent"],
            "conversation": "projects/rehearsal-project/locations/us-central1/conversations/TW-15550104477-CA1",
            "found_by_phone": True,
            "events_sent": 6,
            "events_heard": 6,
            "problems": [],
            "steps": [
                {**step, "widget": "Trigger", "type": "trigger", "event": "incomingCall", "at": 0.0, "milliseconds": 0.1},
                {**step, "widget": "conversation_name"},
                {**step, "widget": "fork_stream", "type": "fork-stream", "event": "next", "at": 315.0, "milliseconds": 80.0},
                {**step, "widget": "SendCallToAgent", "type": "send-to-flex", "event": "callComplete", "at": 400.0, "milliseconds": 20.0},
            ],
            "desk": [
                {"what": "contact page opened", "at": 700.0, "note": "Agent_Assist_Contact"},
                {"what": "conversation found and joined", "at": 2100.0, "note": "projects/rehearsal-project/conversations/TW"},
            ],
            "events": events(),
        },
        "left_over": [],
        "ok": True,
        "problems": [],
        "seconds": 41.0,
        "flow": flow(),
        "local": {"event_service": "own", "desk": "plain"},
        "resources": [
            {"op": "create", "type": "gcp:redis/instance:Instance", "name": "session-store", "seconds": 1.2, "failed": False},
            {"op": "create", "type": "pulumi-python:dynamic/twilio:StudioFlow", "name": "flow", "seconds": 0.4, "failed": False},
            {"op": "create", "type": "pulumi-python:dynamic/salesforce:OauthApp", "name": "oauth-app", "seconds": 0.9, "failed": False},
            {"op": "create", "type": "voice:google:AgentAssistBackend", "name": "backend", "seconds": 0.0, "failed": False},
        ],
    }
