"""The Salesforce side as the engine would see it: order, options, and which values are secret.

The consumer secret stands in a page's properties. It must be secret wherever it shows, and it must not make its eleven
neighbours unreadable in a review.
"""

from __future__ import annotations

import dataclasses
import importlib
from typing import Any

import pulumi
import pytest

from components.salesforce import resources
from components.salesforce.desktop import SalesforceDesktop
from components.salesforce.settings import SalesforceSettings
from providers.salesforce.adoption import Adoptable
from tests.components.salesforce.values import settings
from tests.graph import UNKNOWN, Graph, record

CONNECTOR = "https://ui-connector-abc.run.app"
PROFILE = "projects/p/locations/global/conversationProfiles/c"
FORMER = {
    "secretByRest": False,
    "oauthCors": False,
    "pageActivation": {"type": "Flexipage", "content": "Former_Page", "skipRecordTypeSelect": False},
    "callCenter": "04v000000000001AAA",
    "packages": ["033000000000001AAA"],
    "trustedUrl": {},
}
ANSWERS = {
    "salesforce:OauthCredentials": lambda name, inputs: {
        "consumerKey": pulumi.Output.secret("the-key"),
        "consumerSecret": pulumi.Output.secret("the-secret"),
    },
    "salesforce:FormerValue": lambda name, inputs: {"value": FORMER[inputs["kind"]]},
    "salesforce:FormerMetadata": lambda name, inputs: {"there": False, "archive": ""},
}


def desktop(preview: bool = False, connector: Any = CONNECTOR, **other: Any) -> Graph:
    wanted: SalesforceSettings = settings(**other)

    def program() -> None:
        SalesforceDesktop("desktop", wanted, connector_url=connector, conversation_profile=PROFILE)

    return record(program, ANSWERS, preview=preview)


@pytest.fixture(scope="module")
def graph() -> Graph:
    return desktop()


def _holds(made: Any, asked: Any) -> bool:
    """Is `asked` a part of `made`?"""
    if isinstance(asked, dict):
        return all(name in made and _holds(made[name], each) for name, each in asked.items())
    return made == asked


class TestAdoptionReview:
    """What somebody has made by hand is told in one place, before anything is noted, made or taken over."""

    def test_everything_that_can_be_taken_over_waits_for_it(self, graph: Graph) -> None:
        review = graph.one("salesforce:AdoptionReview")
        apart = ("AdoptionReview", "CallCenterPackage", "CallCenterMember")
        no_work_of_theirs = ("call-center", "packages")
        others = [each for each in graph if each.custom and not each.type.endswith(apart) and not each.name.startswith(no_work_of_theirs)]
        assert len(others) == 22
        assert [each.name for each in others if review.urn not in graph.upstream(each)] == []

    def test_it_asks_for_the_very_things_that_are_made(self, graph: Graph) -> None:
        wanted = graph.one("salesforce:AdoptionReview").inputs["wanted"]
        kinds = {
            "oauthApp": "OauthApp",
            "trustedUrls": "TrustedUrl",
            "lightningComponents": "LightningComponents",
            "contactPage": "ContactPage",
            "pageActivation": "PageActivation",
        }
        assert wanted.keys() == kinds.keys() == set(Adoptable)
        for kind, of in kinds.items():
            made = [each.inputs for each in graph.all(f"dynamic/salesforce:{of}")]
            for asked in wanted[kind].values():
                made_so = [each for each in made if _holds(each, asked)]
                assert len(made_so) == 1

    def test_no_secret_is_in_it(self, graph: Graph) -> None:
        review = graph.one("salesforce:AdoptionReview")
        assert review.secret_inputs == frozenset()
        assert "the-secret" not in str(review.inputs)
        assert "the-key" not in str(review.inputs)

    def test_later_runs_leave_it_as_the_first_one_made_it(self, graph: Graph) -> None:
        assert list(graph.one("salesforce:AdoptionReview").request.ignoreChanges) == ["wanted"]


class TestOrder:
    """Salesforce refuses to delete what is in use: the order of destroy is the order of up, backwards."""

    def test_component_then_page_then_activation(self, graph: Graph) -> None:
        page, activation = graph.one("salesforce:ContactPage", "lightning-page"), graph.one("salesforce:PageActivation")
        assert page.needs(graph.one("dynamic/salesforce:LightningComponents"))
        assert activation.needs(page)

    def test_the_page_needs_the_credentials_and_they_the_app(self, graph: Graph) -> None:
        credentials = graph.one("salesforce:OauthCredentials")
        assert credentials.needs(graph.one("dynamic/salesforce:OauthApp"))
        assert credentials.urn in graph.upstream(graph.one("salesforce:ContactPage", "lightning-page"))

    @pytest.mark.parametrize(
        ("taken", "kind"), [("OauthApp", "secretByRest"), ("OauthCors", "oauthCors"), ("PageActivation", "pageActivation")]
    )
    def test_what_was_there_before_is_noted_before_it_is_changed(self, graph: Graph, taken: str, kind: str) -> None:
        former = next(each for each in graph.all("salesforce:FormerValue") if each.inputs["kind"] == kind)
        assert graph.one(f"dynamic/salesforce:{taken}").needs(former)

    @pytest.mark.parametrize(
        ("taken", "kind"),
        [("OauthApp", "oauthApp"), ("LightningComponents", "lightningComponents"), ("ContactPage", "contactPage")],
    )
    def test_somebodys_own_work_is_remembered_before_it_is_taken_over(self, graph: Graph, taken: str, kind: str) -> None:
        former = next(each for each in graph.all("salesforce:FormerMetadata") if each.inputs["kind"] == kind)
        assert graph.one(f"dynamic/salesforce:{taken}").needs(former)
        assert former.additional_secret_outputs == {"archive"}

    def test_a_page_is_remembered_with_the_component_that_it_was_made_for(self, graph: Graph) -> None:
        """Afterwards the org has our component, and the page would go back together with that."""
        page = next(each for each in graph.all("salesforce:FormerMetadata") if each.inputs["kind"] == "contactPage")
        assert graph.one("dynamic/salesforce:LightningComponents").needs(page)

    def test_every_trusted_url_is_remembered(self, graph: Graph) -> None:
        for each in graph.all("dynamic/salesforce:TrustedUrl"):
            assert any(each.needs(former) and former.inputs["of"] == each.inputs["name"] for former in graph.all("salesforce:FormerValue"))

    def test_a_change_of_the_page_leaves_the_activation_known(self) -> None:
        graph = desktop(preview=True)
        assert graph.one("salesforce:PageActivation").inputs["page"] == "Agent_Assist_Contact"

    def test_everything_belongs_to_the_desktop(self, graph: Graph) -> None:
        top = graph.one("voice:salesforce:SalesforceDesktop")
        owners = {each.urn for each in graph.children(top)} | {top.urn}
        assert all(each.parent in owners for each in graph if each.urn != top.urn)


class TestSecrets:
    def test_only_the_consumer_secret_of_the_page_is_secret(self, graph: Graph) -> None:
        page = graph.one("dynamic/salesforce:ContactPage")
        assert page.secret_inputs == {"consumerSecret"}
        assert page.inputs["consumerSecret"] == "the-secret"
        assert page.inputs["properties"]["consumerKey"] == "the-key"
        assert "consumerSecret" not in page.inputs["properties"]
        assert page.additional_secret_outputs == {"consumerSecret", "former"}

    def test_key_and_secret_are_secret_outputs_of_the_look_up(self, graph: Graph) -> None:
        assert {"consumerKey", "consumerSecret"} <= graph.one("salesforce:OauthCredentials").additional_secret_outputs

    def test_the_output_holds_twelve_properties_of_which_one_is_secret(self, graph: Graph) -> None:
        top = graph.one("voice:salesforce:SalesforceDesktop")
        assert top.secret_outputs == {"lightningComponent.consumerSecret"}
        assert len(top.outputs["lightningComponent"]) == 12

    def test_fallback_credentials_arrive_as_secrets(self) -> None:
        graph = desktop(oauthConsumerKey="known-key", oauthConsumerSecret="known-secret")
        credentials = graph.one("salesforce:OauthCredentials")
        assert credentials.secret_inputs == {"knownConsumerKey", "knownConsumerSecret"}

    def test_no_secret_stands_in_clear_anywhere_else(self, graph: Graph) -> None:
        for each in graph:
            for name, value in each.inputs.items():
                if name not in each.secret_inputs:
                    assert "the-secret" not in repr(value), f"{each.name}.{name}"


class TestComponentProperties:
    def test_what_the_guide_has_wrong_is_right(self, graph: Graph) -> None:
        properties = graph.one("dynamic/salesforce:ContactPage").inputs["properties"]
        assert (properties["platform"], properties["channel"], properties["debugMode"]) == ("twilioflex", "voice", False)
        assert "features" not in properties

    def test_the_endpoint_has_no_slash_at_the_end(self) -> None:
        page = desktop(connector=f"{CONNECTOR}/").one("dynamic/salesforce:ContactPage")
        assert page.inputs["properties"]["endpoint"] == CONNECTOR

    def test_the_template_is_the_guides_two_equal_regions(self, graph: Graph) -> None:
        page = graph.one("dynamic/salesforce:ContactPage").inputs
        assert page["template"] == "flexipage:recordHomeTwoColEqualHeaderTemplateDesktop"
        assert page["regions"]["rightcol"] == ["agentAssistContainerModule"]


class TestTrustedUrls:
    def urls(self, graph: Graph) -> dict[str, str]:
        return {each.inputs["name"]: each.inputs["url"] for each in graph.all("dynamic/salesforce:TrustedUrl")}

    def test_all_five_with_every_directive(self, graph: Graph) -> None:
        assert self.urls(graph) == {
            "ui_connector": CONNECTOR,
            "ui_connector_wss": "wss://ui-connector-abc.run.app",
            "salesforce_domain": "https://example.my.salesforce.com",
            "googleapi": "https://*.googleapis.com",
            "gstatic": "https://*.gstatic.com",
        }
        for each in graph.all("dynamic/salesforce:TrustedUrl"):
            assert each.inputs["directives"] == dict.fromkeys(("connect", "font", "frame", "img", "media", "style"), True)

    def test_loopback_gets_ws(self) -> None:
        assert self.urls(desktop(connector="http://127.0.0.1:9"))["ui_connector_wss"] == "ws://127.0.0.1:9"

    def test_a_connector_not_made_yet_is_unknown_and_no_error(self) -> None:
        unknown = pulumi.Output.from_input(pulumi.UNKNOWN)
        assert self.urls(desktop(preview=True, connector=unknown))["ui_connector"] == UNKNOWN


class TestHandlers:
    """What the components write is what the handlers take: names, types and every rule of their checks."""

    def test_every_resource_passes_its_handlers_check(self) -> None:
        graph = desktop(
            flexCtiPackageVersionId="04t8Z0000012JNXQA2", callCenterName="FlexCti", callCenterUsers=["agent@example.com"]
        )
        classes = [each for each in vars(resources).values() if isinstance(each, type) and each.__module__ == resources.__name__]
        checked = set()
        for kind in classes:
            module, _, name = kind.handler.partition(":")
            handler = getattr(importlib.import_module(module), name).connect({})
            for each in graph.all(f"dynamic/salesforce:{kind.__name__}"):
                own = {key: value for key, value in each.inputs.items() if key not in ("__provider", *kind.computed)}
                assert handler.check(own) == [], each.name
                assert set(own) <= {field.name for field in dataclasses.fields(handler.Inputs)}, each.name
                checked.add(kind)
        assert checked == set(classes)

    def test_secret_outputs_and_replacing_inputs_are_ones_that_there_are(self) -> None:
        for kind in vars(resources).values():
            if isinstance(kind, type) and kind.__module__ == resources.__name__:
                module, _, name = kind.handler.partition(":")
                known = {field.name for field in dataclasses.fields(getattr(importlib.import_module(module), name).Inputs)}
                assert set(kind.replaced_by) <= known
                assert set(kind.secret) <= known | set(kind.computed)


class TestLightningComponents:
    def test_a_folder_is_pinned_by_its_content(self, graph: Graph) -> None:
        bundle = graph.one("dynamic/salesforce:LightningComponents").inputs
        assert len(bundle["treeSha256"]) == 64
        assert set(bundle["uiModules"]) == {"transcript", "container", "common"}

    def test_the_pins_name_googles_component(self) -> None:
        bundle = desktop(lightningComponentSource="lightning/pins.json").one("dynamic/salesforce:LightningComponents")
        assert "@942533498ae530eaebd94beddbcb816dfe6f71b2:" in bundle.inputs["source"]


class TestCallCenter:
    def test_nothing_without_settings(self, graph: Graph) -> None:
        assert not graph.all("dynamic/salesforce:CallCenterPackage")
        assert not graph.all("dynamic/salesforce:CallCenterMember")

    def test_members_join_after_the_package(self) -> None:
        graph = desktop(
            flexCtiPackageVersionId="04t8Z0000012JNXQA2", callCenterName="FlexCti", callCenterUsers=["agent@example.com"]
        )
        member = graph.one("dynamic/salesforce:CallCenterMember")
        assert member.inputs["username"] == "agent@example.com"
        assert member.needs(graph.one("dynamic/salesforce:CallCenterPackage"))
        assert any(member.needs(each) for each in graph.all("salesforce:FormerValue") if each.inputs["kind"] == "callCenter")
