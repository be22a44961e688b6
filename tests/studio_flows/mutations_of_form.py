"""Spoilt forms: events, transitions, names, conditions, properties."""

from __future__ import annotations

import json

from tests.studio_flows.corpus_calls import (
    callback_and_voicemail,
    connected,
    enqueued,
    payment,
    recorded_call,
    with_a_subflow,
)
from tests.studio_flows.corpus_others import text_survey
from tests.studio_flows.our_flow import ours, widget, wire
from tests.studio_flows.spoiling import (
    Mutation,
    leading,
    twice,
    with_condition,
    with_event,
    with_part,
    with_property,
    without_event,
    without_property,
)

FORMS = [
    # Events and transitions
    Mutation(
        "renamed event of a fork", ours, with_event("fork_stream", "next", "success"), "fork_stream", "has no event success"
    ),
    Mutation(
        "renamed event of a function",
        ours,
        with_event("conversation_name", "fail", "failed"),
        "conversation_name",
        "did you mean fail?",
    ),
    Mutation(
        "renamed event of a gather",
        callback_and_voicemail,
        with_event("offer", "keypress", "keyPress"),
        "offer",
        "no event keyPress",
    ),
    Mutation(
        "renamed event of an agent",
        ours,
        with_event("SendCallToAgent", "callComplete", "done"),
        "SendCallToAgent",
        "no event done",
    ),
    Mutation(
        "dropped transition of a fork",
        ours,
        without_event("fork_stream", "next"),
        "fork_stream",
        "next has no transition",
        studio=False,
    ),
    Mutation(
        "dropped transition of a function",
        ours,
        without_event("conversation_name", "fail"),
        "conversation_name",
        "fail has no",
        studio=False,
    ),
    Mutation(
        "dropped transition of a text flow",
        text_survey,
        without_event("first", "incomingMessage"),
        "first",
        "has no transition",
        studio=False,
    ),
    Mutation(
        "dropped branch",
        callback_and_voicemail,
        without_event("chosen", "noMatch"),
        "chosen",
        "noMatch has no transition",
        studio=False,
    ),
    Mutation(
        "trigger without its call", ours, without_event("Trigger", "incomingCall"), "Trigger", "leads anywhere", studio=False
    ),
    Mutation(
        "dangling next",
        ours,
        leading("conversation_name", "success", "fork_strem"),
        "conversation_name",
        "leads to fork_strem, which is no widget; did you mean fork_stream?",
    ),
    Mutation(
        "dangling next of a branch",
        callback_and_voicemail,
        leading("chosen", "match", "nobody"),
        "chosen",
        "leads to nobody",
    ),
    Mutation(
        "empty next",
        ours,
        leading("fork_stream", "next", " ".strip() or None),
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
        with_part("fork_stream", "transitions", {"next": "SendCallToAgent"}),
        "fork_stream",
        "must be a list, it is an object",
    ),
    # Names and the envelope
    Mutation("duplicate name", ours, twice, "fork_stream", "two widgets have this name"),
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
        with_condition("chosen", "type", "equals"),
        "chosen",
        "equals is no type of condition; did you mean equal_to?",
    ),
    Mutation(
        "condition with a number",
        callback_and_voicemail,
        with_condition("chosen", "value", 1),
        "chosen",
        "`value` must be a string, it is an integer",
    ),
    Mutation(
        "condition without arguments",
        callback_and_voicemail,
        with_condition("chosen", "arguments", []),
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
        with_property("offer", "timeout", "5"),
        "offer",
        "timeout must be an integer, it is a string",
    ),
    Mutation(
        "number for string",
        ours,
        with_property("SendCallToAgent", "priority", 1),
        "SendCallToAgent",
        "priority must be a string, it is an integer",
    ),
    Mutation(
        "string for boolean",
        callback_and_voicemail,
        with_property("leave_message", "transcribe", "true"),
        "leave_message",
        "transcribe must be a boolean",
    ),
    Mutation(
        "boolean for number",
        callback_and_voicemail,
        with_property("leave_message", "max_length", True),
        "leave_message",
        "max_length must be an integer, it is a boolean",
    ),
    Mutation(
        "object for pairs",
        ours,
        with_property("conversation_name", "parameters", {"phone": "1"}),
        "conversation_name",
        "parameters must be an array",
    ),
    Mutation(
        "pair without a value",
        ours,
        with_property("conversation_name", "parameters", [{"key": "phone"}]),
        "conversation_name",
        "parameters[0].value must be a string, it is missing",
    ),
    Mutation(
        "placeholder for a number",
        callback_and_voicemail,
        with_property("offer", "timeout", "${seconds}"),
        "offer",
        "always text",
    ),
    Mutation(
        "missing connector",
        ours,
        without_property("fork_stream", "stream_connector"),
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
    Mutation("missing workflow", ours, without_property("SendCallToAgent", "workflow"), "SendCallToAgent", "workflow is missing"),
    Mutation("missing url", ours, without_property("conversation_name", "url"), "conversation_name", "url is missing"),
    Mutation(
        "unknown track", ours, with_property("fork_stream", "stream_track", "both"), "fork_stream", "stream_track is 'both'"
    ),
    Mutation("unknown method", enqueued, with_property("skill", "method", "PUT"), "skill", "method is 'PUT'"),
    Mutation(
        "unknown content type", enqueued, with_property("skill", "content_type", "text/plain"), "skill", "application/json"
    ),
    Mutation(
        "attributes that are too long",
        ours,
        with_property("SendCallToAgent", "attributes", json.dumps({"a": "x" * 1024})),
        "SendCallToAgent",
        "Studio takes 1024",
    ),
    Mutation(
        "nowhere to queue", enqueued, without_property("queue", "queue_name"), "queue", "neither workflow_sid nor queue_name"
    ),
    Mutation("nobody to connect", connected, without_property("client", "to"), "client", "to is missing"),
    Mutation(
        "subflow without a revision", with_a_subflow, without_property("sub", "flow_revision"), "sub", "flow_revision is missing"
    ),
    Mutation(
        "card types in one string", payment, with_property("pay", "valid_card_types", "visa amex"), "pay", "array of strings"
    ),
    Mutation(
        "recording neither on nor off", recorded_call, without_property("on", "record_call"), "on", "record_call is missing"
    ),
    Mutation("offset without y", ours, with_property("fork_stream", "offset", {"x": 1}), "fork_stream", "offset"),
]
