"""Something of Salesforce is wrong in a deployed environment: the desk stops at that place and says what it is."""

from __future__ import annotations

import pytest

from rehearsal.call import Call
from tests.engine.hands import Salesforce
from tests.engine.local_world import LocalWorld

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("impatient")]
PAGE = "Agent_Assist_Contact"


def at_the_desk(call: Call) -> str:
    """The call went through to the agent, whose desk names the only problem."""
    assert call.trace.reached_agent and call.trace.conversation
    assert len(call.problems) == 1, call.problems
    assert call.problems[0].startswith("desk: ")
    assert not call.found_by_phone and call.events_heard == 0
    return call.problems[0].removeprefix("desk: ")


def test_the_guides_platform(untouched: LocalWorld, salesforce: Salesforce) -> None:
    with salesforce.page_property(PAGE, "platform", "twilio"):
        assert at_the_desk(untouched.call()) == "Unsupported platform: twilio"


def test_an_endpoint_as_the_guide_writes_it(untouched: LocalWorld, salesforce: Salesforce) -> None:
    with salesforce.page_property(PAGE, "endpoint", "connector.example.run.app"):
        told = at_the_desk(untouched.call())
    assert (
        told == "property endpoint must be https://HOST without a slash at the end, it is 'connector.example.run.app'"
    )


def test_debug_mode_as_it_is_by_default(untouched: LocalWorld, salesforce: Salesforce) -> None:
    with salesforce.page_property(PAGE, "debugMode", "true"):
        told = at_the_desk(untouched.call())
    assert told == "property debugMode is not false: the component would write the consumer secret to the console"


def test_another_consumer_secret(untouched: LocalWorld, salesforce: Salesforce) -> None:
    with salesforce.page_property(PAGE, "consumerSecret", "planted-wrong-secret"):
        told = at_the_desk(untouched.call())
    assert told == "Salesforce refuses the OAuth app's key and secret: invalid_client: invalid client credentials"


def test_another_profile_on_the_page(untouched: LocalWorld, salesforce: Salesforce) -> None:
    other = "projects/rehearsal-project/locations/us-central1/conversationProfiles/another"
    with salesforce.page_property(PAGE, "conversationProfile", other):
        told = at_the_desk(untouched.call())
    assert told == f"property conversationProfile names {other}, for which the connector answered 404"


@pytest.mark.parametrize(("name", "scheme"), [("ui_connector", "http"), ("ui_connector_wss", "ws")])
def test_a_trusted_url_is_missing(untouched: LocalWorld, salesforce: Salesforce, name: str, scheme: str) -> None:
    address = untouched.raw["connector"]["url"].removeprefix("http://")
    with salesforce.trusted_url_switched_off(name):
        told = at_the_desk(untouched.call())
    assert told == f"{scheme}://{address} is not a trusted URL (connect-src); the record {name} is missing"


def test_oauth_answers_without_cors(untouched: LocalWorld, salesforce: Salesforce) -> None:
    def off(text: str) -> str:
        return text.replace("<enableOauthCorsPolicy>true<", "<enableOauthCorsPolicy>false<")

    with salesforce.metadata_changed("Settings", "Security", off):
        told = at_the_desk(untouched.call())
    assert "CORS" in told and "Enable CORS for OAuth endpoints" in told


def test_a_page_that_is_not_active(untouched: LocalWorld, salesforce: Salesforce) -> None:
    def other(text: str) -> str:
        return text.replace(f"<content>{PAGE}</content>", "<content>Contact_Record_Page_Sales</content>")

    with salesforce.metadata_changed("CustomObject", "Contact", other):
        told = at_the_desk(untouched.call())
    assert told.startswith(
        "the contact page Contact_Record_Page_Sales has no component agentAssistContainerModule; it has "
    )


def test_a_contact_with_another_phone(untouched: LocalWorld) -> None:
    told = at_the_desk(untouched.call(contact_phone="+1 (555) 010-9999"))
    assert told == "the connector knows no conversation for the contact's phone '+1 (555) 010-9999'"
