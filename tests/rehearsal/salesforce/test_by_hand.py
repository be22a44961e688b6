"""An org that someone set up with the guide."""

from __future__ import annotations

import pytest
import requests

from rehearsal.salesforce import INTEGRATION_USER
from rehearsal.salesforce.by_hand import ByHand, activate, follow_the_guide
from tests.rehearsal.salesforce import shapes
from tests.rehearsal.salesforce.client import Client
from tests.rehearsal.salesforce.desktop import deletion


def _done(client: Client, **given: object) -> ByHand:
    return follow_the_guide(client.url, client.token, run_as=INTEGRATION_USER, **given)


def test_everything_that_the_guide_names_is_there(client: Client) -> None:
    made, there = _done(client), client.snapshot()
    assert there["ExternalClientApplication/lwc_auth"]["label"] == "lwc auth"
    assert there[f"ExtlClntAppOauthConfigurablePolicies/{made.policies}"]["clientCredentialsFlowUser"] == INTEGRATION_USER
    assert there["Settings/Security"]["sessionSettings"]["enableOauthCorsPolicy"] is True
    assert there["Settings/ExternalClientApp"]["enableClientSecretInRestApiAccess"] is False
    assert {name: there[f"CspTrustedSite/{name}"]["endpointUrl"] for name in made.trusted_urls} == made.trusted_urls
    assert there["CspTrustedSite/ui_connector_wss"]["endpointUrl"].startswith("wss://")
    assert there["Activation/Contact.View.Large"] == {"page": "Contact_Record_Page"}
    for each in ("LightningComponentBundle/agentAssistContainerModule", "StaticResource/ui_modules"):
        assert there[each]["files"]


@pytest.mark.parametrize("ending", ["_oauthPlcy", "_oauth_defaultPolicy"])
def test_salesforce_itself_named_the_policies(client: Client, ending: str) -> None:
    client.org.org.policies_ending = ending
    assert _done(client, app="voice_auth").policies == f"voice_auth{ending}"


def test_the_page_holds_the_apps_own_key_and_secret(client: Client) -> None:
    made = _done(client)
    shown = str(client.snapshot()[f"FlexiPage/{made.page}"])
    assert "<consumer key of lwc_auth>" in shown and "<consumer secret of lwc_auth>" in shown
    assert made.consumer_secret not in shown and made.consumer_secret not in repr(made)


def test_the_component_signs_in_with_them(client: Client) -> None:
    made = _done(client)
    given = {"grant_type": "client_credentials", "client_id": made.consumer_key, "client_secret": made.consumer_secret}
    answer = requests.get(f"{client.url}/services/oauth2/token", params=given, timeout=10)
    assert answer.status_code == 200, answer.text


def test_what_the_page_says_can_be_chosen(client: Client) -> None:
    made = _done(client, properties={"platform": "twilioflex", "containerHeight": None}, activation=None, page="Other")
    there = client.snapshot()
    instance = there[f"FlexiPage/{made.page}"]["flexiPageRegions"][2]["itemInstances"][0]["componentInstance"]
    given = {each["name"]: each["value"] for each in instance["componentInstanceProperties"]}
    assert given["platform"] == "twilioflex" and "containerHeight" not in given
    assert there["Activation/Contact.View.Large"] == {"page": "Contact_Record_Page_Sales"}


class TestActivation:
    def test_for_an_app(self, client: Client) -> None:
        before = client.snapshot()
        _done(client, activation="app")
        there = client.snapshot()
        assert there["Activation/standard__LightningService.Contact.View.Large"] == {"page": "Contact_Record_Page"}
        assert there["Activation/Contact.View.Large"] == before["Activation/Contact.View.Large"]
        console = "CustomApplication/standard__LightningService"
        assert there[console] == before[console]

    def test_for_a_profile_of_an_app(self, client: Client) -> None:
        _done(client, activation="profile")
        place = "Activation/standard__LightningService.Contact.View.Large.Admin"
        assert client.snapshot()[place] == {"page": "Contact_Record_Page"}

    def test_another_page_in_the_app_beside_ours_in_the_org(self, client: Client) -> None:
        _done(client)
        activate(client.url, client.token, "Contact_Record_Page_Sales", "app")
        store = client.org.org.store
        assert store.active_page("Contact") == "Contact_Record_Page"
        assert store.page_of_app("standard__LightningService", "Contact") == "Contact_Record_Page_Sales"

    def test_a_page_that_any_app_shows_cannot_be_deleted(self, client: Client) -> None:
        made = _done(client, activation="profile")
        result = client.deploy(deletion({"FlexiPage": [made.page]}))
        assert "active Lightning Page" in result["details"]["componentFailures"][0]["problem"]

    def test_the_standard_app_cannot_be_deleted(self, client: Client) -> None:
        result = client.deploy(deletion({"CustomApplication": ["standard__LightningService"]}))
        assert "standard app" in result["details"]["componentFailures"][0]["problem"]

    def test_an_app_shows_one_page_per_place(self, client: Client) -> None:
        console = shapes.APP[shapes.CONSOLE].decode()
        start, end = console.index("    <actionOverrides>"), console.index("    <formFactors>")
        twice = console[:end] + console[start:end] + console[end:]
        result = client.deploy({**shapes.APP, shapes.CONSOLE: twice.encode()})
        (failure,) = result["details"]["componentFailures"]
        assert failure["problem"] == "The action override of Contact View Large is given more than once"
