"""Previews ask Salesforce itself, by check-only deployments that change nothing and are asked only when that makes sense."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from providers import preview
from providers.salesforce import deploy as deploy_module
from providers.salesforce import trial
from providers.salesforce.contact_page import ContactPageHandler
from providers.salesforce.declared import declared_properties
from providers.salesforce.lightning_components import LightningComponentsHandler
from providers.salesforce.lightning_source import BUNDLE
from providers.salesforce.oauth_app import OauthAppHandler
from providers.salesforce.oauth_cors import OauthCorsHandler
from providers.salesforce.page_activation import PageActivationHandler
from providers.salesforce.trusted_url import TrustedUrlHandler
from rehearsal.salesforce import SalesforceStandIn
from tests.providers.salesforce.conftest import HTTP
from tests.providers.salesforce.runs import (
    AT,
    PAGE,
    lightning_inputs,
    oauth_app_inputs,
    page_inputs,
    trusted_url_inputs,
)


def deployments(org: SalesforceStandIn, handler: Any) -> list[bool]:
    """Of each deployment so far: was it check-only?"""
    return [each["CheckOnly"] for each in handler.client.query("SELECT Id, CheckOnly FROM DeployRequest", tooling=True)]


@pytest.fixture
def bundled(connected: Callable[..., Any]) -> None:
    """The component is in the org."""
    connected(LightningComponentsHandler).create(lightning_inputs())


class TestAsking:
    @pytest.mark.parametrize(
        ("kind", "inputs"),
        [
            (OauthAppHandler, {key: value for key, value in oauth_app_inputs().items() if not key.startswith("former")}),
            (OauthCorsHandler, {"enabled": True}),
            (LightningComponentsHandler, lightning_inputs()),
        ],
        ids=["app", "cors", "component"],
    )
    def test_what_salesforce_would_take_is_no_fault_and_is_not_kept(
        self, org: SalesforceStandIn, connected: Callable[..., Any], snapshot: Callable[[], Any], kind: Any, inputs: Any
    ) -> None:
        before = snapshot()
        handler = connected(kind)
        assert handler.trial_faults(inputs) == []
        assert deployments(org, handler) == [True]
        assert snapshot() == before

    def test_what_it_would_refuse_is_a_fault_with_its_reason(
        self, connected: Callable[..., Any], snapshot: Callable[[], Any]
    ) -> None:
        before = snapshot()
        (fault,) = connected(OauthAppHandler).trial_faults({**oauth_app_inputs(), "runAsUser": "nobody@example.com"})
        assert fault.property == ""
        assert "extlClntAppOauthPolicies/lwc_auth" in fault.reason
        assert "Salesforce would refuse it" in fault.reason
        assert "flow. Fix: oauthRunAsUser must name an active user" in fault.reason
        assert snapshot() == before

    @pytest.mark.usefixtures("bundled")
    def test_no_secret_is_told(self, connected: Callable[..., Any]) -> None:
        wrong = {**page_inputs(consumer_secret="planted-secret"), "regions": {"nowhere": ["planted-secret"]}}
        (fault,) = connected(ContactPageHandler).trial_faults(wrong)
        assert "nowhere" in fault.reason
        assert "planted-secret" not in fault.reason

    @pytest.mark.usefixtures("bundled")
    def test_a_changed_page(self, org: SalesforceStandIn, connected: Callable[..., Any]) -> None:
        handler = connected(ContactPageHandler)
        assert handler.trial_faults(page_inputs()) == []
        assert deployments(org, handler) == [False, True]
        handler.create(page_inputs())
        assert connected(PageActivationHandler).trial_faults({"at": AT, "page": PAGE}) == []
        assert deployments(org, handler) == [False, True, False, True]


class TestNotAsking:
    """Each time nothing goes to the org as a deployment."""

    def silent(self, org: SalesforceStandIn, handler: Any, inputs: dict[str, Any]) -> None:
        assert handler.trial_faults(inputs) == []
        calls = HTTP.get(f"{org.url}/_standin/calls").json()
        assert not [each for each in calls if each["method"] == "POST" and each["path"].endswith("deployRequest")]

    def test_a_page_whose_component_is_not_there_yet(self, org: SalesforceStandIn, connected: Callable[..., Any]) -> None:
        handler = connected(ContactPageHandler)
        assert declared_properties(handler.client) is None
        self.silent(org, handler, page_inputs())

    def test_the_activation_of_a_page_that_is_not_there_yet(
        self, org: SalesforceStandIn, connected: Callable[..., Any]
    ) -> None:
        self.silent(org, connected(PageActivationHandler), {"at": AT, "page": PAGE})

    def test_values_that_are_not_known_yet(self, org: SalesforceStandIn, connected: Callable[..., Any]) -> None:
        inputs = oauth_app_inputs()
        del inputs["runAsUser"]
        self.silent(org, connected(OauthAppHandler), inputs)

    def test_switched_off(self, org: SalesforceStandIn, connected: Callable[..., Any]) -> None:
        self.silent(org, connected(OauthAppHandler, salesforceValidateInPreview="false"), oauth_app_inputs())

    def test_without_credentials(self, org: SalesforceStandIn, connected: Callable[..., Any]) -> None:
        self.silent(org, connected(OauthAppHandler, salesforceAccessToken=""), oauth_app_inputs())

    def test_records_are_not_deployed(self, org: SalesforceStandIn, connected: Callable[..., Any]) -> None:
        self.silent(org, connected(TrustedUrlHandler), trusted_url_inputs("ui_connector", "https://c.example"))


@pytest.mark.usefixtures("bundled")
def test_a_component_without_a_property_of_the_page_is_not_asked_about(
    connected: Callable[..., Any], org: SalesforceStandIn
) -> None:
    bundle = org.org.store.get("LightningComponentBundle", BUNDLE)
    name = next(each for each in bundle.files if each.endswith(".js-meta.xml"))
    bundle.files[name] = bundle.files[name].replace(b'name="containerHeight"', b'name="formerHeight"')
    handler = connected(ContactPageHandler)
    assert "containerHeight" not in declared_properties(handler.client)
    assert not handler.can_be_tried(page_inputs())


def test_a_validation_that_does_not_end_is_told_and_the_preview_goes_on(
    org: SalesforceStandIn, connected: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    org.set_speed(0.0, 60.0)
    monkeypatch.setattr(deploy_module, "_VALIDATION_SECONDS", 0.05)
    assert connected(OauthCorsHandler).trial_faults({"enabled": True}) == []
    assert "The preview goes on without Salesforce's word" in capsys.readouterr().out


def test_a_trial_never_writes_anything_else(connected: Callable[..., Any]) -> None:
    handler = connected(TrustedUrlHandler)
    with trial.trial(), pytest.raises(RuntimeError, match="changes nothing"):
        handler.create(trusted_url_inputs("ui_connector", "https://c.example"))
    assert handler.find({"name": "ui_connector"}) is None


class TestPreviewsAreRecognised:
    ENGINE = "127.0.0.1:4711"
    PROGRAM = ("python", "pulumi-language-python-exec", "--monitor", "127.0.0.1:1", "--engine", ENGINE, ".")
    PROVIDER = ("python", "-u", "-m", "pulumi.dynamic", ENGINE)

    def test_by_the_engine_that_both_talk_to(self) -> None:
        assert not preview.under_way(self.PROVIDER)
        preview.announce(True, self.PROGRAM)
        preview.announce(True, self.PROGRAM)
        assert preview.under_way(self.PROVIDER)
        assert not preview.under_way((*self.PROVIDER[:-1], "127.0.0.1:4712"))

    def test_an_update_is_none_whatever_an_earlier_run_left(self) -> None:
        preview.announce(True, self.PROGRAM)
        preview.announce(False, self.PROGRAM)
        assert not preview.under_way(self.PROVIDER)

    def test_the_note_of_a_program_that_is_gone_does_not_count(self, own_state: Path) -> None:
        preview.announce(True, self.PROGRAM)
        (note,) = (own_state / "agent-assist-voice" / "previews").iterdir()
        pid = os.fork()
        if not pid:
            os._exit(0)
        os.waitpid(pid, 0)
        note.write_text(str(pid))
        assert not preview.under_way(self.PROVIDER)
        preview.announce(True, [*self.PROGRAM[:-2], "127.0.0.1:4713", "."])
        assert not note.exists(), "swept by the next preview"

    @pytest.mark.parametrize("arguments", [(), ("python",), ("python", "-m", "pytest", "tests")])
    def test_without_an_engine_nothing_is_a_preview(self, arguments: tuple[str, ...], own_state: Path) -> None:
        preview.announce(True, arguments)
        assert not preview.under_way(arguments)
        assert not own_state.exists()
