"""Flow definitions for the tests: one that is right, and ways to spoil it."""

from __future__ import annotations

from typing import Any

ZS, ZE, ZH, WW, TC = ("ZS" + "1" * 32, "ZE" + "2" * 32, "ZH" + "3" * 32, "WW" + "4" * 32, "TC" + "5" * 32)

TRIGGER, NAME, SPLIT, HTTP, FORK, AGENT = range(6)


def voice_flow() -> dict[str, Any]:
    """Every widget of a voice flow, as Studio exports them; a fresh copy each time."""
    offset = {"x": 0, "y": 0}
    condition = {
        "friendly_name": "ok",
        "arguments": ["{{widgets.name.parsed.ok}}"],
        "type": "equal_to",
        "value": "true",
    }
    return {
        "description": "",
        "states": [
            {
                "name": "Trigger",
                "type": "trigger",
                "transitions": [{"event": "incomingCall", "next": "name"}, {"event": "incomingMessage"}],
                "properties": {"offset": dict(offset)},
            },
            {
                "name": "name",
                "type": "run-function",
                "transitions": [{"event": "success", "next": "named"}, {"event": "fail", "next": "agent"}],
                "properties": {
                    "service_sid": ZS,
                    "environment_sid": ZE,
                    "function_sid": ZH,
                    "url": "https://ui-connector-auth-1234.twil.io/conversation-name",
                    "parameters": [{"key": "phone", "value": "{{trigger.call.From}}"}],
                    "offset": dict(offset),
                },
            },
            {
                "name": "named",
                "type": "split-based-on",
                "transitions": [
                    {"event": "noMatch", "next": "tell"},
                    {"event": "match", "next": "fork", "conditions": [condition]},
                ],
                "properties": {"input": "{{widgets.name.parsed.ok}}", "offset": dict(offset)},
            },
            {
                "name": "tell",
                "type": "make-http-request",
                "transitions": [{"event": "success", "next": "agent"}, {"event": "failed", "next": "agent"}],
                "properties": {
                    "method": "POST",
                    "url": "https://example.com/missed",
                    "content_type": "application/json",
                    "body": "{}",
                    "add_twilio_auth": False,
                },
            },
            {
                "name": "fork",
                "type": "fork-stream",
                "transitions": [{"event": "next", "next": "agent"}],
                "properties": {
                    "stream_action": "start",
                    "stream_transport_type": "siprec",
                    "stream_connector": "SipRec1",
                    "stream_track": "both_tracks",
                    "stream_parameters": [{"key": "conversation", "value": "{{trigger.call.CallSid}}"}],
                    "offset": dict(offset),
                },
            },
            {
                "name": "agent",
                "type": "send-to-flex",
                "transitions": [{"event": "callComplete"}, {"event": "failedToEnqueue"}, {"event": "callFailure"}],
                "properties": {
                    "workflow": WW,
                    "channel": TC,
                    "attributes": '{ "name": "{{trigger.call.From}}" }',
                    "priority": "0",
                    "timeout": "3600",
                },
            },
        ],
        "initial_state": "Trigger",
        "flags": {"allow_concurrent_calls": True},
    }


def replaced(definition: Any, path: str, value: Any) -> Any:
    """`definition` with `value` at `path`, as in "states/3/properties/timeout"; it need not be there before."""
    *parents, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    place = definition
    for part in parents:
        place = place[part]
    place[last] = value
    return definition


def removed(definition: Any, path: str) -> Any:
    """`definition` without what stands at `path`."""
    *parents, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    place = definition
    for part in parents:
        place = place[part]
    del place[last]
    return definition
