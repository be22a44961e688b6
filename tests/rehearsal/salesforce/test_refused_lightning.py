"""Lightning components, pages and activations that must not be deployable."""

from __future__ import annotations

import os

import pytest

from tests.rehearsal.salesforce.changes import CONTACT, FLEXIPAGE, META, SCRIPT, Row, given, raw, refused, text, without
from tests.rehearsal.salesforce.client import Client
from tests.rehearsal.salesforce.desktop import (
    BUNDLE,
    PAGE,
    PAGE_PROPERTIES,
    activation,
    page,
    region,
    whole_desktop,
    xml,
)

ROWS: dict[str, Row] = {
    # Lightning component and static resources
    "static resource missing": (
        without("staticresources/ui_modules.resource", "staticresources/ui_modules.resource-meta.xml"),
        f"lwc/{BUNDLE}",
        ("c.ui_modules", "resourceUrl", f"{BUNDLE}.js"),
        None,
    ),
    "resource without meta": (
        raw(without("staticresources/ui_modules.resource-meta.xml")),
        "staticresources/ui_modules.resource",
        ("ui_modules.resource-meta.xml",),
        None,
    ),
    "resource without content": (
        raw(without("staticresources/ui_modules.resource")),
        "staticresources/ui_modules.resource",
        ("Content file is missing",),
        None,
    ),
    "resource too large": (
        given("staticresources/ui_modules.resource", b"x" * (5 * 1024 * 1024 + 1)),
        "staticresources/ui_modules.resource",
        ("5 MB",),
        None,
    ),
    "bad content type": (
        text("staticresources/global_styles.resource-meta.xml", "text/css", "css"),
        "staticresources/global_styles.resource",
        ("contentType", "css"),
        4,
    ),
    "bundle without meta": (raw(without(META)), f"lwc/{BUNDLE}", ("js-meta.xml",), None),
    "bundle without script": (raw(without(SCRIPT)), f"lwc/{BUNDLE}", (f"{BUNDLE}.js is missing",), None),
    "import of nothing": (text(SCRIPT, "./config", "./missing"), f"lwc/{BUNDLE}", ("missing", "no such file"), None),
    "import of an unknown component": (
        text(SCRIPT, "./config", "c/otherThing"),
        f"lwc/{BUNDLE}",
        ("markup://c:otherThing",),
        None,
    ),
    "import of an Apex class": (
        text(SCRIPT, "./config", "@salesforce/apex/Tokens.get"),
        f"lwc/{BUNDLE}",
        ("Apex", "Tokens"),
        None,
    ),
    "no class": (text(SCRIPT, "export default class", "class"), f"lwc/{BUNDLE}", ("LightningElement",), None),
    "template without root": (
        given(f"lwc/{BUNDLE}/{BUNDLE}.html", b"<div></div>"),
        f"lwc/{BUNDLE}",
        ("Expected root tag to be template",),
        None,
    ),
    "property without @api": (text(SCRIPT, "  @api endpoint;\n", ""), f"lwc/{BUNDLE}", ("'endpoint'", "@api"), 11),
    "property of an unknown type": (
        text(META, 'name="channel" type="String"', 'name="channel" type="Text"'),
        f"lwc/{BUNDLE}",
        ("'channel'", "Text"),
        12,
    ),
    "default of another type": (
        text(META, 'default="5"', 'default="five"'),
        f"lwc/{BUNDLE}",
        ("'pollSeconds'", "five"),
        16,
    ),
    "config for an unlisted target": (
        text(META, 'targets="lightning__RecordPage"', 'targets="lightning__HomePage"'),
        f"lwc/{BUNDLE}",
        ("lightning__HomePage",),
        9,
    ),
    # the page
    "unknown component": (
        given(FLEXIPAGE, page(regions=region("header", "agentAssistModule"))),
        FLEXIPAGE,
        ("component information for component c:agentAssistModule",),
        6,
    ),
    "unknown property": (
        given(FLEXIPAGE, page({**PAGE_PROPERTIES, "features": "x"})),
        FLEXIPAGE,
        ("property", "[features]", "doesn't exist"),
        43,
    ),
    "property not of its type": (
        given(FLEXIPAGE, page({**PAGE_PROPERTIES, "pollSeconds": "often"})),
        FLEXIPAGE,
        ("[pollSeconds]", "Integer"),
        43,
    ),
    "boolean property in words": (
        given(FLEXIPAGE, page({**PAGE_PROPERTIES, "debugMode": "no"})),
        FLEXIPAGE,
        ("[debugMode]", "Boolean"),
        27,
    ),
    "region of another template": (
        given(FLEXIPAGE, page(regions=region("main", "force:detailPanel"))),
        FLEXIPAGE,
        ("main", "template"),
        10,
    ),
    "unknown template": (
        given(FLEXIPAGE, page(template="flexipage:twoColumns")),
        FLEXIPAGE,
        ("flexipage:twoColumns",),
        None,
    ),
    "identifier twice": (
        given(FLEXIPAGE, page(regions=region("header", "force:detailPanel") + region("leftcol", "force:detailPanel"))),
        FLEXIPAGE,
        ("force_detailPanel", "more than once"),
        None,
    ),
    "unused facet": (
        given(FLEXIPAGE, page(regions=region("Facet-1", "force:detailPanel", kind="Facet"))),
        FLEXIPAGE,
        ("Facet-1", "not actually used"),
        None,
    ),
    "record page without object": (given(FLEXIPAGE, page(sobject="")), FLEXIPAGE, ("sobjectType",), None),
    "page of an unknown object": (
        given(FLEXIPAGE, page(sobject="<sobjectType>Person</sobjectType>\n")),
        FLEXIPAGE,
        ("Person",),
        None,
    ),
    "component not exposed": (text(META, "<isExposed>true", "<isExposed>false"), FLEXIPAGE, (f"c:{BUNDLE}",), None),
    # activation
    "override by a page that is not there": (
        given(CONTACT, activation("Nobodys_Page")),
        CONTACT,
        ("Nobodys_Page", "does not exist"),
        5,
    ),
    "override of an unknown action": (given(CONTACT, activation(action="Look")), CONTACT, ("Look",), 4),
    "default with content": (given(CONTACT, activation(kind="Default")), CONTACT, ("Default", "content"), 5),
    "page for another object": (
        given("objects/Account.object", activation()),
        "objects/Account.object",
        (PAGE, "not a valid override"),
        5,
    ),
    "custom object without label": (
        given("objects/Call__c.object", xml("CustomObject", "")),
        "objects/Call__c.object",
        ("non-empty label",),
        None,
    ),
    "other part of a standard object": (
        given(CONTACT, xml("CustomObject", "<label>Person</label>")),
        CONTACT,
        ("label",),
        3,
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_refused_naming_file_and_cause_and_nothing_is_left(client: Client, name: str) -> None:
    refused(client, ROWS[name])


TEMPLATE = f"lwc/{BUNDLE}/{BUNDLE}.html"
NOT_COMPILED: dict[str, Row] = {
    "script": (text(SCRIPT, "@api recordId;", "@api = recordId;"), f"lwc/{BUNDLE}", (f"{SCRIPT}: SyntaxError: LWC1007: ",), 6),
    "second script": (
        given(f"lwc/{BUNDLE}/config.js", b"export const wait = 1;\nexport const wait = 2;\n"),
        f"lwc/{BUNDLE}",
        ("config.js", "already been declared"),
        2,
    ),
    "template": (given(TEMPLATE, b"<template>\n  <p></template>\n"), f"lwc/{BUNDLE}", (f"{TEMPLATE}: LWC1078: <p>",), 2),
    "style": (given(f"lwc/{BUNDLE}/{BUNDLE}.css", b".a { color: red\n.b { {\n"), f"lwc/{BUNDLE}", (f"{BUNDLE}.css: ",), None),
}


@pytest.mark.parametrize("name", NOT_COMPILED)
def test_what_salesforces_compiler_does_not_take(client: Client, name: str) -> None:
    """Where the compiler cannot be had nobody can tell, and the component goes up."""
    if os.environ.get("VOICE_LWC"):
        refused(client, NOT_COMPILED[name])
    else:
        client.deployed(NOT_COMPILED[name][0](whole_desktop()))


def test_without_the_compiler_nobody_can_tell(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VOICE_LWC", raising=False)
    client.deployed(NOT_COMPILED["second script"][0](whole_desktop()))
