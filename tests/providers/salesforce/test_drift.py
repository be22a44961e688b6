"""What someone changed by hand is seen by name, and the next update puts it right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from providers.handler import known
from providers.salesforce.base import SalesforceHandler
from providers.salesforce.client import SalesforceClient
from providers.salesforce.contact_page import CHANGED_SECRET, ContactPageInputs
from providers.salesforce.deploy import Deployment, deploy, zipped
from providers.salesforce.lightning_source import BUNDLE, RESOURCES, read_source
from providers.salesforce.metadata import (
    ActionOverride,
    CustomObject,
    ExternalClientAppSettings,
    SecuritySettings,
    SessionSettings,
    StaticResource,
)
from providers.salesforce.oauth_app import OauthAppInputs
from providers.salesforce.oauth_app_metadata import app_components
from rehearsal.salesforce.seed import FORMER_PAGE
from tests.providers.salesforce.runs import AT, COMPONENT, STEPS, State, drift, page_inputs, up


@pytest.fixture
def client(connected: Callable[..., Any]) -> SalesforceClient:
    return connected(SalesforceHandler).client


@pytest.fixture
def state(client: SalesforceClient) -> State:
    made = State()
    up(client, made)
    return made


def repair(client: SalesforceClient, state: State) -> None:
    for name, step in STEPS.items():
        inputs = step.inputs(state)
        if not name.endswith("-before") and name != "credentials":
            state.values[name] = {**inputs, **step.handler(client).update(state.ids[name], state.values[name], inputs)}


class TestPage:
    def change(self, client: SalesforceClient, state: State, secret: str | None = None, **properties: Any) -> None:
        own = state.values["page"]
        inputs = page_inputs(own["properties"]["consumerKey"], secret or own["consumerSecret"], **properties)
        deploy(client, Deployment.of(ContactPageInputs(**inputs).page()), "a change by hand")

    def test_a_changed_property_is_seen_by_name(self, client: SalesforceClient, state: State) -> None:
        self.change(client, state, debugMode=True, containerHeight="900px")
        seen = drift(client, state)
        assert list(seen) == ["page"]
        changed = seen["page"]["properties"]
        assert (changed["debugMode"], changed["containerHeight"], changed["channel"]) == (True, "900px", "voice")
        repair(client, state)
        assert drift(client, state) == {}

    def test_a_changed_secret_is_seen_and_never_told(self, client: SalesforceClient, state: State) -> None:
        self.change(client, state, secret="another-secret")
        assert drift(client, state) == {"page": {"consumerSecret": CHANGED_SECRET}}
        repair(client, state)
        assert drift(client, state) == {}

    def test_a_component_that_someone_added_is_seen(self, client: SalesforceClient, state: State) -> None:
        left = ["force:detailPanel", "unrelatedBadge"]
        inputs = {**state.values["page"], "regions": {**state.values["page"]["regions"], "leftcol": left}}
        deploy(client, Deployment.of(ContactPageInputs(**known(ContactPageInputs, inputs)).page()), "a change by hand")
        assert drift(client, state)["page"]["regions"]["leftcol"] == left


class TestActivation:
    def test_another_page_activated_is_seen_and_left_alone_on_delete(
        self, client: SalesforceClient, state: State, snapshot: Callable[[], dict[str, Any]]
    ) -> None:
        other = ActionOverride("View", content=FORMER_PAGE, form_factor="Large", skip_record_type_select=False, type="Flexipage")
        deploy(client, Deployment.of(CustomObject(full_name="Contact", action_overrides=(other,))), "a change by hand")
        assert drift(client, state) == {"activation": {"page": FORMER_PAGE}}
        STEPS["activation"].handler(client).delete(AT, state.values["activation"])
        assert snapshot()[f"Activation/{AT}"] == {"page": FORMER_PAGE}

    def test_the_platforms_own_page_means_gone(self, client: SalesforceClient, state: State) -> None:
        default = ActionOverride("View", form_factor="Large")
        deploy(client, Deployment.of(CustomObject(full_name="Contact", action_overrides=(default,))), "a change by hand")
        assert drift(client, state) == {"activation": None}

    def test_a_former_page_that_is_gone_makes_way_for_the_platforms_own(
        self, client: SalesforceClient, state: State, snapshot: Callable[[], dict[str, Any]]
    ) -> None:
        deploy(client, Deployment.of(deletes=[("FlexiPage", FORMER_PAGE)]), "a deletion by hand", ignore_warnings=True)
        STEPS["activation"].handler(client).delete(AT, state.values["activation"])
        assert f"Activation/{AT}" not in snapshot()

    def test_a_page_that_was_its_own_predecessor_makes_way_too(
        self, client: SalesforceClient, state: State, snapshot: Callable[[], dict[str, Any]]
    ) -> None:
        own = {**state.values["activation"], "former": {"type": "Flexipage", "content": "Agent_Assist_Contact"}}
        STEPS["activation"].handler(client).delete(AT, own)
        assert f"Activation/{AT}" not in snapshot()


class TestOauthApp:
    def test_the_flow_switched_off_is_seen(self, client: SalesforceClient, state: State) -> None:
        inputs = OauthAppInputs(**known(OauthAppInputs, state.values["app"]))
        deploy(client, Deployment.of(*app_components(replace(inputs.app(), flow=False, label="renamed"))), "a change by hand")
        assert drift(client, state) == {"app": {"clientCredentialsFlow": False, "label": "renamed"}}
        repair(client, state)
        assert drift(client, state) == {}

    def test_the_read_back_switched_off_is_seen(self, client: SalesforceClient, state: State) -> None:
        off = ExternalClientAppSettings(enable_client_secret_in_rest_api_access=False)
        deploy(client, Deployment.of(off), "a change by hand")
        seen = STEPS["app"].handler(client).read(state.ids["app"], state.values["app"])
        assert seen.inputs["secretByRest"] is False


class TestOthers:
    def test_cors_switched_off_is_seen(self, client: SalesforceClient, state: State) -> None:
        deploy(client, Deployment.of(SecuritySettings(session_settings=SessionSettings(False))), "a change by hand")
        assert drift(client, state) == {"cors": {"enabled": False}}
        repair(client, state)
        assert drift(client, state) == {}

    def test_a_trusted_url_changed_by_hand_is_seen_by_directive(self, client: SalesforceClient, state: State) -> None:
        client.write("PATCH", f"sobjects/CspTrustedSite/{state.ids['ui_connector']}", {"IsApplicableToConnectSrc": False})
        assert drift(client, state)["ui_connector"]["directives"]["connect"] is False
        repair(client, state)
        assert drift(client, state) == {}

    def test_a_user_taken_out_of_the_call_centre_is_seen(self, client: SalesforceClient, state: State) -> None:
        client.write("PATCH", f"sobjects/User/{state.ids['member']}", {"CallCenterId": None})
        assert drift(client, state) == {"member": None}

    def test_a_changed_file_is_seen_by_its_path(self, client: SalesforceClient, state: State) -> None:
        source = read_source(COMPONENT, None)
        files = {**source.deployed(), "lwc/agentAssistContainerModule/connectorClient.js": b"export default class {}"}
        resources = [("StaticResource", name) for name in RESOURCES]
        members = [("LightningComponentBundle", BUNDLE), *resources]
        deploy(client, Deployment.of(files=files, members=members), "a change by hand")
        assert drift(client, state) == {
            "bundle": {"treeSha256": "changed in the org: lwc/agentAssistContainerModule/connectorClient.js"}
        }
        repair(client, state)
        assert drift(client, state) == {}

    def test_a_changed_ui_module_is_seen_by_its_name(self, client: SalesforceClient, state: State) -> None:
        resource = StaticResource(full_name="ui_modules", content_type="application/zip")
        content = zipped({"transcript.js": b"x", "container.js": b"y"})
        deploy(client, Deployment.of(resource, files={resource.content_path: content}), "a change by hand")
        modules = drift(client, state)["bundle"]["uiModules"]
        assert modules["common"]["sha256"] == "missing in the org"
        assert modules["transcript"]["sha256"] != state.values["bundle"]["uiModules"]["transcript"]["sha256"]
