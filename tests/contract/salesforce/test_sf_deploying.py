"""Deploying and deleting with Salesforce's own command line, by SOAP and by REST."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rehearsal.salesforce import SalesforceStandIn
from tests.contract.salesforce.command_line import CommandLine, Died, Refused
from tests.contract.salesforce.project import COMPONENTS, SITE, write, write_everything
from tests.rehearsal.salesforce.client import Client
from tests.rehearsal.salesforce.desktop import BUNDLE, PAGE, manifest, trusted_site

BY_SOAP, BY_REST = {"SF_ORG_METADATA_REST_DEPLOY": "false"}, {"SF_ORG_METADATA_REST_DEPLOY": "true"}
Transport = dict[str, str]
# By REST the command line looks every few seconds only: what does not depend on the transport is tried by SOAP alone.
BOTH = pytest.mark.parametrize("transport", [BY_SOAP, BY_REST], ids=["SOAP", "REST"])


class TestDeploying:
    @BOTH
    def test_a_project_of_its_own(self, sf: CommandLine, client: Client, transport: Transport) -> None:
        told = sf.run("project", "deploy", "start", "--source-dir", "force-app", **transport)
        assert (told["status"], told["numberComponentsDeployed"], told["numberComponentErrors"]) == ("Succeeded", 5, 0)
        assert {(each["type"], each["fullName"]) for each in told["files"] if each["state"] == "Created"} == COMPONENTS
        assert {f"{kind}/{name}" for kind, name in COMPONENTS} <= client.snapshot().keys()
        assert _spoken(client) == ("REST" if transport is BY_REST else "SOAP")

    def test_everything_that_an_agents_desk_needs(self, sf: CommandLine, client: Client) -> None:
        write_everything(sf.project)
        assert sf.run("project", "deploy", "start", "--source-dir", "force-app")["status"] == "Succeeded"
        there = client.snapshot()
        assert there["Activation/Contact.View.Large"] == {"page": PAGE}
        assert "OauthConsumer/lwc_auth" in there
        assert there["Settings/Security"]["sessionSettings"]["enableOauthCorsPolicy"] is True

    def test_a_second_time_nothing_changes(self, sf: CommandLine) -> None:
        sf.run("project", "deploy", "start", "--source-dir", "force-app")
        told = sf.run("project", "deploy", "start", "--source-dir", "force-app")
        # The command line itself zips the folder ui_modules anew, with new time stamps.
        changed = {each["fullName"] for each in told["files"] if each["state"] != "Unchanged"}
        assert changed <= {"ui_modules"}

    @BOTH
    def test_a_wrong_file_fails_with_file_line_and_problem(
        self, sf: CommandLine, client: Client, transport: Transport
    ) -> None:
        before = client.snapshot()
        wrong = trusted_site().replace(b"<context>All", b"<context>Everywhere")
        write(sf.project, {str(SITE): wrong})
        with pytest.raises(Refused) as caught:
            sf.run("project", "deploy", "start", "--source-dir", "force-app", **transport)
        failed = [each for each in caught.value.result["files"] if each["state"] == "Failed"]
        assert [(each["type"], each["fullName"], each["lineNumber"]) for each in failed] == [("CspTrustedSite", "ui_connector", 3)]
        assert "'Everywhere' is not a valid value" in failed[0]["error"]
        assert failed[0]["filePath"].endswith(str(SITE))
        assert client.snapshot() == before

    def test_a_dry_run_saves_nothing(self, sf: CommandLine, client: Client) -> None:
        before = client.snapshot()
        told = sf.run("project", "deploy", "start", "--dry-run", "--source-dir", "force-app")
        assert (told["status"], told["checkOnly"]) == ("Succeeded", True)
        assert client.snapshot() == before

    @BOTH
    def test_a_validation_is_quickly_deployed(self, sf: CommandLine, client: Client, transport: Transport) -> None:
        before = client.snapshot()
        validated = sf.run("project", "deploy", "validate", "--source-dir", "force-app", **transport)
        assert client.snapshot() == before
        told = sf.run("project", "deploy", "quick", "--job-id", validated["id"], **transport)
        assert (told["status"], told["checkOnly"]) == ("Succeeded", False)
        assert told["id"] != validated["id"]
        assert f"FlexiPage/{PAGE}" in client.snapshot()

    def test_what_was_never_validated_is_not_quickly_deployed(
        self, sf: CommandLine, client: Client
    ) -> None:
        made = sf.run("project", "deploy", "start", "--source-dir", "force-app")
        with pytest.raises(Refused, match="validat"):
            sf.run("project", "deploy", "quick", "--job-id", made["id"])

    @BOTH
    def test_a_list_of_deletions(self, sf: CommandLine, client: Client, transport: Transport) -> None:
        before = client.snapshot()
        sf.run("project", "deploy", "start", "--source-dir", "force-app", **transport)
        gone = {"FlexiPage": [PAGE], "LightningComponentBundle": [BUNDLE], "CspTrustedSite": ["ui_connector", "never_there"]}
        gone["StaticResource"] = ["ui_modules", "global_styles"]
        write(sf.project, {"package.xml": manifest({}), "gone.xml": manifest(gone)})
        told = sf.run(
            *("project", "deploy", "start", "--manifest", "package.xml"),
            *("--post-destructive-changes", "gone.xml", "--ignore-warnings"),
            **transport,
        )
        rows = told["details"]["componentSuccesses"]
        assert {(each["componentType"], each["fullName"]) for each in rows if each["deleted"]} == COMPONENTS
        assert [each["problem"] for each in rows if each.get("problemType") == "Warning"] == [
            "No CspTrustedSite named: never_there found"
        ]
        assert client.snapshot() == before

    def test_one_component_is_deleted(self, sf: CommandLine, client: Client) -> None:
        sf.run("project", "deploy", "start", "--source-dir", "force-app")
        told = sf.run("project", "delete", "source", "--metadata", "CspTrustedSite:ui_connector", "--no-prompt")
        assert told["status"] == "Succeeded"
        assert "CspTrustedSite/ui_connector" not in client.snapshot()
        assert not (sf.project / SITE).exists()

    def test_what_is_used_is_not_deleted(self, sf: CommandLine, client: Client) -> None:
        sf.run("project", "deploy", "start", "--source-dir", "force-app")
        with pytest.raises(Refused, match="is referenced elsewhere"):
            sf.run("project", "delete", "source", "--metadata", f"LightningComponentBundle:{BUNDLE}", "--no-prompt")
        assert f"LightningComponentBundle/{BUNDLE}" in client.snapshot()


class TestLongerDeployments:
    def test_one_is_started_looked_at_and_cancelled(self, sf: CommandLine, org: SalesforceStandIn, client: Client) -> None:
        # The command line takes its time to start: meanwhile the org's clock stands.
        now = org.org.clock()
        org.org.clock = lambda: now
        org.set_speed(0.0, 60.0)
        before = client.snapshot()
        try:
            number = sf.run("project", "deploy", "start", "--async", "--source-dir", "force-app")["id"]
            assert client.status(number)["status"] == "InProgress"
            sf.run("project", "deploy", "cancel", "--async", "--job-id", number)
            assert client.status(number)["status"] == "Canceling"
            org.org.clock = _later(org, 120.0)
            assert client.status(number)["status"] == "Canceled"
        finally:
            org.set_speed(0.0, 0.0)
        assert client.snapshot() == before

    def test_a_line_that_breaks_while_it_looks_does_no_harm(self, sf: CommandLine, client: Client) -> None:
        number = sf.run("project", "deploy", "start", "--async", "--source-dir", "force-app")["id"]
        client.call("POST", "/_standin/faults", json=[{"method": "POST", "path": "/services/Soap/m/", "action": "drop"}])
        with pytest.raises(Died, match="other side closed"):
            sf.run("project", "deploy", "resume", "--job-id", number)
        assert client.finished(number)["status"] == "Succeeded"
        assert sf.run("project", "deploy", "report", "--job-id", number)["status"] == "Succeeded"
        rows = client.query("SELECT Id, Status FROM DeployRequest", tooling=True)
        assert [(each["Id"], each["Status"]) for each in rows] == [(number, "Succeeded")]


def _later(org: SalesforceStandIn, seconds: float) -> Callable[[], float]:
    now = org.org.clock
    return lambda: now() + seconds


def _spoken(client: Client) -> str:
    calls = client.call("GET", "/_standin/calls").json()
    return "REST" if any(each["path"].endswith("/metadata/deployRequest") for each in calls) else "SOAP"
