"""Flows of a good form that go wrong all the same: their texts, their secrets, their callers."""

from __future__ import annotations

import json

from tests.studio_flows.building import say
from tests.studio_flows.corpus_calls import agent_with_assist, callback_and_voicemail, connected, enqueued
from tests.studio_flows.our_flow import ours, widget
from tests.studio_flows.spoiling import Mutation, in_circles, leading, saying, with_property

TOKEN = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
KEY_SECRET = "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY"
BODY = {"key": "auth", "value": json.dumps({"accountSid": "AC" + "0" * 32, "authToken": TOKEN})}

SENSES = [
    # Liquid
    Mutation(
        "Liquid without its end",
        agent_with_assist,
        saying("welcome", "Hello {{trigger.call.From"),
        "welcome",
        "Liquid cannot read say",
        studio=False,
    ),
    Mutation(
        "Liquid tag without its end",
        agent_with_assist,
        saying("welcome", "{% if x %}Hello"),
        "welcome",
        "Liquid cannot read say",
        studio=False,
    ),
    Mutation(
        "widget that does not exist",
        agent_with_assist,
        saying("sorry", "{{widgets.regster.parsed.x}}"),
        "sorry",
        "which is no widget; did you mean register?",
        studio=False,
    ),
    Mutation(
        "widget that cannot have run",
        agent_with_assist,
        saying("welcome", "{{widgets.register.parsed.name}}"),
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
        lambda flow: widget(flow, "conversation_name")["properties"]["parameters"].append(BODY),
        "conversation_name",
        "secret (authToken)",
        studio=False,
    ),
    Mutation(
        "auth token in a text",
        agent_with_assist,
        saying("welcome", f"Token {TOKEN}"),
        "welcome",
        "auth token",
        studio=False,
    ),
    Mutation(
        "secret of an API key",
        enqueued,
        with_property("skill", "body", json.dumps({"x": KEY_SECRET})),
        "skill",
        "API key",
        studio=False,
    ),
    Mutation(
        "password in an address",
        enqueued,
        with_property("skill", "url", f"https://AC{'0' * 32}:{TOKEN}@api.example.com/"),
        "skill",
        "password in an address",
        studio=False,
    ),
    Mutation("SIP password", connected, with_property("sip", "sip_password", "hunter2"), "sip", "sip_password", studio=False),
    # Callers
    Mutation(
        "caller lost after a failure",
        agent_with_assist,
        leading("register", "fail", None),
        "register",
        "fail ends the call: the caller is dropped",
        studio=False,
    ),
    Mutation(
        "caller lost after the fork",
        agent_with_assist,
        leading("fork", "next", None),
        "fork",
        "next ends the call",
        studio=False,
    ),
    Mutation(
        "caller lost without a message",
        agent_with_assist,
        leading("leave_message", "noAudio", None),
        "leave_message",
        "noAudio ends the call",
        studio=False,
    ),
    Mutation("caller who goes round", agent_with_assist, in_circles, "welcome", "round in circles", studio=False),
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
