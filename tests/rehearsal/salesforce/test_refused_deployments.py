"""What must not be deployable: each row is one thing wrong in a desktop that is right, and what the answer must name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rehearsal.salesforce import INTEGRATION_USER
from tests.rehearsal.salesforce.client import Client
from tests.rehearsal.salesforce.desktop import (
    BUNDLE,
    PAGE,
    PAGE_PROPERTIES,
    XMLNS,
    Files,
    activation,
    bundle,
    deletion,
    manifest,
    oauth_app,
    packaged,
    page,
    region,
    static_resources,
    trusted_site,
    whole_desktop,
    xml,
)

SITE = "cspTrustedSites/ui_connector.cspTrustedSite"
FLEXIPAGE = f"flexipages/{PAGE}.flexipage"
GLOBAL = "extlClntAppGlobalOauthSets/lwc_auth_glbloauth.ecaGlblOauth"
OAUTH = "extlClntAppOauthSettings/lwc_auth_oauth.ecaOauth"
POLICY = "extlClntAppOauthPolicies/lwc_auth_oauthPlcy.ecaOauthPlcy"
ECA = "externalClientApps/lwc_auth.eca"
META = f"lwc/{BUNDLE}/{BUNDLE}.js-meta.xml"
SCRIPT = f"lwc/{BUNDLE}/{BUNDLE}.js"
CONTACT = "objects/Contact.object"

Change = Callable[[Files], Files]


def without(*paths: str) -> Change:
    return lambda files: {path: content for path, content in files.items() if path not in paths}


def given(path: str, content: bytes) -> Change:
    return lambda files: {**files, path: content}


def text(path: str, old: str, new: str) -> Change:
    def change(files: Files) -> Files:
        assert old.encode() in files[path], f"{old} is not in {path}: the row tests nothing"
        return {**files, path: files[path].replace(old.encode(), new.encode())}

    return change


class Package(dict[str, bytes]):
    """Files that come with their package.xml, or without one on purpose."""


def raw(change: Change) -> Change:
    """The change is made after package.xml, which so does not fit."""
    return lambda files: Package(change(packaged(files)))


# name: (change, file of the failure, words of its problem, line or None)
ROWS: dict[str, tuple[Change, str, tuple[str, ...], int | None]] = {
    # the schema
    "unknown element": (text(SITE, "<isActive>true", "<isAktive>true</isAktive><isActive>true"), SITE, ("isAktive", "CspTrustedSite"), 5),
    "element out of order": (
        text(SITE, "<context>All</context>\n<endpointUrl>https://connector.example.run.app</endpointUrl>\n<isActive>true</isActive>\n",
             "<endpointUrl>https://connector.example.run.app</endpointUrl>\n<context>All</context>\n<isActive>true</isActive>\n"),
        SITE, ("context", "invalid at this location"), 4),
    "element twice": (text(SITE, "<isActive>true</isActive>", "<isActive>true</isActive><isActive>true</isActive>"), SITE, ("isActive", "duplicated"), 5),
    "required element missing": (text(SITE, "<isActive>true</isActive>\n", ""), SITE, ("Required field is missing: isActive",), 2),
    "enum": (text(SITE, "<context>All", "<context>Everywhere"), SITE, ("'Everywhere'", "CspTrustedSiteContext"), 3),
    "boolean": (text(SITE, "<isActive>true", "<isActive>yes"), SITE, ("'yes'", "boolean", "isActive"), 5),
    "wrong root": (given(SITE, xml("StaticResource", "")), SITE, ("root element", "CspTrustedSite"), 2),
    "no namespace": (text(SITE, XMLNS, ""), SITE, ("root element",), 2),
    "not well-formed": (text(SITE, "</isActive>", ""), SITE, ("Error parsing file",), None),
    "old page shape": (
        given(FLEXIPAGE, page(regions="<flexiPageRegions><componentInstances/><name>header</name><type>Region</type></flexiPageRegions>\n")),
        FLEXIPAGE, ("componentInstances", "FlexiPageRegion"), 3),
    "page without template": (text(FLEXIPAGE, "<template>\n<name>flexipage:recordHomeTwoColEqualHeaderTemplateDesktop</name>\n</template>\n", ""), FLEXIPAGE, ("Required field is missing: template",), None),
    # package.xml against the files
    "no package.xml": (raw(without("package.xml")), "package.xml", ("No package.xml found",), None),
    "member without file": (raw(without(SITE)), "package.xml", ("ui_connector", "CspTrustedSite", "was not found in zipped directory"), None),
    "file without member": (raw(given("cspTrustedSites/other.cspTrustedSite", trusted_site())), "cspTrustedSites/other.cspTrustedSite", ("Not in package.xml",), None),
    "wrong suffix": (raw(lambda f: {(p.replace(".cspTrustedSite", ".cspTrustedSite-meta.xml") if p == SITE else p): c for p, c in f.items()}), f"{SITE}-meta.xml", ("Not in package.xml",), None),
    "unknown folder": (raw(given("trustedSites/x.cspTrustedSite", trusted_site())), "trustedSites/x.cspTrustedSite", ("Not in package.xml",), None),
    "unknown type": (raw(given("package.xml", manifest({"TrustedUrl": ["x"]}))), "package.xml", ("Unknown type name 'TrustedUrl'",), 1),
    "type this org lacks": (raw(given("package.xml", manifest({"Bot": ["x"]}))), "package.xml", ("'Bot' is not available",), 1),
    "version too new": (lambda f: Package(packaged(f, "99.0")), "package.xml", ("Invalid version specified: 99.0",), 1),
    "version too old for apps": (lambda f: Package(packaged(f, "58.0")), "package.xml", ("ExternalClientApplication", "58.0"), 1),
    # trusted URLs
    "http trusted URL": (given(SITE, trusted_site("http://connector.example.run.app")), SITE, ("endpointUrl", "https:// or wss://"), 4),
    "ws trusted URL": (given(SITE, trusted_site("ws://connector.example.run.app")), SITE, ("endpointUrl", "https:// or wss://"), 4),
    "trusted URL without host": (given(SITE, trusted_site("https://")), SITE, ("endpointUrl", "domain name"), 4),
    "trusted URL with a wildcard inside": (given(SITE, trusted_site("https://a.*.example.com")), SITE, ("endpointUrl", "wildcard"), 4),
    "bad developer name": (given("cspTrustedSites/9lives.cspTrustedSite", trusted_site()), "cspTrustedSites/9lives.cspTrustedSite", ("begin with a letter",), None),
    # external client app
    "run-as user missing": (text(POLICY, INTEGRATION_USER, "nobody@rehearsal.example"), POLICY, ("Enter a valid execution user for the OAuth client credentials flow.",), 3),
    "run-as user left out": (text(POLICY, f"<clientCredentialsFlowUser>{INTEGRATION_USER}</clientCredentialsFlowUser>\n", ""), POLICY, ("Enter a valid execution user",), None),
    "parts of another app": (text(GLOBAL, ">lwc_auth<", ">lwc_other<"), GLOBAL, ("no ExternalClientApplication named lwc_other found",), 4),
    "global settings alone": (without(OAUTH, POLICY), GLOBAL, ("ExtlClntAppOauthSettings", "deploy both together"), 4),
    "app missing": (without(ECA), GLOBAL, ("no ExternalClientApplication named lwc_auth found",), 4),
    "runtime scope": (text(OAUTH, ">Basic<", ">id<"), OAUTH, ("'id' is not a valid OAuth scope",), 3),
    "flow on one side only": (text(GLOBAL, "CredentialsFlowEnabled>true", "CredentialsFlowEnabled>false"), POLICY, ("client credentials flow is not enabled", "ExtlClntAppGlobalOauthSettings"), 6),
    "no callback": (text(GLOBAL, "<callbackUrl>https://login.salesforce.com/services/oauth2/callback</callbackUrl>\n", ""), GLOBAL, ("callbackUrl",), None),
    "http callback": (text(GLOBAL, "https://login.salesforce.com", "http://login.salesforce.com"), GLOBAL, ("invalid callback URL",), 3),
    "rotation without ignored warnings": (text(GLOBAL, "RotateConsumerSecret>false", "RotateConsumerSecret>true"), GLOBAL, ("shouldRotateConsumerSecret",), None),
    "app without e-mail": (text(ECA, "<contactEmail>ops@rehearsal.example</contactEmail>\n", ""), ECA, ("contactEmail",), None),
    "unknown IP policy": (text(POLICY, ">Enforce<", ">Strict<"), POLICY, ("'Strict'", "ipRelaxationPolicyType"), 5),
    "permission set by id": (text(POLICY, "<externalClientApplication>", "<commaSeparatedPermissionSet>0PS000000000001</commaSeparatedPermissionSet>\n<externalClientApplication>"), POLICY, ("permission sets called 0PS000000000001",), 4),
    # Lightning component and static resources
    "static resource missing": (without("staticresources/ui_modules.resource", "staticresources/ui_modules.resource-meta.xml"), f"lwc/{BUNDLE}", ("c.ui_modules", "resourceUrl", f"{BUNDLE}.js"), None),
    "resource without meta": (raw(without("staticresources/ui_modules.resource-meta.xml")), "staticresources/ui_modules.resource", ("ui_modules.resource-meta.xml",), None),
    "resource without content": (raw(without("staticresources/ui_modules.resource")), "staticresources/ui_modules.resource", ("Content file is missing",), None),
    "resource too large": (given("staticresources/ui_modules.resource", b"x" * (5 * 1024 * 1024 + 1)), "staticresources/ui_modules.resource", ("5 MB",), None),
    "bad content type": (text("staticresources/global_styles.resource-meta.xml", "text/css", "css"), "staticresources/global_styles.resource", ("contentType", "css"), 4),
    "bundle without meta": (raw(without(META)), f"lwc/{BUNDLE}", ("js-meta.xml",), None),
    "bundle without script": (raw(without(SCRIPT)), f"lwc/{BUNDLE}", (f"{BUNDLE}.js is missing",), None),
    "import of nothing": (text(SCRIPT, "./config", "./missing"), f"lwc/{BUNDLE}", ("missing", "no such file"), None),
    "import of an unknown component": (text(SCRIPT, "./config", "c/otherThing"), f"lwc/{BUNDLE}", ("markup://c:otherThing",), None),
    "import of an Apex class": (text(SCRIPT, "./config", "@salesforce/apex/Tokens.get"), f"lwc/{BUNDLE}", ("Apex", "Tokens"), None),
    "no class": (text(SCRIPT, "export default class", "class"), f"lwc/{BUNDLE}", ("LightningElement",), None),
    "template without root": (given(f"lwc/{BUNDLE}/{BUNDLE}.html", b"<div></div>"), f"lwc/{BUNDLE}", ("Expected root tag to be template",), None),
    "property without @api": (text(SCRIPT, "  @api endpoint;\n", ""), f"lwc/{BUNDLE}", ("'endpoint'", "@api"), 11),
    "property of an unknown type": (text(META, 'name="channel" type="String"', 'name="channel" type="Text"'), f"lwc/{BUNDLE}", ("'channel'", "Text"), 12),
    "default of another type": (text(META, 'default="5"', 'default="five"'), f"lwc/{BUNDLE}", ("'pollSeconds'", "five"), 16),
    "config for an unlisted target": (text(META, 'targets="lightning__RecordPage"', 'targets="lightning__HomePage"'), f"lwc/{BUNDLE}", ("lightning__HomePage",), 9),
    # the page
    "unknown component": (given(FLEXIPAGE, page(regions=region("header", "agentAssistModule"))), FLEXIPAGE, ("component information for component c:agentAssistModule",), 6),
    "unknown property": (given(FLEXIPAGE, page({**PAGE_PROPERTIES, "features": "x"})), FLEXIPAGE, ("property", "[features]", "doesn't exist"), 43),
    "property not of its type": (given(FLEXIPAGE, page({**PAGE_PROPERTIES, "pollSeconds": "often"})), FLEXIPAGE, ("[pollSeconds]", "Integer"), 43),
    "boolean property in words": (given(FLEXIPAGE, page({**PAGE_PROPERTIES, "debugMode": "no"})), FLEXIPAGE, ("[debugMode]", "Boolean"), 27),
    "region of another template": (given(FLEXIPAGE, page(regions=region("main", "force:detailPanel"))), FLEXIPAGE, ("main", "template"), 10),
    "unknown template": (given(FLEXIPAGE, page(template="flexipage:twoColumns")), FLEXIPAGE, ("flexipage:twoColumns",), None),
    "identifier twice": (given(FLEXIPAGE, page(regions=region("header", "force:detailPanel") + region("leftcol", "force:detailPanel"))), FLEXIPAGE, ("force_detailPanel", "more than once"), None),
    "unused facet": (given(FLEXIPAGE, page(regions=region("Facet-1", "force:detailPanel", kind="Facet"))), FLEXIPAGE, ("Facet-1", "not actually used"), None),
    "record page without object": (given(FLEXIPAGE, page(sobject="")), FLEXIPAGE, ("sobjectType",), None),
    "page of an unknown object": (given(FLEXIPAGE, page(sobject="<sobjectType>Person</sobjectType>\n")), FLEXIPAGE, ("Person",), None),
    "component not exposed": (text(META, "<isExposed>true", "<isExposed>false"), FLEXIPAGE, (f"c:{BUNDLE}",), None),
    # activation
    "override by a page that is not there": (given(CONTACT, activation("Nobodys_Page")), CONTACT, ("Nobodys_Page", "does not exist"), 5),
    "override of an unknown action": (given(CONTACT, activation(action="Look")), CONTACT, ("Look",), 4),
    "default with content": (given(CONTACT, activation(kind="Default")), CONTACT, ("Default", "content"), 5),
    "page for another object": (given("objects/Account.object", activation()), "objects/Account.object", (PAGE, "not a valid override"), 5),
    "custom object without label": (given("objects/Call__c.object", xml("CustomObject", "")), "objects/Call__c.object", ("non-empty label",), None),
    "other part of a standard object": (given(CONTACT, xml("CustomObject", "<label>Person</label>")), CONTACT, ("label",), 3),
    # settings, call centers, packages
    "unknown settings": (given("settings/Weather.settings", xml("WeatherSettings", "")), "settings/Weather.settings", ("Weather",), None),
    "unknown setting": (given("settings/Security.settings", xml("SecuritySettings", "<sessionSettings>\n<enableOauthCors>true</enableOauthCors>\n</sessionSettings>")), "settings/Security.settings", ("enableOauthCors", "SessionSettings"), 4),
    "call center without general info": (given("callCenters/flex.callCenter", xml("CallCenter", "<displayName>Flex</displayName>\n<displayNameLabel>Name</displayNameLabel>\n<internalNameLabel>Internal</internalNameLabel>")), "callCenters/flex.callCenter", ("reqGeneralInfo",), None),
    "unknown package": (given("installedPackages/nobody.installedPackage", xml("InstalledPackage", "<activateRSS>false</activateRSS>\n<versionNumber>1.0</versionNumber>")), "installedPackages/nobody.installedPackage", ("nobody",), None),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_refused_naming_file_and_cause_and_nothing_is_left(client: Client, name: str) -> None:
    change, file_name, words, line = ROWS[name]
    files = change(whole_desktop())
    before = client.snapshot()
    answer = client.send(files if isinstance(files, Package) else packaged(files))
    result = client.finished(answer.json()["id"])
    failures = result["details"]["componentFailures"]
    named = [each for each in failures if each["fileName"] == file_name and all(word in each["problem"] for word in words)]
    assert result["status"] == "Failed" and result["success"] is False
    assert named, failures
    assert named[0]["problemType"] == "Error" and named[0]["success"] is False
    if line is not None:
        assert named[0]["lineNumber"] == line, named[0]
    assert client.snapshot() == before


class TestDeletionsThatAreRefused:
    """What is in use stays, whoever asks."""

    @pytest.fixture(autouse=True)
    def _desktop(self, client: Client) -> None:
        client.deployed(whole_desktop())

    def refused(self, client: Client, files: Files) -> list[str]:
        before = client.snapshot()
        result = client.deploy(files)
        assert result["status"] == "Failed"
        assert client.snapshot() == before
        return [each["problem"] for each in result["details"]["componentFailures"]]

    def test_an_active_page(self, client: Client) -> None:
        problems = self.refused(client, deletion({"FlexiPage": [PAGE]}))
        assert problems == [
            "You can't delete an active Lightning Page. Open the page in Lightning App Builder and click Activation to deactivate it."
        ]

    def test_an_active_page_in_the_deployment_that_deactivates_it_unless_afterwards(self, client: Client) -> None:
        files = packaged({CONTACT: activation(None, "Default")})
        too_early = {**files, "destructiveChanges.xml": manifest({"FlexiPage": [PAGE]}, None)}
        assert "active Lightning Page" in self.refused(client, too_early)[0]
        client.deployed({**files, "destructiveChangesPost.xml": manifest({"FlexiPage": [PAGE]}, None)})
        assert f"FlexiPage/{PAGE}" not in client.snapshot()

    def test_a_component_on_a_page(self, client: Client) -> None:
        problem = self.refused(client, deletion({"LightningComponentBundle": [BUNDLE]}))[0]
        assert "referenced elsewhere in salesforce.com" in problem and PAGE in problem

    def test_a_static_resource_of_a_component(self, client: Client) -> None:
        problem = self.refused(client, deletion({"StaticResource": ["global_styles"]}))[0]
        assert "referenced elsewhere in salesforce.com" in problem and BUNDLE in problem

    def test_settings(self, client: Client) -> None:
        assert "Settings cannot be deleted" in self.refused(client, deletion({"Settings": ["Security"]}))[0]

    def test_wildcards(self, client: Client) -> None:
        assert "wildcard" in self.refused(client, deletion({"CspTrustedSite": ["*"]}))[0]

    def test_a_standard_object(self, client: Client) -> None:
        assert "Contact" in self.refused(client, deletion({"CustomObject": ["Contact"]}))[0]

    def test_a_list_of_deletions_without_package_xml(self, client: Client) -> None:
        files = deletion({"CspTrustedSite": ["ui_connector"]})
        del files["package.xml"]
        result = client.finished(client.send(files).json()["id"])
        assert result["status"] == "Failed"
        assert result["details"]["componentFailures"][0]["problem"] == "No package.xml found"

    def test_a_second_policies_record(self, client: Client) -> None:
        app = oauth_app()
        second = {"extlClntAppOauthPolicies/lwc_auth_second.ecaOauthPlcy": app[POLICY]}
        problem = self.refused(client, packaged(second))[0]
        assert problem == "DUPLICATE_VALUE: ExtlClntAppOauthSettingsId duplicates value on lwc_auth_oauthPlcy"

    def test_another_consumer_key(self, client: Client) -> None:
        files = {GLOBAL: oauth_app()[GLOBAL].replace(b"<external", b"<consumerKey>another.key.0001</consumerKey>\n<external")}
        assert "consumerKey cannot be changed" in self.refused(client, packaged(files))[0]

    def test_another_object_for_a_page(self, client: Client) -> None:
        files = {FLEXIPAGE: page(sobject="<sobjectType>Account</sobjectType>\n")}
        assert "sobjectType" in self.refused(client, packaged(files))[0]


def test_the_desktop_that_the_rows_break_is_right(client: Client) -> None:
    result = client.deployed(whole_desktop())
    assert {each["componentType"] for each in result["details"]["componentSuccesses"]} >= {"FlexiPage", "LightningComponentBundle"}
    assert {*bundle(), *static_resources()} <= set(whole_desktop())
