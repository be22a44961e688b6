"""Salesforce's own command line, unchanged, against the stand-in: what it takes for an org is one to the program as well."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from rehearsal.salesforce import SalesforceStandIn
from tests.contract.salesforce.command_line import CommandLine, Refused
from tests.contract.salesforce.project import COMPONENTS, SOURCE
from tests.rehearsal.salesforce.client import Client
from tools.bootstrap import node_packages


def test_it_is_the_pinned_one(fresh: CommandLine) -> None:
    pinned = json.loads((node_packages.SALESFORCE.place / "package.json").read_text())["dependencies"]
    assert fresh.version() == f"@salesforce/cli/{pinned['@salesforce/cli']}"


class TestSigningIn:
    def test_by_access_token(self, fresh: CommandLine, org: SalesforceStandIn) -> None:
        told = fresh.run(
            *("org", "login", "access-token", "--no-prompt", "--set-default", "--alias", "mine"),
            *("--instance-url", org.url),
            SF_ACCESS_TOKEN=org.access_token,
        )
        assert (told["username"], told["orgId"]) == (org.username, org.organization_id)
        shown = fresh.run("org", "display")
        assert (shown["connectedStatus"], shown["id"]) == ("Connected", org.organization_id)

    def test_by_jwt_of_the_deployer_app(self, fresh: CommandLine, org: SalesforceStandIn) -> None:
        key = fresh.home / "server.key"
        key.touch(mode=0o600)
        key.write_text(org.deployer.private_key)
        told = fresh.run(
            *("org", "login", "jwt", "--username", org.username, "--client-id", org.deployer.client_id),
            *("--jwt-key-file", str(key), "--instance-url", org.url, "--set-default"),
        )
        assert told["orgId"] == org.organization_id
        found = fresh.run("data", "query", "--query", f"SELECT Username FROM User WHERE Username = '{org.username}'")  # noqa: S608
        assert [each["Username"] for each in found["records"]] == [org.username]

    def test_a_user_whom_the_org_does_not_know(self, fresh: CommandLine, org: SalesforceStandIn) -> None:
        key = fresh.home / "server.key"
        key.touch(mode=0o600)
        key.write_text(org.deployer.private_key)
        with pytest.raises(Refused, match="user hasn't approved this consumer"):
            fresh.run(
                *("org", "login", "jwt", "--username", "nobody@rehearsal.example", "--client-id", org.deployer.client_id),
                *("--jwt-key-file", str(key), "--instance-url", org.url),
            )

    def test_a_dead_session_is_told(self, sf: CommandLine, org: SalesforceStandIn) -> None:
        org.end_session(org.access_token)
        with pytest.raises(Refused, match=r"INVALID_SESSION_ID|Session expired|expired access"):
            sf.run("data", "query", "--query", "SELECT Id FROM Contact")


class TestLookingAround:
    def test_lists_of_metadata(self, sf: CommandLine) -> None:
        assert [each["fullName"] for each in sf.run("org", "list", "metadata", "--metadata-type", "CspTrustedSite")] == [
            "unrelated_maps"
        ]
        kinds = sf.run("org", "list", "metadata-types")["metadataObjects"]
        assert {"FlexiPage", "ExtlClntAppOauthConfigurablePolicies", "CspTrustedSite"} <= {each["xmlName"] for each in kinds}

    def test_queries(self, sf: CommandLine, org: SalesforceStandIn) -> None:
        found = sf.run("data", "query", "--query", "SELECT Id, Name FROM Contact ORDER BY Name")["records"]
        assert {each["Name"]: each["Id"] for each in found} == org.contact_ids()
        tooling = sf.run("data", "query", "--use-tooling-api", "--query", "SELECT Id, DeveloperName FROM FlexiPage")
        assert [each["DeveloperName"] for each in tooling["records"]] == ["Contact_Record_Page_Sales"]

    def test_a_record_comes_changes_and_goes(self, sf: CommandLine, client: Client) -> None:
        made = sf.run("data", "create", "record", "--sobject", "Contact", "--values", "LastName=Neu Phone=15550100")
        sf.run("data", "update", "record", "--sobject", "Contact", "--record-id", made["id"], "--values", "Phone=15550101")
        assert client.snapshot()["Contact/Neu"]["Phone"] == "15550101"
        sf.run("data", "delete", "record", "--sobject", "Contact", "--record-id", made["id"])
        assert "Contact/Neu" not in client.snapshot()

    def test_limits(self, sf: CommandLine) -> None:
        assert "DailyApiRequests" in {each["name"] for each in sf.run("org", "list", "limits")}


class TestRetrieving:
    def test_what_was_deployed_comes_back_as_it_was(self, sf: CommandLine, tmp_path: Path) -> None:
        sf.run("project", "deploy", "start", "--source-dir", "force-app")
        before = _texts(sf.project / SOURCE)
        shutil.rmtree(sf.project / SOURCE)
        (sf.project / SOURCE).mkdir(parents=True)
        told = sf.run(
            *("project", "retrieve", "start"),
            *(word for kind, name in sorted(COMPONENTS) for word in ("--metadata", f"{kind}:{name}")),
        )
        assert told["success"] is True
        after = _texts(sf.project / SOURCE)
        assert after.keys() == before.keys()
        scripts = [path for path in before if path.endswith((".js", ".css", ".html"))]
        assert {path: after[path] for path in scripts} == {path: before[path] for path in scripts}
        assert sf.run("project", "deploy", "start", "--source-dir", "force-app")["status"] == "Succeeded"

    def test_as_the_org_keeps_it(self, sf: CommandLine, tmp_path: Path) -> None:
        sf.run(
            *("project", "retrieve", "start", "--metadata", "FlexiPage", "--metadata", "Settings:Security"),
            *("--target-metadata-dir", str(tmp_path / "kept"), "--unzip"),
        )
        names = {each.name for each in (tmp_path / "kept").rglob("*.*") if each.is_file()}
        assert {"Contact_Record_Page_Sales.flexipage", "Security.settings", "package.xml"} <= names

    def test_something_that_is_not_there(self, sf: CommandLine) -> None:
        told = sf.run("project", "retrieve", "start", "--metadata", "CspTrustedSite:nobody")
        assert [each["problem"] for each in told["messages"]] == ["Entity of type 'CspTrustedSite' named 'nobody' cannot be found"]


def _texts(folder: Path) -> dict[str, str]:
    return {each.relative_to(folder).as_posix(): each.read_text() for each in folder.rglob("*") if each.is_file()}
