"""Deployments over time and as a whole: statuses, cancelling, checking only, rolling back, warnings, quick deployment."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import requests

from rehearsal.salesforce import SalesforceStandIn
from tests.rehearsal.salesforce.client import Client
from tests.rehearsal.salesforce.desktop import (
    activation,
    deletion,
    oauth_app,
    packaged,
    trusted_site,
    whole_desktop,
    zipped,
)

SITE = {"cspTrustedSites/ui_connector.cspTrustedSite": trusted_site()}
BAD = {"cspTrustedSites/bad.cspTrustedSite": trusted_site("http://bad.example.com")}


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def slow(clock: Clock) -> Iterator[Client]:
    """An org where a deployment waits 2 seconds and works for 10, by a clock that the test moves."""
    org = SalesforceStandIn("admin@rehearsal.example", pending=2.0, running=10.0)
    org.org.clock = clock
    with org:
        yield Client(org)


class TestOverTime:
    def test_pending_then_in_progress_then_succeeded(self, slow: Client, clock: Clock) -> None:
        number = slow.send(packaged({**SITE, **oauth_app()})).json()["id"]
        assert number.startswith("0Af") and len(number) == 18
        assert (slow.status(number)["status"], slow.status(number)["done"]) == ("Pending", False)
        clock.now += 7.0
        working = slow.status(number)
        assert (working["status"], working["done"], working["numberComponentsTotal"]) == ("InProgress", False, 5)
        assert 0 < working["numberComponentsDeployed"] < 5
        assert "CspTrustedSite/ui_connector" not in slow.snapshot()
        clock.now += 5.0
        result = slow.status(number)
        assert (result["status"], result["done"], result["success"]) == ("Succeeded", True, True)
        assert (result["numberComponentsDeployed"], result["numberComponentErrors"]) == (5, 0)
        assert "CspTrustedSite/ui_connector" in slow.snapshot()

    def test_one_at_a_time_in_the_order_of_arrival(self, slow: Client, clock: Clock) -> None:
        first, second = (slow.send(packaged(SITE)).json()["id"] for _ in range(2))
        clock.now += 11.0
        assert (slow.status(first)["status"], slow.status(second)["status"]) == ("InProgress", "Pending")
        clock.now += 2.0
        assert (slow.status(first)["status"], slow.status(second)["status"]) == ("Succeeded", "InProgress")

    def test_a_waiting_deployment_is_cancelled_at_once(self, slow: Client, clock: Clock) -> None:
        number = slow.send(packaged(SITE)).json()["id"]
        answer = slow.call("PATCH", f"metadata/deployRequest/{number}", json={"deployResult": {"status": "Canceling"}})
        assert answer.status_code == 202
        clock.now += 60.0
        result = slow.status(number)
        assert (result["status"], result["done"], result["success"]) == ("Canceled", True, False)
        assert "CspTrustedSite/ui_connector" not in slow.snapshot()

    def test_one_at_work_ends_cancelled_with_nothing_kept(self, slow: Client, clock: Clock) -> None:
        number = slow.send(packaged(SITE)).json()["id"]
        clock.now += 5.0
        slow.call("PATCH", f"metadata/deployRequest/{number}", json={"deployResult": {"status": "Canceling"}})
        assert (slow.status(number)["status"], slow.status(number)["done"]) == ("Canceling", False)
        clock.now += 10.0
        assert slow.status(number)["status"] == "Canceled"
        assert "CspTrustedSite/ui_connector" not in slow.snapshot()

    def test_one_that_is_over_cannot_be_cancelled(self, client: Client) -> None:
        number = client.deployed(SITE)["id"]
        answer = client.call(
            "PATCH", f"metadata/deployRequest/{number}", json={"deployResult": {"status": "Canceling"}}
        )
        assert answer.status_code == 400
        assert "already completed" in answer.json()[0]["message"]


class TestAsAWhole:
    def test_rollback_on_error_leaves_nothing_half_made(self, client: Client) -> None:
        before = client.snapshot()
        result = client.deploy({**whole_desktop(), **BAD}, rollbackOnError=True)
        assert result["status"] == "Failed"
        assert [each["fullName"] for each in result["details"]["componentFailures"]] == ["bad"]
        assert client.snapshot() == before

    def test_without_rollback_the_good_ones_stay(self, client: Client) -> None:
        result = client.deploy({**SITE, **BAD}, rollbackOnError=False)
        assert (result["status"], result["success"], result["numberComponentErrors"]) == ("SucceededPartial", False, 1)
        assert "CspTrustedSite/ui_connector" in client.snapshot()
        assert "CspTrustedSite/bad" not in client.snapshot()

    def test_check_only_saves_nothing(self, client: Client) -> None:
        before = client.snapshot()
        result = client.deployed(whole_desktop(), checkOnly=True)
        assert result["checkOnly"] is True
        assert client.snapshot() == before

    def test_a_validated_deployment_is_deployed_by_its_id(self, client: Client) -> None:
        validated = client.deployed(SITE, checkOnly=True)["id"]
        answer = client.call("POST", "metadata/deployRequest", json={"validatedDeployRequestId": validated})
        assert client.finished(answer.json()["id"])["status"] == "Succeeded"
        assert "CspTrustedSite/ui_connector" in client.snapshot()

    def test_one_that_was_not_a_validation_is_not(self, client: Client) -> None:
        number = client.deployed(SITE)["id"]
        answer = client.call("POST", "metadata/deployRequest", json={"validatedDeployRequestId": number})
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_ID_FIELD")

    def test_the_second_time_nothing_changes(self, client: Client) -> None:
        client.deployed(whole_desktop())
        before = client.snapshot()
        rows = client.deployed(whole_desktop())["details"]["componentSuccesses"]
        assert not [each for each in rows if each["componentType"] and (each["changed"] or each["created"])]
        assert client.snapshot() == before

    def test_a_component_keeps_its_id(self, client: Client) -> None:
        rows = [client.deployed({"cspTrustedSites/a.cspTrustedSite": trusted_site(url)})["details"]["componentSuccesses"][1]
                for url in ("https://a.example.com", "https://b.example.com")]  # fmt: skip
        assert rows[0]["id"] == rows[1]["id"]
        assert [(each["created"], each["changed"]) for each in rows] == [(True, True), (False, True)]

    def test_one_folder_per_package_when_it_is_not_a_single_one(self, client: Client) -> None:
        files = {f"unpackaged/{path}": content for path, content in packaged(SITE).items()}
        assert client.deploy({"package.xml": b"", **files})["status"] == "Failed"
        assert client.finished(client.send(files, singlePackage=False).json()["id"])["status"] == "Succeeded"


class TestDeletions:
    def test_what_is_missing_is_a_warning_and_does_not_stop_the_others(self, client: Client) -> None:
        client.deployed(SITE)
        result = client.deployed(deletion({"CspTrustedSite": ["nobody", "ui_connector"]}))
        rows = {each["problem"] or each["fullName"]: each for each in result["details"]["componentSuccesses"]}
        assert rows["No CspTrustedSite named: nobody found"]["problemType"] == "Warning"
        assert rows["ui_connector"]["deleted"] is True
        assert "CspTrustedSite/ui_connector" not in client.snapshot()

    def test_the_whole_desktop_goes_once_the_page_is_not_active(self, client: Client) -> None:
        before = client.snapshot()
        client.deployed(whole_desktop())
        client.deployed({"objects/Contact.object": activation("Contact_Record_Page_Sales")})
        client.deployed(
            deletion(
                {
                    "FlexiPage": ["Agent_Assist_Contact"],
                    "LightningComponentBundle": ["agentAssistContainerModule"],
                    "StaticResource": ["ui_modules", "global_styles"],
                    "CspTrustedSite": ["ui_connector"],
                    "ExternalClientApplication": ["lwc_auth"],
                }
            )
        )
        after = client.snapshot()
        changed = {key for key in {*before, *after} if before.get(key) != after.get(key)}
        # What was there before is there again; only the settings, which cannot be deleted, stay as they were set.
        assert changed == {"Settings/Security", "Settings/ExternalClientApp", "CustomObject/Contact"}

    def test_an_app_takes_its_parts_with_it(self, client: Client) -> None:
        client.deployed(oauth_app())
        client.deployed(deletion({"ExternalClientApplication": ["lwc_auth"]}))
        assert not [key for key in client.snapshot() if "lwc_auth" in key]


class TestWarnings:
    @pytest.fixture
    def rotating(self) -> dict[str, bytes]:
        old, new = b"RotateConsumerSecret>false", b"RotateConsumerSecret>true"
        return {path: content.replace(old, new) for path, content in oauth_app().items()}

    def test_ignored_they_are_told_and_the_secret_is_new(self, client: Client, rotating: dict[str, bytes]) -> None:
        client.deployed(oauth_app())
        before = client.org.org.store.credentials["lwc_auth"]
        result = client.deployed(rotating, ignoreWarnings=True)
        after = client.org.org.store.credentials["lwc_auth"]
        assert [
            each["componentType"]
            for each in result["details"]["componentSuccesses"]
            if each["problemType"] == "Warning"
        ] == ["ExtlClntAppGlobalOauthSettings"]
        assert (after.key == before.key, after.secret == before.secret) == (True, False)

    def test_otherwise_they_fail(self, client: Client, rotating: dict[str, bytes]) -> None:
        assert client.deploy(rotating)["status"] == "Failed"


class TestRequestsThatAreNoDeployment:
    def test_a_file_that_is_no_zip_fails_without_rows(self, client: Client) -> None:
        result = client.finished(client.send({}, content=b"PK nothing").json()["id"])
        assert (result["status"], result["errorStatusCode"]) == ("Failed", "UNKNOWN_EXCEPTION")
        assert "zip" in result["errorMessage"]
        assert result["details"]["componentFailures"] == []

    @pytest.mark.parametrize(
        ("options", "word"),
        [
            ({"rollback": True}, "rollback"),
            ({"checkOnly": "yes"}, "checkOnly"),
            ({"testLevel": "SomeTests"}, "SomeTests"),
            ({"testLevel": "RunSpecifiedTests"}, "runTests"),
        ],
    )
    def test_options_that_there_are_not(self, client: Client, options: dict[str, object], word: str) -> None:
        answer = client.send(packaged(SITE), **options)
        assert answer.status_code == 400
        assert word in answer.json()[0]["message"]

    def test_no_file(self, client: Client) -> None:
        parts = {"entity_content": (None, '{"deployOptions": {}}', "application/json")}
        answer = client.call("POST", "metadata/deployRequest", files=parts)
        assert (answer.status_code, "`file`" in answer.json()[0]["message"]) == (400, True)

    def test_an_unknown_deployment(self, client: Client) -> None:
        assert client.call("GET", "metadata/deployRequest/0Af000000000001AAA").status_code == 404

    def test_an_agent_may_not_deploy(self, client: Client) -> None:
        agent = Client(client.org, next(iter(client.org.agent_sessions.values())))
        answer = agent.send(packaged(SITE))
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (403, "INSUFFICIENT_ACCESS")

    def test_a_dead_token(self, client: Client) -> None:
        client.org.end_session(client.token)
        answer = client.send(packaged(SITE))
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (401, "INVALID_SESSION_ID")


class TestApiVersions:
    """An element that came later than its type is unknown to a package of an older version."""

    def test_the_flow_came_with_60(self, client: Client) -> None:
        result = client.deploy(packaged(oauth_app(), "59.0"))
        problems = [each["problem"] for each in result["details"]["componentFailures"]]
        assert "Property 'isClientCredentialsFlowEnabled' not valid in version 59.0" in problems
        client.deployed(packaged(oauth_app(), "60.0"))


def test_the_outcome_of_a_lost_answer_can_be_found(client: Client) -> None:
    """A client that never saw the answer finds its deployment among the org's, newest first."""
    fault = [{"method": "POST", "path": "deployRequest$", "when": "after", "action": "drop"}]
    requests.post(f"{client.url}/_standin/faults", json=fault, timeout=10)
    with pytest.raises(requests.RequestException):
        client.send(packaged(SITE))
    deadline = time.monotonic() + 60
    while "CspTrustedSite/ui_connector" not in client.snapshot():
        assert time.monotonic() < deadline
    records = client.query("SELECT Id, Status FROM DeployRequest ORDER BY CreatedDate DESC LIMIT 1", tooling=True)
    assert [each["Status"] for each in records] == ["Succeeded"]


def test_a_zip_may_have_entries_for_its_folders(client: Client) -> None:
    content = zipped({"cspTrustedSites/": b"", **packaged(SITE)})
    assert client.finished(client.send({}, content=content).json()["id"])["status"] == "Succeeded"
