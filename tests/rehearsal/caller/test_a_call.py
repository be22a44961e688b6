"""A call through the whole flow, and every way in which it goes wrong: the caller must say the cause in words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rehearsal.caller.caller import Caller
from rehearsal.caller.script import Script
from tests.rehearsal.caller.conftest import ACCOUNT, FLOW, NUMBER, PROJECT, Account, Telephony, widget

CALLER = "+15550104477"


def state(account: Account, name: str) -> dict[str, Any]:
    return next(each for each in account.flow["states"] if each["name"] == name)


class TestTheGoodCall:
    def test_goes_widget_by_widget_to_the_agent(self, caller: Caller) -> None:
        trace = caller.call(CALLER, NUMBER)
        assert trace.problems == []
        assert trace.path == ["Trigger", "conversation_name", "fork_stream", "SendCallToAgent"]
        assert [step.event for step in trace.steps] == ["incomingCall", "success", "next", "callComplete"]
        assert trace.task is not None
        assert trace.task["attributes"] == {"name": CALLER}

    def test_the_fork_brings_the_conversation_without_location_to_the_connectors_address(
        self, caller: Caller, telephony: Telephony
    ) -> None:
        trace = caller.call(CALLER, NUMBER)
        name = f"TW-15550104477-{trace.call_sid}"
        assert telephony.sessions == [
            {
                "sip_uri": "sip:+15550100200@216.239.36.145:5672;transport=tls",
                "parameters": {"conversation": f"projects/{PROJECT}/conversations/{name}"},
            }
        ]
        assert trace.conversation == f"projects/{PROJECT}/locations/global/conversations/{name}"
        assert trace.track == "both_tracks"

    def test_nothing_secret_is_in_the_trace(self, caller: Caller, account: Account) -> None:
        trace = caller.call(CALLER, NUMBER)
        assert account.auth_token not in json.dumps(trace.told()) + json.dumps(trace.problems)


class TestTheNumberAndTheFlow:
    def test_unknown_number(self, caller: Caller) -> None:
        assert caller.call(CALLER, "+15550100999").problems[0] == "the account has no number +15550100999"

    def test_unpublished_flow(self, caller: Caller, account: Account) -> None:
        account.revision = None
        assert caller.call(CALLER, NUMBER).problems[0] == f"flow {FLOW} (voice) has no published revision"

    def test_number_that_points_elsewhere(self, caller: Caller, account: Account) -> None:
        account.number["voice_url"] = "https://demo.twilio.com/welcome/voice/"
        problems = caller.call(CALLER, NUMBER).problems
        assert problems[0] == f"number {NUMBER} points to https://demo.twilio.com/welcome/voice/, which is no flow of this account"

    @pytest.mark.parametrize("owner", ["trunk_sid", "voice_application_sid"])
    def test_voice_url_that_twilio_ignores(self, caller: Caller, account: Account, owner: str) -> None:
        account.number[owner] = "TK1"
        assert caller.call(CALLER, NUMBER).problems[0] == f"number {NUMBER} has {owner} TK1: Twilio ignores its voice URL"

    def test_voice_url_called_by_get(self, caller: Caller, account: Account) -> None:
        account.number["voice_method"] = "GET"
        assert "with GET, not POST" in caller.call(CALLER, NUMBER).problems[0]

    def test_wrong_token(self, caller: Caller, account: Account) -> None:
        account.auth_token = "rotated"
        assert caller.call(CALLER, NUMBER).problems[0].startswith("Twilio answered 401")


class TestTheWiring:
    def test_event_wired_to_a_widget_that_is_not_there(self, caller: Caller, account: Account) -> None:
        state(account, "fork_stream")["transitions"][0]["next"] = "Nowhere"
        problems = caller.call(CALLER, NUMBER).problems
        assert problems[0] == "widget fork_stream, event next, leads to Nowhere, which the flow does not have"
        assert problems[-1] == "the caller never reached an agent: the call ended at fork_stream"

    def test_event_wired_to_nothing_ends_the_call(self, caller: Caller, account: Account) -> None:
        del state(account, "conversation_name")["transitions"][0]["next"]
        assert caller.call(CALLER, NUMBER).problems == ["the caller never reached an agent: the call ended at conversation_name"]

    def test_event_without_a_wire(self, caller: Caller, account: Account) -> None:
        state(account, "Trigger")["transitions"] = [{"event": "incomingMessage"}]
        problem = caller.call(CALLER, NUMBER).problems[0]
        assert problem == "widget Trigger (trigger) has no transition for event incomingCall; it has incomingMessage"

    def test_unknown_widget_type_ends_the_call(self, caller: Caller, account: Account) -> None:
        state(account, "fork_stream")["type"] = "enqueue-call"
        trace = caller.call(CALLER, NUMBER)
        assert trace.problems[0].startswith("widget fork_stream has type enqueue-call, which the caller does not play")
        assert trace.steps[-1].event is None

    def test_circle(self, caller: Caller, account: Account) -> None:
        account.flow["states"] = [
            widget("Trigger", "trigger", {}, incomingCall="one"),
            widget("one", "set-variables", {"variables": []}, next="two"),
            widget("two", "set-variables", {"variables": []}, next="one"),
        ]
        assert caller.call(CALLER, NUMBER).problems[0].startswith("the flow goes round in circles")

    def test_bad_liquid(self, caller: Caller, account: Account) -> None:
        state(account, "conversation_name")["properties"]["parameters"][0]["value"] = "{{trigger.call.From | nosuch}}"
        assert "unknown filter 'nosuch'" in caller.call(CALLER, NUMBER).problems[0]


class TestTheFunction:
    """`fail` goes on to the agent: a caller must never be lost because Agent Assist does not work."""

    def fails_with(self, caller: Caller, words: str) -> None:
        trace = caller.call(CALLER, NUMBER)
        assert trace.reached_agent
        assert [step.event for step in trace.steps][1] == "fail"
        assert words in trace.problems[0]
        assert trace.problems[0].startswith("widget conversation_name: ")

    def test_that_throws(self, caller: Caller, account: Account) -> None:
        account.content["content"] = "exports.handler = async () => { throw new TypeError('Failed to parse URL'); };"
        self.fails_with(caller, "function ui-connector-auth/conversation-name threw TypeError: Failed to parse URL")

    def test_that_answers_an_error(self, caller: Caller, account: Account) -> None:
        account.content["content"] = """exports.handler = (context, event, callback) => {
            callback(null, new Twilio.Response().setStatusCode(502).setBody({ ok: false, error: "register-app answered 401" }));
        };"""
        self.fails_with(caller, "function ui-connector-auth/conversation-name answered 502: register-app answered 401")

    def test_that_does_not_parse(self, caller: Caller, account: Account) -> None:
        account.content["content"] = "exports.handler = ("
        self.fails_with(caller, "SyntaxError")

    def test_that_never_calls_back(self, hurried: Caller, account: Account) -> None:
        account.content["content"] = "exports.handler = () => setInterval(() => {}, 1000);"
        self.fails_with(hurried, "took more than 0.5 s")

    def test_that_is_private(self, caller: Caller, account: Account) -> None:
        account.version["visibility"] = "private"
        self.fails_with(caller, "is private")

    def test_never_quotes_the_token(self, caller: Caller, account: Account) -> None:
        account.content["content"] = "exports.handler = async (context) => { throw new Error(`with ${context.AUTH_TOKEN}`); };"
        self.fails_with(caller, "with [secret]")

    def test_environment_without_deployment(self, caller: Caller, account: Account) -> None:
        account.environment["build_sid"] = None
        self.fails_with(caller, "nothing is deployed to the function environment ui-connector-auth")

    def test_build_that_failed(self, caller: Caller, account: Account) -> None:
        account.answers["/v1/Services/ZS1/Builds/ZB1"]["status"] = "failed"
        self.fails_with(caller, "build ZB1 of ui-connector-auth (ui-connector-auth-1234.twil.io) is failed")

    def test_path_that_the_build_lacks(self, caller: Caller, account: Account) -> None:
        account.version["path"] = "/other"
        self.fails_with(caller, "has no function at /conversation-name; its build has /other")

    def test_unknown_domain(self, caller: Caller, account: Account) -> None:
        account.environment["domain_name"] = "other-1.twil.io"
        self.fails_with(caller, "no function environment has the domain ui-connector-auth-1234.twil.io; the account has other-1.twil.io")

    def test_sids_that_disagree_with_the_url(self, caller: Caller, account: Account) -> None:
        state(account, "conversation_name")["properties"]["environment_sid"] = "ZE9"
        self.fails_with(caller, "environment_sid is ZE9, but its URL belongs to ZE1")

    def test_url_without_https(self, caller: Caller, account: Account) -> None:
        state(account, "conversation_name")["properties"]["url"] = "ui-connector-auth-1234.twil.io/conversation-name"
        self.fails_with(caller, "must begin with https://")

    def test_credentials_are_there_only_when_the_service_includes_them(self, caller: Caller, account: Account) -> None:
        account.content["content"] = """exports.handler = (context, event, callback) => {
            callback(context.ACCOUNT_SID ? "has credentials" : null, {});
        };"""
        account.service["include_credentials"] = False
        assert caller.call(CALLER, NUMBER).problems == []
        account.service["include_credentials"] = True
        self.fails_with(caller, "threw has credentials")


class TestTheFork:
    def test_connector_name_is_case_sensitive(self, caller: Caller, account: Account) -> None:
        state(account, "fork_stream")["properties"]["stream_connector"] = "Siprec1"
        trace = caller.call(CALLER, NUMBER)
        assert trace.problems == ["widget fork_stream names connector Siprec1, installed are SipRec1"]
        assert trace.reached_agent

    def test_connector_not_enabled_for_voice(self, caller: Caller, account: Account) -> None:
        account.extension["enabled"] = False
        assert caller.call(CALLER, NUMBER).problems == ["connector SipRec1 (XE1) is not enabled for voice"]

    def test_connector_without_address(self, caller: Caller, account: Account) -> None:
        account.add_on["configuration"] = {}
        assert caller.call(CALLER, NUMBER).problems == ["connector SipRec1 (XE1) has no session recording server"]

    def test_google_refuses_in_its_own_words(self, caller: Caller, telephony: Telephony) -> None:
        telephony.refusal = "no telephony number +15550100200"
        assert caller.call(CALLER, NUMBER).problems == ["Google's telephony refused (404): no telephony number +15550100200"]


class TestTheAgent:
    @pytest.mark.parametrize(
        ("property", "value", "words"),
        [
            ("workflow", "WW9", "workflow WW9 does not exist in TaskRouter"),
            ("channel", "TC9", "task channel TC9 does not exist in workspace WS1"),
            ("attributes", "{not json", "the attributes are not a JSON object"),
            ("attributes", json.dumps({"name": "x" * 1100}), "the attributes have 1112 characters, Twilio takes 1024"),
        ],
    )
    def test_what_flex_refuses(self, caller: Caller, account: Account, property: str, value: str, words: str) -> None:
        state(account, "SendCallToAgent")["properties"][property] = value
        trace = caller.call(CALLER, NUMBER)
        assert trace.problems[0] == f"widget SendCallToAgent: {words}"
        assert not trace.reached_agent


def test_other_widgets_are_played(caller: Caller, account: Account) -> None:
    state(account, "Trigger")["transitions"][1]["next"] = "greet"
    account.flow["states"] += [
        widget("greet", "say-play", {"say": "Hello {{trigger.call.From}}"}, audioComplete="menu"),
        widget("menu", "gather-input-on-call", {"say": "Press 1"}, keypress="choose", speech=None, timeout=None),
        {
            "name": "choose",
            "type": "split-based-on",
            "properties": {"input": "{{widgets.menu.Digits}}"},
            "transitions": [
                {"event": "noMatch"},
                {
                    "event": "match",
                    "next": "remember",
                    "conditions": [{"arguments": ["{{widgets.menu.Digits}}"], "type": "equal_to", "value": "1", "friendly_name": "1"}],
                },
            ],
        },
        widget("remember", "set-variables", {"variables": [{"key": "lang", "value": "en"}]}, next="read"),
        {
            "name": "read",
            "type": "split-based-on",
            "properties": {"input": "{{flow.variables.lang}}"},
            "transitions": [
                {"event": "noMatch"},
                {
                    "event": "match",
                    "next": "conversation_name",
                    "conditions": [{"arguments": ["{{flow.variables.lang}}"], "type": "matches_any_of", "value": "de, en"}],
                },
            ],
        },
    ]
    trace = caller.call(CALLER, NUMBER, Script(keys={"menu": ["1"]}))
    assert trace.problems == []
    assert trace.path[1:6] == ["greet", "menu", "choose", "remember", "read"]
    assert trace.steps[1].note == f"Hello {CALLER}"


class TestHttpRequest:
    def ask(self, account: Account, url: str) -> None:
        state(account, "Trigger")["transitions"][1]["next"] = "ask"
        wires = {"success": "conversation_name", "failed": "conversation_name"}
        account.flow["states"].append(widget("ask", "make-http-request", {"method": "GET", "url": url, "add_twilio_auth": True}, **wires))

    def test_success_and_its_outputs(self, caller: Caller, account: Account, twilio: Any) -> None:
        self.ask(account, f"{twilio._http.base_url}/v1/Workspaces")
        parameters = state(account, "conversation_name")["properties"]["parameters"]
        parameters.append({"key": "seen", "value": "{{widgets.ask.parsed.workspaces[0].sid}}"})
        account.content["content"] = """exports.handler = (context, event, callback) =>
            callback(event.seen === "WS1" ? null : `saw ${event.seen}`, {});"""
        trace = caller.call(CALLER, NUMBER)
        assert (trace.steps[1].event, trace.problems) == ("success", [])

    def test_an_error_status_is_failed_and_the_call_goes_on(self, caller: Caller, account: Account, twilio: Any) -> None:
        self.ask(account, f"{twilio._http.base_url}/v1/Nothing")
        trace = caller.call(CALLER, NUMBER)
        assert (trace.steps[1].event, trace.reached_agent) == ("failed", True)
        assert trace.problems == ["widget ask: /v1/Nothing answered 404"]

    def test_calls_nothing_outside_this_machine(self, caller: Caller, account: Account) -> None:
        self.ask(account, "https://connector.example/register-app")
        assert "connector.example" in caller.call(CALLER, NUMBER).problems[0]


def test_account_id_is_the_one_that_the_function_sees(caller: Caller, account: Account) -> None:
    account.content["content"] = f"exports.handler = (c, e, callback) => callback(c.ACCOUNT_SID === '{ACCOUNT}' ? null : 'other', {{}});"
    assert caller.call(CALLER, NUMBER).problems == []
