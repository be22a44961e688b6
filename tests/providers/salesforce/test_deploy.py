"""Deployments: the same content is the same archive, a failure names every component, success is only success."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from providers.handler import VendorError
from providers.salesforce import deploy as deploy_module
from providers.salesforce import journal
from providers.salesforce.base import SalesforceHandler
from providers.salesforce.client import SalesforceClient
from providers.salesforce.deploy import Deployment, DeploymentFailed, deploy, zipped
from providers.salesforce.metadata import (
    ActionOverride,
    CustomObject,
    FlexiPage,
    FlexiPageRegion,
    FlexiPageTemplateInstance,
    SecuritySettings,
    SessionSettings,
)
from providers.salesforce.sign_in import Connection
from rehearsal.salesforce import SalesforceStandIn
from rehearsal.serving import Server
from tests.providers.salesforce.conftest import HTTP

CORS = SecuritySettings(session_settings=SessionSettings(True))
SECRET = "consumer-secret-in-a-name"


@pytest.fixture
def client(connected: Callable[..., Any]) -> SalesforceClient:
    return connected(SalesforceHandler).client


def broken_page(name: str) -> FlexiPage:
    return FlexiPage(
        full_name=name,
        flexi_page_regions=(FlexiPageRegion((), "nowhere"),),
        master_label=name,
        sobject_type="Contact",
        template=FlexiPageTemplateInstance("flexipage:recordHomeTwoColEqualHeaderTemplateDesktop"),
    )


class TestArchive:
    def test_the_same_files_are_the_same_bytes_in_any_order(self) -> None:
        assert zipped({"a": b"1", "b": b"2"}) == zipped({"b": b"2", "a": b"1"})

    def test_package_xml_is_at_the_root_and_names_what_is_there(self) -> None:
        with zipfile.ZipFile(io.BytesIO(Deployment.of(CORS).archive("63.0"))) as opened:
            assert opened.namelist() == ["package.xml", "settings/Security.settings"]
            package = opened.read("package.xml").decode()
        assert "<members>Security</members>" in package
        assert "<name>Settings</name>" in package

    def test_deletions_stand_in_a_list_of_their_own(self) -> None:
        with zipfile.ZipFile(io.BytesIO(Deployment.of(deletes=[("FlexiPage", "Old")]).archive("63.0"))) as opened:
            assert "Old" in opened.read("destructiveChanges.xml").decode()
            assert "Old" not in opened.read("package.xml").decode()


class TestFailures:
    def test_every_component_is_named_with_file_line_and_problem(self, client: SalesforceClient) -> None:
        override = CustomObject(
            full_name="Contact", action_overrides=(ActionOverride("View", content="Gone", form_factor="Large", type="Flexipage"),)
        )
        with pytest.raises(DeploymentFailed) as caught:
            deploy(client, Deployment.of(broken_page("One"), broken_page("Two"), override), "three things")
        told = str(caught.value)
        assert len(caught.value.problems) == 3
        assert "flexipages/One.flexipage:" in told
        assert "[FlexiPage Two] The region nowhere doesn't exist" in told
        assert "objects/Contact.object" in told
        assert "nothing was changed" in told

    def test_nothing_of_a_failed_deployment_stays(self, client: SalesforceClient) -> None:
        with pytest.raises(DeploymentFailed):
            deploy(client, Deployment.of(CORS, broken_page("One")), "two things")
        settings = client.metadata_read("SecuritySettings", "Security")
        assert settings["sessionSettings"]["enableOauthCorsPolicy"] in (False, "false")

    def test_a_failure_before_any_component_has_its_text(self, client: SalesforceClient, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Deployment, "archive", lambda *_: b"no zip")
        with pytest.raises(DeploymentFailed, match="zip"):
            deploy(client, Deployment.of(CORS), "nothing")

    def test_secrets_do_not_show_in_a_problem(self, client: SalesforceClient) -> None:
        page = FlexiPage(
            full_name="One",
            flexi_page_regions=(FlexiPageRegion((), SECRET),),
            master_label="One",
            sobject_type="Contact",
            template=FlexiPageTemplateInstance("flexipage:recordHomeTwoColEqualHeaderTemplateDesktop"),
        )
        with pytest.raises(DeploymentFailed, match=r"\[secret\]") as caught:
            deploy(client, Deployment.of(page), "a page", secrets=[SECRET])
        assert SECRET not in str(caught.value)


class TestSuccess:
    def test_ids_of_the_components_come_with_it(self, org: SalesforceStandIn, client: SalesforceClient) -> None:
        done = deploy(client, Deployment.of(CORS), "CORS")
        assert done.id.startswith("0Af")
        assert ("Settings", "Security") in done.ids

    def test_a_page_of_a_status_that_cannot_be_read_is_waited_out(self, org: SalesforceStandIn, client: SalesforceClient) -> None:
        lost = {"method": "GET", "path": "metadata/deployRequest", "action": "status", "status": 500, "times": 3}
        HTTP.post(f"{org.url}/_standin/faults", json=[lost]).raise_for_status()
        assert deploy(client, Deployment.of(CORS), "CORS").id


class TestUnclearSends:
    """A send without an answer is looked up; only what did not arrive is sent again."""

    def sent(self, org: SalesforceStandIn) -> int:
        calls = HTTP.get(f"{org.url}/_standin/calls").json()
        return len([each for each in calls if each["method"] == "POST" and each["path"].endswith("deployRequest")])

    def fault(self, org: SalesforceStandIn, **more: Any) -> None:
        fault = {"method": "POST", "path": "metadata/deployRequest", **more}
        HTTP.post(f"{org.url}/_standin/faults", json=[fault]).raise_for_status()

    @pytest.mark.parametrize("action", ["drop", "status"])
    def test_one_that_arrived_is_followed(self, org: SalesforceStandIn, client: SalesforceClient, action: str) -> None:
        self.fault(org, when="after", action=action)
        deploy(client, Deployment.of(CORS), "CORS")
        assert len(client.query("SELECT Id FROM DeployRequest", tooling=True)) == 1

    def test_one_that_did_not_arrive_is_sent_again(self, org: SalesforceStandIn, client: SalesforceClient) -> None:
        self.fault(org, when="before", action="drop")
        deploy(client, Deployment.of(CORS), "CORS")
        assert len(client.query("SELECT Id FROM DeployRequest", tooling=True)) == 1

    def test_twice_without_an_answer_is_an_error(self, org: SalesforceStandIn, client: SalesforceClient) -> None:
        self.fault(org, when="before", action="drop", times=2)
        with pytest.raises(VendorError, match="no answer twice"):
            deploy(client, Deployment.of(CORS), "CORS")
        assert self.sent(org) == 0


class TestFinalStates:
    """Only `Succeeded` with success is success; everything else names itself."""

    @pytest.fixture
    def answers(self) -> Iterator[tuple[SalesforceClient, dict[str, Any]]]:
        result: dict[str, Any] = {}

        async def status(_request: Request) -> Response:
            return JSONResponse({"id": "0Af000000000001AAA", "deployResult": {"done": True, "details": {}, **result}})

        async def sent(_request: Request) -> Response:
            return JSONResponse({"id": "0Af000000000001AAA"}, 201)

        async def query(request: Request) -> Response:
            return JSONResponse({"records": [{"Id": "00D000000000001AAA"}] if "Organization" in request.url.query else []})

        base = "/services/data/v63.0"
        routes = [
            Route(f"{base}/metadata/deployRequest", sent, methods=["POST"]),
            Route(f"{base}/metadata/deployRequest/{{id}}", status),
            Route(f"{base}/query/", query),
            Route(f"{base}/tooling/query/", query),
        ]
        with Server(Starlette(routes=routes)) as server:
            connection = Connection(
                domain="x", organization_id="00D000000000001", endpoint=server.url, access_token="token"
            )
            yield SalesforceClient(connection), result

    @pytest.mark.parametrize("status", ["SucceededPartial", "Canceled", "Failed", "FinalizingFailed"])
    def test_anything_but_success_is_a_failure(
        self, answers: tuple[SalesforceClient, dict[str, Any]], status: str
    ) -> None:
        client, result = answers
        result.update(status=status, success=status == "SucceededPartial")
        with pytest.raises(DeploymentFailed, match=f"ended as {status}"):
            deploy(client, Deployment.of(CORS), "CORS")

    @pytest.mark.parametrize(
        ("status", "stays"),
        [
            ("Canceled", "nothing was changed"),
            ("SucceededPartial", "a part of it was changed"),
            ("FinalizingFailed", "how much of it was changed is not told"),
        ],
    )
    def test_each_says_what_of_it_stays(
        self, answers: tuple[SalesforceClient, dict[str, Any]], status: str, stays: str
    ) -> None:
        client, result = answers
        result.update(status=status, success=False)
        with pytest.raises(DeploymentFailed, match=stays):
            deploy(client, Deployment.of(CORS), "CORS")

    def test_one_that_somebody_stopped_needs_nothing_but_another_run(
        self, answers: tuple[SalesforceClient, dict[str, Any]]
    ) -> None:
        client, result = answers
        result.update(status="Canceled", success=False, canceledByName="Ada Admin")
        with pytest.raises(DeploymentFailed) as caught:
            deploy(client, Deployment.of(CORS), "CORS")
        assert "Canceled by Ada Admin, nothing was changed: somebody stopped it." in str(caught.value)
        assert "Fix: run again; the full record of 0Af000000000001AAA" in str(caught.value)
        assert list(journal.folder().glob("*")) == []

    @pytest.mark.parametrize(
        ("status", "told"),
        [
            ("Pending", "still waits in the org's queue"),
            ("InProgress", "is still at work on it"),
            ("Canceling", "somebody is stopping it"),
            ("Finalizing", "about to finish it"),
            ("SomethingNew", "did not end within 0 minutes. Fix"),
        ],
    )
    def test_one_that_never_ends_says_what_it_waits_for_and_is_gone_on_with(
        self,
        answers: tuple[SalesforceClient, dict[str, Any]],
        monkeypatch: pytest.MonkeyPatch,
        status: str,
        told: str,
    ) -> None:
        client, result = answers
        monkeypatch.setattr(deploy_module, "_DEADLINE_SECONDS", 0.0)
        result.update(done=False, status=status)
        with pytest.raises(VendorError) as caught:
            deploy(client, Deployment.of(CORS), "CORS")
        assert told in str(caught.value)
        assert "goes on with this deployment" in str(caught.value)
        # The next run asks for that one.
        assert len(list(journal.folder().glob("*"))) == 1
        monkeypatch.setattr(deploy_module, "_DEADLINE_SECONDS", 60.0)
        result.update(done=True, status="Succeeded", success=True)
        monkeypatch.setattr(deploy_module._Run, "_still_there", lambda _run: True)
        assert deploy(client, Deployment.of(CORS), "CORS").id == "0Af000000000001AAA"
        assert list(journal.folder().glob("*")) == []

    def test_success_false_is_never_success(self, answers: tuple[SalesforceClient, dict[str, Any]]) -> None:
        client, result = answers
        result.update(status="Succeeded", success=False)
        with pytest.raises(DeploymentFailed):
            deploy(client, Deployment.of(CORS), "CORS")

    def test_one_row_comes_as_an_object_and_not_as_a_list(
        self, answers: tuple[SalesforceClient, dict[str, Any]]
    ) -> None:
        client, result = answers
        row = {"fileName": "settings/Security.settings", "fullName": "Security", "componentType": "Settings", "problem": "no"}
        result.update(status="Failed", success=False, details={"componentFailures": row})
        with pytest.raises(DeploymentFailed, match=r"settings/Security\.settings \[Settings Security\] no"):
            deploy(client, Deployment.of(CORS), "CORS")

    def test_a_message_without_rows_is_told(self, answers: tuple[SalesforceClient, dict[str, Any]]) -> None:
        client, result = answers
        result.update(status="Failed", success=False, errorMessage="UNKNOWN", errorStatusCode="UNKNOWN_EXCEPTION")
        with pytest.raises(DeploymentFailed, match=r"UNKNOWN \(UNKNOWN_EXCEPTION\)"):
            deploy(client, Deployment.of(CORS), "CORS")
