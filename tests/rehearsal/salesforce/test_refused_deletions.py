"""What is in use stays, whoever asks; and the desktop that the rows of the other modules break is right."""

from __future__ import annotations

import pytest

from tests.rehearsal.salesforce.changes import CONTACT, FLEXIPAGE, GLOBAL, POLICY
from tests.rehearsal.salesforce.client import Client
from tests.rehearsal.salesforce.desktop import (
    BUNDLE,
    PAGE,
    Files,
    activation,
    bundle,
    deletion,
    manifest,
    oauth_app,
    packaged,
    page,
    static_resources,
    whole_desktop,
)


class TestDeletionsThatAreRefused:
    """What is in use stays, whoever asks."""

    @pytest.fixture(autouse=True)
    def _desktop(self, client: Client) -> None:
        client.deployed(whole_desktop())

    def refused(self, client: Client, files: Files) -> list[str]:
        before = client.snapshot()
        result = client.deploy(files)
        assert result["status"] == "Failed"
        assert client.snapshot() == before
        return [each["problem"] for each in result["details"]["componentFailures"]]

    def test_an_active_page(self, client: Client) -> None:
        problems = self.refused(client, deletion({"FlexiPage": [PAGE]}))
        assert problems == [
            "You can't delete an active Lightning Page. Open the page in Lightning App Builder and click Activation to deactivate it."
        ]

    def test_an_active_page_in_the_deployment_that_deactivates_it_unless_afterwards(self, client: Client) -> None:
        files = packaged({CONTACT: activation(None, "Default")})
        too_early = {**files, "destructiveChanges.xml": manifest({"FlexiPage": [PAGE]}, None)}
        assert "active Lightning Page" in self.refused(client, too_early)[0]
        client.deployed({**files, "destructiveChangesPost.xml": manifest({"FlexiPage": [PAGE]}, None)})
        assert f"FlexiPage/{PAGE}" not in client.snapshot()

    def test_a_component_on_a_page(self, client: Client) -> None:
        problem = self.refused(client, deletion({"LightningComponentBundle": [BUNDLE]}))[0]
        assert "referenced elsewhere in salesforce.com" in problem and PAGE in problem

    def test_a_static_resource_of_a_component(self, client: Client) -> None:
        problem = self.refused(client, deletion({"StaticResource": ["global_styles"]}))[0]
        assert "referenced elsewhere in salesforce.com" in problem and BUNDLE in problem

    def test_settings(self, client: Client) -> None:
        assert "Settings cannot be deleted" in self.refused(client, deletion({"Settings": ["Security"]}))[0]

    def test_wildcards(self, client: Client) -> None:
        assert "wildcard" in self.refused(client, deletion({"CspTrustedSite": ["*"]}))[0]

    def test_a_standard_object(self, client: Client) -> None:
        assert "Contact" in self.refused(client, deletion({"CustomObject": ["Contact"]}))[0]

    def test_a_list_of_deletions_without_package_xml(self, client: Client) -> None:
        files = deletion({"CspTrustedSite": ["ui_connector"]})
        del files["package.xml"]
        result = client.finished(client.send(files).json()["id"])
        assert result["status"] == "Failed"
        assert result["details"]["componentFailures"][0]["problem"] == "No package.xml found"

    def test_a_second_policies_record(self, client: Client) -> None:
        app = oauth_app()
        second = {"extlClntAppOauthPolicies/lwc_auth_second.ecaOauthPlcy": app[POLICY]}
        problem = self.refused(client, packaged(second))[0]
        assert problem == "DUPLICATE_VALUE: ExtlClntAppOauthSettingsId duplicates value on lwc_auth_oauthPlcy"

    def test_another_consumer_key(self, client: Client) -> None:
        files = {
            GLOBAL: oauth_app()[GLOBAL].replace(b"<external", b"<consumerKey>another.key.0001</consumerKey>\n<external")
        }
        assert "consumerKey cannot be changed" in self.refused(client, packaged(files))[0]

    def test_another_object_for_a_page(self, client: Client) -> None:
        files = {FLEXIPAGE: page(sobject="<sobjectType>Account</sobjectType>\n")}
        assert "sobjectType" in self.refused(client, packaged(files))[0]


def test_the_desktop_that_the_rows_break_is_right(client: Client) -> None:
    result = client.deployed(whole_desktop())
    assert {each["componentType"] for each in result["details"]["componentSuccesses"]} >= {
        "FlexiPage",
        "LightningComponentBundle",
    }
    assert {*bundle(), *static_resources()} <= set(whole_desktop())
