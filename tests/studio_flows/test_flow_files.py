"""The flows of this repository: the guide's steps with its wiring put right, and no credential where none need be."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from liquid import Environment

from studio_flows.definition import fill, load, placeholders, to_studio
from tests.providers.twilio.account import Account

FOLDER = Path("studio_flows")
OURS, GUIDES = "voice_ivr.json", "voice_ivr_as_in_the_guide.json"
CALL = "CA" + "0" * 32
# What Dialogflow takes as the last part of a conversation's name.
CONVERSATION_ID = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]{2,63}")


@pytest.fixture
def account() -> Iterator[Account]:
    account = Account()
    yield account
    account.standin.stop()


def filled(name: str) -> dict[str, Any]:
    flow = load(FOLDER / name)
    return fill(flow, {each: f"https://{each}.example.com" if "url" in each else each for each in placeholders(flow)})


def leads_to(flow: dict[str, Any], widget: str) -> dict[str, str]:
    return {event: target for event, target in flow["widgets"][widget]["transitions"].items() if target}


def rendered(text: str, caller: str | None) -> str:
    return Environment().from_string(text).render(trigger={"call": {"From": caller, "CallSid": CALL}})


class TestChain:
    def test_ours(self):
        flow = filled(OURS)
        assert leads_to(flow, "Trigger") == {"incomingCall": "conversation_name"}
        assert leads_to(flow, "conversation_name") == {"success": "fork_stream", "fail": "fork_stream"}
        assert leads_to(flow, "fork_stream") == {"next": "SendCallToAgent"}
        assert leads_to(flow, "SendCallToAgent") == {"failedToEnqueue": "no_agent", "callFailure": "no_agent"}
        assert leads_to(flow, "no_agent") == {}

    def test_the_guides(self):
        flow = filled(GUIDES)
        assert leads_to(flow, "Trigger") == {"incomingCall": "register_twilio"}
        assert leads_to(flow, "register_twilio") == {"success": "conversation_name", "failed": "conversation_name"}
        assert leads_to(flow, "conversation_name") == {"success": "fork_stream", "fail": "fork_stream"}
        assert leads_to(flow, "fork_stream") == {"next": "SendCallToAgent"}

    @pytest.mark.parametrize("name", [OURS, GUIDES])
    def test_a_failing_step_never_keeps_the_caller_from_the_agent(self, name: str):
        flow = filled(name)
        for widget in set(flow["widgets"]) - {"Trigger", "SendCallToAgent", "no_agent"}:
            seen, waiting = set(), [widget]
            for each in iter(waiting):
                seen.add(each)
                assert "" not in flow["widgets"][each]["transitions"].values() or each in ("SendCallToAgent", "no_agent")
                waiting += [target for target in leads_to(flow, each).values() if target not in waiting]
            assert "SendCallToAgent" in seen

    @pytest.mark.parametrize("name", [OURS, GUIDES])
    def test_studio_takes_it(self, account: Account, name: str):
        valid = account.twilio.ask(
            lambda client: client.studio.v2.flow_validate.update("f", "published", to_studio(filled(name)))
        )
        assert valid.valid is True


class TestWidgets:
    @pytest.mark.parametrize("name", [OURS, GUIDES])
    def test_both_tracks_are_forked_by_siprec_through_the_one_connector(self, name: str):
        properties = load(FOLDER / name)["widgets"]["fork_stream"]["properties"]
        assert properties["stream_connector"] == "${siprec_connector}"
        assert (properties["stream_action"], properties["stream_transport_type"]) == ("start", "siprec")
        assert properties["stream_track"] == "both_tracks"

    def test_ours_holds_nothing_secret(self):
        text = (FOLDER / OURS).read_text()
        assert not {"twilio_auth_token", "twilio_account_sid", "connector_url"} & placeholders(load(FOLDER / OURS))
        assert "register-app" not in text and "token" not in text

    def test_the_guides_needs_the_credentials_as_placeholders(self):
        assert {"twilio_auth_token", "twilio_account_sid", "connector_url"} <= placeholders(load(FOLDER / GUIDES))


class TestConversationNames:
    @pytest.mark.parametrize("name", [OURS, GUIDES])
    @pytest.mark.parametrize(
        ("caller", "id"),
        [
            ("+15550104477", f"TW-15550104477-{CALL}"),
            ("+266696687", f"TW-266696687-{CALL}"),
            ("anonymous", f"TW-anonymous-{CALL}"),
            ("", f"TW-anonymous-{CALL}"),
            (None, f"TW-anonymous-{CALL}"),
        ],
    )
    def test_the_function_and_the_fork_name_the_same_conversation(self, name: str, caller: str | None, id: str):
        widgets = filled(name)["widgets"]
        told = rendered(widgets["conversation_name"]["properties"]["parameters"]["conversationName"], caller)
        forked = rendered(widgets["fork_stream"]["properties"]["stream_parameters"]["conversation"], caller)
        assert told == f"projects/project/locations/conversation_location/conversations/{id}"
        assert forked == f"projects/project/conversations/{id}"
        assert CONVERSATION_ID.fullmatch(id)

    def test_the_function_gets_the_number_as_twilio_has_it(self):
        parameters = filled(OURS)["widgets"]["conversation_name"]["properties"]["parameters"]
        caller = f"+1555{secrets.randbelow(10_000_000):07}"
        assert rendered(parameters["phone"], caller) == caller
