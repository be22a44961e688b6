"""Flows in Studio's form, written briefly."""

from __future__ import annotations

from typing import Any

Flow = dict[str, Any]
State = dict[str, Any]

ZS, ZE, ZH, WW, TC, FW, AC = (
    prefix + digit * 32 for prefix, digit in zip(("ZS", "ZE", "ZH", "WW", "TC", "FW", "AC"), "1234567", strict=True)
)
_TRIGGERS = ("incomingMessage", "incomingCall", "incomingConversationMessage", "incomingRequest", "incomingParent")


def flow(*states: State, description: str = "", concurrent: bool = True) -> Flow:
    """The envelope; states stand below each other unless they say where."""
    for row, each in enumerate(states):
        each["properties"].setdefault("offset", {"x": 0, "y": 200 * row})
    return {
        "description": description,
        "states": list(states),
        "initial_state": states[0]["name"],
        "flags": {"allow_concurrent_calls": concurrent},
    }


def trigger(events: tuple[str, ...] = _TRIGGERS, **leads: str) -> State:
    return {
        "name": "Trigger",
        "type": "trigger",
        "transitions": [_wire(each, leads.get(each, "")) for each in events],
        "properties": {},
    }


def state(name: str, kind: str, wires: dict[str, str], **properties: Any) -> State:
    """wires: event -> next widget, "" for the end."""
    return {
        "name": name,
        "type": kind,
        "transitions": [_wire(*each) for each in wires.items()],
        "properties": properties,
    }


def split(name: str, subject: str, otherwise: str, *branches: tuple[str, str, str]) -> State:
    """branches: (type of condition, value, next widget)."""
    made = [
        {
            **_wire("match", following),
            "conditions": [
                {"friendly_name": f"If value {how} {value}", "arguments": [subject], "type": how, "value": value},
            ],
        }
        for how, value, following in branches
    ]
    return {
        "name": name,
        "type": "split-based-on",
        "transitions": [_wire("noMatch", otherwise), *made],
        "properties": {"input": subject},
    }


def say(name: str, text: str, following: str = "", **more: Any) -> State:
    return state(name, "say-play", {"audioComplete": following}, say=text, loop=1, **more)


def gather(name: str, text: str, keypress: str, timeout: str, speech: str = "", **more: Any) -> State:
    wires = {"keypress": keypress, "speech": speech, "timeout": timeout}
    given = {"voice": "Polly.Joanna", "language": "en-US", "loop": 1, "stop_gather": True, "gather_language": "en"}
    return state(
        name,
        "gather-input-on-call",
        wires,
        say=text,
        finish_on_key="#",
        timeout=5,
        speech_timeout="auto",
        **{**given, **more},
    )


def function(name: str, success: str, fail: str, path: str = "do", **parameters: str) -> State:
    return state(
        name,
        "run-function",
        {"success": success, "fail": fail},
        service_sid=ZS,
        environment_sid=ZE,
        function_sid=ZH,
        url=f"https://callers-4711.twil.io/{path}",
        parameters=pairs(**parameters),
    )


def request(name: str, success: str, failed: str, **more: Any) -> State:
    given = {
        "method": "POST",
        "content_type": "application/json;charset=utf-8",
        "url": "https://api.example.com/callers",
        "body": "{}",
    }
    return state(name, "make-http-request", {"success": success, "failed": failed}, **{**given, **more})


def to_flex(name: str, failing: str = "", done: str = "", **more: Any) -> State:
    wires = {"callComplete": done, "failedToEnqueue": failing, "callFailure": failing}
    given = {"workflow": WW, "channel": TC, "attributes": '{ "type": "inbound", "name": "{{trigger.call.From}}" }'}
    return state(name, "send-to-flex", wires, **{**given, **more})


def voicemail(name: str, complete: str, no_audio: str, **more: Any) -> State:
    wires = {"recordingComplete": complete, "noAudio": no_audio, "hangup": ""}
    given = {"transcribe": True, "play_beep": "true", "timeout": 5, "max_length": 120, "trim": "trim-silence"}
    return state(name, "record-voicemail", wires, **{**given, **more})


def ask(name: str, body: str, reply: str, timeout: str = "", failure: str = "", **more: Any) -> State:
    wires = {"incomingMessage": reply, "timeout": timeout, "deliveryFailure": failure}
    given = {"from": "{{flow.channel.address}}", "timeout": "3600", "service": "", "channel": ""}
    return state(name, "send-and-wait-for-reply", wires, body=body, **{**given, **more})


def message(name: str, body: str, sent: str = "", failed: str = "", **more: Any) -> State:
    given = {"from": "{{flow.channel.address}}", "to": "{{contact.channel.address}}", "service": "", "channel": ""}
    return state(name, "send-message", {"sent": sent, "failed": failed}, **{"body": body, **given, **more})


def variables(name: str, following: str, typed: bool = False, **values: str) -> State:
    """typed: as younger consoles write them."""
    made = [{**({"type": "string"} if typed else {}), **each} for each in pairs(**values)]
    return state(name, "set-variables", {"next": following}, variables=made)


def fork(name: str, following: str, **more: Any) -> State:
    given = {
        "stream_action": "start",
        "stream_transport_type": "siprec",
        "stream_connector": "SipRec1",
        "stream_track": "both_tracks",
        "stream_parameters": pairs(conversation="projects/demo/conversations/TW-{{trigger.call.CallSid}}"),
    }
    return state(name, "fork-stream", {"next": following}, **{**given, **more})


def pairs(**values: str) -> list[dict[str, str]]:
    return [{"value": value, "key": key} for key, value in values.items()]


def _wire(event: str, following: str) -> dict[str, Any]:
    return {"next": following, "event": event} if following else {"event": event}
