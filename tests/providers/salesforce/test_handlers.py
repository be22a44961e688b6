"""What single handlers promise beyond their life: adoption, fallbacks, checks at preview, and what they refuse."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from providers.handler import VendorError
from providers.salesforce.base import SalesforceHandler
from providers.salesforce.call_center_member import CallCenterMemberHandler
from providers.salesforce.call_center_package import CallCenterPackageHandler
from providers.salesforce.contact_page import ContactPageHandler, ContactPageInputs
from providers.salesforce.deploy import Deployment, deploy
from providers.salesforce.downloads import REPOSITORY
from providers.salesforce.former import FormerHandler
from providers.salesforce.lightning_components import LightningComponentsHandler
from providers.salesforce.lightning_source import read_source
from providers.salesforce.oauth_app import OauthAppHandler
from providers.salesforce.oauth_app_metadata import APP, App, Present, app_components
from providers.salesforce.oauth_cors import OauthCorsHandler
from providers.salesforce.oauth_credentials import OauthCredentialsHandler
from providers.salesforce.page_activation import PageActivationHandler
from providers.salesforce.staged_credentials import StagedCredentials
from providers.salesforce.trusted_url import TrustedUrlHandler
from rehearsal.salesforce import AGENTS, FLEX_CTI, SalesforceStandIn
from rehearsal.salesforce.org import VIEW_CLIENT_SECRET
from rehearsal.salesforce.packages import install
from tests.providers.salesforce.conftest import ADMIN, HTTP
from tests.providers.salesforce.runs import (
    COMPONENT,
    lightning_inputs,
    oauth_app_inputs,
    page_inputs,
    trusted_url_inputs,
)

Connect = Callable[..., Any]
Snapshot = Callable[[], dict[str, Any]]
PACKAGE = {"packageVersionId": FLEX_CTI.version_id}
BY_HAND = App("lwc_auth", "by hand", "hand@example.com", "https://example.com/cb", ("Basic", "Api"), AGENTS[0])


def faults(handler: Any, **inputs: Any) -> dict[str, str]:
    return {each.property: each.reason for each in handler.check(inputs)}


class TestOauthApp:
    def test_one_made_by_hand_is_taken_over_under_its_parts_own_names(self, connected: Connect, snapshot: Snapshot) -> None:
        """Salesforce names the policies record itself; a second one under our name would be refused."""
        handler = connected(OauthAppHandler)
        policies = "ExtlClntAppOauthConfigurablePolicies"
        parts = app_components(BY_HAND, Present({policies: "lwc_auth_oauth_defaultPolicy"}))
        deploy(handler.client, Deployment.of(*parts), "by hand")
        made = handler.create(oauth_app_inputs())
        assert made.id == handler.client.metadata_list(APP)["lwc_auth"]
        there = snapshot()
        assert [key for key in there if key.startswith(policies)] == [f"{policies}/lwc_auth_oauth_defaultPolicy"]
        assert there["ExternalClientApplication/lwc_auth"]["label"] == "lwc auth"
        assert there["ExtlClntAppOauthSettings/lwc_auth_oauth"]["commaSeparatedOauthScopes"] == "Basic"

    def test_an_update_keeps_what_the_org_holds_beyond_our_fields(self, connected: Connect, snapshot: Snapshot) -> None:
        """Salesforce replaces the whole record: a certificate left out would be gone, and a sign-in by JWT with it."""
        handler = connected(OauthAppHandler)
        extra = Present(values={"ExtlClntAppGlobalOauthSettings": {"isIntrospectAllTokens": True}})
        deploy(handler.client, Deployment.of(*app_components(BY_HAND, extra)), "by hand")
        handler.create(oauth_app_inputs())
        assert snapshot()["ExtlClntAppGlobalOauthSettings/lwc_auth_glbloauth"]["isIntrospectAllTokens"] is True

    def test_an_update_issues_no_new_credentials(self, connected: Connect) -> None:
        handler, credentials = connected(OauthAppHandler), connected(OauthCredentialsHandler)
        made = handler.create(oauth_app_inputs())
        first = credentials.create({"app": "lwc_auth", "appId": made.id}).outputs
        handler.update(made.id, oauth_app_inputs(), {**oauth_app_inputs(), "label": "new label"})
        assert credentials.create({"app": "lwc_auth", "appId": made.id}).outputs == first

    def test_an_org_without_the_read_back_setting_gets_the_app_all_the_same(
        self, connected: Connect, snapshot: Snapshot
    ) -> None:
        """The setting came with API 62; where it is refused, the two fallback settings stand in for the read-back."""
        handler = connected(OauthAppHandler, salesforceApiVersion="61.0")
        made = handler.create(oauth_app_inputs())
        assert "OauthConsumer/lwc_auth" in snapshot()
        state = {**oauth_app_inputs(), **made.outputs}
        assert handler.read(made.id, state).inputs == oauth_app_inputs(), "what no run can put right is no drift"
        known = connected(OauthCredentialsHandler).create({"app": "lwc_auth", "appId": made.id, **KNOWN}).outputs
        assert known["consumerKey"] == "known-key"

    def test_a_run_as_user_that_there_is_not_is_told(self, connected: Connect) -> None:
        with pytest.raises(VendorError, match="valid execution user"):
            connected(OauthAppHandler).create({**oauth_app_inputs(), "runAsUser": "nobody@example.com"})

    def test_bad_inputs_are_all_told_at_once(self, connected: Connect) -> None:
        found = faults(connected(OauthAppHandler), name="lwc auth", contactEmail="x", runAsUser="y", scopes=[])
        assert set(found) == {"name", "contactEmail", "runAsUser", "scopes"}
        assert faults(connected(OauthAppHandler)) == {}


KNOWN = {"knownConsumerKey": "known-key", "knownConsumerSecret": "known-secret"}


class TestCredentials:
    def made(self, connected: Connect) -> dict[str, Any]:
        app = connected(OauthAppHandler).create(oauth_app_inputs())
        return {"app": "lwc_auth", "appId": app.id}

    def test_they_are_read_back_and_sign_in(self, org: SalesforceStandIn, connected: Connect) -> None:
        inputs = self.made(connected)
        pair = connected(OauthCredentialsHandler).create({**inputs, **KNOWN}).outputs
        form = {"grant_type": "client_credentials", "client_id": pair["consumerKey"], "client_secret": pair["consumerSecret"]}
        assert HTTP.post(f"{org.url}/services/oauth2/token", data=form).status_code == 200

    def forbidden(self, org: SalesforceStandIn) -> None:
        user = org.org.user_named(ADMIN)
        org.org.permissions[user["Id"]].discard(VIEW_CLIENT_SECRET)

    def test_where_the_org_forbids_the_two_settings_stand_in(self, org: SalesforceStandIn, connected: Connect) -> None:
        inputs = self.made(connected)
        self.forbidden(org)
        pair = connected(OauthCredentialsHandler).create({**inputs, **KNOWN}).outputs
        assert pair == {"consumerKey": "known-key", "consumerSecret": "known-secret"}

    def test_without_them_it_is_told_what_to_do(self, org: SalesforceStandIn, connected: Connect) -> None:
        inputs = self.made(connected)
        self.forbidden(org)
        with pytest.raises(VendorError, match="View Client Secret") as caught:
            connected(OauthCredentialsHandler).create(inputs)
        assert "pulumi config set --secret oauthConsumerSecret" in str(caught.value)

    def test_new_ones_made_in_the_org_show_at_the_next_read(self, org: SalesforceStandIn, connected: Connect) -> None:
        handler, inputs = connected(OauthCredentialsHandler), self.made(connected)
        first = handler.create(inputs)
        staged = StagedCredentials(handler.client, "lwc_auth")
        staged.rotate(staged.stage().id)
        live = handler.read(first.id, {**inputs, **first.outputs})
        assert live.outputs["consumerSecret"] != first.outputs["consumerSecret"]

    def test_one_fallback_without_the_other_is_a_fault(self, connected: Connect) -> None:
        assert "both" in faults(connected(OauthCredentialsHandler), knownConsumerKey="k")["knownConsumerKey"]


class TestTrustedUrl:
    def test_one_made_by_hand_is_taken_over(self, connected: Connect, snapshot: Snapshot) -> None:
        handler = connected(TrustedUrlHandler)
        body = {"DeveloperName": "ui_connector", "EndpointUrl": "https://old.example", "IsActive": False}
        id = handler.client.write("POST", "sobjects/CspTrustedSite", body)["id"]
        assert handler.create(trusted_url_inputs("ui_connector", "https://new.example")).id == id
        there = snapshot()["CspTrustedSite/ui_connector"]
        assert (there["endpointUrl"], there["isActive"], there["isApplicableToConnectSrc"]) == ("https://new.example", True, True)

    @pytest.mark.parametrize("url", ["ftp://x.example", "http://x.example", "https://x.example/path", "wss://", "x.example"])
    def test_what_is_no_trusted_url_is_a_fault(self, connected: Connect, url: str) -> None:
        assert "url" in faults(connected(TrustedUrlHandler), url=url)

    @pytest.mark.parametrize("url", ["https://*.gstatic.com", "wss://x.run.app", "http://127.0.0.1:8080", "ws://127.0.0.1:8080"])
    def test_what_is_one_is_none(self, connected: Connect, url: str) -> None:
        assert faults(connected(TrustedUrlHandler), url=url) == {}

    def test_an_unknown_directive_is_a_fault(self, connected: Connect) -> None:
        assert "directives.script" in faults(connected(TrustedUrlHandler), directives={"script": True})


class TestContactPage:
    @pytest.mark.parametrize(
        ("property", "value", "told"),
        [
            ("platform", "twilio", "it is twilioflex"),
            ("debugMode", True, "console"),
            ("channel", "phone", "chat or voice"),
            ("endpoint", "https://x.run.app/", "slash"),
            ("endpoint", "x.run.app", "https://"),
            ("conversationProfile", "projects/p/conversationProfiles/c", "LOCATION"),
            ("features", "SMART_REPLY", "is no property"),
            ("consumerSecret", "s", "kept secret"),
        ],
    )
    def test_what_the_component_refuses_is_told_at_preview(
        self, connected: Connect, property: str, value: Any, told: str
    ) -> None:
        assert told in faults(connected(ContactPageHandler), properties={property: value})[f"properties.{property}"]

    def test_unknown_values_are_no_faults(self, connected: Connect) -> None:
        assert faults(connected(ContactPageHandler), properties={"channel": "voice"}) == {}
        assert faults(connected(ContactPageHandler), **page_inputs()) == {}

    def test_the_same_page_is_the_same_file(self) -> None:
        """Over the engine's wire the regions come in any order."""
        one = page_inputs()
        other = {**one, "regions": dict(reversed(one["regions"].items()))}
        assert ContactPageInputs(**one).page().xml() == ContactPageInputs(**other).page().xml()

    def test_a_page_before_its_component_is_refused_by_name(self, connected: Connect) -> None:
        with pytest.raises(VendorError, match="component c:agentAssistContainerModule") as caught:
            connected(ContactPageHandler).create(page_inputs(consumer_secret="do-not-tell"))
        assert "do-not-tell" not in str(caught.value)

    def test_a_failing_component_leaves_nothing_half_made(self, connected: Connect, snapshot: Snapshot, tmp_path: Path) -> None:
        """One file of the component is wrong: its static resources, right as they are, do not go up without it."""
        shutil.copytree(REPOSITORY / COMPONENT, tmp_path, dirs_exist_ok=True)
        wrong = tmp_path / "force-app/main/default/lwc/agentAssistContainerModule/agentAssistContainerModule.js"
        wrong.write_text(f"import missing from './missing';\n{wrong.read_text()}")
        inputs = {**lightning_inputs(), "source": str(tmp_path), "treeSha256": read_source(str(tmp_path), None).tree_sha256}
        before = snapshot()
        with pytest.raises(VendorError, match=r"agentAssistContainerModule\.js.*missing"):
            connected(LightningComponentsHandler).create(inputs)
        assert snapshot() == before

    def test_an_active_page_is_not_deleted(self, connected: Connect) -> None:
        """The order of destroy comes from the resources' dependencies; out of order Salesforce says no."""
        connected(LightningComponentsHandler).create(lightning_inputs())
        page = connected(ContactPageHandler)
        made = page.create(page_inputs())
        connected(PageActivationHandler).create({"at": "Contact.View.Large", "page": "Agent_Assist_Contact"})
        with pytest.raises(VendorError, match="active Lightning Page"):
            page.delete(made.id, page_inputs())

    def test_a_component_on_a_page_is_not_deleted(self, connected: Connect) -> None:
        bundle = connected(LightningComponentsHandler)
        made = bundle.create(lightning_inputs())
        connected(ContactPageHandler).create(page_inputs())
        with pytest.raises(VendorError, match="referenced elsewhere"):
            bundle.delete(made.id, lightning_inputs())


class TestCallCentre:
    def test_the_package_is_installed_once(self, org: SalesforceStandIn, connected: Connect) -> None:
        handler = connected(CallCenterPackageHandler)
        made = handler.create(PACKAGE)
        assert handler.create(PACKAGE).id == made.id == handler.find(PACKAGE).id
        requests = handler.client.query("SELECT Id FROM PackageInstallRequest", tooling=True)
        assert len(requests) == 1
        assert handler.read(made.id, PACKAGE).inputs == PACKAGE

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_a_request_without_an_answer_is_not_made_twice(
        self, org: SalesforceStandIn, connected: Connect, when: str
    ) -> None:
        fault = {"method": "POST", "path": "PackageInstallRequest", "when": when, "action": "drop"}
        HTTP.post(f"{org.url}/_standin/faults", json=[fault]).raise_for_status()
        handler = connected(CallCenterPackageHandler)
        handler.create(PACKAGE)
        assert len(handler.client.query("SELECT Id FROM PackageInstallRequest", tooling=True)) == 1

    def test_a_package_that_there_is_not_is_told(self, connected: Connect) -> None:
        with pytest.raises(VendorError, match="no package version"):
            connected(CallCenterPackageHandler).create({"packageVersionId": "04t000000000009"})

    def test_deleting_leaves_it_installed(self, connected: Connect, snapshot: Snapshot) -> None:
        handler = connected(CallCenterPackageHandler)
        made = handler.create(PACKAGE)
        handler.delete(made.id, PACKAGE)
        assert "InstalledPackage/twilio_flex" in snapshot()

    def test_deleting_uninstalls_it_where_the_setting_says_so(self, connected: Connect, snapshot: Snapshot) -> None:
        before, handler = snapshot(), connected(CallCenterPackageHandler)
        made = handler.create({**PACKAGE, "onDestroy": "uninstall"})
        handler.delete(made.id, {**PACKAGE, "onDestroy": "uninstall"})
        assert snapshot() == before

    def test_a_package_that_was_there_in_another_version_is_never_uninstalled(
        self, org: SalesforceStandIn, connected: Connect, snapshot: Snapshot
    ) -> None:
        install(FLEX_CTI, org.org.store)
        former = connected(FormerHandler).create({"kind": "packages", "of": ""}).outputs["value"]
        handler, inputs = connected(CallCenterPackageHandler), {**PACKAGE, "onDestroy": "uninstall", "former": former}
        handler.delete(handler.create(inputs).id, inputs)
        assert "InstalledPackage/twilio_flex" in snapshot()

    def test_a_malformed_version_is_a_fault(self, connected: Connect) -> None:
        assert "04t" in faults(connected(CallCenterPackageHandler), packageVersionId="033x")["packageVersionId"]

    def test_a_call_centre_that_there_is_not_is_told(self, connected: Connect) -> None:
        with pytest.raises(VendorError, match="flexCtiPackageVersionId"):
            connected(CallCenterMemberHandler).create({"username": AGENTS[0], "callCenter": "None"})

    def test_a_user_who_there_is_not_is_told(self, connected: Connect) -> None:
        with pytest.raises(VendorError, match=r"no user nobody@example\.com"):
            connected(FormerHandler).create({"kind": "callCenter", "of": "nobody@example.com"})

    def test_a_preview_asks_for_the_user(self, connected: Connect) -> None:
        """The call centre may be one that the same run installs."""
        handler = connected(CallCenterMemberHandler)
        assert handler.vendor_faults({"username": AGENTS[0], "callCenter": "None"}) == []
        with pytest.raises(VendorError, match=r"no user nobody@example\.com.*callCenterUsers"):
            handler.vendor_faults({"username": "nobody@example.com", "callCenter": "None"})


class TestFormerValue:
    def test_it_is_never_looked_at_again(self, connected: Connect) -> None:
        former, cors = connected(FormerHandler), connected(OauthCorsHandler)
        inputs = {"kind": "oauthCors", "of": ""}
        made = former.create(inputs)
        cors.create({"enabled": True, "former": made.outputs["value"]})
        assert former.read(made.id, {**inputs, **made.outputs}).outputs == {"value": False}

    @pytest.mark.parametrize(("kind", "of", "empty"), [("callCenter", AGENTS[0], ""), ("pageActivation", "Contact.View.Small", {})])
    def test_nothing_before_is_an_empty_value(self, connected: Connect, kind: str, of: str, empty: Any) -> None:
        """The engine leaves None out of the state; the next preview would show a change."""
        assert connected(FormerHandler).create({"kind": kind, "of": of}).outputs == {"value": empty}

    def test_an_unknown_kind_is_a_fault(self, connected: Connect) -> None:
        assert "kind" in faults(connected(FormerHandler), kind="weather")


def test_every_find_sees_nothing_in_an_org_without_us(connected: Connect) -> None:
    everything: dict[type[SalesforceHandler], dict[str, Any]] = {
        OauthAppHandler: oauth_app_inputs(),
        TrustedUrlHandler: trusted_url_inputs("ui_connector", "https://x.example"),
        LightningComponentsHandler: lightning_inputs(),
        ContactPageHandler: page_inputs(),
        PageActivationHandler: {"at": "Contact.View.Large", "page": "Agent_Assist_Contact"},
        OauthCorsHandler: {"enabled": True, "former": False},
        CallCenterPackageHandler: PACKAGE,
    }
    assert [kind.__name__ for kind, inputs in everything.items() if connected(kind).find(inputs)] == []
