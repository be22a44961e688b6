"""Every metadata file that the project writes is held against the WSDL of API 63.0.

A wrong order, an unknown element or a missing required one makes Salesforce refuse a whole deployment; here it is found
without an org.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
import simple_salesforce
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from providers.salesforce import metadata
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
    MetadataError,
    Package,
    SecuritySettings,
    SessionSettings,
    StaticResource,
)
from providers.salesforce.oauth_app_metadata import App, app_components

XSD = "http://www.w3.org/2001/XMLSchema"
WSDL = etree.parse(Path(simple_salesforce.__file__).parent / "metadata.wsdl").getroot()
# Surrogates and control characters are refused; what is left is what people can write.
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")) | st.sampled_from(
    ["<a>&amp;]]>", "\"quoted\" 'and' so", "Zürich – 東京 😀", "a\tb\nc", "<!--", "<?xml?>", "&#0;"]
)
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
    types = etree.fromstring(etree.tostring(WSDL)).find(f".//{{{XSD}}}schema")
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


def test_every_type_is_rendered_here() -> None:
    """A type that is added without a sample would go unchecked."""
    known = {each for each in vars(metadata).values() if isinstance(each, type) and issubclass(each, metadata.Component)}
    assert known - {metadata.Component} == {type(each) for each in COMPONENTS}
    assert {each.__name__ for each in known - {metadata.Component}} | {"Package"} == set(ROOTS)


def wrong_ones() -> dict[str, tuple[bytes, str]]:
    """Files with one thing wrong each, by what it is; with the element that a refusal must name."""
    found: dict[str, tuple[bytes, str]] = {}
    for component in COMPONENTS:
        where = f"{type(component).__name__} {component.full_name}"

        def keep(what: str, tree: etree._Element, element: str, where: str = where) -> None:
            found[f"{where}: {what}"] = (etree.tostring(tree), element)

        for index, path in enumerate(_leaves(component)):
            name = path[-1][0]
            tree = etree.fromstring(component.xml())
            node = _at(tree, path)
            parent = node.getparent()
            if len(parent) > 1 and parent[0].tag != parent[-1].tag:
                moved = etree.fromstring(component.xml())
                there = _at(moved, path).getparent()
                there.insert(0, there[-1])
                keep(f"the last of the siblings of {name} {index} first", moved, etree.QName(there[1]).localname)
            if node.text in ("true", "false"):
                node.text = "maybe"
                keep(f"{name} {index} is no boolean", tree, name)
            strange = etree.fromstring(component.xml())
            etree.SubElement(_at(strange, path).getparent(), f"{{{NAMESPACE}}}zzUnknown{index}").text = "x"
            keep(f"unknown element beside {name} {index}", strange, f"zzUnknown{index}")
            twice = etree.fromstring(component.xml())
            again = _at(twice, path)
            if name not in REPEATED:
                again.addnext(etree.fromstring(etree.tostring(again)))
                keep(f"{name} {index} twice", twice, name)
    for kind, component, element, value in WRONG_VALUES:
        tree = etree.fromstring(component.xml())
        next(tree.iter(f"{{{NAMESPACE}}}{element}")).text = value
        found[f"{kind}: {element} {value}"] = (etree.tostring(tree), element)
    for component, element in REQUIRED:
        tree = etree.fromstring(component.xml())
        node = next(tree.iter(f"{{{NAMESPACE}}}{element}"))
        node.getparent().remove(node)
        found[f"{type(component).__name__} without {element}"] = (etree.tostring(tree), element)
    return found


def _leaves(component: metadata.Component) -> list[tuple[tuple[str, int], ...]]:
    """The way to each element without children: names, and which one of that name."""

    def below(node: etree._Element, way: tuple[tuple[str, int], ...]) -> list[tuple[tuple[str, int], ...]]:
        seen: dict[str, int] = {}
        ways = []
        for child in node:
            name = etree.QName(child).localname
            here = (*way, (name, seen.get(name, 0)))
            seen[name] = seen.get(name, 0) + 1
            ways += below(child, here) if len(child) else [here]
        return ways

    return below(etree.fromstring(component.xml()), ())


def _at(tree: etree._Element, way: tuple[tuple[str, int], ...]) -> etree._Element:
    for name, number in way:
        tree = tree.findall(f"{{{NAMESPACE}}}{name}")[number]
    return tree


REPEATED = {"members"}
WRONG_VALUES = [
    ("app", COMPONENTS[1], "distributionState", "Everywhere"),
    ("policies", COMPONENTS[4], "permittedUsersPolicyType", "Nobody"),
    ("page", COMPONENTS[8], "type", "Area"),
    ("override", COMPONENTS[9], "formFactor", "Huge"),
    ("override", COMPONENTS[9], "type", "FlexiPage"),
    ("resource", COMPONENTS[11], "cacheControl", "Sometimes"),
]
REQUIRED = [
    (COMPONENTS[2], "externalClientApplication"),
    (COMPONENTS[3], "externalClientApplication"),
    (COMPONENTS[4], "externalClientApplication"),
    (COMPONENTS[8], "masterLabel"),
    (COMPONENTS[8], "componentName"),
    (COMPONENTS[11], "cacheControl"),
]
WRONG = wrong_ones()


def test_there_are_many_wrong_ones() -> None:
    assert len(WRONG) >= 50


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_one_is_refused_with_the_element_named(schema: etree.XMLSchema, what: str) -> None:
    content, element = WRONG[what]
    assert not schema.validate(etree.fromstring(content))
    assert re.search(rf"\}}{element}\b", str(schema.error_log)), str(schema.error_log)


class TestConstruction:
    """What no org could take is refused where it is made, before anything is sent."""

    @pytest.mark.parametrize(
        ("make", "told"),
        [
            (lambda: ActionOverride("View", form_factor="Huge"), r"no valid ActionOverride: formFactor: .*'Large'"),
            (lambda: ActionOverride("View", type="FlexiPage"), "type: "),
            (lambda: ActionOverride(""), "actionName: must not be empty"),
            (lambda: ActionOverride("View", skip_record_type_select="false"), "skipRecordTypeSelect"),
            (lambda: SessionSettings("true"), "enableOauthCorsPolicy"),
            (lambda: StaticResource(full_name="x", content_type="a/b", cache_control="Never"), "cacheControl"),
            (lambda: StaticResource(full_name="x"), "contentType: Field required"),
            (lambda: StaticResource(full_name=" ", content_type="a/b"), "fullName: must not be empty"),
            (lambda: ComponentInstanceProperty("x", "a\x00b"), "value: has a character that XML cannot hold"),
            (lambda: ComponentInstanceProperty("x", 5), "value"),
            (lambda: FlexiPageRegion((), "r", "Corner"), "type"),
            (lambda: replace(app_components(APP)[0], distribution_state="Everywhere"), "distributionState"),
            (lambda: replace(app_components(APP)[3], permitted_users_policy_type="All"), "permittedUsersPolicyType"),
            (lambda: replace(app_components(APP)[3], ip_relaxation_policy_type="Off"), "ipRelaxationPolicyType"),
            (lambda: replace(app_components(APP)[1], is_pkce_required=None), "isPkceRequired"),
            (lambda: app_components(replace(APP, run_as_user="")), "clientCredentialsFlowUser: must not be empty"),
        ],
    )
    def test_is_refused_with_the_element_named(self, make: Callable[[], object], told: str) -> None:
        with pytest.raises(MetadataError, match=told):
            make()

    def test_the_value_is_not_told(self) -> None:
        with pytest.raises(MetadataError) as caught:
            ComponentInstanceProperty("consumerSecret", "a-secret\x01")
        assert "a-secret" not in str(caught.value)

    @pytest.mark.parametrize(
        ("ours", "theirs"),
        [
            (metadata.Distribution, "ExtlClntAppDistState"),
            (metadata.PermittedUsers, "PermittedUsersPolicyType"),
            (metadata.RegionKind, "FlexiPageRegionType"),
            (metadata.OverrideKind, "ActionOverrideType"),
            (metadata.FormFactor, "FormFactor"),
            (metadata.CacheControl, "StaticResourceCacheControl"),
        ],
    )
    def test_our_choices_are_the_wsdls(self, ours: object, theirs: str) -> None:
        (kind,) = WSDL.iterfind(f".//{{{XSD}}}simpleType[@name='{theirs}']")
        assert set(get_args(ours)) == {each.get("value") for each in kind.iter(f"{{{XSD}}}enumeration")}


class TestTexts:
    """Whatever people write in labels, comments and properties comes out as it went in, and stays valid."""

    @given(text=TEXTS)
    def test_any_text_survives(self, schema: etree.XMLSchema, text: str) -> None:
        tree = etree.fromstring(page((ComponentInstanceProperty("x", text),)).xml())
        schema.assertValid(tree)
        assert tree.findtext(f".//{{{NAMESPACE}}}value", default="") == text

    @given(label=TEXTS.filter(str.strip), user=TEXTS.filter(str.strip))
    def test_an_app_of_any_texts_is_valid(self, schema: etree.XMLSchema, label: str, user: str) -> None:
        for each in app_components(replace(APP, label=label, run_as_user=user)):
            schema.assertValid(etree.fromstring(each.xml()))

    @given(text=st.text())
    def test_what_xml_cannot_hold_is_refused_and_nothing_else(self, text: str) -> None:
        try:
            etree.Element("x").text = text
        except ValueError:
            with pytest.raises(MetadataError, match="XML cannot hold"):
                ComponentInstanceProperty("x", text)
        else:
            assert ComponentInstanceProperty("x", text).value == text

    @given(names=st.lists(st.tuples(st.sampled_from(["FlexiPage", "StaticResource"]), TEXTS.filter(str.strip))))
    def test_package_is_valid_and_sorted(self, schema: etree.XMLSchema, names: list[tuple[str, str]]) -> None:
        content = Package.of(names, "63.0").xml()
        schema.assertValid(etree.fromstring(content))
        assert content == Package.of(reversed(names), "63.0").xml()


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
