"""Every metadata file that the project writes is held against the WSDL of API 63.0.

A wrong order, an unknown element or a missing required one makes Salesforce refuse a whole deployment; here it is found
without an org.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import simple_salesforce
from lxml import etree

from providers.salesforce.metadata import (
    NAMESPACE,
    ActionOverride,
    ComponentInstance,
    ComponentInstanceProperty,
    CustomObject,
    ExternalClientAppSettings,
    FlexiPage,
    FlexiPageRegion,
    FlexiPageTemplateInstance,
    ItemInstance,
    Package,
    SecuritySettings,
    SessionSettings,
    StaticResource,
)
from providers.salesforce.oauth_app_metadata import App, app_components

XSD = "http://www.w3.org/2001/XMLSchema"
ROOTS = (
    "ExternalClientApplication",
    "ExtlClntAppGlobalOauthSettings",
    "ExtlClntAppOauthSettings",
    "ExtlClntAppOauthConfigurablePolicies",
    "ExtlClntAppConfigurablePolicies",
    "ExternalClientAppSettings",
    "SecuritySettings",
    "FlexiPage",
    "CustomObject",
    "StaticResource",
    "Package",
)


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    """The WSDL's types, with one global element per metadata type."""
    wsdl = etree.parse(Path(simple_salesforce.__file__).parent / "metadata.wsdl")
    types = wsdl.find(f".//{{{XSD}}}schema")
    for root in ROOTS:
        etree.SubElement(types, f"{{{XSD}}}element", name=root, type=f"tns:{root}")
    standalone = etree.fromstring(etree.tostring(types))
    return etree.XMLSchema(standalone)


def page(properties: tuple[ComponentInstanceProperty, ...]) -> FlexiPage:
    component = ComponentInstance(properties, "agentAssistContainerModule", "agentAssistContainerModule")
    return FlexiPage(
        full_name="Agent_Assist_Contact",
        flexi_page_regions=(FlexiPageRegion((ItemInstance(component),), "rightcol"),),
        master_label="Agent Assist Contact",
        sobject_type="Contact",
        template=FlexiPageTemplateInstance("flexipage:recordHomeTwoColEqualHeaderTemplateDesktop"),
    )


APP = App(
    name="lwc_auth",
    label="lwc auth",
    contact_email="voice@example.com",
    callback_url="https://example.my.salesforce.com/services/oauth2/callback",
    scopes=("Basic",),
    run_as_user="runner@example.com",
)
PAGE_SHOWN = ActionOverride(
    "View", comment="by hand", content="Page", form_factor="Large", skip_record_type_select=False, type="Flexipage"
)
KEPT = {"certificate": "jwt", "isIntrospectAllTokens": True}
COMPONENTS = [
    replace(app_components(APP)[1], kept=KEPT),
    *app_components(APP),
    ExternalClientAppSettings(enable_client_secret_in_rest_api_access=True),
    SecuritySettings(session_settings=SessionSettings(True)),
    page((ComponentInstanceProperty("endpoint", "https://example.run.app"),)),
    CustomObject(full_name="Contact", action_overrides=(PAGE_SHOWN,)),
    CustomObject(full_name="Contact", action_overrides=(ActionOverride("View", form_factor="Large"),)),
    StaticResource(full_name="ui_modules", content_type="application/zip"),
]


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda each: each.path)
def test_component_is_what_the_wsdl_describes(schema: etree.XMLSchema, component: object) -> None:
    schema.assertValid(etree.fromstring(component.xml()))


def test_the_schema_refuses_a_wrong_order(schema: etree.XMLSchema) -> None:
    tree = etree.fromstring(page(()).xml())
    tree.insert(0, tree.find(f"{{{NAMESPACE}}}template"))
    assert not schema.validate(tree)


def test_the_schema_refuses_an_unknown_value(schema: etree.XMLSchema) -> None:
    override = ActionOverride("View", content="Page", form_factor="Huge", type="Flexipage")
    assert not schema.validate(etree.fromstring(CustomObject(full_name="Contact", action_overrides=(override,)).xml()))


def test_package_names_every_member_sorted(schema: etree.XMLSchema) -> None:
    package = Package.of([("StaticResource", "b"), ("FlexiPage", "p"), ("StaticResource", "a")], "63.0")
    tree = etree.fromstring(package.xml())
    schema.assertValid(tree)
    text = [each.text for each in tree.iter() if each.text and each.text.strip()]
    assert text == ["p", "FlexiPage", "a", "b", "StaticResource", "63.0"]


def test_destructive_changes_name_what_goes(schema: etree.XMLSchema) -> None:
    schema.assertValid(etree.fromstring(Package.of([], "63.0").xml()))


def test_booleans_and_markup_are_written_as_xml_wants_them() -> None:
    text = page((ComponentInstanceProperty("debugMode", "false"), ComponentInstanceProperty("x", "a<b&c"))).xml()
    assert b"<value>a&lt;b&amp;c</value>" in text
    assert b"<isProtected>false</isProtected>" in app_components(APP)[0].xml()


def test_what_the_org_keeps_is_sent_along_and_never_wins_over_ours() -> None:
    part = replace(app_components(APP)[1], kept={"certificate": "jwt", "callbackUrl": "https://old.example"})
    text = part.xml()
    assert b"<certificate>jwt</certificate>" in text
    assert b"old.example" not in text
