"""The agent's desk: what a browser and the component refuse, each with its cause."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from rehearsal.desk.desk import Desk, Found
from rehearsal.desk.ears import Heard
from rehearsal.desk.page import load_resources, open_page
from rehearsal.desk.problem import DeskProblem
from tests.rehearsal.desk.conftest import CONVERSATION, ROOM, SESSION, Connector, Org, token


async def work(org: Org, message_ids: set[str] | None = None, seconds: float = 0.5) -> tuple[Found, list[Heard], list[str]]:
    page = await asyncio.to_thread(open_page, org.url, SESSION, "003")
    desk = Desk(page, patience=0.5)
    await asyncio.to_thread(load_resources, page, SESSION)
    async with desk:
        found = await desk.take_call()
        await desk.wait_for(message_ids or set(), seconds)
        return found, desk.heard, desk.twice()


def refusal(org: Org) -> str:
    with pytest.raises(DeskProblem) as caught:
        asyncio.run(work(org))
    return str(caught.value)


def event(name: str, message_id: str, **more: Any) -> tuple[str, dict[str, Any]]:
    data = json.dumps({"conversation": CONVERSATION})
    return name, {"conversation_name": ROOM, "data": data, "data_type": name, "message_id": message_id, **more}


class TestTheGoodDesk:
    @pytest.mark.parametrize("phone", ["+1 (555) 010-4477", "15550104477", "1-555-010-4477"])
    def test_finds_the_call_by_the_contacts_phone_and_joins(self, org: Org, connector: Connector, phone: str) -> None:
        org.phone = phone
        found, _, _ = asyncio.run(work(org))
        assert (found.conversation, found.room) == (CONVERSATION, ROOM)
        assert found.resource == {"name": CONVERSATION}

    def test_asks_with_the_phone_as_it_is_typed(self, org: Org, connector: Connector) -> None:
        """The component does not encode it: a plus arrives as a blank."""
        asyncio.run(work(org))
        assert connector.asked == [" 1 (555) 010-4477"]

    def test_hears_every_event_once(self, org: Org, connector: Connector) -> None:
        connector.events = [event("new-message-event", "1"), event("conversation-lifecycle-event", "2")]
        _, heard, twice = asyncio.run(work(org, {"1", "2"}, seconds=5))
        assert [(each.message_id, each.data_type, each.fault) for each in heard] == [
            ("1", "new-message-event", ""),
            ("2", "conversation-lifecycle-event", ""),
        ]
        assert twice == []

    def test_notices_an_event_that_comes_twice(self, org: Org, connector: Connector) -> None:
        connector.events = [event("new-message-event", "1"), event("new-message-event", "1"), event("new-message-event", "2")]
        assert asyncio.run(work(org, {"1", "2"}, seconds=5))[2] == ["1"]

    @pytest.mark.parametrize(
        ("more", "fault"),
        [
            ({"data": {"conversation": CONVERSATION}}, "data is not JSON as a string"),
            ({"data": "{}"}, "data names no conversation"),
            ({"data_type": "other"}, "data_type is 'other'"),
        ],
    )
    def test_notices_an_event_that_the_ui_modules_cannot_use(
        self, org: Org, connector: Connector, more: dict[str, Any], fault: str
    ) -> None:
        connector.events = [event("new-message-event", "1", **more)]
        _, heard, _ = asyncio.run(work(org, {"1"}, seconds=5))
        assert heard[0].fault == f"new-message-event: {fault}"


class TestThePage:
    def test_without_a_page_of_ones_own(self, org: Org) -> None:
        org.page = None
        assert "the platform's is shown, without agentAssistContainerModule" in refusal(org)

    @pytest.mark.parametrize(
        ("property", "value", "words"),
        [
            ("platform", "twilio", "Unsupported platform: twilio"),
            ("conversationProfile", "projects/p/conversation-profiles/x", "property conversationProfile must be"),
            ("endpoint", "connector.example", "property endpoint must be https://HOST"),
            ("endpoint", "https://connector.example/", "without a slash at the end"),
            ("channel", "chat", "property channel must be voice"),
            ("debugMode", True, "property debugMode is not false"),
            ("consumerSecret", "", "property consumerSecret is empty"),
        ],
    )
    def test_a_property_that_the_component_refuses(self, org: Org, property: str, value: Any, words: str) -> None:
        org.properties[property] = value
        assert words in refusal(org)

    def test_debug_mode_that_nobody_set_is_on(self, org: Org) -> None:
        del org.properties["debugMode"]
        assert "property debugMode is not false" in refusal(org)

    @pytest.mark.parametrize("name", ["ui_modules", "global_styles", "google_logo"])
    def test_without_a_static_resource(self, org: Org, name: str) -> None:
        del org.resources[name]
        assert refusal(org) == f"the static resource {name} is missing: the component cannot load it"

    def test_an_error_page_stored_as_script(self, org: Org) -> None:
        org.script = "<!DOCTYPE html><title>404</title>"
        assert "is no JavaScript but an HTML page" in refusal(org)


class TestTrustedUrls:
    def test_without_the_https_record(self, org: Org, connector: Connector) -> None:
        org.sources = org.sources[1:]
        assert refusal(org) == f"{connector.url} is not a trusted URL (connect-src); the record ui_connector is missing"

    def test_without_the_wss_record(self, org: Org, connector: Connector) -> None:
        org.sources = org.sources[:1]
        socket = connector.url.replace("http", "ws")
        assert refusal(org) == f"{socket} is not a trusted URL (connect-src); the record ui_connector_wss is missing"


class TestOauthAndCors:
    def test_wrong_secret(self, org: Org) -> None:
        org.properties["consumerSecret"] = "another-secret"
        told = refusal(org)
        assert told == "Salesforce refuses the OAuth app's key and secret: invalid_client: invalid client credentials"

    def test_oauth_endpoints_without_cors(self, org: Org) -> None:
        org.oauth_cors = False
        assert "'Enable CORS for OAuth endpoints' is off" in refusal(org)

    def test_connector_that_does_not_allow_the_org(self, org: Org, connector: Connector) -> None:
        connector.origins = ["https://other.lightning.force.com"]
        told = refusal(org)
        assert f"does not allow the origin {org.url} (CORS): it allows none" in told

    def test_connector_that_does_not_accept_the_orgs_token(self, org: Org, connector: Connector) -> None:
        connector.accepts = "the token of another org"
        assert refusal(org) == "the connector answered 401 to /register: it does not accept the org's token"


class TestTheCall:
    def test_unknown_phone(self, org: Org) -> None:
        org.phone = "+1 (555) 010-9999"
        assert refusal(org) == "the connector knows no conversation for the contact's phone '+1 (555) 010-9999'"

    def test_contact_without_phone(self, org: Org) -> None:
        org.phone = ""
        assert refusal(org).startswith("the contact has no phone number")

    def test_conversation_that_does_not_exist(self, org: Org, connector: Connector, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("rehearsal.desk.component._EXISTS_TRIES", 2)
        connector.existing.clear()
        assert refusal(org) == f"the connector answered 404 to GET /v2beta1/{CONVERSATION}"

    def test_conversation_of_another_project(self, org: Org, connector: Connector) -> None:
        other = CONVERSATION.replace("projects/p/", "projects/q/")
        connector.conversations, connector.existing = {"15550104477": other}, {other}
        assert "is not in the conversation profile's project p" in refusal(org)

    def test_token_that_dies_at_once(self, org: Org, connector: Connector) -> None:
        connector.token = token(lifetime=10)
        assert refusal(org) == "/register answered a token that lives less than a minute"

    def test_token_that_is_none(self, org: Org, connector: Connector) -> None:
        connector.token = "not-a-token"
        assert refusal(org) == "/register answered a token that the component cannot decode"
