"""The Flex CTI package by the Tooling API: installed over time, brings a call center, takes it away again."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.salesforce import FLEX_CTI
from tests.rehearsal.salesforce.client import Client
from tests.rehearsal.salesforce.desktop import deletion

REQUEST = {
    "SubscriberPackageVersionKey": FLEX_CTI.version_id,
    "NameConflictResolution": "Block",
    "SecurityType": "None",
    "PackageInstallSource": "U",
}


def install(client: Client, **other: Any) -> dict[str, Any]:
    made = client.call("POST", "tooling/sobjects/PackageInstallRequest", json={**REQUEST, **other})
    assert made.status_code == 201, made.text
    return client.call("GET", f"tooling/sobjects/PackageInstallRequest/{made.json()['id']}").json()


def test_a_call_center_comes_with_the_package(client: Client) -> None:
    assert client.query("SELECT Id FROM CallCenter") == []
    assert install(client)["Status"] == "SUCCESS"
    assert [each["InternalName"] for each in client.query("SELECT Id, InternalName FROM CallCenter")] == [
        "TwilioFlexCTI"
    ]
    installed = client.query(
        "SELECT Id, SubscriberPackage.NamespacePrefix, SubscriberPackageVersion.Id FROM InstalledSubscriberPackage",
        True,
    )
    assert installed[0]["SubscriberPackage"]["NamespacePrefix"] == FLEX_CTI.namespace
    assert installed[0]["SubscriberPackageVersion"]["Id"] == FLEX_CTI.version_id


def test_it_takes_its_time(client: Client) -> None:
    seconds = [0.0]
    client.org.org.clock = lambda: seconds[0]
    client.org.set_speed(pending=1.0, running=5.0)
    made = client.call("POST", "tooling/sobjects/PackageInstallRequest", json=REQUEST).json()["id"]
    seconds[0] = 4.0
    assert client.call("GET", f"tooling/sobjects/PackageInstallRequest/{made}").json()["Status"] == "IN_PROGRESS"
    assert client.query("SELECT Id FROM CallCenter") == []
    seconds[0] = 6.0
    assert client.call("GET", f"tooling/sobjects/PackageInstallRequest/{made}").json()["Status"] == "SUCCESS"


def test_installed_twice_it_is_there_once(client: Client) -> None:
    install(client)
    before = client.snapshot()
    assert install(client)["Status"] == "SUCCESS"
    assert client.snapshot() == before


def test_a_version_that_nobody_published(client: Client) -> None:
    request = install(client, SubscriberPackageVersionKey="04t000000000001")
    assert request["Status"] == "ERROR"
    assert "04t000000000001" in request["Errors"]["errors"][0]["message"]


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"SubscriberPackageVersionKey": None}, "REQUIRED_FIELD_MISSING"),
        ({"SubscriberPackageVersionKey": "0338Z0000012JNXQA2"}, "MALFORMED_ID"),
        ({"NameConflictResolution": "Ask"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ({"Colour": "blue"}, "INVALID_FIELD"),
    ],
)
def test_wrong_requests(client: Client, other: dict[str, Any], code: str) -> None:
    answer = client.call("POST", "tooling/sobjects/PackageInstallRequest", json={**REQUEST, **other})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


class TestMembers:
    @pytest.fixture(autouse=True)
    def _member(self, client: Client) -> None:
        install(client)
        center = client.query("SELECT Id FROM CallCenter WHERE InternalName = 'TwilioFlexCTI'")[0]["Id"]
        user = client.query("SELECT Id FROM User WHERE Username = 'agent.one@rehearsal.example'")[0]["Id"]
        assert client.call("PATCH", f"sobjects/User/{user}", json={"CallCenterId": center}).status_code == 204

    def center(self, client: Client) -> str | None:
        return client.snapshot()["User/agent.one@rehearsal.example"]["CallCenterId"]

    def test_a_member(self, client: Client) -> None:
        assert self.center(client) == "TwilioFlexCTI"

    def test_the_packages_call_center_cannot_be_deleted_by_itself(self, client: Client) -> None:
        result = client.deploy(deletion({"CallCenter": ["TwilioFlexCTI"]}))
        assert "belongs to the installed package" in result["details"]["componentFailures"][0]["problem"]

    def test_uninstalled_by_metadata_its_members_are_none(self, client: Client) -> None:
        client.deployed(deletion({"InstalledPackage": [FLEX_CTI.namespace]}))
        assert client.query("SELECT Id FROM CallCenter") == []
        assert self.center(client) is None

    def test_uninstalled_by_the_tooling_api(self, client: Client) -> None:
        path = "tooling/sobjects/SubscriberPackageVersionUninstallRequest"
        made = client.call("POST", path, json={"SubscriberPackageVersionId": FLEX_CTI.version_id}).json()["id"]
        assert client.call("GET", f"{path}/{made}").json()["Status"] == "Success"
        assert self.center(client) is None
        again = client.call("POST", path, json={"SubscriberPackageVersionId": FLEX_CTI.version_id}).json()["id"]
        assert client.call("GET", f"{path}/{again}").json()["Status"] == "Error"


class TestLookingAtMetadata:
    def test_bundles_pages_and_resources(self, client: Client) -> None:
        pages = client.query("SELECT Id, DeveloperName, EntityDefinitionId FROM FlexiPage", tooling=True)
        assert [(each["DeveloperName"], each["EntityDefinitionId"]) for each in pages] == [
            ("Contact_Record_Page_Sales", "Contact")
        ]
        bundle = client.query(
            "SELECT Id FROM LightningComponentBundle WHERE DeveloperName = 'unrelatedBadge'", tooling=True
        )[0]["Id"]
        text = "SELECT FilePath, Source, LightningComponentBundleId FROM LightningComponentResource"
        found = client.query(text, tooling=True)
        sources = {each["FilePath"]: each["Source"] for each in found if each["LightningComponentBundleId"] == bundle}
        assert "LightningElement" in sources["lwc/unrelatedBadge/unrelatedBadge.js"]

    @pytest.mark.parametrize(
        ("text", "code"),
        [("SELECT Id FROM Contact", "INVALID_TYPE"), ("SELECT Weather FROM FlexiPage", "INVALID_FIELD")],
    )
    def test_wrong_queries(self, client: Client, text: str, code: str) -> None:
        answer = client.call("GET", "tooling/query", params={"q": text})
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)
