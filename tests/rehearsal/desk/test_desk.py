"""The agent's desk, of each kind that this machine can have: what it hears, and what a browser and the component refuse."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from rehearsal.desk.desk import Found
from rehearsal.desk.ears import Heard, twice
from rehearsal.desk.kinds import Desks
from rehearsal.desk.problem import DeskProblem
from rehearsal.desk.site import Site, agents
from rehearsal.salesforce.by_hand import activate
from tests.rehearsal.desk.conftest import CONVERSATION, LIGHTNING, PROFILE, ROOM, Connector, token
from tests.rehearsal.desk.deployed import TRUSTED, DeployedOrg, component_files
from tests.rehearsal.salesforce.desktop import activation, deletion, settings, trusted_site

MODULES = ("transcript.js", "container.js", "common.js")


async def work(
    desks: Desks, org: DeployedOrg, message_ids: set[str] | None = None, patience: float = 30.0
) -> tuple[Found, list[Heard], list[str]]:
    """One agent from opening the page to the end of the call: what was found, heard, and is wrong all the same.

    patience: seconds, for the call to be found and for each event.
    """
    site = Site.of(org.org.url)
    async with desks.desk(site, agents(org.org.url)[0], org.contact_id, patience=patience) as desk:
        await desk.open()
        found, _ = await desk.take_call()
        await desk.wait_for(message_ids or set(), patience)
        return found, list(desk.heard), await desk.faults()


def refusal(desks: Desks, org: DeployedOrg) -> str:
    """Why the call does not come to the agent, or is not all right there."""
    try:
        _, _, faults = asyncio.run(work(desks, org, patience=2.0))
    except DeskProblem as problem:
        return str(problem)
    return "; ".join(faults)


def event(name: str, message_id: str, more: dict[str, Any] | None = None, **envelope: Any) -> tuple[str, dict[str, Any]]:
    data = json.dumps({"conversation": CONVERSATION, **(more or {})})
    return name, {"conversation_name": ROOM, "data": data, "data_type": name, "message_id": message_id, **envelope}


def said(message_id: str, text: str) -> tuple[str, dict[str, Any]]:
    payload = {"name": f"{CONVERSATION}/messages/{message_id}", "content": text, "participantRole": "END_USER"}
    return event("new-message-event", message_id, {"newMessagePayload": payload})


def suggested(message_id: str, text: str) -> tuple[str, dict[str, Any]]:
    answer = {"suggestedQuery": {"queryText": "Where is it?"}, "suggestedQueryAnswer": {"answerText": text}}
    results = [{"suggestKnowledgeAssistResponse": {"knowledgeAssistAnswer": answer}}]
    return event("human-agent-assistant-event", message_id, {"suggestionResults": results})


class TestTheGoodDesk:
    @pytest.mark.parametrize("phone", ["+1 (555) 010-4477", "15550104477", "1-555-010-4477"])
    def test_finds_the_call_by_the_contacts_phone_and_joins(
        self, desks: Desks, org: DeployedOrg, connector: Connector, phone: str
    ) -> None:
        org.contact_has(phone)
        found, _, faults = asyncio.run(work(desks, org))
        assert (found.conversation, found.room) == (CONVERSATION, ROOM)
        assert found.resource == {"name": CONVERSATION}
        assert faults == []

    def test_asks_with_the_phone_as_it_is_typed(self, desks: Desks, org: DeployedOrg, connector: Connector) -> None:
        """The component does not encode it: a plus arrives as a blank."""
        asyncio.run(work(desks, org))
        assert connector.asked == [" 1 (555) 010-4477"]

    def test_hears_every_event_once_and_shows_it(self, desks: Desks, org: DeployedOrg, connector: Connector) -> None:
        connector.events = [said("1", "My package has not arrived."), suggested("2", "It comes tomorrow.")]
        _, heard, faults = asyncio.run(work(desks, org, {"1", "2"}))
        assert [(each.message_id, each.data_type, each.fault) for each in heard] == [
            ("1", "new-message-event", ""),
            ("2", "human-agent-assistant-event", ""),
        ]
        assert (twice(heard), faults) == ([], [])

    def test_notices_an_event_that_comes_twice(self, desks: Desks, org: DeployedOrg, connector: Connector) -> None:
        connector.events = [said("1", "One."), said("1", "One."), said("2", "Two.")]
        assert twice(asyncio.run(work(desks, org, {"1", "2"}))[1]) == ["1"]

    @pytest.mark.parametrize(
        ("more", "fault"),
        [
            ({"data": {"conversation": CONVERSATION}}, "data is not JSON as a string"),
            ({"data": "{}"}, "data names no conversation"),
            ({"data_type": "other"}, "data_type is 'other'"),
        ],
    )
    def test_notices_an_event_that_the_ui_modules_cannot_use(
        self, desks: Desks, org: DeployedOrg, connector: Connector, more: dict[str, Any], fault: str
    ) -> None:
        connector.events = [event("new-message-event", "1", **more)]
        _, heard, _ = asyncio.run(work(desks, org, {"1"}))
        assert heard[0].fault == f"new-message-event: {fault}"

    def test_two_agents_on_one_call_hear_it_each(self, desks: Desks, org: DeployedOrg, connector: Connector) -> None:
        """A transfer: the second agent opens the same page while the first is still there."""
        connector.events = [said("1", "One."), said("2", "Two.")]

        async def both() -> list[list[str]]:
            site = Site.of(org.org.url)
            first, second = (desks.desk(site, each, org.contact_id) for each in agents(org.org.url))
            async with first, second:
                for each in (first, second):
                    await each.open()
                    await each.take_call()
                    await each.wait_for({"1", "2"}, 30.0)
                    assert await each.faults() == []
                return [[one.message_id for one in each.heard] for each in (first, second)]

        assert asyncio.run(both()) == [["1", "2"], ["1", "2"]]


class TestOnePieceIsMissing:
    """Take one piece of the deployment away: the call does not come to the agent, and the piece is named."""

    def test_oauth_app(self, desks: Desks, org: DeployedOrg) -> None:
        org.client.deployed(deletion({"ExternalClientApplication": ["lwc_auth"]}))
        told = refusal(desks, org)
        assert told == "Salesforce refuses the OAuth app's key and secret: invalid_client_id: client identifier invalid"

    def test_oauth_cors(self, desks: Desks, org: DeployedOrg) -> None:
        org.client.deployed(settings(cors=False))
        assert "the setting 'Enable CORS for OAuth endpoints' is off" in refusal(desks, org)

    @pytest.mark.parametrize("name", TRUSTED)
    def test_trusted_url(self, desks: Desks, org: DeployedOrg, connector: Connector, name: str) -> None:
        org.remove_trusted_url(name)
        origin, directive = {
            "ui_connector": (connector.url, "connect-src"),
            "ui_connector_wss": (connector.url.replace("http", "ws"), "connect-src"),
            "salesforce_domain": ("https://rehearsal.my.salesforce.com", "connect-src"),
            "googleapi": ("https://fonts.googleapis.com", "style-src"),
            "gstatic": ("https://www.gstatic.com", "img-src"),
        }[name]
        told = refusal(desks, org)
        assert told.startswith(f"{origin} is not a trusted URL ({directive}); the record {name} is missing")
        assert told.endswith("Chromium refused it") == (desks.kind == "chromium")

    @pytest.mark.parametrize("name", MODULES)
    def test_ui_module(self, desks: Desks, org: DeployedOrg, name: str) -> None:
        org.client.deployed(component_files({each: b"// there\n" for each in MODULES if each != name}))
        assert refusal(desks, org) == f"the static resource ui_modules has no {name}"

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("endpoint", "property endpoint must be https://HOST without a slash at the end, it is ''"),
            ("conversationProfile", "property conversationProfile must be projects/P/locations/L/conversationProfiles/ID, it is ''"),
            ("channel", "property channel must be voice, it is 'chat'"),
            ("platform", "Unsupported platform: messaging"),
            ("consumerKey", "property consumerKey is empty"),
            ("consumerSecret", "property consumerSecret is empty"),
            ("debugMode", "property debugMode is not false: the component would write the consumer secret to the console"),
        ],
    )
    def test_page_property(
        self, desks: Desks, org: DeployedOrg, name: str, words: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # A component of another channel never joins: nothing is gained by waiting for that.
        monkeypatch.setattr("rehearsal.desk.chromium.desk._JOIN_SECONDS", 0.5)
        org.client.deployed(org.page_files(without=name))
        assert refusal(desks, org) == words

    def test_activation(self, desks: Desks, org: DeployedOrg) -> None:
        org.client.deployed({"objects/Contact.object": activation("Contact_Record_Page_Sales")})
        assert refusal(desks, org).startswith(
            "the contact page Contact_Record_Page_Sales has no component agentAssistContainerModule; it has "
        )

    def test_any_activation(self, desks: Desks, org: DeployedOrg) -> None:
        org.client.deployed({"objects/Contact.object": activation(None, "Default")})
        assert "the platform's is shown, without agentAssistContainerModule" in refusal(desks, org)

    def test_an_app_shows_another_page(self, desks: Desks, org: DeployedOrg) -> None:
        activate(org.client.url, org.client.token, "Contact_Record_Page_Sales", "app")
        assert refusal(desks, org).startswith(
            "the contact page Contact_Record_Page_Sales, which the app standard__LightningService shows in place of the org's, "
            "has no component agentAssistContainerModule; it has "
        )


class TestOnePieceIsWrong:
    @pytest.mark.parametrize(
        ("name", "value", "words"),
        [
            ("platform", "twilio", "Unsupported platform: twilio"),
            ("conversationProfile", "projects/p/conversation-profiles/x", "property conversationProfile must be"),
            ("conversationProfile", PROFILE + "2", f"property conversationProfile names {PROFILE}2"),
            ("endpoint", "connector.example", "property endpoint must be https://HOST"),
            ("endpoint", "https://connector.example/", "without a slash at the end"),
            ("consumerSecret", "another-secret", "Salesforce refuses the OAuth app's key and secret: invalid_client"),
        ],
    )
    def test_page_property(self, desks: Desks, org: DeployedOrg, name: str, value: str, words: str) -> None:
        org.client.deployed(org.page_files(**{name: value}))
        assert words in refusal(desks, org)

    def test_trusted_url_of_another_connector(self, desks: Desks, org: DeployedOrg) -> None:
        org.client.deployed({"cspTrustedSites/ui_connector.cspTrustedSite": trusted_site("https://other.example.run.app")})
        assert "the record ui_connector is missing" in refusal(desks, org)

    def test_an_error_page_stored_as_script(self, desks: Desks, org: DeployedOrg) -> None:
        page = b"<!DOCTYPE html><title>404</title>"
        org.client.deployed(component_files(dict.fromkeys(MODULES, page)))
        assert "is no JavaScript but an HTML page" in refusal(desks, org)

    def test_connector_that_does_not_allow_the_org(self, desks: Desks, org: DeployedOrg, connector: Connector) -> None:
        connector.origins = ["https://other.lightning.force.com"]
        assert f"does not allow the origin {LIGHTNING} (CORS): it allows none" in refusal(desks, org)

    def test_connector_that_does_not_accept_the_orgs_token(self, desks: Desks, org: DeployedOrg, connector: Connector) -> None:
        connector.accepts = "the token of another org"
        assert refusal(desks, org) == "the connector answered 401 to /register: it does not accept the org's token"


class TestTheCall:
    def test_unknown_phone(self, desks: Desks, org: DeployedOrg) -> None:
        org.contact_has("+1 (555) 010-9999")
        assert refusal(desks, org) == "the connector knows no conversation for the contact's phone '+1 (555) 010-9999'"

    def test_contact_without_phone(self, desks: Desks, org: DeployedOrg) -> None:
        org.contact_has("")
        assert refusal(desks, org).startswith("the contact has no phone number")

    def test_conversation_that_does_not_exist(
        self, desks: Desks, org: DeployedOrg, connector: Connector, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("rehearsal.desk.component._EXISTS_TRIES", 2)
        monkeypatch.setattr("rehearsal.desk.chromium.desk._JOIN_SECONDS", 0.5)
        connector.existing.discard(CONVERSATION)
        assert refusal(desks, org) == f"the connector answered 404 to GET /v2beta1/{CONVERSATION}"

    def test_conversation_of_another_project(self, desks: Desks, org: DeployedOrg, connector: Connector) -> None:
        other = CONVERSATION.replace("projects/p/", "projects/q/")
        connector.conversations = {"15550104477": other}
        connector.existing.add(other)
        assert "is not in the conversation profile's project p" in refusal(desks, org)

    def test_token_that_dies_at_once(self, desks: Desks, org: DeployedOrg, connector: Connector) -> None:
        connector.token = token(lifetime=10)
        assert refusal(desks, org) == "/register answered a token that lives less than a minute"

    def test_token_that_is_none(self, desks: Desks, org: DeployedOrg, connector: Connector) -> None:
        connector.token = "not-a-token"
        assert refusal(desks, org) == "/register answered a token that the component cannot decode"
