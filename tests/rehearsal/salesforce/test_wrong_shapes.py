"""One thing wrong in a file that is right: refused, with the file, the place in it, and the element by name.

A row: files that are right, the one that is changed, what is replaced by what, the text at whose place the fault is, and
words of the problem. Nothing of a refused deployment may be left.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from rehearsal.salesforce import INTEGRATION_USER
from tests.rehearsal.salesforce import shapes
from tests.rehearsal.salesforce.client import Client
from tests.rehearsal.salesforce.desktop import Files, packaged
from tests.rehearsal.salesforce.shapes import (
    APP_POLICY,
    CENTER,
    CONSOLE,
    CONTACT,
    ECA,
    GATE,
    GLOBAL,
    INSTALLED,
    META,
    OAUTH,
    ORIGIN,
    PAGE,
    POLICY,
    RESOURCE,
    SECURITY,
    SITE,
)

NS = ' xmlns="http://soap.sforce.com/2006/04/metadata"'


class Wrong(NamedTuple):
    right: Files
    path: str
    old: str
    new: str
    at: str
    words: tuple[str, ...]


def _gone(right: Files, path: str, root: str, line: str, element: str) -> Wrong:
    """A required element is left out."""
    return Wrong(right, path, line, "", f"<{root}", ("Required field is missing", element))


A, U, P = shapes.OAUTH_APP, shapes.TRUSTED_URL, shapes.CONTACT_PAGE
S, V, C = shapes.SETTINGS, shapes.ACTIVATION, shapes.COMPONENT
_ECA_ORDER = (
    "<isProtected>false</isProtected>\n    <label>lwc auth</label>",
    "<label>lwc auth</label>\n    <isProtected>false</isProtected>",
)
_FLOW = "<isClientCredentialsFlowEnabled>true</isClientCredentialsFlowEnabled>"
_TEMPLATE = "<template>\n<name>flexipage:recordHomeTwoColEqualHeaderTemplateDesktop</name>\n</template>\n"

WRONG: dict[str, Wrong] = {
    # ExternalClientApplication
    "app: order": Wrong(A, ECA, *_ECA_ORDER, "<isProtected>", ("isProtected", "out of order")),
    "app: enum": Wrong(A, ECA, ">Local<", ">Here<", "<distributionState>", ("'Here'", "ExtlClntAppDistState")),
    "app: boolean": Wrong(
        A, ECA, "<isProtected>false", "<isProtected>False", "<isProtected>", ("'False'", "boolean", "isProtected")
    ),
    "app: unknown": Wrong(A, ECA, "<isProtected>", "<isSafe>true</isSafe><isProtected>", "<isSafe>", ("isSafe",)),
    "app: twice": Wrong(A, ECA, "<label>", "<label>a</label><label>", "<label>lwc auth", ("label", "duplicated")),
    "app: another namespace": Wrong(
        A, ECA, NS, ' xmlns="urn:metadata"', "<ExternalClientApplication", ("root element", "urn:metadata")
    ),
    "app: another root": Wrong(
        A, ECA, "ExternalClientApplication", "ConnectedApp", "<ConnectedApp", ("root element", "ConnectedApp")
    ),
    "app: not well-formed": Wrong(A, ECA, "</label>", "</labels>", "", ("Error parsing file", "label")),
    # ExtlClntAppGlobalOauthSettings
    "flow settings: order": Wrong(
        *(A, GLOBAL, "<callbackUrl>", "<label>x</label>\n    <callbackUrl>"),
        *("<callbackUrl>", ("callbackUrl", "out of order")),
    ),
    "flow settings: boolean": Wrong(
        A, GLOBAL, f"{_FLOW}", _FLOW.replace("true", "on"), "<isClientCred", ("'on'", "isClientCredentialsFlowEnabled")
    ),
    "flow settings: unknown": Wrong(
        A, GLOBAL, "<label>", "<isFlowOpen>true</isFlowOpen><label>", "<isFlowOpen>", ("isFlowOpen",)
    ),
    "flow settings: no app": _gone(
        A,
        GLOBAL,
        "ExtlClntAppGlobalOauthSettings",
        "    <externalClientApplication>lwc_auth</externalClientApplication>\n",
        "externalClientApplication",
    ),
    "flow settings: twice": Wrong(
        A,
        GLOBAL,
        "<isPkceRequired>",
        "<isPkceRequired>true</isPkceRequired><isPkceRequired>",
        "<isPkceRequired>true</isPkceRequired>\n",
        ("isPkceRequired", "duplicated"),
    ),
    # ExtlClntAppOauthSettings
    "scopes: order": Wrong(
        A,
        OAUTH,
        "<commaSep",
        "<label>x</label>\n    <commaSep",
        "<commaSep",
        ("commaSeparatedOauthScopes", "out of order"),
    ),
    "scopes: unknown": Wrong(A, OAUTH, "<label>", "<scopes>Basic</scopes><label>", "<scopes>", ("scopes",)),
    "scopes: none of that name": Wrong(
        A, OAUTH, ">Basic<", ">Basic, api<", "<commaSep", ("'api'", "commaSeparatedOauthScopes")
    ),
    "scopes: half a network": Wrong(
        *(
            A,
            OAUTH,
            "</label>",
            "</label>\n    <trustedIpRanges><startIpAddress>203.0.113.0</startIpAddress></trustedIpRanges>",
        ),
        *("<trustedIpRanges>", ("Required field is missing", "endIpAddress")),
    ),
    # ExtlClntAppOauthConfigurablePolicies
    "policies: enum": Wrong(
        A, POLICY, ">AllSelfA", ">EverybodyA", "<permitted", ("'EverybodyAuthorized'", "permittedUsersPolicyType")
    ),
    "policies: order": Wrong(
        A,
        POLICY,
        f"{_FLOW}\n    <label>lwc auth policy</label>",
        f"<label>lwc auth policy</label>\n    {_FLOW}",
        "<isClientCred",
        ("isClientCredentialsFlowEnabled", "out of order"),
    ),
    "policies: no app": _gone(
        *(A, POLICY, "ExtlClntAppOauthConfigurablePolicies"),
        *("    <externalClientApplication>lwc_auth</externalClientApplication>\n", "externalClientApplication"),
    ),
    "policies: nobody to run as": Wrong(
        A, POLICY, INTEGRATION_USER, "nobody@x.example", "<clientCredentialsFlowUser", ("valid execution user",)
    ),
    # ExtlClntAppConfigurablePolicies
    "general policies: required": _gone(
        A, APP_POLICY, "ExtlClntAppConfigurablePolicies", "    <isEnabled>true</isEnabled>\n", "isEnabled"
    ),
    "general policies: enum": Wrong(A, APP_POLICY, ">None<", ">Home<", "<startPage>", ("'Home'", "startPage")),
    # CspTrustedSite
    "trusted URL: order": Wrong(
        U,
        SITE,
        "<context>All</context>",
        "<isActive>true</isActive><context>All</context>",
        "<context>",
        ("context", "out of order"),
    ),
    "trusted URL: enum": Wrong(
        U, SITE, ">All<", ">Everywhere<", "<context>", ("'Everywhere'", "CspTrustedSiteContext", "context")
    ),
    "trusted URL: boolean": Wrong(U, SITE, "<isActive>true", "<isActive>yes", "<isActive>", ("'yes'", "isActive")),
    "trusted URL: required": _gone(U, SITE, "CspTrustedSite", "    <isActive>true</isActive>\n", "isActive"),
    "trusted URL: unknown": Wrong(
        U, SITE, "ConnectSrc>", "SocketSrc>", "<isApplicableToSocketSrc>", ("isApplicableToSocketSrc",)
    ),
    "trusted URL: no URL": _gone(
        U,
        SITE,
        "CspTrustedSite",
        "    <endpointUrl>wss://ui-connector-abc123-uc.a.run.app</endpointUrl>\n",
        "endpointUrl",
    ),
    "trusted URL: scheme": Wrong(U, SITE, "wss://", "ws://", "<endpointUrl>", ("endpointUrl", "https:// or wss://")),
    "trusted URL: words between": Wrong(
        U, SITE, "<isActive>", "active: <isActive>", "<CspTrustedSite", ("text is not allowed", "CspTrustedSite")
    ),
    "trusted URL: element in a value": Wrong(U, SITE, ">All<", "><b>All</b><", "<b>", ("b", "CspTrustedSiteContext")),
    "trusted URL: a document type": Wrong(
        U,
        SITE,
        "<CspTrustedSite",
        '<!DOCTYPE x [<!ENTITY a "b">]>\n<CspTrustedSite',
        "<!DOCTYPE",
        ("DOCTYPE is not allowed",),
    ),
    "trusted URL: an entity": Wrong(U, SITE, ">All<", ">&all;<", "", ("Error parsing file", "all")),
    # CorsWhitelistOrigin
    "origin: required": Wrong(
        shapes.CORS,
        ORIGIN,
        "<urlPattern>https://*.partner.example</urlPattern>",
        "",
        "<CorsWhitelistOrigin",
        ("Required field is missing", "urlPattern"),
    ),
    "origin: path": Wrong(shapes.CORS, ORIGIN, ".example<", ".example/desk<", "<urlPattern>", ("urlPattern", "origin")),
    # FlexiPage
    "page: no template": _gone(P, PAGE, "FlexiPage", _TEMPLATE, "template"),
    "page: no label": _gone(P, PAGE, "FlexiPage", "<masterLabel>Agent Assist Contact</masterLabel>\n", "masterLabel"),
    "page: order": Wrong(
        P,
        PAGE,
        "<flexiPageRegions>\n<itemInstances>\n<componentInstance>\n<componentName>force:high",
        "<type>RecordPage</type>\n<flexiPageRegions>\n<itemInstances>\n<componentInstance>\n<componentName>force:high",
        "<flexiPageRegions>",
        ("flexiPageRegions", "out of order"),
    ),
    "page: kind": Wrong(
        P, PAGE, ">RecordPage<", ">ContactPage<", "<type>ContactPage", ("'ContactPage'", "FlexiPageType")
    ),
    "page: kind of region": Wrong(
        P,
        PAGE,
        "<name>header</name>\n<type>Region",
        "<name>header</name>\n<type>Column",
        "<type>Column",
        ("'Column'", "FlexiPageRegionType"),
    ),
    "page: old shape": Wrong(
        P,
        PAGE,
        "<itemInstances>\n<componentInstance>\n<componentName>force:high",
        "<componentInstances/>\n<itemInstances>\n<componentInstance>\n<componentName>force:high",
        "<componentInstances",
        ("componentInstances", "FlexiPageRegion"),
    ),
    "page: region without name": Wrong(
        P, PAGE, "<name>header</name>\n", "", "<flexiPageRegions", ("Required field is missing", "name")
    ),
    "page: component without name": Wrong(
        P,
        PAGE,
        "<componentName>force:highlightsPanel</componentName>\n",
        "",
        "<componentInstance",
        ("Required field is missing", "componentName"),
    ),
    "page: unknown property": Wrong(
        P, PAGE, "<name>platform</name>", "<name>features</name>", "<name>features", ("[features]", "doesn't exist")
    ),
    "page: property of another type": Wrong(
        P, PAGE, "<value>false</value>", "<value>no</value>", "<name>debugMode", ("[debugMode]", "Boolean")
    ),
    "page: region of another template": Wrong(
        P, PAGE, "<name>rightcol<", "<name>sidebar<", "<name>sidebar", ("sidebar", "template")
    ),
    # CustomObject action overrides
    "override: kind": Wrong(V, CONTACT, ">Flexipage<", ">FlexiPage<", "<type>", ("'FlexiPage'", "ActionOverrideType")),
    "override: form factor": Wrong(V, CONTACT, ">Large<", ">Desktop<", "<formFactor>", ("'Desktop'", "FormFactor")),
    "override: boolean": Wrong(
        V, CONTACT, "RecordTypeSelect>false", "RecordTypeSelect>0.0", "<skipRecord", ("'0.0'", "skipRecordTypeSelect")
    ),
    "override: order": Wrong(
        V,
        CONTACT,
        "<actionName>View</actionName>",
        "<type>Flexipage</type><actionName>View</actionName>",
        "<actionName>",
        ("actionName", "out of order"),
    ),
    "override: a page that is not there": Wrong(
        V, CONTACT, ">Agent_Assist_Contact<", ">Nobodys_Page<", "<content>", ("Nobodys_Page",)
    ),
    "override: a field of an app's": Wrong(
        V,
        CONTACT,
        "<formFactor>",
        "<pageOrSobjectType>Contact</pageOrSobjectType><formFactor>",
        "<pageOrSobjectType>",
        ("pageOrSobjectType", "ActionOverride"),
    ),
    # CustomApplication
    "app override: required": Wrong(
        shapes.APP,
        CONSOLE,
        "        <type>Flexipage</type>\n        <pageOrSobjectType>Contact</pageOrSobjectType>\n",
        "        <type>Flexipage</type>\n",
        "<actionOverrides>",
        ("Required field is missing", "pageOrSobjectType"),
    ),
    "app override: profile": Wrong(shapes.APP, CONSOLE, ">Admin<", ">Boss<", "<profile>", ("no Profile named Boss",)),
    # Settings
    "security: unknown": Wrong(
        S, SECURITY, "OauthCorsPolicy>", "OauthCors>", "<enableOauthCors>", ("enableOauthCors", "SessionSettings")
    ),
    "security: boolean": Wrong(
        S, SECURITY, "Policy>true", "Policy>TRUE", "<enableOauthCorsPolicy>", ("'TRUE'", "enableOauthCorsPolicy")
    ),
    "security: enum": Wrong(S, SECURITY, ">TwoHours<", ">2h<", "<sessionTimeout>", ("'2h'", "SessionTimeout")),
    "security: another's root": Wrong(
        S, SECURITY, "SecuritySettings", "ExternalClientAppSettings", "<ExternalClientAppSettings", ("root element",)
    ),
    "gate: unknown": Wrong(
        S,
        GATE,
        "enableClientSecretInRestApiAccess",
        "enableClientSecret",
        "<enableClientSecret>",
        ("enableClientSecret",),
    ),
    # LightningComponentBundle
    "bundle: version in words": Wrong(
        C, META, ">61.0<", ">latest<", "<apiVersion>", ("'latest'", "apiVersion", "double")
    ),
    "bundle: boolean": Wrong(C, META, "<isExposed>true", "<isExposed>y", "<isExposed>", ("'y'", "isExposed")),
    "bundle: unknown": Wrong(C, META, "<isExposed>", "<isShown>true</isShown><isExposed>", "<isShown>", ("isShown",)),
    "bundle: type of a property": Wrong(
        C,
        META,
        'name="debugMode" type="Boolean"',
        'name="debugMode" type="Bool"',
        '<property name="debugMode"',
        ("'debugMode'", "Bool"),
    ),
    "bundle: a property without type": Wrong(
        C, META, 'name="channel" type="String"', 'name="channel"', '<property name="channel"', ("name and a type",)
    ),
    "bundle: target that is not listed": Wrong(
        C,
        META,
        'targets="lightning__RecordPage"',
        'targets="lightning__HomePage"',
        "<targetConfig ",
        ("lightning__HomePage",),
    ),
    # StaticResource
    "resource: cache": Wrong(
        C, RESOURCE, ">Public<", ">Shared<", "<cacheControl>", ("'Shared'", "StaticResourceCacheControl")
    ),
    "resource: required": Wrong(
        C,
        RESOURCE,
        "<contentType>application/zip</contentType>\n",
        "",
        "<StaticResource",
        ("Required field is missing", "contentType"),
    ),
    "resource: MIME type": Wrong(C, RESOURCE, ">application/zip<", ">zip<", "<contentType>", ("contentType", "zip")),
    # InstalledPackage, CallCenter
    "package: required": Wrong(
        shapes.PACKAGE,
        INSTALLED,
        "<activateRSS>false</activateRSS>",
        "",
        "<InstalledPackage",
        ("Required field is missing", "activateRSS"),
    ),
    "package: version": Wrong(
        shapes.PACKAGE, INSTALLED, "<versionNumber>1", "<versionNumber>9", "<versionNumber>", ("9.0.0",)
    ),
    "call center: required": Wrong(
        shapes.CALL_CENTER,
        CENTER,
        "<displayName>Desk</displayName>",
        "",
        "<CallCenter",
        ("Required field is missing", "displayName"),
    ),
    "call center: item": Wrong(
        shapes.CALL_CENTER, CENTER, "reqAdapterUrl", "adapterUrl", "<sections>", ("reqAdapterUrl",)
    ),
    # package.xml
    "manifest: unknown": Wrong(
        U,
        "package.xml",
        "<version>",
        "<apiVersion>63.0</apiVersion><version>",
        "<apiVersion>",
        ("apiVersion", "Package"),
    ),
    "manifest: no version": Wrong(
        U, "package.xml", "<version>63.0</version>", "", "<Package", ("Required field is missing", "version")
    ),
    "manifest: version": Wrong(U, "package.xml", ">63.0<", ">63<", "63", ("Invalid version specified: 63",)),
    "manifest: a version to come": Wrong(
        U, "package.xml", ">63.0<", ">99.0<", "99.0", ("Invalid version specified: 99.0",)
    ),
    "manifest: a version of long ago": Wrong(
        U, "package.xml", ">63.0<", ">20.0<", "20.0", ("Invalid version specified: 20.0",)
    ),
    "manifest: before its types": Wrong(
        A, "package.xml", ">63.0<", ">58.0<", "<name>ExternalClientApplication", ("ExternalClientApplication", "58.0")
    ),
    "manifest: unknown type": Wrong(
        U, "package.xml", ">CspTrustedSite<", ">TrustedUrl<", "<name>TrustedUrl", ("Unknown type name 'TrustedUrl'",)
    ),
    "manifest: a type that the org lacks": Wrong(
        U, "package.xml", ">CspTrustedSite<", ">Bot<", "<name>Bot", ("'Bot' is not available",)
    ),
    "manifest: a member without file": Wrong(
        U,
        "package.xml",
        "<members>",
        "<members>gone</members><members>",
        "gone",
        ("'gone'", "was not found in zipped directory"),
    ),
    "manifest: another root": Wrong(U, "package.xml", "Package", "Packages", "<Packages", ("root element",)),
    "manifest: another namespace": Wrong(
        U, "package.xml", "2006/04/metadata", "2006/04/meta", "<Package", ("root element",)
    ),
    "manifest: a document type": Wrong(
        U,
        "package.xml",
        "<Package",
        '<!DOCTYPE Package SYSTEM "file:///etc/hostname"><Package',
        "<!DOCTYPE",
        ("DOCTYPE is not allowed",),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_is_refused_naming_file_place_and_element(client: Client, name: str) -> None:
    row = WRONG[name]
    files = packaged(row.right)
    text = files[row.path].decode()
    assert row.old in text, "the row changes nothing"
    changed = text.replace(row.old, row.new)
    before = client.snapshot()
    result = client.deploy({**files, row.path: changed.encode()})
    failures = result["details"]["componentFailures"]
    # A static resource's and a bundle's descriptions are told under the component's own path.
    shown = (row.path.removesuffix("-meta.xml"), row.path.rpartition("/")[0])
    named = [each for each in failures if each["fileName"] in shown]
    assert (result["status"], result["success"]) == ("Failed", False)
    assert any(all(word in each["problem"] for word in row.words) for each in named), failures
    assert result["numberComponentErrors"] == len(failures) and client.snapshot() == before
    if row.at:
        before_it = changed[: changed.index(row.at)]
        place = (before_it.count("\n") + 1, len(before_it) - (before_it.rfind("\n") + 1) + 1)
        assert place in {(each["lineNumber"], each["columnNumber"]) for each in named}, (place, named)


def test_there_are_enough_of_every_kind() -> None:
    """Every type that the program deploys has its rows."""
    kinds = {row.path.split("/")[0] for row in WRONG.values()}
    assert len(WRONG) >= 50
    assert {path.split("/")[0] for files in shapes.RIGHT.values() for path in files if "." in path} <= kinds
