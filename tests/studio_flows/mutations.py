"""Ways to spoil a good flow. Each names the widget that the check must name, and a piece of what it must say."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.studio_flows.building import Flow, say
from tests.studio_flows.corpus_calls import (
    agent_with_assist,
    callback_and_voicemail,
    connected,
    enqueued,
    payment,
    recorded_call,
    with_a_subflow,
)
from tests.studio_flows.corpus_others import text_survey

_OURS = Path("studio_flows/voice_ivr.json").resolve()


@dataclass(frozen=True)
class Mutation:
    """studio: whether Studio itself would refuse the flow."""

    name: str
    flow: Callable[[], Flow]
    spoil: Callable[[Flow], Any]
    widget: str
    told: str
    studio: bool = True


def ours() -> Flow:
    return json.loads(_OURS.read_text(encoding="utf-8"))


def widget(flow: Flow, name: str) -> dict[str, Any]:
    return next(each for each in flow["states"] if each["name"] == name)


def wire(flow: Flow, name: str, event: str) -> dict[str, Any]:
    return next(each for each in widget(flow, name)["transitions"] if each["event"] == event)


def _set(name: str, key: str, value: Any) -> Callable[[Flow], Any]:
    return lambda flow: widget(flow, name)["properties"].update({key: value})


def _unset(name: str, key: str) -> Callable[[Flow], Any]:
    return lambda flow: widget(flow, name)["properties"].pop(key)


def _put(name: str, key: str, value: Any) -> Callable[[Flow], Any]:
    return lambda flow: widget(flow, name).update({key: value})


def _event(name: str, event: str, new: str) -> Callable[[Flow], Any]:
    return lambda flow: wire(flow, name, event).update(event=new)


def _lead(name: str, event: str, to: str | None) -> Callable[[Flow], Any]:
    return lambda flow: wire(flow, name, event).update(next=to) if to else wire(flow, name, event).pop("next", None)


def _drop(name: str, event: str) -> Callable[[Flow], Any]:
    return lambda flow: widget(flow, name)["transitions"].remove(wire(flow, name, event))


def _condition(name: str, key: str, value: Any) -> Callable[[Flow], Any]:
    return lambda flow: wire(flow, name, "match")["conditions"][0].update({key: value})


def _text(name: str, text: str) -> Callable[[Flow], Any]:
    return _set(name, "say", text)


def _twice(flow: Flow) -> None:
    flow["states"].append(widget(flow, "fork_stream"))


def _circle(flow: Flow) -> None:
    flow["states"] += [say("hold", "Please hold.", "hold_on"), say("hold_on", "We are still here.", "hold")]
    wire(flow, "welcome", "audioComplete")["next"] = "hold"


TOKEN = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
KEY_SECRET = "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY"
_BODY = {"key": "auth", "value": json.dumps({"accountSid": "AC" + "0" * 32, "authToken": TOKEN})}

MUTATIONS = [
    # Events and transitions
    Mutation(
        "renamed event of a fork", ours, _event("fork_stream", "next", "success"), "fork_stream", "has no event success"
    ),
    Mutation(
        "renamed event of a function",
        ours,
        _event("conversation_name", "fail", "failed"),
        "conversation_name",
        "did you mean fail?",
    ),
    Mutation(
        "renamed event of a gather",
        callback_and_voicemail,
        _event("offer", "keypress", "keyPress"),
        "offer",
        "no event keyPress",
    ),
    Mutation(
        "renamed event of an agent",
        ours,
        _event("SendCallToAgent", "callComplete", "done"),
        "SendCallToAgent",
        "no event done",
    ),
    Mutation(
        "dropped transition of a fork",
        ours,
        _drop("fork_stream", "next"),
        "fork_stream",
        "next has no transition",
        studio=False,
    ),
    Mutation(
        "dropped transition of a function",
        ours,
        _drop("conversation_name", "fail"),
        "conversation_name",
        "fail has no",
        studio=False,
    ),
    Mutation(
        "dropped transition of a text flow",
        text_survey,
        _drop("first", "incomingMessage"),
        "first",
        "has no transition",
        studio=False,
    ),
    Mutation(
        "dropped branch",
        callback_and_voicemail,
        _drop("chosen", "noMatch"),
        "chosen",
        "noMatch has no transition",
        studio=False,
    ),
    Mutation(
        "trigger without its call", ours, _drop("Trigger", "incomingCall"), "Trigger", "leads anywhere", studio=False
    ),
    Mutation(
        "dangling next",
        ours,
        _lead("conversation_name", "success", "fork_strem"),
        "conversation_name",
        "leads to fork_strem, which is no widget; did you mean fork_stream?",
    ),
    Mutation(
        "dangling next of a branch",
        callback_and_voicemail,
        _lead("chosen", "match", "nobody"),
        "chosen",
        "leads to nobody",
    ),
    Mutation(
        "empty next",
        ours,
        _lead("fork_stream", "next", " ".strip() or None),
        "fork_stream",
        "next ends the call",
        studio=False,
    ),
    Mutation(
        "next that is no text",
        ours,
        lambda flow: wire(flow, "fork_stream", "next").update(next=["a"]),
        "fork_stream",
        "must be a name",
    ),
    Mutation(
        "next that is empty",
        ours,
        lambda flow: wire(flow, "fork_stream", "next").update(next=""),
        "fork_stream",
        "empty name",
    ),
    Mutation(
        "two transitions of one event",
        ours,
        lambda flow: widget(flow, "fork_stream")["transitions"].append({"event": "next"}),
        "fork_stream",
        "more than one transition",
    ),
    Mutation(
        "transition without an event",
        ours,
        lambda flow: wire(flow, "fork_stream", "next").pop("event"),
        "fork_stream",
        "has no `event`",
    ),
    Mutation(
        "transitions that are no list",
        ours,
        _put("fork_stream", "transitions", {"next": "SendCallToAgent"}),
        "fork_stream",
        "must be a list, it is an object",
    ),
    # Names and the envelope
    Mutation("duplicate name", ours, _twice, "fork_stream", "two widgets have this name"),
    Mutation(
        "missing name", ours, lambda flow: widget(flow, "fork_stream").pop("name"), "states[2]", "`name` is missing"
    ),
    Mutation(
        "missing type", ours, lambda flow: widget(flow, "fork_stream").pop("type"), "fork_stream", "`type` is missing"
    ),
    Mutation(
        "missing properties",
        ours,
        lambda flow: widget(flow, "fork_stream").pop("properties"),
        "fork_stream",
        "`properties` must be an object, it is missing",
    ),
    Mutation(
        "wrong initial state",
        ours,
        lambda flow: flow.update(initial_state="fork_stream"),
        "fork_stream",
        "not a trigger",
    ),
    # Conditions
    Mutation(
        "unknown condition",
        callback_and_voicemail,
        _condition("chosen", "type", "equals"),
        "chosen",
        "equals is no type of condition; did you mean equal_to?",
    ),
    Mutation(
        "condition with a number",
        callback_and_voicemail,
        _condition("chosen", "value", 1),
        "chosen",
        "`value` must be a string, it is an integer",
    ),
    Mutation(
        "condition without arguments",
        callback_and_voicemail,
        _condition("chosen", "arguments", []),
        "chosen",
        "`arguments`",
    ),
    Mutation(
        "match without conditions",
        callback_and_voicemail,
        lambda flow: wire(flow, "chosen", "match").pop("conditions"),
        "chosen",
        "at least one condition",
    ),
    # Properties
    Mutation(
        "string for number",
        callback_and_voicemail,
        _set("offer", "timeout", "5"),
        "offer",
        "timeout must be an integer, it is a string",
    ),
    Mutation(
        "number for string",
        ours,
        _set("SendCallToAgent", "priority", 1),
        "SendCallToAgent",
        "priority must be a string, it is an integer",
    ),
    Mutation(
        "string for boolean",
        callback_and_voicemail,
        _set("leave_message", "transcribe", "true"),
        "leave_message",
        "transcribe must be a boolean",
    ),
    Mutation(
        "boolean for number",
        callback_and_voicemail,
        _set("leave_message", "max_length", True),
        "leave_message",
        "max_length must be an integer, it is a boolean",
    ),
    Mutation(
        "object for pairs",
        ours,
        _set("conversation_name", "parameters", {"phone": "1"}),
        "conversation_name",
        "parameters must be an array",
    ),
    Mutation(
        "pair without a value",
        ours,
        _set("conversation_name", "parameters", [{"key": "phone"}]),
        "conversation_name",
        "parameters[0].value must be a string, it is missing",
    ),
    Mutation(
        "placeholder for a number",
        callback_and_voicemail,
        _set("offer", "timeout", "${seconds}"),
        "offer",
        "always text",
    ),
    Mutation(
        "missing connector",
        ours,
        _unset("fork_stream", "stream_connector"),
        "fork_stream",
        "stream_connector is missing",
    ),
    Mutation(
        "misspelt connector",
        ours,
        lambda flow: widget(flow, "fork_stream")["properties"].update(
            stream_connector_name=widget(flow, "fork_stream")["properties"].pop("stream_connector")
        ),
        "fork_stream",
        "stream_connector is missing",
    ),
    Mutation("missing workflow", ours, _unset("SendCallToAgent", "workflow"), "SendCallToAgent", "workflow is missing"),
    Mutation("missing url", ours, _unset("conversation_name", "url"), "conversation_name", "url is missing"),
    Mutation(
        "unknown track", ours, _set("fork_stream", "stream_track", "both"), "fork_stream", "stream_track is 'both'"
    ),
    Mutation("unknown method", enqueued, _set("skill", "method", "PUT"), "skill", "method is 'PUT'"),
    Mutation(
        "unknown content type", enqueued, _set("skill", "content_type", "text/plain"), "skill", "application/json"
    ),
    Mutation(
        "attributes that are too long",
        ours,
        _set("SendCallToAgent", "attributes", json.dumps({"a": "x" * 1024})),
        "SendCallToAgent",
        "Studio takes 1024",
    ),
    Mutation(
        "nowhere to queue", enqueued, _unset("queue", "queue_name"), "queue", "neither workflow_sid nor queue_name"
    ),
    Mutation("nobody to connect", connected, _unset("client", "to"), "client", "to is missing"),
    Mutation(
        "subflow without a revision", with_a_subflow, _unset("sub", "flow_revision"), "sub", "flow_revision is missing"
    ),
    Mutation(
        "card types in one string", payment, _set("pay", "valid_card_types", "visa amex"), "pay", "array of strings"
    ),
    Mutation(
        "recording neither on nor off", recorded_call, _unset("on", "record_call"), "on", "record_call is missing"
    ),
    Mutation("offset without y", ours, _set("fork_stream", "offset", {"x": 1}), "fork_stream", "offset"),
    # Liquid
    Mutation(
        "Liquid without its end",
        agent_with_assist,
        _text("welcome", "Hello {{trigger.call.From"),
        "welcome",
        "Liquid cannot read say",
        studio=False,
    ),
    Mutation(
        "Liquid tag without its end",
        agent_with_assist,
        _text("welcome", "{% if x %}Hello"),
        "welcome",
        "Liquid cannot read say",
        studio=False,
    ),
    Mutation(
        "widget that does not exist",
        agent_with_assist,
        _text("sorry", "{{widgets.regster.parsed.x}}"),
        "sorry",
        "which is no widget; did you mean register?",
        studio=False,
    ),
    Mutation(
        "widget that cannot have run",
        agent_with_assist,
        _text("welcome", "{{widgets.register.parsed.name}}"),
        "welcome",
        "cannot have run",
        studio=False,
    ),
    Mutation(
        "widget of another branch",
        callback_and_voicemail,
        lambda flow: widget(flow, "callback")["properties"]["parameters"].append(
            {"key": "x", "value": "{{widgets.store.body}}"}
        ),
        "callback",
        "names widgets.store, which cannot have run",
        studio=False,
    ),
    # Secrets
    Mutation(
        "auth token in a parameter",
        ours,
        lambda flow: widget(flow, "conversation_name")["properties"]["parameters"].append(_BODY),
        "conversation_name",
        "secret (authToken)",
        studio=False,
    ),
    Mutation(
        "auth token in a text",
        agent_with_assist,
        _text("welcome", f"Token {TOKEN}"),
        "welcome",
        "auth token",
        studio=False,
    ),
    Mutation(
        "secret of an API key",
        enqueued,
        _set("skill", "body", json.dumps({"x": KEY_SECRET})),
        "skill",
        "API key",
        studio=False,
    ),
    Mutation(
        "password in an address",
        enqueued,
        _set("skill", "url", f"https://AC{'0' * 32}:{TOKEN}@api.example.com/"),
        "skill",
        "password in an address",
        studio=False,
    ),
    Mutation("SIP password", connected, _set("sip", "sip_password", "hunter2"), "sip", "sip_password", studio=False),
    # Callers
    Mutation(
        "caller lost after a failure",
        agent_with_assist,
        _lead("register", "fail", None),
        "register",
        "fail ends the call: the caller is dropped",
        studio=False,
    ),
    Mutation(
        "caller lost after the fork",
        agent_with_assist,
        _lead("fork", "next", None),
        "fork",
        "next ends the call",
        studio=False,
    ),
    Mutation(
        "caller lost without a message",
        agent_with_assist,
        _lead("leave_message", "noAudio", None),
        "leave_message",
        "noAudio ends the call",
        studio=False,
    ),
    Mutation("caller who goes round", agent_with_assist, _circle, "welcome", "round in circles", studio=False),
    Mutation(
        "widget that nothing leads to",
        agent_with_assist,
        lambda flow: flow["states"].append(say("forgotten", "Hello", "welcome")),
        "forgotten",
        "no way leads to this widget",
        studio=False,
    ),
    Mutation(
        "agent whom nothing leads to",
        callback_and_voicemail,
        lambda flow: flow["states"].append(
            {
                **widget(ours(), "SendCallToAgent"),
                "transitions": [{"event": each} for each in ("callComplete", "failedToEnqueue", "callFailure")],
            }
        ),
        "SendCallToAgent",
        "no way leads to this widget",
        studio=False,
    ),
]
