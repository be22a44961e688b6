"""A deployment outlives the run that sent it: the next one goes on with it, and never sends the same thing twice.

A kill is played by a poll that never comes to its end: the process is gone there, nothing after it happens, and what the
next run knows is what lies in the journal and what the org tells.
"""

from __future__ import annotations

import contextlib
import json
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from providers.handler import VendorError
from providers.salesforce import deploy as deploy_module
from providers.salesforce import journal
from providers.salesforce.base import SalesforceHandler
from providers.salesforce.client import SalesforceClient
from providers.salesforce.contact_page import ContactPageHandler
from providers.salesforce.deploy import Deployment, DeploymentFailed, deploy
from providers.salesforce.journal import Entry
from providers.salesforce.lightning_components import LightningComponentsHandler
from providers.salesforce.metadata import ActionOverride, CustomObject, SecuritySettings, SessionSettings
from providers.salesforce.oauth_app import OauthAppHandler
from rehearsal.salesforce import SalesforceStandIn
from tests.providers.salesforce.conftest import HTTP
from tests.providers.salesforce.runs import lightning_inputs, oauth_app_inputs, page_inputs

CORS = SecuritySettings(session_settings=SessionSettings(True))
BROKEN = CustomObject(
    full_name="Contact", action_overrides=(ActionOverride("View", content="Gone", form_factor="Large", type="Flexipage"),)
)


class Killed(BaseException):
    """The process is gone: nothing catches this."""


@pytest.fixture
def client(connected: Callable[..., Any]) -> SalesforceClient:
    return connected(SalesforceHandler).client


def posts(org: SalesforceStandIn) -> int:
    calls = HTTP.get(f"{org.url}/_standin/calls").json()
    return len([each for each in calls if each["method"] == "POST" and each["path"].endswith("deployRequest")])


def kill_at(monkeypatch: pytest.MonkeyPatch, method: str, act: Callable[[], object]) -> None:
    """`act` in the place where a run calls `_Run.<method>`, from which it does not return."""

    def killed(*_: object, **__: object) -> None:
        act()
        raise Killed

    monkeypatch.setattr(deploy_module._Run, method, killed)


def standing_still(org: SalesforceStandIn) -> Callable[[], None]:
    """From now on a deployment works until what this answers is called: no machine is too slow for that."""
    now = [0.0]
    org.org.clock = lambda: now[0]
    org.set_speed(0.0, 1.0)
    return lambda: now.__setitem__(0, 2.0)


def notes() -> list[Path]:
    return sorted(journal.folder().glob("*")) if journal.folder().is_dir() else []


class TestGoingOn:
    def cut(self, act: Callable[[], object], method: str = "_finished") -> None:
        with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
            kill_at(patch, method, lambda: None)
            act()

    @pytest.mark.parametrize("running", [0.0, 0.4])
    def test_a_deployment_whose_end_nobody_saw_is_followed(
        self, org: SalesforceStandIn, client: SalesforceClient, running: float
    ) -> None:
        org.set_speed(0.0, running)
        self.cut(lambda: deploy(client, Deployment.of(CORS), "CORS"))
        (note,) = notes()
        done = deploy(client, Deployment.of(CORS), "CORS")
        assert json.loads(note.read_text())["number"] == done.id if note.exists() else done.id.startswith("0Af")
        assert posts(org) == 1
        assert notes() == []

    def test_bundles_too(self, org: SalesforceStandIn, connected: Callable[..., Any]) -> None:
        self.cut(lambda: connected(LightningComponentsHandler).create(lightning_inputs()))
        assert connected(LightningComponentsHandler).create(lightning_inputs()).id.startswith("0Rb")
        assert posts(org) == 1

    def test_one_whose_answer_never_came_is_found_among_the_orgs(
        self, org: SalesforceStandIn, connected: Callable[..., Any]
    ) -> None:
        org.set_speed(0.0, 0.3)
        fault = {"method": "POST", "path": "metadata/deployRequest", "when": "after", "action": "drop"}
        HTTP.post(f"{org.url}/_standin/faults", json=[fault]).raise_for_status()
        self.cut(lambda: connected(LightningComponentsHandler).create(lightning_inputs()), "_arrived")
        assert json.loads(notes()[0].read_text())["number"] == ""
        connected(LightningComponentsHandler).create(lightning_inputs())
        assert posts(org) == 1

    def test_somebody_elses_deployment_is_not_taken_for_ours(
        self, org: SalesforceStandIn, client: SalesforceClient, connected: Callable[..., Any]
    ) -> None:
        fault = {"method": "POST", "path": "metadata/deployRequest", "when": "before", "action": "drop"}
        HTTP.post(f"{org.url}/_standin/faults", json=[fault]).raise_for_status()
        self.cut(lambda: connected(LightningComponentsHandler).create(lightning_inputs()), "_arrived")
        deploy(client, Deployment.of(CORS), "somebody else's")
        connected(LightningComponentsHandler).create(lightning_inputs())
        assert client.metadata_list("LightningComponentBundle")
        assert posts(org) == 2

    def test_a_failure_that_the_run_waited_for_is_told(
        self, org: SalesforceStandIn, client: SalesforceClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        let_it_end = standing_still(org)
        self.cut(lambda: deploy(client, Deployment.of(BROKEN), "the activation"))
        waits = deploy_module._Run._finished

        def waiting(run: Any, number: str, seconds: float) -> Any:
            let_it_end()
            return waits(run, number, seconds)

        monkeypatch.setattr(deploy_module._Run, "_finished", waiting)
        with pytest.raises(DeploymentFailed, match="Gone"):
            deploy(client, Deployment.of(BROKEN), "the activation")
        assert posts(org) == 1
        assert notes() == []

    def test_a_failure_of_the_past_is_tried_anew(self, org: SalesforceStandIn, client: SalesforceClient) -> None:
        org.set_speed(0.0, 0.0)
        self.cut(lambda: deploy(client, Deployment.of(BROKEN), "the activation"))
        with pytest.raises(DeploymentFailed):
            deploy(client, Deployment.of(BROKEN), "the activation")
        assert posts(org) == 2

    def test_what_was_undone_since_is_deployed_anew(self, org: SalesforceStandIn, client: SalesforceClient) -> None:
        org.set_speed(0.0, 0.0)
        self.cut(lambda: deploy(client, Deployment.of(CORS), "CORS"))
        deploy(client, Deployment.of(SecuritySettings(session_settings=SessionSettings(False))), "by hand")
        deploy(client, Deployment.of(CORS), "CORS")
        settings = client.metadata_read("SecuritySettings", "Security")
        assert settings["sessionSettings"]["enableOauthCorsPolicy"] is True

    def test_a_deployment_that_the_org_has_forgotten_is_sent_anew(
        self, org: SalesforceStandIn, client: SalesforceClient
    ) -> None:
        org.set_speed(0.0, 0.0)
        self.cut(lambda: deploy(client, Deployment.of(CORS), "CORS"))
        note = notes()[0]
        note.write_text(note.read_text().replace('"number": "0Af', '"number": "0Ag'))
        deploy(client, Deployment.of(SecuritySettings(session_settings=SessionSettings(False))), "by hand")
        assert deploy(client, Deployment.of(CORS), "CORS").id

    def test_an_old_note_is_no_longer_used(self, org: SalesforceStandIn, client: SalesforceClient) -> None:
        org.set_speed(0.0, 0.0)
        self.cut(lambda: deploy(client, Deployment.of(BROKEN), "x"))
        note = notes()[0]
        told = json.loads(note.read_text())
        note.write_text(json.dumps({**told, "began": time.time() - 25 * 3600}))
        assert Entry(org.organization_id, "x", told["digest"]).pending() is None
        note.write_text(json.dumps(told))
        assert Entry(org.organization_id, "x", told["digest"]).pending() is not None

    def test_other_content_is_another_deployment(self, org: SalesforceStandIn, connected: Callable[..., Any]) -> None:
        connected(LightningComponentsHandler).create(lightning_inputs())
        self.cut(lambda: connected(ContactPageHandler).create(page_inputs(containerHeight="500px")))
        connected(ContactPageHandler).create(page_inputs(containerHeight="700px"))
        assert posts(org) == 3


class TestWithoutAJournal:
    """Another machine goes on, or the home cannot be written: the org alone is asked."""

    def test_a_deployment_at_work_is_waited_for(self, org: SalesforceStandIn, client: SalesforceClient) -> None:
        org.set_speed(0.0, 0.4)
        TestGoingOn().cut(lambda: deploy(client, Deployment.of(CORS), "CORS"))
        for each in notes():
            each.unlink()
        deploy(client, Deployment.of(CORS), "CORS")
        assert posts(org) == 1

    def test_a_home_that_cannot_be_written_is_no_obstacle(
        self, client: SalesforceClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "file").write_text("")
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
        assert deploy(client, Deployment.of(CORS), "CORS").id

    def test_a_note_that_cannot_be_read_is_none(self, org: SalesforceStandIn) -> None:
        entry = Entry(org.organization_id, "ab", "cd")
        entry.sent("0Af000000000001AAA")
        notes()[0].write_text("{")
        assert entry.pending() is None


class TestWhatIsThere:
    def test_nothing_is_sent_when_the_org_holds_it(self, org: SalesforceStandIn, connected: Callable[..., Any]) -> None:
        connected(LightningComponentsHandler).create(lightning_inputs())
        made = connected(ContactPageHandler).create(page_inputs())
        sent = posts(org)
        assert connected(ContactPageHandler).create(page_inputs()).id == made.id
        connected(ContactPageHandler).update(made.id, page_inputs(), page_inputs())
        assert posts(org) == sent

    @pytest.mark.parametrize(("page", "sent"), [("Contact_Record_Page_Sales", 0), ("Contact_Record_Page_Service", 1)])
    def test_of_an_objects_overrides_ours_alone_count(
        self, org: SalesforceStandIn, client: SalesforceClient, page: str, sent: int
    ) -> None:
        """The org lists the platform's own beside it. A run that finds its deployment over believes it only so."""
        override = ActionOverride("View", content=page, form_factor="Large", skip_record_type_select=False, type="Flexipage")
        with contextlib.suppress(DeploymentFailed):
            deploy(client, Deployment.of(CustomObject(full_name="Contact", action_overrides=(override,))), "the activation")
        assert posts(org) == sent

    def test_one_property_is_enough_to_deploy(self, org: SalesforceStandIn, connected: Callable[..., Any]) -> None:
        connected(LightningComponentsHandler).create(lightning_inputs())
        made = connected(ContactPageHandler).create(page_inputs())
        sent = posts(org)
        connected(ContactPageHandler).update(made.id, page_inputs(), page_inputs(consumer_secret="another"))
        assert posts(org) == sent + 1


class TestTheNote:
    def test_it_is_private_and_holds_no_secret(self, org: SalesforceStandIn, connected: Callable[..., Any]) -> None:
        connected(LightningComponentsHandler).create(lightning_inputs())
        wanted = page_inputs(consumer_secret="a-secret-of-the-page")
        TestGoingOn().cut(lambda: connected(ContactPageHandler).create(wanted))
        (note,) = notes()
        assert stat.S_IMODE(note.stat().st_mode) == 0o600
        assert stat.S_IMODE(note.parent.stat().st_mode) == 0o700
        assert "a-secret-of-the-page" not in note.read_text()
        assert org.access_token not in note.read_text()

    def test_fifteen_and_eighteen_characters_are_one_org(self, org: SalesforceStandIn) -> None:
        Entry(org.organization_id, "ab", "cd").sent("0Af000000000001AAA")
        found = Entry(org.organization_id[:15], "ab", "cd").pending()
        assert found is not None and found.number == "0Af000000000001AAA"
        assert Entry("00D000000000009", "ab", "cd").pending() is None
        assert Entry(org.organization_id, "ab", "other content").pending() is None

    @pytest.mark.parametrize("running", [0.0, 0.3])
    def test_it_goes_when_the_org_holds_everything(
        self, org: SalesforceStandIn, connected: Callable[..., Any], running: float
    ) -> None:
        """An app's second deployment leaves out what the first has set: other content, and nothing to do."""
        org.set_speed(0.0, running)
        TestGoingOn().cut(lambda: connected(OauthAppHandler).create(oauth_app_inputs()))
        assert connected(OauthAppHandler).create(oauth_app_inputs()).id
        assert posts(org) == 1
        assert notes() == []


class TestTheEndCannotBeLearned:
    def test_the_error_names_the_deployment_and_the_next_run_goes_on(
        self, org: SalesforceStandIn, client: SalesforceClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        let_it_end = standing_still(org)
        monkeypatch.setattr(deploy_module, "_DEADLINE_SECONDS", 0.0)
        with pytest.raises(VendorError, match=r"0Af\w+ of CORS was sent, but did not end") as caught:
            deploy(client, Deployment.of(CORS), "CORS")
        assert "goes on with this deployment" in str(caught.value)
        assert "Deployment Status" in str(caught.value)
        let_it_end()
        monkeypatch.setattr(deploy_module, "_DEADLINE_SECONDS", 60.0)
        deploy(client, Deployment.of(CORS), "CORS")
        assert posts(org) == 1

    def test_a_session_that_dies_in_mid_poll_is_named_with_the_deployment(
        self, org: SalesforceStandIn, client: SalesforceClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        org.set_speed(0.0, 0.5)
        real = deploy_module._Run._finished

        def dying(run: Any, number: str, seconds: float) -> Any:
            org.end_session(org.access_token)
            return real(run, number, seconds)

        monkeypatch.setattr(deploy_module._Run, "_finished", dying)
        with pytest.raises(VendorError, match=r"0Af\w+ of CORS cannot be followed any more: the access token is dead") as caught:
            deploy(client, Deployment.of(CORS), "CORS")
        assert "salesforceAccessToken" in str(caught.value)
        assert notes()
