"""An org that somebody set up by hand with the guide: recognised, told, refused where people would notice, given back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from providers.salesforce.adoption import Adoptable, AdoptingHandler
from providers.salesforce.archive import unpacked
from providers.salesforce.base import SalesforceHandler
from providers.salesforce.call_center_package import CallCenterPackageHandler
from providers.salesforce.client import SalesforceClient
from providers.salesforce.contact_page import ContactPageHandler
from providers.salesforce.deploy import Deployment, deploy
from providers.salesforce.former import FormerHandler
from providers.salesforce.former_metadata import FormerMetadataHandler
from providers.salesforce.lightning_components import LightningComponentsHandler
from providers.salesforce.lightning_source import BUNDLE
from providers.salesforce.metadata import ExtlClntAppConfigurablePolicies, FlexiPage, FlexiPageTemplateInstance
from providers.salesforce.oauth_app import OauthAppHandler
from providers.salesforce.oauth_cors import OauthCorsHandler
from providers.salesforce.page_activation import PageActivationHandler
from providers.salesforce.retrieve import members_in
from providers.salesforce.staged_credentials import StagedCredentials
from providers.salesforce.trusted_url import TrustedUrlHandler
from rehearsal.salesforce import FLEX_CTI, INTEGRATION_USER, SalesforceStandIn
from rehearsal.salesforce.by_hand import activate, follow_the_guide
from rehearsal.salesforce.packages import install
from rehearsal.salesforce.seed import FORMER_PAGE
from tests.providers.salesforce.conftest import ADMIN, settings_of
from tests.providers.salesforce.runs import (
    AT,
    PAGE,
    STEPS,
    URLS,
    State,
    destroy,
    drift,
    lightning_inputs,
    oauth_app_inputs,
    page_inputs,
    trusted_url_inputs,
    up,
)

Snapshot = Callable[[], dict[str, Any]]
OTHER_CONNECTOR = "https://ui-connector-by-hand.run.app"


def asking(org: SalesforceStandIn, handler: type[AdoptingHandler], *allowed: Adoptable) -> AdoptingHandler:
    """A handler connected as the engine connects it, with what the setting allows."""
    return handler.connect({**settings_of(org), "adoptSalesforce": json.dumps([*allowed])})


def refusal(org: SalesforceStandIn, handler: type[AdoptingHandler], inputs: dict[str, Any]) -> str:
    """What a preview says that refuses; "" when it does not. With the setting it must not refuse any more."""
    faults = asking(org, handler).adoption_faults(inputs)
    assert asking(org, handler, *Adoptable).adoption_faults(inputs) == []
    return "; ".join(each.reason for each in faults)


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """What the handlers have told since the last look."""
    return lambda: capsys.readouterr().out


@pytest.fixture
def client(connected: Callable[..., Any]) -> SalesforceClient:
    return connected(SalesforceHandler).client


@pytest.fixture
def by_hand(org: SalesforceStandIn) -> SalesforceStandIn:
    """As the guide has it, with the page under the name that this stack uses too."""
    follow_the_guide(org.url, org.access_token, run_as=ADMIN, connector_url=OTHER_CONNECTOR, page=PAGE)
    return org


class TestGivenBack:
    def test_destroy_returns_what_somebody_had_made(
        self, by_hand: SalesforceStandIn, client: SalesforceClient, snapshot: Snapshot
    ) -> None:
        before, state = snapshot(), State()
        up(client, state)
        there = snapshot()
        assert there != before
        policies = [key for key in there if key.startswith("ExtlClntAppOauthConfigurablePolicies/")]
        assert policies == ["ExtlClntAppOauthConfigurablePolicies/lwc_auth_oauthPlcy"]
        assert drift(client, state) == {}
        destroy(client, state)
        assert snapshot() == before

    @pytest.mark.parametrize("page", ["Contact_Record_Page", PAGE])
    def test_whatever_the_page_is_called(self, org: SalesforceStandIn, client: SalesforceClient, snapshot: Snapshot, page: str) -> None:
        follow_the_guide(org.url, org.access_token, run_as=INTEGRATION_USER, page=page, activation="org")
        before, state = snapshot(), State()
        up(client, state)
        assert snapshot()[f"Activation/{AT}"] == {"page": PAGE}
        destroy(client, state)
        assert snapshot() == before

    def test_the_credentials_of_an_app_from_before_survive(
        self, by_hand: SalesforceStandIn, client: SalesforceClient
    ) -> None:
        """Its key stands in pages and elsewhere; a deleted app's never comes back."""
        pair = by_hand.org.store.credentials["lwc_auth"]
        state = State()
        up(client, state)
        assert state.values["credentials"]["consumerSecret"] == pair.secret
        destroy(client, state)
        assert by_hand.org.store.credentials["lwc_auth"] == pair

    def test_a_page_goes_back_with_the_pair_that_its_app_has_by_now(
        self, by_hand: SalesforceStandIn, client: SalesforceClient, snapshot: Snapshot
    ) -> None:
        """Rotated meanwhile, the pair that somebody had typed into it is dead."""
        before, state, pairs = snapshot(), State(), StagedCredentials(client, "lwc_auth")
        up(client, state)
        pairs.rotate(pairs.stage().id)
        pairs.drop(pairs.staged().id)
        state.values["credentials"] |= STEPS["credentials"].handler(client).update("id", {}, state.values["credentials"])
        inputs = STEPS["page"].inputs(state)
        state.values["page"] = {**inputs, **STEPS["page"].handler(client).update("id", state.values["page"], inputs)}
        destroy(client, state)
        assert snapshot() == before

    def test_a_second_first_run_adopts_once(
        self, by_hand: SalesforceStandIn, client: SalesforceClient, snapshot: Snapshot
    ) -> None:
        state = State()
        up(client, state)
        once = snapshot()
        kept = {name: state.values[name] for name in STEPS if name.endswith("-before")}
        again = State(dict.fromkeys(kept, "id"), kept)
        up(client, again)
        assert snapshot() == once

    def test_a_component_of_other_content_comes_back(
        self, by_hand: SalesforceStandIn, client: SalesforceClient, snapshot: Snapshot
    ) -> None:
        other_component(client)
        before, state = snapshot(), State()
        up(client, state)
        destroy(client, state)
        assert snapshot() == before

    def test_a_page_for_a_component_that_we_brought_leaves_without_it(
        self, org: SalesforceStandIn, client: SalesforceClient, snapshot: Snapshot
    ) -> None:
        """The page is somebody's and the component ours: the page must stop to show it before it can go."""
        plain_page(client, PAGE)
        before, state = snapshot(), State()
        up(client, state)
        destroy(client, state)
        assert snapshot() == before

    def test_a_trusted_url_under_another_name_is_the_one(
        self, org: SalesforceStandIn, client: SalesforceClient, snapshot: Snapshot
    ) -> None:
        body = {"DeveloperName": "my_domain", "EndpointUrl": URLS["salesforce_domain"], "IsActive": True}
        id = client.write("POST", "sobjects/CspTrustedSite", body)["id"]
        before, state = snapshot(), State()
        up(client, state)
        assert state.ids["salesforce_domain"] == id
        assert "CspTrustedSite/my_domain" not in snapshot()
        destroy(client, state)
        assert snapshot() == before

    def test_a_package_that_was_there_stays(
        self, org: SalesforceStandIn, client: SalesforceClient, snapshot: Snapshot
    ) -> None:
        install(FLEX_CTI, org.org.store)
        before, state = snapshot(), State()
        up(client, state)
        destroy(client, state)
        assert snapshot() == before
        assert "InstalledPackage/twilio_flex" in before


class TestOauthApp:
    def test_the_run_as_user_is_somebodys_policy(self, by_hand: SalesforceStandIn, told: Callable[[], str]) -> None:
        text = refusal(by_hand, OauthAppHandler, oauth_app_inputs())
        assert "clientCredentialsFlowUser" in text
        assert ADMIN in text
        assert "pulumi config set --path 'adoptSalesforce[0]' oauthApp" in text
        assert "clientCredentialsFlowUser" in told()

    def test_the_guides_app_with_our_user_is_taken_over(self, org: SalesforceStandIn, told: Callable[[], str]) -> None:
        follow_the_guide(org.url, org.access_token, run_as=INTEGRATION_USER)
        assert refusal(org, OauthAppHandler, oauth_app_inputs()) == ""
        text = told()
        assert "adopts the OAuth app lwc_auth" in text
        assert 'contactEmail: "your_email@example.com"' in text

    def test_an_app_that_somebody_switched_off(self, by_hand: SalesforceStandIn, client: SalesforceClient) -> None:
        off = ExtlClntAppConfigurablePolicies(
            full_name="lwc_auth_plcy", external_client_application="lwc_auth", is_enabled=False, label="off"
        )
        deploy(client, Deployment.of(off), "a change by hand")
        assert "isEnabled: false" in refusal(by_hand, OauthAppHandler, oauth_app_inputs())

    def test_scopes_that_others_use(self, by_hand: SalesforceStandIn) -> None:
        assert "scopes" in refusal(by_hand, OauthAppHandler, {**oauth_app_inputs(), "scopes": ["Api"]})

    def test_an_app_with_the_label_under_another_name(self, org: SalesforceStandIn, told: Callable[[], str]) -> None:
        follow_the_guide(org.url, org.access_token, run_as=ADMIN, app="lwcauth2")
        assert "pulumi config set oauthAppName lwcauth2" in refusal(org, OauthAppHandler, oauth_app_inputs())

    def test_what_an_earlier_run_began_is_ours(self, by_hand: SalesforceStandIn) -> None:
        assert refusal(by_hand, OauthAppHandler, {**oauth_app_inputs(), "wasThere": False}) == ""


class TestTrustedUrl:
    def test_another_address_is_refused(self, by_hand: SalesforceStandIn) -> None:
        text = refusal(by_hand, TrustedUrlHandler, trusted_url_inputs("ui_connector", URLS["ui_connector"]))
        assert OTHER_CONNECTOR in text
        assert "trustedUrls" in text

    def test_an_address_that_is_not_known_yet_is_another_one(self, by_hand: SalesforceStandIn) -> None:
        inputs = trusted_url_inputs("ui_connector", "")
        del inputs["url"]
        assert "not known yet" in refusal(by_hand, TrustedUrlHandler, inputs)

    def test_the_same_address_is_taken_over(self, by_hand: SalesforceStandIn, told: Callable[[], str]) -> None:
        assert refusal(by_hand, TrustedUrlHandler, trusted_url_inputs("salesforce_domain", URLS["salesforce_domain"])) == ""
        assert "adopts the trusted URL salesforce_domain" in told()

    def test_another_name_is_told(self, org: SalesforceStandIn, client: SalesforceClient, told: Callable[[], str]) -> None:
        body = {"DeveloperName": "my_domain", "EndpointUrl": URLS["salesforce_domain"], "IsActive": True}
        client.write("POST", "sobjects/CspTrustedSite", body)
        assert refusal(org, TrustedUrlHandler, trusted_url_inputs("salesforce_domain", URLS["salesforce_domain"])) == ""
        assert 'DeveloperName: "my_domain" → "salesforce_domain"' in told()


class TestLightningComponents:
    def test_the_same_component_is_taken_over(self, by_hand: SalesforceStandIn, told: Callable[[], str]) -> None:
        assert refusal(by_hand, LightningComponentsHandler, lightning_inputs()) == ""
        assert f"adopts the Lightning component {BUNDLE}" in told()

    def test_other_content_is_refused_by_its_path(self, by_hand: SalesforceStandIn, client: SalesforceClient) -> None:
        other_component(client)
        text = refusal(by_hand, LightningComponentsHandler, lightning_inputs())
        assert f"other content: lwc/{BUNDLE}/connectorClient.js" in text

    def test_another_version_of_a_ui_module_is_refused_by_its_name(self, by_hand: SalesforceStandIn) -> None:
        inputs = lightning_inputs()
        inputs["uiModules"] = {**inputs["uiModules"], "common": {"version": "v2", "sha256": "0" * 64}}
        faults = asking(by_hand, LightningComponentsHandler).adoption_faults(inputs)
        assert "other content: ui_modules/common.js" in faults[0].reason


class TestContactPage:
    def test_the_page_of_another_connector(self, by_hand: SalesforceStandIn, told: Callable[[], str]) -> None:
        text = refusal(by_hand, ContactPageHandler, page_inputs())
        assert f'endpoint: "{OTHER_CONNECTOR}" → "https://connector.rehearsal.example"' in text
        allowed = told()
        assert 'platform: "twilio" → "twilioflex"' in allowed
        assert "debugMode: true → false" in allowed

    def test_no_text_holds_a_secret(self, by_hand: SalesforceStandIn, told: Callable[[], str]) -> None:
        text = refusal(by_hand, ContactPageHandler, page_inputs()) + told()
        pair = by_hand.org.store.credentials["lwc_auth"]
        assert "consumerSecret" in text
        assert pair.secret not in text
        assert pair.key not in text

    def test_a_connector_that_is_not_made_yet(self, by_hand: SalesforceStandIn) -> None:
        inputs = page_inputs()
        del inputs["properties"]["endpoint"], inputs["consumerSecret"]
        assert f"what {OTHER_CONNECTOR} tells" in refusal(by_hand, ContactPageHandler, inputs)

    def test_somebody_elses_components_on_it(self, org: SalesforceStandIn, client: SalesforceClient) -> None:
        assert "unrelatedBadge" in refusal(org, ContactPageHandler, {**page_inputs(), "name": FORMER_PAGE})

    def test_a_page_of_another_object(self, org: SalesforceStandIn, client: SalesforceClient) -> None:
        plain_page(client, PAGE, "Account")
        assert "page of Account" in refusal(org, ContactPageHandler, page_inputs())

    def test_the_same_connector_is_taken_over(self, org: SalesforceStandIn, told: Callable[[], str]) -> None:
        follow_the_guide(org.url, org.access_token, run_as=ADMIN, connector_url=URLS["ui_connector"], page=PAGE)
        assert refusal(org, ContactPageHandler, page_inputs()) == ""
        assert f"adopts the page {PAGE}" in told()


ACTIVATION = {"at": AT, "page": PAGE}


class TestPageActivation:
    def test_another_active_page_is_refused(self, org: SalesforceStandIn) -> None:
        text = refusal(org, PageActivationHandler, ACTIVATION)
        assert f"the activation of {FORMER_PAGE} for every Contact" in text
        assert "adoptSalesforce[0]' pageActivation" in text

    def test_our_own_active_page_is_told(self, by_hand: SalesforceStandIn, told: Callable[[], str]) -> None:
        assert refusal(by_hand, PageActivationHandler, ACTIVATION) == ""
        assert f"adopts the activation of {PAGE}" in told()

    @pytest.mark.parametrize(("where", "whose"), [("app", ""), ("profile", ", profile ")])
    def test_an_app_that_shows_another_page_is_told(
        self, org: SalesforceStandIn, told: Callable[[], str], where: Any, whose: str
    ) -> None:
        """What is activated for an app goes before the org's default: its agents would never see our page."""
        activate(org.url, org.access_token, FORMER_PAGE, where)
        assert asking(org, PageActivationHandler, *Adoptable).adoption_faults(ACTIVATION) == []
        text = told()
        assert f"app standard__LightningService{whose}" in text
        assert f": {FORMER_PAGE}" in text

    def test_no_active_page_is_nothing_to_tell(self, org: SalesforceStandIn, told: Callable[[], str]) -> None:
        assert refusal(org, PageActivationHandler, {"at": "Contact.View.Small", "page": PAGE}) == ""
        assert told() == ""


class TestOthers:
    def test_cors_that_is_on_already(self, by_hand: SalesforceStandIn, told: Callable[[], str]) -> None:
        assert refusal(by_hand, OauthCorsHandler, {"enabled": True}) == ""
        assert "adopts CORS for OAuth endpoints" in told()

    def test_an_installed_package(self, org: SalesforceStandIn, told: Callable[[], str]) -> None:
        install(FLEX_CTI, org.org.store)
        assert refusal(org, CallCenterPackageHandler, {"packageVersionId": FLEX_CTI.version_id}) == ""
        assert "adopts the installed package" in told()

    def test_an_empty_org_has_nothing_to_tell(self, org: SalesforceStandIn, told: Callable[[], str]) -> None:
        everything: dict[type[AdoptingHandler], dict[str, Any]] = {
            OauthAppHandler: oauth_app_inputs(),
            TrustedUrlHandler: trusted_url_inputs("ui_connector", "https://x.example"),
            LightningComponentsHandler: lightning_inputs(),
            ContactPageHandler: page_inputs(),
            OauthCorsHandler: {"enabled": True},
            CallCenterPackageHandler: {"packageVersionId": FLEX_CTI.version_id},
        }
        assert [refusal(org, handler, inputs) for handler, inputs in everything.items()] == [""] * len(everything)
        assert told() == ""

    def test_another_org_is_told_before_anything_else(self, org: SalesforceStandIn) -> None:
        handler = TrustedUrlHandler.connect({**settings_of(org), "salesforceOrganizationId": "00D000000000099"})
        with pytest.raises(Exception, match="nothing was changed"):
            handler.adoption_faults(trusted_url_inputs("ui_connector", "https://x.example"))


class TestWhatIsRemembered:
    @pytest.mark.parametrize(("kind", "of"), [("oauthApp", "lwc_auth"), ("contactPage", PAGE), ("lightningComponents", BUNDLE)])
    def test_nothing_is_remembered_of_an_empty_org(self, connected: Callable[..., Any], kind: str, of: str) -> None:
        made = connected(FormerMetadataHandler).create({"kind": kind, "of": of})
        assert made.outputs == {"there": False, "archive": ""}

    def test_it_is_never_looked_at_again(self, by_hand: SalesforceStandIn, connected: Callable[..., Any]) -> None:
        handler, inputs = connected(FormerMetadataHandler), {"kind": "contactPage", "of": PAGE}
        made = handler.create(inputs)
        up(handler.client, State())
        assert handler.read(made.id, {**inputs, **made.outputs}).outputs == made.outputs

    def test_an_app_is_remembered_without_its_credentials(self, by_hand: SalesforceStandIn, connected: Callable[..., Any]) -> None:
        made = connected(FormerMetadataHandler).create({"kind": "oauthApp", "of": "lwc_auth"})
        files = unpacked(made.outputs["archive"])
        assert "extlClntAppOauthPolicies/lwc_auth_oauthPlcy.ecaOauthPlcy" in files
        key = by_hand.org.store.credentials["lwc_auth"].key.encode()
        assert not [path for path, content in files.items() if key in content]

    def test_a_new_address_does_not_make_one_forget(self, org: SalesforceStandIn, connected: Callable[..., Any]) -> None:
        handler = connected(FormerHandler)
        inputs = {"kind": "trustedUrl", "of": "ui_connector", "url": "https://one.example"}
        made = handler.create(inputs)
        assert handler.update(made.id, {**inputs, **made.outputs}, {**inputs, "url": "https://two.example"}) == {"value": {}}

    def test_an_unknown_kind_is_a_fault(self, connected: Callable[..., Any]) -> None:
        assert [each.property for each in connected(FormerMetadataHandler).check({"kind": "weather", "of": "x"})] == ["kind"]


def other_component(client: SalesforceClient) -> None:
    """Somebody's own change in a file of the component."""
    files = unpacked(FormerMetadataHandler(client).create({"kind": "lightningComponents", "of": BUNDLE}).outputs["archive"])
    files[f"lwc/{BUNDLE}/connectorClient.js"] = b"export default class {}"
    deploy(client, Deployment.of(files=files, members=sorted(members_in(files))), "a change by hand")


def plain_page(client: SalesforceClient, name: str, sobject: str = "Contact") -> None:
    """A page that shows nothing of ours."""
    template = FlexiPageTemplateInstance("flexipage:recordHomeSingleColTemplateDesktop")
    page = FlexiPage(full_name=name, flexi_page_regions=(), master_label="Plain", sobject_type=sobject, template=template)
    deploy(client, Deployment.of(page), "a page by hand")
