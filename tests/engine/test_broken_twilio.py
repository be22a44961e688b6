"""Something of Twilio is wrong in a deployed environment: the call fails at that place and says what it is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.hands import Twilio
from tests.engine.local_world import LocalWorld

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("impatient")]


def widget(definition: dict[str, Any], kind: str) -> dict[str, Any]:
    (found,) = [each for each in definition["states"] if each["type"] == kind]
    return found


def test_a_flow_that_was_never_published(untouched: LocalWorld, twilio: Twilio) -> None:
    with twilio.another_flow(lambda _: None, status="draft") as flow:
        call = untouched.call()
    assert call.problems[0] == f"flow {flow['sid']} (a copy) has no published revision"
    assert len(call.problems) == 2 and call.problems[1].startswith("the caller never reached an agent: ")
    assert call.trace.path == []


def test_a_number_that_leads_to_no_flow(untouched: LocalWorld, twilio: Twilio) -> None:
    with twilio.number_points_to("https://demo.twilio.com/welcome/voice/"):
        told = untouched.call().problems[0]
    assert (
        told == "number +15555550100 points to https://demo.twilio.com/welcome/voice/, which is no flow of this account"
    )


def test_a_connector_named_as_in_the_other_place_of_the_guide(untouched: LocalWorld, twilio: Twilio) -> None:
    """The guide installs SipRec1 and forks to Siprec1: Twilio takes that flow and the stream then fails."""

    def change(definition: dict[str, Any]) -> None:
        widget(definition, "fork-stream")["properties"]["stream_connector"] = "Siprec1"

    with twilio.another_flow(change):
        call = untouched.call()
    assert call.problems[0] == "widget fork_stream names connector Siprec1, installed are SipRec1"
    assert call.trace.reached_agent and call.events_sent == 0


def test_one_track_only(untouched: LocalWorld, twilio: Twilio) -> None:
    def change(definition: dict[str, Any]) -> None:
        widget(definition, "fork-stream")["properties"]["stream_track"] = "inbound_track"

    with twilio.another_flow(change):
        told = untouched.call().problems
    assert "the stream carries inbound_track: Agent Assist hears one side only; set both_tracks" in told


def test_a_conversation_parameter_with_a_location(untouched: LocalWorld, twilio: Twilio) -> None:
    """Name and SIPREC parameter differ by the location; Google takes the one without only."""

    def change(definition: dict[str, Any]) -> None:
        (parameter,) = widget(definition, "fork-stream")["properties"]["stream_parameters"]
        parameter["value"] = parameter["value"].replace("/conversations/", "/locations/us-central1/conversations/")

    with twilio.another_flow(change):
        told = untouched.call().problems[0]
    assert told.startswith(
        "Google's telephony refused (400): parameters.conversation: expected projects/<project>/conversations/<id>"
    )


def test_the_guides_wires_leave_the_conversation_unnamed(untouched: LocalWorld, twilio: Twilio) -> None:
    """Straight from the call to the stream: the desk then knows no conversation for the contact's phone."""

    def change(definition: dict[str, Any]) -> None:
        (wire,) = [each for each in widget(definition, "trigger")["transitions"] if each["event"] == "incomingCall"]
        wire["next"] = "fork_stream"

    with twilio.another_flow(change):
        call = untouched.call("+15550104999", "+15550104999")
    assert call.trace.path == ["Trigger", "fork_stream", "SendCallToAgent"]
    assert call.problems == ["desk: the connector knows no conversation for the contact's phone '+15550104999'"]


def test_a_flow_wired_to_nowhere_is_not_taken(untouched: LocalWorld, twilio: Twilio) -> None:
    """Twilio's own validation; ours at preview is in test_wrong_settings.py."""

    def change(definition: dict[str, Any]) -> None:
        widget(definition, "fork-stream")["transitions"][0]["next"] = "nowhere"

    with pytest.raises(AssertionError, match="state 'nowhere' does not exist"), twilio.another_flow(change):
        pass
