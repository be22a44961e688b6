"""Files that no org takes: against the schema, against package.xml, and trusted URLs."""

from __future__ import annotations

import pytest

from tests.rehearsal.salesforce.changes import FLEXIPAGE, SITE, Package, Row, given, raw, refused, text, without
from tests.rehearsal.salesforce.client import Client
from tests.rehearsal.salesforce.desktop import XMLNS, manifest, packaged, page, trusted_site, xml

ROWS: dict[str, Row] = {
    # the schema
    "unknown element": (
        text(SITE, "<isActive>true", "<isAktive>true</isAktive><isActive>true"),
        SITE,
        ("isAktive", "CspTrustedSite"),
        5,
    ),
    "element out of order": (
        text(
            SITE,
            "<context>All</context>\n<endpointUrl>https://connector.example.run.app</endpointUrl>\n<isActive>true</isActive>\n",
            "<endpointUrl>https://connector.example.run.app</endpointUrl>\n<context>All</context>\n<isActive>true</isActive>\n",
        ),
        SITE,
        ("context", "invalid at this location"),
        4,
    ),
    "element twice": (
        text(SITE, "<isActive>true</isActive>", "<isActive>true</isActive><isActive>true</isActive>"),
        SITE,
        ("isActive", "duplicated"),
        5,
    ),
    "required element missing": (
        text(SITE, "<isActive>true</isActive>\n", ""),
        SITE,
        ("Required field is missing: isActive",),
        2,
    ),
    "enum": (text(SITE, "<context>All", "<context>Everywhere"), SITE, ("'Everywhere'", "CspTrustedSiteContext"), 3),
    "boolean": (text(SITE, "<isActive>true", "<isActive>yes"), SITE, ("'yes'", "boolean", "isActive"), 5),
    "wrong root": (given(SITE, xml("StaticResource", "")), SITE, ("root element", "CspTrustedSite"), 2),
    "no namespace": (text(SITE, XMLNS, ""), SITE, ("root element",), 2),
    "not well-formed": (text(SITE, "</isActive>", ""), SITE, ("Error parsing file",), None),
    "old page shape": (
        given(
            FLEXIPAGE,
            page(
                regions="<flexiPageRegions><componentInstances/><name>header</name><type>Region</type></flexiPageRegions>\n"
            ),
        ),
        FLEXIPAGE,
        ("componentInstances", "FlexiPageRegion"),
        3,
    ),
    "page without template": (
        text(
            FLEXIPAGE,
            "<template>\n<name>flexipage:recordHomeTwoColEqualHeaderTemplateDesktop</name>\n</template>\n",
            "",
        ),
        FLEXIPAGE,
        ("Required field is missing: template",),
        None,
    ),
    # package.xml against the files
    "no package.xml": (raw(without("package.xml")), "package.xml", ("No package.xml found",), None),
    "member without file": (
        raw(without(SITE)),
        "package.xml",
        ("ui_connector", "CspTrustedSite", "was not found in zipped directory"),
        None,
    ),
    "file without member": (
        raw(given("cspTrustedSites/other.cspTrustedSite", trusted_site())),
        "cspTrustedSites/other.cspTrustedSite",
        ("Not in package.xml",),
        None,
    ),
    "wrong suffix": (
        raw(
            lambda f: {
                (p.replace(".cspTrustedSite", ".cspTrustedSite-meta.xml") if p == SITE else p): c for p, c in f.items()
            }
        ),
        f"{SITE}-meta.xml",
        ("Not in package.xml",),
        None,
    ),
    "unknown folder": (
        raw(given("trustedSites/x.cspTrustedSite", trusted_site())),
        "trustedSites/x.cspTrustedSite",
        ("Not in package.xml",),
        None,
    ),
    "unknown type": (
        raw(given("package.xml", manifest({"TrustedUrl": ["x"]}))),
        "package.xml",
        ("Unknown type name 'TrustedUrl'",),
        1,
    ),
    "type this org lacks": (
        raw(given("package.xml", manifest({"Bot": ["x"]}))),
        "package.xml",
        ("'Bot' is not available",),
        1,
    ),
    "version too new": (lambda f: Package(packaged(f, "99.0")), "package.xml", ("Invalid version specified: 99.0",), 1),
    "version too old for apps": (
        lambda f: Package(packaged(f, "58.0")),
        "package.xml",
        ("ExternalClientApplication", "58.0"),
        1,
    ),
    # trusted URLs
    "http trusted URL": (
        given(SITE, trusted_site("http://connector.example.run.app")),
        SITE,
        ("endpointUrl", "https:// or wss://"),
        4,
    ),
    "ws trusted URL": (
        given(SITE, trusted_site("ws://connector.example.run.app")),
        SITE,
        ("endpointUrl", "https:// or wss://"),
        4,
    ),
    "trusted URL without host": (given(SITE, trusted_site("https://")), SITE, ("endpointUrl", "domain name"), 4),
    "trusted URL with a wildcard inside": (
        given(SITE, trusted_site("https://a.*.example.com")),
        SITE,
        ("endpointUrl", "wildcard"),
        4,
    ),
    "bad developer name": (
        given("cspTrustedSites/9lives.cspTrustedSite", trusted_site()),
        "cspTrustedSites/9lives.cspTrustedSite",
        ("begin with a letter",),
        None,
    ),
    # settings, call centers, packages
    "unknown settings": (
        given("settings/Weather.settings", xml("WeatherSettings", "")),
        "settings/Weather.settings",
        ("Weather",),
        None,
    ),
    "unknown setting": (
        given(
            "settings/Security.settings",
            xml("SecuritySettings", "<sessionSettings>\n<enableOauthCors>true</enableOauthCors>\n</sessionSettings>"),
        ),
        "settings/Security.settings",
        ("enableOauthCors", "SessionSettings"),
        4,
    ),
    "call center without general info": (
        given(
            "callCenters/flex.callCenter",
            xml(
                "CallCenter",
                "<displayName>Flex</displayName>\n<displayNameLabel>Name</displayNameLabel>\n<internalNameLabel>Internal</internalNameLabel>",
            ),
        ),
        "callCenters/flex.callCenter",
        ("reqGeneralInfo",),
        None,
    ),
    "unknown package": (
        given(
            "installedPackages/nobody.installedPackage",
            xml("InstalledPackage", "<activateRSS>false</activateRSS>\n<versionNumber>1.0</versionNumber>"),
        ),
        "installedPackages/nobody.installedPackage",
        ("nobody",),
        None,
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_refused_naming_file_and_cause_and_nothing_is_left(client: Client, name: str) -> None:
    refused(client, ROWS[name])
