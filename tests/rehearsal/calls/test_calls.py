"""Calls through a whole line, with both flows: whatever does not work, the caller reaches an agent, and the trace says why
there is no assistance; where no agent takes the call, the trace says that."""

from __future__ import annotations

import json

import httpx
import pytest

from rehearsal.caller.script import REFUSED, SYSTEM_ERROR, Script
from rehearsal.caller.trace import Trace
from tests.rehearsal.calls.conftest import Call
from tests.rehearsal.calls.line import NUMBER, PROJECT, RECORDER

CALLER = "+15550104477"
GUIDE = "voice_ivr_as_in_the_guide.json"


def events(trace: Trace) -> dict[str, str | None]:
    return {step.widget: step.event for step in trace.steps}


def notes(trace: Trace) -> str:
    return json.dumps([trace.told(), trace.problems])


class TestTheGoodCall:
    def test_is_announced_recorded_and_taken(self, call: Call) -> None:
        trace = call.caller.call(CALLER, NUMBER)
        assert trace.problems == []
        name = f"TW-15550104477-{trace.call_sid}"
        full = f"projects/{PROJECT}/locations/global/conversations/{name}"
        assert call.connector.names == {"15550104477": full}
        assert call.telephony.sessions == [
            {"sip_uri": RECORDER, "parameters": {"conversation": f"projects/{PROJECT}/conversations/{name}"}}
        ]
        assert (trace.conversation, trace.track) == (full, "both_tracks")
        assert trace.task is not None
        assert trace.task["attributes"] == {"type": "inbound", "name": CALLER}

    def test_goes_the_way_that_the_flow_draws(self, call: Call, flow_file: str) -> None:
        first = ["Trigger", "register_twilio"] if flow_file == GUIDE else ["Trigger"]
        trace = call.caller.call(CALLER, NUMBER)
        assert trace.path == [*first, "conversation_name", "fork_stream", "SendCallToAgent"]

    def test_leaves_no_secret_in_the_trace(self, call: Call, credentials: dict[str, str]) -> None:
        told = notes(call.caller.call(CALLER, NUMBER))
        for secret in (credentials["auth_token"], credentials["api_key_secret"], call.connector.jwt):
            assert secret not in told

    def test_leaves_no_line_in_the_functions_log(self, call: Call) -> None:
        call.caller.call(CALLER, NUMBER)
        assert call.line.logs() == []

    def test_of_a_withheld_number_is_recorded_and_taken(self, call: Call) -> None:
        trace = call.caller.call("+266696687", NUMBER)
        assert trace.reached_agent
        assert call.connector.names == {}
        assert trace.problems[0].endswith("answered 422: the caller is withheld: there is no number to find the conversation by")


class TestTheConnector:
    def test_that_is_down(self, call: Call, flow_file: str) -> None:
        call.stop_connector()
        trace = call.caller.call(CALLER, NUMBER)
        assert trace.reached_agent
        assert events(trace)["conversation_name"] == "fail"
        assert (events(trace).get("register_twilio"), flow_file == GUIDE) in [("failed", True), (None, False)]
        assert "register-app cannot be reached" in " ".join(trace.problems)
        # Google records all the same.
        assert len(call.telephony.sessions) == 1

    def test_that_refuses_the_credentials(self, call: Call) -> None:
        call.connector.refuse = True
        trace = call.caller.call(CALLER, NUMBER)
        assert (trace.reached_agent, events(trace)["conversation_name"]) == (True, "fail")
        assert "register-app answered 401" in " ".join(trace.problems)
        assert [line.message for line in call.line.logs()] == ["conversation-name: register-app answered 401"]

    @pytest.mark.parametrize("flow_file", ["voice_ivr.json"], indirect=True)
    def test_that_is_slow_costs_the_caller_less_than_studio_waits(self, call: Call) -> None:
        call.connector.delay = 20.0
        trace = call.caller.call(CALLER, NUMBER)
        (step,) = [each for each in trace.steps if each.widget == "conversation_name"]
        assert (step.event, trace.reached_agent) == ("fail", True)
        assert step.milliseconds < 8000
        assert "answered 504: register-app took longer than 4000 ms" in trace.problems[0]


@pytest.mark.parametrize("flow_file", ["voice_ivr.json"], indirect=True)
class TestTheFunction:
    @pytest.mark.parametrize(
        ("content", "words"),
        [
            ("exports.handler = () => { throw new TypeError('no'); };", "threw TypeError: no"),
            ("exports.handler = (c, e, callback) => callback(null, new Twilio.Response().setStatusCode(500));", "answered 500"),
            ("exports.handler = (c, e, callback) => callback('broken');", "threw broken"),
            ("exports.other = 1;", 'threw Error: Could not find a "handler" function'),
            ("process.exit(3);", "ended (exit code 3) without calling back"),
        ],
    )
    def test_that_fails(self, call: Call, content: str, words: str) -> None:
        call.line.deploy(content)
        trace = call.caller.call(CALLER, NUMBER)
        assert (trace.reached_agent, events(trace)["conversation_name"]) == (True, "fail")
        assert words in trace.problems[0]
        assert len(call.telephony.sessions) == 1

    def test_that_was_taken_away(self, call: Call) -> None:
        call.line.client.serverless.v1.services(call.line.function["function_service_sid"]).delete()
        trace = call.caller.call(CALLER, NUMBER)
        assert trace.reached_agent
        assert "no function environment has the domain" in trace.problems[0]

    def test_that_was_deployed_empty(self, call: Call) -> None:
        service = call.line.client.serverless.v1.services(call.line.function["function_service_sid"])
        service.environments(call.line.function["function_environment_sid"]).deployments.create()
        trace = call.caller.call(CALLER, NUMBER)
        assert trace.reached_agent
        assert "nothing is deployed to the function environment" in trace.problems[0]


class TestTheRecorder:
    def test_that_refuses(self, call: Call) -> None:
        call.telephony.refusal = "no telephony number +15550100300"
        trace = call.caller.call(CALLER, NUMBER)
        assert trace.reached_agent
        assert trace.problems == ["Google's telephony refused (404): no telephony number +15550100300"]

    def test_whose_connector_was_removed(self, call: Call) -> None:
        (installed,) = call.line.client.marketplace.v1.installed_add_ons.list()
        installed.delete()
        trace = call.caller.call(CALLER, NUMBER)
        assert trace.reached_agent
        assert trace.problems == ["widget fork_stream names connector SipRec1, installed are none"]


class TestTheAgentsDesk:
    @pytest.mark.parametrize(("queue", "event"), [(REFUSED, "failedToEnqueue"), (SYSTEM_ERROR, "callFailure")])
    def test_that_refuses_the_call(self, call: Call, queue: str, event: str) -> None:
        trace = call.caller.call(CALLER, NUMBER, Script(queue=queue))
        assert (trace.reached_agent, events(trace)["SendCallToAgent"]) == (False, event)
        assert trace.problems[0].startswith("widget SendCallToAgent: the agents' queue")
        assert trace.problems[-1].startswith("the caller never reached an agent")

    def test_that_lost_its_workflow(self, call: Call) -> None:
        flex = call.line.stand_in.taskrouter.flex
        flex.workflows.remove(call.line.stand_in.taskrouter.assign_to_anyone.sid)
        trace = call.caller.call(CALLER, NUMBER)
        assert events(trace)["SendCallToAgent"] == "failedToEnqueue"
        assert "does not exist in TaskRouter" in trace.problems[0]

    def test_that_does_not_answer(self, call: Call) -> None:
        fault = {"method": "GET", "path": "/v1/Workspaces/.*/Workflows/", "action": "status", "status": 503}
        httpx.post(f"{call.line.stand_in.url}/_standin/faults", json=[fault]).raise_for_status()
        trace = call.caller.call(CALLER, NUMBER)
        assert events(trace)["SendCallToAgent"] == "failedToEnqueue"
        assert "Twilio answered 503" in trace.problems[0]


class TestTheFlow:
    def test_with_a_draft_on_top_is_called_as_published(self, call: Call) -> None:
        flow = call.line.client.studio.v2.flows(call.line.flow.sid)
        draft = {**flow.fetch().definition, "description": "half done", "states": flow.fetch().definition["states"][:1]}
        draft["states"] = [{**draft["states"][0], "name": "Trigger", "type": "trigger", "transitions": [], "properties": {}}]
        draft["initial_state"] = "Trigger"
        flow.update(status="draft", definition=draft)
        trace = call.caller.call(CALLER, NUMBER)
        assert (trace.problems, trace.reached_agent) == ([], True)

    def test_that_somebody_detached_is_told(self, call: Call) -> None:
        (number,) = call.line.client.incoming_phone_numbers.list(phone_number=NUMBER)
        number.update(trunk_sid="TK" + "1" * 32)
        trace = call.caller.call(CALLER, NUMBER)
        assert trace.problems[0] == f"number {NUMBER} has trunk_sid TK{'1' * 32}: Twilio ignores its voice URL"
