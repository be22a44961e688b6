"""The flow's handler: Studio's own validation in the preview, drift by widget, and one published flow of the name."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from providers.handler import VendorError
from providers.twilio.client import connect
from providers.twilio.studio_flow import StudioFlowHandler
from studio_flows.definition import canonical, to_studio
from tests.providers.twilio.account import Account, over_the_wire
from tests.providers.twilio.line import FLOW_NAME, Line


@pytest.fixture
def line(account: Account) -> Line:
    line = Line()
    line.up(account.twilio)
    return line


@pytest.fixture
def flow(account: Account) -> StudioFlowHandler:
    return StudioFlowHandler(account.twilio)


def changed(line: Line, change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    inputs = copy.deepcopy(line.inputs("flow"))
    change(inputs["definition"]["widgets"])
    return inputs


def saved_by_hand(account: Account, sid: str, definition: dict[str, Any], status: str = "published") -> None:
    account.by_hand("POST", f"/v2/Flows/{sid}", Status=status, Definition=json.dumps(to_studio(definition)))


class TestPreview:
    def test_a_good_flow_has_no_faults_and_changes_nothing(self, account: Account, line: Line, flow: StudioFlowHandler):
        before = account.things()
        inputs = over_the_wire(line.inputs("flow"))
        assert flow.check(inputs) == []
        assert flow.vendor_faults(inputs) == []
        assert account.things() == before

    def test_a_wire_that_leads_nowhere_is_found_without_twilio(self, line: Line):
        def cut(widgets: dict[str, Any]) -> None:
            widgets["conversation_name"]["transitions"]["fail"] = "fork_strem"

        (fault,) = StudioFlowHandler(connect({})).check(changed(line, cut))
        assert fault.property == "definition.widgets.conversation_name.transitions.fail"
        assert fault.reason == "there is no widget fork_strem"

    @pytest.mark.parametrize(
        ("definition", "named"),
        [
            ({}, "definition.widgets"),
            ({"initial": "x", "widgets": {"Trigger": {"type": "trigger"}}}, "definition.initial"),
            ({"initial": "a", "widgets": {"a": {"transitions": {}}}}, "definition.widgets.a"),
            ({"initial": "a", "widgets": {"a": {"type": "trigger", "transitions": []}}}, "definition.widgets.a"),
            (
                {"initial": "a", "widgets": {"a": {"type": "split", "transitions": {"match": [{"next": "b"}]}}}},
                "definition.widgets.a.transitions.match",
            ),
        ],
    )
    def test_what_is_no_flow(self, flow: StudioFlowHandler, definition: dict[str, Any], named: str):
        assert [fault.property for fault in flow.check({"definition": definition})] == [named]

    def test_a_draft_is_refused(self, flow: StudioFlowHandler):
        assert [fault.property for fault in flow.check({"status": "draft"})] == ["status"]

    def test_studio_finds_what_only_it_knows_and_the_widget_is_named(self, line: Line, flow: StudioFlowHandler):
        def spoil(widgets: dict[str, Any]) -> None:
            widgets["fork_stream"]["properties"]["stream_track"] = "all_tracks"
            del widgets["SendCallToAgent"]["properties"]["workflow"]

        faults = {fault.property: fault.reason for fault in flow.vendor_faults(changed(line, spoil))}
        assert set(faults) == {
            "definition.widgets.fork_stream.properties.stream_track",
            "definition.widgets.SendCallToAgent.properties.workflow",
        }
        assert "missing" in faults["definition.widgets.SendCallToAgent.properties.workflow"]

    def test_a_finding_about_the_whole_flow_does_not_have_its_definition_printed(
        self, account: Account, line: Line, flow: StudioFlowHandler
    ):
        # Pulumi prints the value of a property that a fault names; this one may hold a credential.
        inputs = copy.deepcopy(line.inputs("flow"))
        del inputs["definition"]["flags"]["allow_concurrent_calls"]
        inputs["definition"]["flags"]["unknown"] = True
        faults = flow.vendor_faults(inputs)
        assert faults and all(fault.property != "definition" for fault in faults)

    def test_an_unreachable_twilio_is_said(self, account: Account, line: Line, flow: StudioFlowHandler):
        account.faults({"method": "POST", "path": "/Validate", "status": 500, "times": 9})
        with pytest.raises(VendorError, match="the service failed"):
            flow.vendor_faults(line.inputs("flow"))

    def test_without_credentials_or_with_inputs_missing_studio_is_not_asked(self, account: Account, line: Line):
        account.forget_calls()
        assert StudioFlowHandler(connect({})).vendor_faults(line.inputs("flow")) == []
        assert StudioFlowHandler(account.twilio).vendor_faults({"friendlyName": "x"}) == []
        assert account.calls() == []


class TestRead:
    def test_the_way_through_pulumi_and_studio_is_no_drift(self, line: Line, flow: StudioFlowHandler):
        live = flow.read(line.id("flow"), line.known("flow"))
        assert live is not None and live.inputs == over_the_wire(line.inputs("flow"))

    def test_what_studio_adds_or_leaves_out_is_no_drift(self, account: Account, line: Line, flow: StudioFlowHandler):
        definition = to_studio(line.inputs("flow")["definition"])
        for state in definition["states"]:
            for transition in state["transitions"]:
                if not transition["event"].startswith("incoming"):
                    transition["conditions"] = []
        # Behind the API's back: the stand-in itself adds nothing.
        account.standin.studio.flows.get(line.id("flow")).latest.definition = definition
        live = flow.read(line.id("flow"), line.known("flow"))
        assert live.inputs == over_the_wire(line.inputs("flow"))

    def test_a_hand_made_change_shows_in_its_widget_only(self, account: Account, line: Line, flow: StudioFlowHandler):
        wanted = over_the_wire(line.inputs("flow"))["definition"]
        by_hand = copy.deepcopy(line.inputs("flow")["definition"])
        by_hand["widgets"]["fork_stream"]["properties"]["stream_connector"] = "SipRec2"
        by_hand["widgets"]["conversation_name"]["transitions"]["fail"] = "SendCallToAgent"
        by_hand["widgets"]["goodbye"] = {"type": "say-play", "transitions": {"audioComplete": ""}, "properties": {"say": "Bye"}}
        saved_by_hand(account, line.id("flow"), by_hand)
        seen = flow.read(line.id("flow"), line.known("flow")).inputs["definition"]
        assert seen["widgets"].pop("goodbye")["type"] == "say-play"
        assert seen["widgets"]["fork_stream"]["properties"].pop("stream_connector") == "SipRec2"
        assert seen["widgets"]["conversation_name"]["transitions"].pop("fail") == "SendCallToAgent"
        del wanted["widgets"]["fork_stream"]["properties"]["stream_connector"]
        del wanted["widgets"]["conversation_name"]["transitions"]["fail"]
        assert seen == wanted

    def test_a_removed_widget_is_missing(self, account: Account, line: Line, flow: StudioFlowHandler):
        by_hand = copy.deepcopy(line.inputs("flow")["definition"])
        del by_hand["widgets"]["fork_stream"]
        by_hand["widgets"]["conversation_name"]["transitions"] = {"success": "SendCallToAgent", "fail": "SendCallToAgent"}
        saved_by_hand(account, line.id("flow"), by_hand)
        assert "fork_stream" not in flow.read(line.id("flow"), line.known("flow")).inputs["definition"]["widgets"]

    def test_a_draft_on_top_of_the_published_revision_is_left_alone(
        self, account: Account, line: Line, flow: StudioFlowHandler
    ):
        draft = copy.deepcopy(line.inputs("flow")["definition"])
        draft["widgets"]["conversation_name"]["transitions"]["success"] = "SendCallToAgent"
        saved_by_hand(account, line.id("flow"), draft, status="draft")
        assert flow.read(line.id("flow"), line.known("flow")).inputs == over_the_wire(line.inputs("flow"))

    def test_a_draft_is_told_and_stands_in_the_outputs(
        self, account: Account, line: Line, flow: StudioFlowHandler, capsys: pytest.CaptureFixture[str]
    ):
        saved_by_hand(account, line.id("flow"), line.inputs("flow")["definition"], status="draft")
        live = flow.read(line.id("flow"), line.known("flow"))
        assert (live.outputs["revision"], live.outputs["draft"]) == (2, 2)
        assert "revision 2 of the flow 'Agent Assist Voice IVR' is a draft" in capsys.readouterr().out

    def test_without_a_draft_nothing_is_told(self, line: Line, flow: StudioFlowHandler, capsys: pytest.CaptureFixture[str]):
        assert flow.read(line.id("flow"), line.known("flow")).outputs["draft"] == 0
        assert capsys.readouterr().out == ""

    def test_a_flow_that_was_never_published_shows(self, account: Account, line: Line, flow: StudioFlowHandler):
        for revision in account.standin.studio.flows.get(line.id("flow")).revisions:
            revision.status = "draft"
        assert flow.read(line.id("flow"), line.known("flow")).inputs["status"] == "draft"

    def test_gone_is_none(self, account: Account, line: Line, flow: StudioFlowHandler):
        account.by_hand("DELETE", f"/v2/Flows/{line.id('flow')}")
        assert flow.read(line.id("flow"), line.known("flow")) is None


class TestWrite:
    def test_it_publishes_exactly_the_definition(self, account: Account, line: Line):
        there = account.standin.studio.flows.get(line.id("flow")).published
        assert canonical(there.definition) == canonical(to_studio(line.inputs("flow")["definition"]))
        assert there.commit_message.startswith("definition sha256 ")

    def test_an_update_publishes_a_revision_more_and_answers_every_output(
        self, account: Account, line: Line, flow: StudioFlowHandler
    ):
        def other(widgets: dict[str, Any]) -> None:
            widgets["fork_stream"]["properties"]["stream_connector"] = "SipRec2"

        outputs = flow.update(line.id("flow"), line.known("flow"), over_the_wire(changed(line, other)))
        assert outputs == {"webhookUrl": line.output("flow", "webhookUrl"), "revision": 2, "draft": 0}
        there = account.standin.studio.flows.get(line.id("flow"))
        assert (len(there.revisions), there.latest.status) == (2, "published")

    @pytest.mark.parametrize("refreshed", [False, True])
    def test_what_somebody_drew_meanwhile_is_told_when_it_is_published_over(
        self, account: Account, line: Line, flow: StudioFlowHandler, refreshed: bool, capsys: pytest.CaptureFixture[str]
    ):
        saved_by_hand(account, line.id("flow"), line.inputs("flow")["definition"], status="draft")
        state = line.known("flow")
        if refreshed:
            live = flow.read(line.id("flow"), state)
            state = over_the_wire({**live.inputs, **live.outputs})
            capsys.readouterr()
        outputs = flow.update(line.id("flow"), state, over_the_wire(line.inputs("flow")))
        assert (outputs["revision"], outputs["draft"]) == (3, 0)
        assert "was saved by somebody since the last run: revision 2." in capsys.readouterr().out
        assert account.standin.studio.flows.get(line.id("flow")).revision("2").status == "draft"

    def test_an_update_of_our_own_tells_nothing(
        self, line: Line, flow: StudioFlowHandler, capsys: pytest.CaptureFixture[str]
    ):
        flow.update(line.id("flow"), line.known("flow"), over_the_wire(line.inputs("flow")))
        assert capsys.readouterr().out == ""

    @pytest.mark.parametrize("how", ["create", "update"])
    def test_a_refused_flow_names_the_widget(self, account: Account, line: Line, flow: StudioFlowHandler, how: str):
        def spoil(widgets: dict[str, Any]) -> None:
            widgets["fork_stream"]["properties"]["stream_track"] = "all_tracks"

        inputs = changed(line, spoil)
        with pytest.raises(VendorError, match=r"widgets\.fork_stream\.properties\.stream_track: does not have a value"):
            if how == "create":
                flow.create({**inputs, "friendlyName": "another"})
            else:
                flow.update(line.id("flow"), line.known("flow"), inputs)
        assert len(account.things("flow")) == 2

    def test_a_flow_of_the_name_is_adopted_and_brought_into_shape(self, account: Account, flow: StudioFlowHandler):
        line = Line()
        line.up(account.twilio)
        account.by_hand("DELETE", f"/v2/Flows/{line.id('flow')}")
        trigger = {"initial": "T", "flags": {"allow_concurrent_calls": True}, "description": ""}
        definition = {**trigger, "widgets": {"T": {"type": "trigger", "transitions": {}, "properties": {}}}}
        by_hand = account.by_hand(
            "POST", "/v2/Flows", FriendlyName=FLOW_NAME, Status="draft", Definition=json.dumps(to_studio(definition))
        )
        assert flow.create(line.inputs("flow")).id == by_hand["sid"]
        there = account.standin.studio.flows.get(by_hand["sid"]).published
        assert canonical(there.definition) == canonical(to_studio(line.inputs("flow")["definition"]))

    def test_one_that_suits_is_not_saved_again(self, account: Account, line: Line, flow: StudioFlowHandler):
        account.forget_calls()
        assert flow.create(over_the_wire(line.inputs("flow"))).id == line.id("flow")
        assert account.calls("POST") == []

    def test_two_flows_of_the_name_are_refused(self, account: Account, line: Line, flow: StudioFlowHandler):
        definition = json.dumps(to_studio(line.inputs("flow")["definition"]))
        account.by_hand("POST", "/v2/Flows", FriendlyName=FLOW_NAME, Status="published", Definition=definition)
        with pytest.raises(VendorError, match=r"2 Studio flows are named.*delete or rename all but one"):
            flow.create(line.inputs("flow"))

    def test_a_delete_repeated_is_success(self, account: Account, line: Line, flow: StudioFlowHandler):
        for _ in range(2):
            flow.delete(line.id("flow"), line.known("flow"))
            assert list(account.things("flow")) == ["flow/Voice IVR"]
